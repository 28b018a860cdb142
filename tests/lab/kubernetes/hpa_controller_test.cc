// Row 40 of the fidelity checklist: the HorizontalPodAutoscaler controller, on figures of the metrics server.
#include <algorithm>

#include "tests/lab/kubernetes/hpa_bench.h"
#include "tools/lab/kubernetes/hpa_replicas.h"

namespace spillway::lab {
namespace {

TEST(HpaController, Row40ScalesUpInProportionOnceThereAreFigures) {
  HpaBench bench(2);
  bench.load = 600;
  bench.Settle(16s);
  EXPECT_EQ(bench.Condition("ScalingActive"), "False FailedGetResourceMetric") << "no pod has two readings yet";
  EXPECT_EQ(bench.Replicas(), 2);
  bench.Settle(45s);
  EXPECT_EQ(bench.Replicas(), 3);
  EXPECT_EQ(bench.Condition("ScalingActive"), "True ValidMetricFound");
  EXPECT_EQ(bench.Condition("ScalingLimited"), "False DesiredWithinRange");
  bench.Settle(120s);
  EXPECT_EQ(bench.Utilization(), 50);
  EXPECT_EQ(bench.Replicas(), 3);
  const Got got = bench.Get(kHpa);
  EXPECT_EQ(got.Int("status.currentReplicas"), 3);
  EXPECT_EQ(got.Int("status.desiredReplicas"), 3);
  EXPECT_FALSE(got.Str("status.lastScaleTime").empty());
  EXPECT_EQ(got.body.At("status").Find("observedGeneration"), nullptr) << "the controller writes none";
}

TEST(HpaController, Row40WithinTheToleranceItDoesNothing) {
  HpaBench bench(3);
  bench.load = 3 * 218;  // 54 % of the request, the target being 50 %
  bench.Settle(5min);
  EXPECT_EQ(bench.Utilization(), 54);
  EXPECT_EQ(bench.Replicas(), 3);
}

TEST(HpaController, Row40AtItsMaximumItSaysTooManyAndGoesOnSayingSoForItsWindow) {
  HpaBench bench(4);
  bench.load = 1200;
  bench.Settle(2min);
  EXPECT_EQ(bench.Condition("ScalingLimited"), "True TooManyReplicas");
  EXPECT_EQ(bench.Utilization(), 75);
  EXPECT_EQ(bench.Get(kHpa).Int("status.desiredReplicas"), 4);
  bench.load = 400;
  bench.Settle(4min);
  EXPECT_EQ(bench.Utilization(), 25) << "the figures are of now";
  EXPECT_EQ(bench.Condition("ScalingLimited"), "True TooManyReplicas") << "the recommendation is the highest of 300 s";
  EXPECT_EQ(bench.Condition("AbleToScale"), "True ScaleDownStabilized");
  EXPECT_EQ(bench.Replicas(), 4);
  bench.Settle(90s);
  EXPECT_EQ(bench.Replicas(), 2);
  EXPECT_EQ(bench.Condition("ScalingLimited"), "False DesiredWithinRange");
}

TEST(HpaController, Row40AFastRiseIsLimitedAndNotCalledFull) {
  HpaBench bench(1, R"({"maxReplicas":20})");
  bench.load = 2000;
  std::vector<std::int64_t> seen{1};
  for (int i = 0; i < 120; ++i) {
    bench.Settle(1s);
    if (bench.Replicas() == seen.back()) continue;
    seen.push_back(bench.Replicas());
    if (seen.size() == 2) {
      EXPECT_EQ(bench.Condition("ScalingLimited"), "True ScaleUpLimit");
    }
  }
  EXPECT_EQ(seen.at(1), 4) << "at most max(2 * current, 4) in one round";
  EXPECT_EQ(bench.Replicas(), 10);
}

TEST(HpaController, Row40OverItsMaximumItLooksAtNoMetricAndLeavesTheOldConditions) {
  HpaBench bench(4);
  bench.load = 1200;
  bench.Settle(2min);
  bench.cluster.SetHpa({.running = false, .period = 15s, .external = {}});
  bench.Order(6);
  bench.cluster.SetHpa({});
  bench.Settle(15s);
  const Got got = bench.Get(kHpa);
  EXPECT_EQ(got.Int("status.currentReplicas"), 6);
  EXPECT_EQ(got.Int("status.desiredReplicas"), 4);
  EXPECT_NE(got.text.find(R"("currentMetrics":null)"), std::string::npos) << got.text;
  EXPECT_EQ(bench.Condition("ScalingLimited"), "True TooManyReplicas") << "of before";
  EXPECT_EQ(bench.Replicas(), 4);
}

TEST(HpaController, Row40AtZeroReplicasItIsSwitchedOff) {
  HpaBench bench(0);
  bench.Settle(20s);
  EXPECT_EQ(bench.Condition("ScalingActive"), "False ScalingDisabled");
  EXPECT_EQ(bench.Replicas(), 0);
  EXPECT_EQ(bench.Get(kHpa).body.At("status").Find("currentReplicas"), nullptr) << "left out when 0";
}

TEST(HpaController, Row40WithoutMetricsItKeepsItsCountAndTheLimitGrowsStale) {
  HpaBench bench(4);
  bench.load = 1200;
  bench.Settle(2min);
  bench.cluster.SetMetrics({});
  bench.load = 100;
  bench.Settle(10min);
  EXPECT_EQ(bench.Condition("ScalingActive"), "False FailedGetResourceMetric");
  EXPECT_EQ(bench.Condition("ScalingLimited"), "True TooManyReplicas");
  EXPECT_EQ(bench.Get(kHpa).Int("status.desiredReplicas"), 4);
  EXPECT_EQ(bench.Replicas(), 4);
}

// A pod that asks for 100m, is ready since an hour, and uses `millicores`; absent: nobody measured it.
kube::ScaledPod Pod(std::optional<double> millicores, bool ready = true, bool terminating = false) {
  kube::ScaledPod pod;
  pod.ready = ready;
  pod.pending = !ready;
  pod.terminating = terminating;
  pod.requests = {{.name = "web", .millicores = 100, .bytes = 0}};
  pod.started = pod.ready_changed = WallTime{};
  if (millicores) pod.figure = kube::PodFigure{{{"web", *millicores, 0}}, WallTime{} + 1h, 15s};
  return pod;
}

TEST(HpaController, Row40PodsThatNobodyKnowsOfAreTakenToBeAgainstTheChange) {
  struct Row {
    const char* name;
    std::vector<kube::ScaledPod> pods;
    int wants;
  };
  const Row rows[] = {
      {"all measured, twice the target", {Pod(100), Pod(100)}, 4},
      {"all measured, half the target", {Pod(25), Pod(25), Pod(25), Pod(25)}, 2},
      {"an unready one uses nothing when the rest wants more", {Pod(100), Pod(100), Pod({}, false)}, 4},
      {"so many unready ones that the rest is within the tolerance", {Pod(100), Pod({}, false)}, 2},
      {"unready ones don't count when the rest wants fewer", {Pod(25), Pod(25), Pod({}, false), Pod({}, false)}, 1},
      {"a missing one uses nothing when the rest wants more", {Pod(100), Pod(100), Pod({})}, 4},
      {"and its whole request when the rest wants fewer", {Pod(10), Pod(10), Pod(10), Pod({})}, 3},
      {"a missing one that would turn the direction leaves all as it is", {Pod(40), Pod({})}, 2},
      {"a terminating one is none", {Pod(100), Pod(100), Pod(1000, true, true)}, 4},
  };
  const Tree metric = Tree::Of(
      R"({"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50}}})");
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    kube::ScaledState state;
    state.pods = row.pods;
    state.ordered = state.existing = static_cast<int>(
        std::count_if(row.pods.begin(), row.pods.end(), [](const kube::ScaledPod& pod) { return !pod.terminating; }));
    state.now = WallTime{} + 1h + 1min;
    const kube::MetricVerdict verdict = kube::Weigh(metric, state, 0.1, 0.1);
    EXPECT_EQ(verdict.reason, "");
    EXPECT_EQ(verdict.replicas, row.wants);
  }
}

