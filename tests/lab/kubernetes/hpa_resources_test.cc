// Row 40 of the fidelity checklist: what the HorizontalPodAutoscaler controller makes of a single container's figures,
// and of memory.
#include "tests/lab/kubernetes/hpa_bench.h"
#include "tools/lab/kubernetes/hpa_replicas.h"

namespace spillway::lab {
namespace {

constexpr char kWithSidecar[] =
    R"([{"name":"web","image":"shop:1","resources":{"requests":{"cpu":"400m","memory":"400Mi"}}},
        {"name":"proxy","image":"proxy:1","resources":{"requests":{"cpu":"400m","memory":"100Mi"}}}])";

// `source`: name and, of a container, who; `target`: as in a spec.
std::string Metric(const std::string& source, const std::string& target) {
  const bool container = source.find("container") != std::string::npos;
  return std::string(R"({"type":")") + (container ? "ContainerResource" : "Resource") + R"(",")" +
         (container ? "containerResource" : "resource") + R"(":{)" + source + R"(,"target":)" + target + "}}";
}
std::string Metrics(const std::string& first, const std::string& second = "") {
  return R"({"maxReplicas":4,"metrics":[)" + first + (second.empty() ? "" : "," + second) + "]}";
}

const std::string kHalf = R"({"type":"Utilization","averageUtilization":50})";  // NOLINT(cert-err58-cpp)
const std::string kWeb = R"("name":"cpu","container":"web")";                   // NOLINT(cert-err58-cpp)

// Four pods whose web containers use 300m of 400m each, and 300 MiB.
class Loaded : public HpaBench {
 public:
  explicit Loaded(const std::string& spec, const std::string& containers = kWithSidecar)
      : HpaBench(4, spec, containers) {
    load = 1200;
    MetricsOptions options = Options().metrics;
    options.memory_idle = 0;
    options.memory_per_millicore = 1024 * 1024;
    cluster.SetMetrics(options);
    Settle(3min);
  }
  // The first entry of status.currentMetrics.
  std::string Current() { return Get(kHpa).body.At("status.currentMetrics").Items().at(0).Text(); }
  // The message of ScalingActive.
  std::string Why() {
    const Got got = Get(kHpa);
    for (const Tree& condition : got.body.At("status.conditions").Items()) {
      if (condition.At("type").String() == "ScalingActive") return condition.At("message").String();
    }
    return "";
  }
};

TEST(HpaResources, Row40OneContainersFiguresAreNotThinnedByItsNeighbour) {
  Loaded one(Metrics(Metric(kWeb, kHalf)));
  EXPECT_EQ(one.Current(), R"({"containerResource":{"container":"web","current":{"averageUtilization":75,)"
                           R"("averageValue":"300m"},"name":"cpu"},"type":"ContainerResource"})");
  EXPECT_EQ(one.Condition("ScalingLimited"), "True TooManyReplicas");
  Loaded all(Metrics(Metric(R"("name":"cpu")", kHalf)));
  EXPECT_EQ(all.Utilization(), 37) << "300m of the 800m that both request";
  EXPECT_EQ(all.Condition("ScalingLimited"), "False DesiredWithinRange");
}

TEST(HpaResources, Row40AContainerThatNoPodHasIsNoZero) {
  Loaded bench(Metrics(Metric(R"("name":"cpu","container":"cache")", kHalf)));
  EXPECT_EQ(bench.Condition("ScalingActive"), "False FailedGetContainerResourceMetric");
  EXPECT_NE(bench.Why().find("container cache not present in metrics for pod shopping-"), std::string::npos)
      << bench.Why();
  EXPECT_EQ(bench.Replicas(), 4);
}

