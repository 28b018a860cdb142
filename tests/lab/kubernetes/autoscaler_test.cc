// Row 39 of the fidelity checklist: the TSM autoscaler.
#include "tests/lab/kubernetes/bench_cluster.h"
#include "tools/lab/kubernetes/wish.h"

namespace spillway::lab {
namespace {

std::string Shopping() { return std::string(kDeployments) + "/shopping"; }
std::string Frontend() { return std::string(kDefinitions) + "/frontend-asd"; }

// A Deployment `shopping` under a Definition, and a load to turn.
class ScaledBench : public BenchCluster {
 public:
  explicit ScaledBench(const std::string& rule = "{}", const std::string& instances = "{}", int replicas = 1,
                       ClusterOptions options = {})
      : BenchCluster(std::move(options)) {
    cluster.SetLoad([this](const std::string&, const std::string&) { return load; });
    EXPECT_EQ(cluster.Create(Deployment("shopping", replicas)), "");
    EXPECT_EQ(cluster.Create(Definition(rule, instances)), "");
  }
  std::int64_t Replicas() { return Get(Shopping()).Int("spec.replicas"); }

  double load = 20;  // millicores
};

TEST(Autoscaler, Row39ScalesUpInProportionToTheLoad) {
  ScaledBench bench;
  bench.Settle(10s);
  EXPECT_EQ(bench.Replicas(), 1);
  bench.load = 85;
  bench.Settle(10s);
  EXPECT_EQ(bench.Replicas(), 3);
  const Got got = bench.Get(Frontend());
  EXPECT_TRUE(got.body.At("status.autoscalingReady").Bool());
  EXPECT_EQ(got.Int("status.currentReplicas"), 3);
  EXPECT_EQ(got.Int("status.desiredReplicas"), 3);
  EXPECT_EQ(got.Int("status.observedGeneration"), 1);
  EXPECT_EQ(got.Str("status.currentMetric.name"), "CPUUsageMillicores");
  EXPECT_EQ(got.Int("status.currentMetric.value"), 28);
  EXPECT_FALSE(got.Str("status.lastScaleTime").empty());
}

TEST(Autoscaler, Row39AtTheLimitTheConditionCarriesTheWishAsItsSecondWordAndGoesAway) {
  ScaledBench bench;
  bench.load = 180;
  bench.Settle(20s);
  const Got pinned = bench.Get(Frontend());
  EXPECT_EQ(pinned.Int("status.desiredReplicas"), 4);
  EXPECT_EQ(pinned.Int("status.currentReplicas"), 4);
  ASSERT_EQ(pinned.body.At("status.conditions").Items().size(), 1U);
  const Tree& condition = pinned.body.At("status.conditions").Items()[0];
  EXPECT_EQ(condition.At("reason").String(), "EnforcingLimit");
  EXPECT_EQ(condition.At("status").String(), "True");
  EXPECT_EQ(condition.At("message").String(), "wanted 6 instances exceeds max 4, enforcing limit");
  bench.load = 119;
  bench.Settle(10s);
  EXPECT_TRUE(bench.Get(Frontend()).body.At("status.conditions").Items().empty());
  EXPECT_EQ(bench.Replicas(), 4);
}

TEST(Autoscaler, Row39TheConditionsTemplateIsConfigurable) {
  ClusterOptions options;
  options.autoscaler.limit_type = "Limited";
  options.autoscaler.limit_message = "need {wanted} of {max}";
  ScaledBench bench("{}", "{}", 4, options);
  bench.load = 240;
  bench.Settle(10s);
  const Tree condition = bench.Get(Frontend()).body.At("status.conditions").Items().at(0);
  EXPECT_EQ(condition.At("type").String(), "Limited");
  EXPECT_EQ(condition.At("message").String(), "need 8 of 4");
}

TEST(Autoscaler, Row39GraceDelaysOnlyTheWayDown) {
  ScaledBench bench;
  bench.Settle(10s);
  bench.load = 110;
  bench.Settle(5s);
  ASSERT_EQ(bench.Replicas(), 4);
  bench.load = 20;
  bench.Settle(50s);
  EXPECT_EQ(bench.Replicas(), 4);
  bench.load = 130;  // up is never delayed; at max there is only the condition
  bench.Settle(5s);
  EXPECT_FALSE(bench.Get(Frontend()).body.At("status.conditions").Items().empty());
  bench.load = 20;
  bench.Settle(20s);
  EXPECT_EQ(bench.Replicas(), 1);
}

TEST(Autoscaler, Row39StepsReplaceTheProportionButNotTheWishInTheMessage) {
  ScaledBench bench("{}", R"({"max":3,"stepsUp":1,"stepsDown":1})");
  bench.load = 180;
  bench.Settle(4s);
  EXPECT_EQ(bench.Replicas(), 2);
  bench.Settle(20s);
  EXPECT_EQ(bench.Replicas(), 3);
  EXPECT_EQ(bench.Get(Frontend()).body.At("status.conditions").Items().at(0).At("message").String(),
            "wanted 6 instances exceeds max 3, enforcing limit");
}

TEST(Autoscaler, Row39PerformanceNeverScalesDown) {
  ScaledBench bench(R"({"mode":"PERFORMANCE"})");
  bench.load = 110;
  bench.Settle(10s);
  ASSERT_EQ(bench.Replicas(), 4);
  bench.load = 1;
  bench.Settle(1h);
  EXPECT_EQ(bench.Replicas(), 4);
  EXPECT_EQ(bench.Get(Frontend()).Int("status.desiredReplicas"), 4);
}

TEST(Autoscaler, Row39DisabledReportsAndDoesNotAct) {
  ScaledBench bench(R"({"enabled":false})", R"({"max":10})");
  bench.load = 180;
  bench.Settle(10s);
  EXPECT_EQ(bench.Replicas(), 1);
  EXPECT_EQ(bench.Get(Frontend()).Int("status.desiredReplicas"), 6);
  EXPECT_TRUE(bench.Get(Frontend()).Str("status.lastScaleTime").empty());
}

TEST(Autoscaler, Row39AShadowDefinitionPublishesTheWishAsANumber) {
  ScaledBench bench("{}", "{}", 4);
  Tree shadow = Tree::Of(BenchCluster::Definition(R"({"enabled":false})", R"({"max":24})"));
  shadow.Make("metadata.name") = "shadow";
  ASSERT_EQ(bench.cluster.Create(shadow.Text()), "");
  bench.load = 180;
  bench.Settle(10s);
  EXPECT_EQ(bench.Get(std::string(kDefinitions) + "/shadow").Int("status.desiredReplicas"), 6);
  EXPECT_EQ(bench.Get(Frontend()).Int("status.desiredReplicas"), 4);
  EXPECT_EQ(bench.Replicas(), 4);
}

TEST(Autoscaler, Row39WithoutMetricsCurrentAndDesiredAreAbsentAndTheReplicasStay) {
  ScaledBench bench("{}", "{}", 4);
  bench.load = 180;
  bench.Settle(10s);
  bench.load = -1;
  bench.Settle(2s);
  const Tree status = bench.Get(Frontend()).body.At("status");
  EXPECT_FALSE(status.At("autoscalingReady").Bool());
  EXPECT_EQ(status.Find("currentReplicas"), nullptr);
  EXPECT_EQ(status.Find("desiredReplicas"), nullptr);
  EXPECT_EQ(status.At("conditions").Items().at(0).At("severity").String(), "ERROR");
  EXPECT_EQ(bench.Replicas(), 4);
}

TEST(Autoscaler, Row39DefaultIsTheLeastWithoutDataAndNothingIsTakenAway) {
  ClusterOptions options;
  options.autoscaler.has_metrics = false;
  ScaledBench few("{}", R"({"default":3})", 1, options);
  few.Settle(10s);
  EXPECT_EQ(few.Replicas(), 3);
  ScaledBench many("{}", R"({"default":3})", 4, options);
  many.Settle(10s);
  EXPECT_EQ(many.Replicas(), 4);
}

TEST(Autoscaler, Row39ConstantLoadIsWrittenOnceAndThenNeverAgain) {
  ScaledBench bench("{}", "{}", 4);
  bench.load = 180;
  bench.Settle(1min);
  const std::string version = bench.Version(Frontend());
  bench.Settle(1h);
  EXPECT_EQ(bench.Version(Frontend()), version);
}

TEST(Autoscaler, Row39RaisingMaxInMidBurstLetsTheHomeGrow) {
  ScaledBench bench("{}", "{}", 4);
  bench.load = 180;
  bench.Settle(10s);
  bench.Merge(Frontend(), R"({"spec":{"scaleRule":{"instances":{"max":8}}}})");
  EXPECT_EQ(bench.Get(Frontend()).Int("metadata.generation"), 2);
  EXPECT_EQ(bench.Get(Frontend()).Int("status.observedGeneration"), 1);
  bench.Settle(10s);
  EXPECT_EQ(bench.Get(Frontend()).Int("status.observedGeneration"), 2);
  EXPECT_EQ(bench.Replicas(), 6);
}

TEST(Autoscaler, StoppedItLeavesAStatusThatGoesStale) {
  ScaledBench bench("{}", "{}", 4);
  bench.load = 180;
  bench.Settle(10s);
  bench.cluster.SetAutoscaler({.running = false});
  const std::string version = bench.Version(Frontend());
  bench.load = 20;
  bench.Settle(10min);
  EXPECT_EQ(bench.Version(Frontend()), version);
  bench.cluster.SetAutoscaler({});
  bench.Settle(10s);
  EXPECT_EQ(bench.Replicas(), 1);
}

TEST(Autoscaler, Row39TheLoadIsAveragedOverTheWindow) {
  ClusterOptions options;
  options.autoscaler.window = std::nullopt;  // the Definition's own
  ScaledBench bench(R"({"enabled":false})", "{}", 4, options);
  bench.load = 60;
  bench.Settle(2min);
  EXPECT_EQ(bench.Get(Frontend()).Int("status.currentMetric.value"), 15);
  bench.load = 120;
  bench.Settle(30s);
  EXPECT_NEAR(static_cast<double>(bench.Get(Frontend()).Int("status.currentMetric.value")), 22.5, 1);
  bench.Settle(30s);
  EXPECT_EQ(bench.Get(Frontend()).Int("status.currentMetric.value"), 30);
}

struct WishRow {
  const char* name;
  int ready, ordered;
  double value;
  bool may_shrink;
  int desired, unclamped;
  bool pinned;
};

TEST(Autoscaler, TheWishFollowsTheThresholds) {
  kube::ScaleRule rule;
  rule.min = 1;
  rule.max = 4;
  rule.scale_up = 30;
  rule.scale_down = 15;
  const WishRow rows[] = {
      {"between the thresholds nothing happens", 2, 2, 30, true, 2, 2, false},
      {"above, the load divided by scaleUp", 2, 2, 45, true, 3, 3, false},
      {"what was ordered is not taken back while pods start", 1, 4, 45, true, 4, 2, false},
      {"beyond max it is pinned", 4, 4, 45, true, 4, 6, true},
      {"below, the load divided by the middle", 4, 4, 10, true, 2, 2, false},
      {"below but in the grace period", 4, 4, 10, false, 4, 2, false},
      {"never below min", 2, 2, 0, true, 1, 0, false},
      {"above max is brought back even in the grace period", 6, 6, 20, false, 4, 6, false},
      {"rounding noise costs no replica", 3, 3, 60.0000000001, true, 4, 6, true},
  };
  for (const WishRow& row : rows) {
    SCOPED_TRACE(row.name);
    const kube::Wish wish = kube::Judge(rule, row.ready, row.ordered, row.value, row.may_shrink);
    EXPECT_EQ(wish.desired, row.desired);
    EXPECT_EQ(wish.unclamped, row.unclamped);
    EXPECT_EQ(wish.pinned, row.pinned);
  }
}

}  // namespace
}  // namespace spillway::lab