TEST(HpaController, Row40EachRescaleAndEachTroubleIsAnEvent) {
  HpaBench bench(2);
  bench.load = 600;
  bench.Settle(2min);
  const Got events =
      bench.Get("/api/v1/namespaces/acme/events?fieldSelector=involvedObject.kind%3DHorizontalPodAutoscaler");
  std::map<std::string, std::string> told;
  for (const Tree& event : events.body.At("items").Items()) {
    EXPECT_EQ(event.At("source.component").String(), "horizontal-pod-autoscaler");
    told[event.At("type").String() + " " + event.At("reason").String()] = event.At("message").String();
  }
  EXPECT_EQ(told["Normal SuccessfulRescale"],
            "New size: 3; reason: cpu resource utilization (percentage of request) above target");
  EXPECT_NE(told["Warning FailedGetResourceMetric"], "") << "before there were figures";
  EXPECT_EQ(told.size(), 2U) << events.text;
}

TEST(HpaController, Row40TwoOnTheSamePodsBothStop) {
  HpaBench bench(1);
  EXPECT_EQ(bench.cluster.Create(HpaBench::Hpa("shadow", R"({"maxReplicas":40})")), "");
  bench.load = 1200;
  bench.Settle(2min);
  EXPECT_EQ(bench.Condition("ScalingActive"), "False AmbiguousSelector");
  EXPECT_EQ(bench.Replicas(), 1);
}

