// A cluster with a HorizontalPodAutoscaler and a metrics server.
#ifndef SPILLWAY_TESTS_LAB_KUBERNETES_HPA_BENCH_H_
#define SPILLWAY_TESTS_LAB_KUBERNETES_HPA_BENCH_H_

#include <string>

#include "tests/lab/kubernetes/bench_cluster.h"

namespace spillway::lab {

inline constexpr char kHpa[] = "/apis/autoscaling/v2/namespaces/acme/horizontalpodautoscalers/shopping";

// A Deployment `shopping` whose pods request 400m under an autoscaler that aims at 50 % of it, at most 4.
class HpaBench : public BenchCluster {
 public:
  static constexpr char kContainers[] = R"([{"name":"web","image":"shop:1","resources":{"requests":{"cpu":"400m"}}}])";
  static ClusterOptions Options() {
    ClusterOptions options;
    options.metrics.available = true;
    return options;
  }
  explicit HpaBench(int replicas, const std::string& spec = "{}", const std::string& containers = kContainers)
      : BenchCluster(Options()) {
    cluster.SetLoad([this](const std::string&, const std::string&) { return load; });
    Tree deployment = Tree::Of(Deployment("shopping", replicas));
    deployment.Make("spec.template.spec")["containers"] = Tree::Of(containers);
    EXPECT_EQ(cluster.Create(deployment.Text()), "");
    EXPECT_EQ(cluster.Create(Hpa("shopping", spec)), "");
  }
  // `spec`: members that replace or join the usual ones.
  static std::string Hpa(const std::string& name, const std::string& spec = "{}") {
    Tree hpa = Tree::Of(R"({"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{
      "namespace":"acme"},"spec":{"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"shopping"},
      "minReplicas":1,"maxReplicas":4,"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{
      "type":"Utilization","averageUtilization":50}}}]}})");
    hpa.Make("metadata")["name"] = name;
    const Tree more = Tree::Of(spec);
    for (const auto& [member, value] : more.Members()) hpa["spec"][member] = value;
    return hpa.Text();
  }
  std::int64_t Replicas() { return Get(std::string(kDeployments) + "/shopping").Int("spec.replicas"); }
  void Order(int replicas) {
    Merge(std::string(kDeployments) + "/shopping", R"({"spec":{"replicas":)" + std::to_string(replicas) + "}}");
  }
  // "True TooManyReplicas"
  std::string Condition(const std::string& type) {
    const Got got = Get(kHpa);
    for (const Tree& condition : got.body.At("status.conditions").Items()) {
      if (condition.At("type").String() != type) continue;
      return condition.At("status").String() + " " + condition.At("reason").String();
    }
    return "none";
  }
  std::int64_t Utilization() {
    const Got got = Get(kHpa);
    const Tree::Array& metrics = got.body.At("status.currentMetrics").Items();
    return metrics.empty() ? -1 : metrics[0].At("resource.current.averageUtilization").Int();
  }

  double load = 200;  // millicores
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TESTS_LAB_KUBERNETES_HPA_BENCH_H_