TEST(HpaResources, Row40MemoryIsWeighedLikeCpu) {
  struct Row {
    const char* name;
    std::string source, target, current, limited;
  };
  const std::string average = R"({"type":"AverageValue","averageValue":"200Mi"})";
  const std::string much = R"({"type":"AverageValue","averageValue":"1Gi"})";
  const std::string pod = R"("resource":{"current":{)";
  const Row rows[] = {
      {"an average value: 300 MiB of 200", R"("name":"memory")", average, pod + R"("averageValue":"314572800"})",
       "True TooManyReplicas"},
      {"of 1 GiB", R"("name":"memory")", much, pod + R"("averageValue":"314572800"})", "False DesiredWithinRange"},
      {"a share of what all containers request", R"("name":"memory")", kHalf,
       pod + R"("averageUtilization":60,"averageValue":"314572800"})", "True TooManyReplicas"},
      {"of what one requests", R"("name":"memory","container":"web")", kHalf,
       R"("container":"web","current":{"averageUtilization":75,"averageValue":"314572800"})", "True TooManyReplicas"},
      {"of one that holds none", R"("name":"memory","container":"proxy")", kHalf,
       R"("container":"proxy","current":{"averageUtilization":0,"averageValue":"0"})", "False DesiredWithinRange"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Loaded bench(Metrics(Metric(row.source, row.target)));
    EXPECT_NE(bench.Current().find(row.current), std::string::npos) << bench.Current();
    EXPECT_EQ(bench.Condition("ScalingLimited"), row.limited);
  }
}

TEST(HpaResources, Row40AShareOfMemoryThatNobodyRequestsCantBeHad) {
  Loaded bench(Metrics(Metric(R"("name":"memory")", kHalf)), HpaBench::kContainers);
  EXPECT_EQ(bench.Condition("ScalingActive"), "False FailedGetResourceMetric");
  EXPECT_NE(bench.Why().find("missing request for memory in container web of Pod shopping-"), std::string::npos)
      << bench.Why();
  EXPECT_EQ(bench.Replicas(), 4);
}

TEST(HpaResources, Row40OfCpuAndMemoryTheOneThatWantsMoreCounts) {
  const std::string memory = Metric(R"("name":"memory")", R"({"type":"AverageValue","averageValue":"200Mi"})");
  Loaded bench(Metrics(Metric(kWeb, R"({"type":"Utilization","averageUtilization":90})"), memory));
  EXPECT_EQ(bench.Condition("ScalingLimited"), "True TooManyReplicas");
  EXPECT_EQ(bench.Why(), "the HPA was able to successfully calculate a replica count from memory resource");
}

TEST(HpaResources, Row5GetHpaShowsThem) {
  Loaded bench(
      Metrics(Metric(kWeb, kHalf), Metric(R"("name":"memory")", R"({"type":"AverageValue","averageValue":"200Mi"})")));
  const Got table = bench.Send("GET", kHpa, "", {{"Accept", "application/json;as=Table;v=v1;g=meta.k8s.io"}});
  EXPECT_EQ(table.body.At("rows").Items().at(0).At("cells").Items().at(2).String(),
            "cpu: 75%/50%, memory: 314572800/200Mi");
}

TEST(HpaResources, Row40APodThatRunsAndIsNotReadyCountsForMemoryAlone) {
  kube::ScaledPod ready;
  ready.ready = true;
  ready.requests = {{"web", 100, 100}};
  ready.figure = kube::PodFigure{{{"web", 100, 100}}, WallTime{} + 1h, 15s};
  kube::ScaledPod unready = ready;
  unready.ready = false;
  unready.started = WallTime{} + 1h;
  kube::ScaledState state;
  state.ordered = state.existing = 4;
  state.pods = {ready, ready, unready, unready};
  state.now = WallTime{} + 1h + 1min;
  // Twice the target: two ready ones want four, which the two that come will be; four of them want eight.
  const auto wanted = [&](const char* name) {
    return kube::Weigh(Tree::Of(Metric(std::string(R"("name":")") + name + R"(")", kHalf)), state, 0.1, 0.1).replicas;
  };
  EXPECT_EQ(wanted("cpu"), 4);
  EXPECT_EQ(wanted("memory"), 8);
}

}  // namespace
}  // namespace spillway::lab