TEST(HpaController, WithBothDirectionsDisabledItOnlyObserves) {
  HpaBench bench(2, R"({"behavior":{"scaleUp":{"selectPolicy":"Disabled"},"scaleDown":{"selectPolicy":"Disabled"}}})");
  bench.load = 700;
  bench.Settle(3min);
  EXPECT_EQ(bench.Replicas(), 2);
  EXPECT_EQ(bench.Utilization(), 87);
  EXPECT_EQ(bench.Condition("ScalingActive"), "True ValidMetricFound");
}

TEST(HpaController, ItsPoliciesLimitHowFastItGrows) {
  HpaBench bench(1, R"({"maxReplicas":10,"behavior":{"scaleUp":{"policies":[
                        {"type":"Pods","value":1,"periodSeconds":60}]}}})");
  bench.load = 1600;
  bench.Settle(60s);
  EXPECT_EQ(bench.Replicas(), 2);
  bench.Settle(60s);
  EXPECT_EQ(bench.Replicas(), 3);
}

TEST(HpaController, Row40WhatItFindsAtFirstStaysForAWindow) {
  HpaBench bench(4);
  bench.load = 100;
  bench.Settle(285s);
  EXPECT_EQ(bench.Condition("AbleToScale"), "True ScaleDownStabilized");
  EXPECT_EQ(bench.Replicas(), 4);
  bench.Settle(45s);
  EXPECT_EQ(bench.Replicas(), 1);
}

constexpr char kCpuAndQueue[] =
    R"({"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50}}},
                   {"type":"External","external":{"metric":{"name":"queue"},
                    "target":{"type":"AverageValue","averageValue":"5"}}}]})";

TEST(HpaController, Row40OfSeveralMetricsTheOneThatWantsMostCounts) {
  struct Row {
    const char* name;
    double load, queue;
    int wants;
  };
  for (const Row& row : {Row{"the queue", 600, 17, 4}, Row{"cpu", 600, 1, 3}, Row{"both alike", 600, 15, 3}}) {
    SCOPED_TRACE(row.name);
    HpaBench bench(2, kCpuAndQueue);
    bench.cluster.SetHpa({.external = {{"queue", 1}}});
    bench.Settle(1min);
    ASSERT_EQ(bench.Utilization(), 25) << "both are known";
    bench.load = row.load;
    bench.cluster.SetHpa({.external = {{"queue", row.queue}}});
    bench.Settle(2min);
    EXPECT_EQ(bench.Replicas(), row.wants);
    EXPECT_EQ(bench.Get(kHpa).body.At("status.currentMetrics").Items().size(), 2U);
  }
}

TEST(HpaController, Row40WithOneOfItsMetricsMissingItGoesUpButNotDown) {
  HpaBench bench(3, kCpuAndQueue);
  bench.load = 100;
  bench.Settle(7min);
  EXPECT_EQ(bench.Utilization(), 8);
  EXPECT_EQ(bench.Replicas(), 3) << "one would do, as far as anybody knows";
  EXPECT_EQ(bench.Condition("ScalingActive"), "False FailedGetExternalMetric");
  bench.load = 800;
  bench.Settle(2min);
  EXPECT_EQ(bench.Replicas(), 4);
  EXPECT_EQ(bench.Condition("ScalingActive"), "True ValidMetricFound");
  bench.load = 100;
  bench.cluster.SetHpa({.external = {{"queue", 1}}});
  bench.Settle(7min);
  EXPECT_EQ(bench.Replicas(), 1) << "with both it goes down";
}

TEST(HpaController, Row40BelowItsMinimumItLooksAtNoMetric) {
  HpaBench bench(1, R"({"minReplicas":2})");
  bench.Settle(15s);
  EXPECT_EQ(bench.Replicas(), 2);
  const Got got = bench.Get(kHpa);
  EXPECT_EQ(got.Int("status.currentReplicas"), 1);
  EXPECT_EQ(got.Int("status.desiredReplicas"), 2);
  EXPECT_NE(got.text.find(R"("currentMetrics":null)"), std::string::npos) << got.text;
  EXPECT_EQ(bench.Condition("ScalingActive"), "none");
}

