// A cluster on a clock moved by hand, and requests written the short way.
#ifndef SPILLWAY_TESTS_LAB_KUBERNETES_BENCH_CLUSTER_H_
#define SPILLWAY_TESTS_LAB_KUBERNETES_BENCH_CLUSTER_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/base/clock.h"
#include "tools/lab/kubernetes/cluster.h"
#include "tools/lab/kubernetes/tree.h"

namespace spillway::lab {

using kube::Tree;

inline constexpr char kDeployments[] = "/apis/apps/v1/namespaces/acme/deployments";
inline constexpr char kDefinitions[] = "/apis/autoscaling.tsm.tanzu.vmware.com/v1alpha1/namespaces/acme/definitions";
inline constexpr char kConfigMaps[] = "/api/v1/namespaces/acme/configmaps";
inline constexpr char kLeases[] = "/apis/coordination.k8s.io/v1/namespaces/acme/leases";

struct Got {
  int code = 0;
  Tree body;
  HttpHeaders headers;
  std::string text;

  std::string Str(std::string_view path) const { return body.At(path).String(); }
  std::int64_t Int(std::string_view path) const { return body.At(path).Int(); }
};

// Namespace acme, open to everybody until a test adds a user.
class BenchCluster {
 public:
  explicit BenchCluster(ClusterOptions options = {}) : cluster(clock, std::move(options)) {
    EXPECT_EQ(cluster.Create(R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"acme"}})"), "");
  }

  static std::string Deployment(const std::string& name, int replicas, const std::string& more = "") {
    return R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":")" + name +
           R"(","namespace":"acme"},"spec":{"replicas":)" + std::to_string(replicas) + more +
           R"(,"selector":{"matchLabels":{"app":")" + name + R"("}},"template":{"metadata":{"labels":{"app":")" + name +
           R"("}},"spec":{"containers":[{"name":"web","image":"shop:1"}]}}}})";
  }
  static std::string ConfigMap(const std::string& name, const std::string& labels = "{}") {
    return R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":")" + name + R"(","labels":)" + labels +
           R"(},"data":{"k":"v"}})";
  }
  // `rule` and `instances`: members that replace or join the usual ones.
  static std::string Definition(const std::string& rule = "{}", const std::string& instances = "{}") {
    Tree tree = Tree::Of(R"({"apiVersion":"autoscaling.tsm.tanzu.vmware.com/v1alpha1","kind":"Definition",
      "metadata":{"name":"frontend-asd","namespace":"acme"},"spec":{
      "scaleTargetRef":{"kubernetes":{"apiVersion":"apps/v1","kind":"Deployment","name":"shopping"}},
      "scaleRule":{"mode":"EFFICIENCY","enabled":true,"instances":{"min":1,"max":4},
      "trigger":{"gracePeriodSeconds":60,"metric":{"name":"CPUUsageMillicores","scaleUp":30,"scaleDown":15}}}}})");
    const Tree rules = Tree::Of(rule);
    const Tree bounds = Tree::Of(instances);
    for (const auto& [name, value] : rules.Members()) tree.Make("spec.scaleRule")[name] = value;
    for (const auto& [name, value] : bounds.Members()) tree.Make("spec.scaleRule.instances")[name] = value;
    return tree.Text();
  }

  Answer Raw(const std::string& method, const std::string& target, const std::string& body = "",
             const HttpHeaders& headers = {}, const std::string& subject = "") {
    return cluster.Handle({{method, target, headers, body}, "127.0.0.1", subject});
  }
  Got Send(const std::string& method, const std::string& target, const std::string& body = "",
           const HttpHeaders& headers = {}) {
    const Answer answer = Raw(method, target, body, headers);
    return {answer.response.status, Tree::Of(answer.response.body), answer.response.headers, answer.response.body};
  }
  Got Get(const std::string& target) { return Send("GET", target); }
  Got Post(const std::string& target, const std::string& body) { return Send("POST", target, body); }
  Got Put(const std::string& target, const Tree& body) { return Send("PUT", target, body.Text()); }
  Got Merge(const std::string& target, const std::string& body) {
    return Send("PATCH", target, body, {{"Content-Type", "application/merge-patch+json"}});
  }
  std::string Version(const std::string& target) { return Get(target).Str("metadata.resourceVersion"); }

  // Moves the clock in one jump and lets everything due happen.
  void Pass(Duration by) {
    clock.Advance(by);
    cluster.Advance();
  }
  // Steps from due to due, as a simulator does.
  void Settle(Duration by) {
    const Instant end = clock.Now() + by;
    while (cluster.NextDue() && *cluster.NextDue() <= end) {
      clock.SleepUntil(*cluster.NextDue());
      cluster.Advance();
    }
    clock.SleepUntil(end);
  }

  ManualClock clock;
  Cluster cluster;
};

// An open watch and what came over it.
class Watching {
 public:
  Watching(BenchCluster& bench, const std::string& target, const HttpHeaders& headers = {}) {
    Answer answer = bench.Raw("GET", target, "", headers);
    code = answer.response.status;
    text = answer.response.body;
    tail = std::move(answer.tail);
  }
  // "ADDED a", "MODIFIED a", ... of what came since the last call.
  std::vector<std::string> Names() {
    std::vector<std::string> names;
    for (const Tree& event : Events()) {
      names.push_back(event.At("type").String() + " " + event.At("object.metadata.name").String());
    }
    return names;
  }
  std::vector<Tree> Events() {
    std::vector<Tree> events;
    if (tail == nullptr) return events;
    const Tail::Part part = tail->Take();
    ended = part.ended;
    broken = part.broken;
    for (std::size_t at = 0; at < part.bytes.size();) {
      const std::size_t end = part.bytes.find('\n', at);
      events.push_back(Tree::Of(part.bytes.substr(at, end - at)));
      at = end + 1;
    }
    return events;
  }

  int code = 0;
  std::string text;
  std::unique_ptr<Tail> tail;
  bool ended = false, broken = false;
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TESTS_LAB_KUBERNETES_BENCH_CLUSTER_H_