TEST(HpaController, Row40TooLittleForItsMinimumIsSaid) {
  HpaBench bench(3, R"({"minReplicas":2,"behavior":{"scaleDown":{"stabilizationWindowSeconds":0}}})");
  bench.load = 100;
  bench.Settle(2min);
  EXPECT_EQ(bench.Replicas(), 2);
  EXPECT_EQ(bench.Condition("ScalingLimited"), "True TooFewReplicas");
}

TEST(HpaController, Row40ToleranceIsOfEachDirection) {
  struct Row {
    const char* name;
    const char* behavior;
    double load;  // of 4 pods that request 400m each, at a target of 50 %
    int wants;
  };
  const Row rows[] = {
      {"8 % above is within the usual tenth", R"({})", 864, 4},
      {"but not within a twentieth", R"({"scaleUp":{"tolerance":"0.05"}})", 864, 5},
      {"which says nothing of the other direction", R"({"scaleUp":{"tolerance":"0.5"}})", 560, 3},
      {"30 % below is within a third", R"({"scaleDown":{"tolerance":"330m"}})", 560, 4},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Tree spec = Tree::Of(R"({"maxReplicas":9})");
    spec["behavior"] = Tree::Of(row.behavior);
    spec["behavior"].Make("scaleDown")["stabilizationWindowSeconds"] = 0;
    HpaBench bench(4, spec.Text());
    bench.load = row.load;
    bench.Settle(2min);
    EXPECT_EQ(bench.Replicas(), row.wants);
  }
}

TEST(HpaController, Row40ItsPoliciesLimitHowFastItShrinks) {
  HpaBench bench(4, R"({"behavior":{"scaleDown":{"stabilizationWindowSeconds":0,"policies":[
                        {"type":"Pods","value":1,"periodSeconds":60}]}}})");
  bench.load = 100;
  for (const int wants : {3, 2, 1}) {
    bench.Settle(60s);
    EXPECT_EQ(bench.Replicas(), wants);
    if (wants > 1) {
      EXPECT_EQ(bench.Condition("ScalingLimited"), "True ScaleDownLimit");
    }
  }
}

TEST(HpaController, QuantitiesHaveTheirSuffixes) {
  const std::pair<const char*, std::optional<double>> rows[] = {{R"("5")", 5.0},
                                                                {R"("250m")", 0.25},
                                                                {R"("12345678n")", 0.012345678},
                                                                {R"("1.5k")", 1500.0},
                                                                {R"("2M")", 2e6},
                                                                {R"("1G")", 1e9},
                                                                {R"("64Ki")", 65536.0},
                                                                {R"("1Mi")", 1048576.0},
                                                                {R"("2Gi")", 2147483648.0},
                                                                {R"("2e3")", 2000.0},
                                                                {R"(7)", 7.0},
                                                                {R"("5 apples")", std::nullopt},
                                                                {R"("Mi")", std::nullopt},
                                                                {R"("1ki")", std::nullopt}};
  for (const auto& [text, value] : rows) {
    const std::optional<double> read = kube::Quantity(Tree::Of(std::string(R"({"q":)") + text + "}").At("q"));
    ASSERT_EQ(read.has_value(), value.has_value()) << text;
    if (value) {
      EXPECT_DOUBLE_EQ(*read, *value) << text;
    }
  }
}

TEST(HpaController, AnExternalAverageIsOverThePodsThatExist) {
  HpaBench bench(2, R"({"metrics":[{"type":"External","external":{"metric":{"name":"s0-queue"},
                        "target":{"type":"AverageValue","averageValue":"5"}}}]})");
  bench.Settle(20s);
  EXPECT_EQ(bench.Condition("ScalingActive"), "False FailedGetExternalMetric");
  bench.cluster.SetHpa({.running = true, .period = 15s, .external = {{"s0-queue", 17}}});
  bench.Settle(16s);
  EXPECT_EQ(bench.Replicas(), 4);
  bench.Settle(16s);
  const Got got = bench.Get(kHpa);
  EXPECT_EQ(got.body.At("status.currentMetrics").Items().at(0).At("external.current.averageValue").String(), "4250m");
}

}  // namespace
}  // namespace spillway::lab
