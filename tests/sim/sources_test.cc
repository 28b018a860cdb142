// Constant demand under every mode, with home under either autoscaler and what overflow serves told by each source.
#include "tools/simulate/sources.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "src/base/log.h"
#include "tools/simulate/report.h"
#include "tools/simulate/run.h"
#include "tools/simulate/scenario.h"

namespace spillway::sim {
namespace {

const bool kQuiet = (SetUpLog(LogLevel::kError, LogFormat::kText), true);

using daemon::DemandKind;

// How what overflow serves is told, and the reason that says so.
struct Source {
  const char* name;
  UsageSource usage;
  DemandKind observer = DemandKind::kTsmDefinition;
  const char* reason = "";
};
constexpr Source kSources[] = {
    {"Metrics", UsageSource::kMetrics, DemandKind::kTsmDefinition, "OverflowMeasured cloud"},
    {"TsmObserver", UsageSource::kAutoscaler, DemandKind::kTsmDefinition, "OverflowFromAutoscaler cloud"},
    {"HpaObserver", UsageSource::kAutoscaler, DemandKind::kHorizontalPodAutoscaler, "OverflowFromAutoscaler cloud"},
    {"Share", UsageSource::kShare, DemandKind::kTsmDefinition, "OverflowFromShare"},
};

struct Split {
  const char* name;
  Mode mode;
  int cloud;  // replicas in the end
};
constexpr Split kSplits[] = {
    {"Weighted", Mode::kWeighted, 3},
    {"Auto", Mode::kAuto, 3},
    {"RoundRobin", Mode::kRoundRobin, 4},
    {"ActivePassive", Mode::kActivePassive, 0},
};

// Many resolvers of equal weight: the share that is realised is the one that is published.
Scenario QuietScenario(DemandKind home, const Source& source) {
  Scenario scenario = BaseScenario(1);
  scenario.crowd.resolvers = 2000;
  scenario.crowd.skew = 0;
  scenario.avi_poll = 10s;
  scenario.app.demand.kind = home;
  scenario.app.policy.overflow[0].usage = {source.usage};
  if (source.usage == UsageSource::kAutoscaler) {
    scenario.app.overflow[0].usage.observer = daemon::AutoscalerConfig{source.observer, ""};
  }
  return scenario;
}

std::string Story(const Scenario& scenario, const Outcomes& outcomes) {
  std::string story = "seed " + std::to_string(scenario.seed) + ", " + SourcesText(scenario) + "\n" + Text(scenario);
  for (const SeenWrite& write : outcomes.writes) story += TimeText(write.at) + " " + write.what + "\n";
  if (outcomes.violation) {
    story += "invariant " + std::to_string(outcomes.violation->invariant) + " at " + TimeText(outcomes.violation->at) +
             ": " + outcomes.violation->what + "\n";
  }
  return story + "last: " + outcomes.waits_for + "\n";
}

using Combination = std::tuple<Split, DemandKind, Source>;
class ConstantDemandOfSix : public testing::TestWithParam<Combination> {};

TEST_P(ConstantDemandOfSix, HasOneTargetForAnHourWithoutAWriteOrAFailedRequest) {
  const auto& [split, home, source] = GetParam();
  Scenario scenario = QuietScenario(home, source);
  scenario.app.policy.mode = split.mode;
  scenario.demand = DemandCurve::Constant(6);
  scenario.span = 30min;    // to settle
  scenario.settle = 60min;  // at rest
  RunOptions options;
  options.sample_every = 1min;
  const Outcomes outcomes = Play(scenario, options);
  const std::string story = Story(scenario, outcomes);
  EXPECT_FALSE(outcomes.violation) << story;
  EXPECT_TRUE(outcomes.writes.empty() || outcomes.writes.back().at < 30min) << story;
  EXPECT_EQ(outcomes.books.failed(), 0) << story;
  int target = -1;
  for (const Sample& sample : outcomes.samples) {
    if (sample.at < 30min) continue;
    if (target < 0) target = sample.sites.at(1).ready;
    ASSERT_EQ(sample.sites.at(1).ready, target) << TimeText(sample.at) << "\n" << story;
  }
  // By share, clients that are pinned to home look like demand.
  EXPECT_GE(target, split.cloud) << story;
  EXPECT_LE(target, split.cloud + (source.usage == UsageSource::kShare ? 1 : 0)) << story;
  EXPECT_LE(outcomes.books.sites[1].replicas_most, split.cloud + 1) << story;
  if (split.mode != Mode::kActivePassive) {
    EXPECT_NE(outcomes.waits_for.find(source.reason), std::string::npos) << "another source was used\n" << story;
  }
}

std::string HomeName(DemandKind home) { return home == DemandKind::kTsmDefinition ? "TsmAtHome" : "HpaAtHome"; }

std::string CombinationName(const testing::TestParamInfo<Combination>& info) {
  return std::get<Split>(info.param).name + HomeName(std::get<DemandKind>(info.param)) +
         std::get<Source>(info.param).name;
}

constexpr DemandKind kHomes[] = {DemandKind::kTsmDefinition, DemandKind::kHorizontalPodAutoscaler};

INSTANTIATE_TEST_SUITE_P(All, ConstantDemandOfSix,
                         testing::Combine(testing::ValuesIn(kSplits), testing::ValuesIn(kHomes),
                                          testing::ValuesIn(kSources)),
                         CombinationName);

// --- A burst and the way back ---

class Burst : public testing::TestWithParam<std::tuple<DemandKind, Source>> {};

TEST_P(Burst, IsTakenUpAndGivenBackWithoutAFailedRequest) {
  const auto& [home, source] = GetParam();
  Scenario scenario = QuietScenario(home, source);
  scenario.demand = DemandCurve({{0s, 2}, {10min, 2}, {15min, 7}, {50min, 7}, {55min, 2}});
  scenario.span = 60min;
  scenario.settle = SettleTime(scenario);
  const Outcomes outcomes = Play(scenario);
  const std::string story = Story(scenario, outcomes);
  EXPECT_FALSE(outcomes.violation) << story;
  EXPECT_EQ(outcomes.books.failed(), 0) << story;
  EXPECT_GE(outcomes.books.sites[1].replicas_most, 4) << story;
  EXPECT_LE(outcomes.books.sites[1].replicas_most, 6) << story;
}

std::string BurstName(const testing::TestParamInfo<std::tuple<DemandKind, Source>>& info) {
  return HomeName(std::get<DemandKind>(info.param)) + std::get<Source>(info.param).name;
}

INSTANTIATE_TEST_SUITE_P(All, Burst, testing::Combine(testing::ValuesIn(kHomes), testing::ValuesIn(kSources)),
                         BurstName);

// --- Metrics that fail in the middle of a burst ---

FaultEvent At(FaultEvent::Kind kind, Duration at, Duration lasting) {
  FaultEvent fault;
  fault.kind = kind;
  fault.at = at;
  fault.lasting = lasting;
  fault.target = 1;
  return fault;
}

// Demand 7 until 30 min, then 2; the metrics fail from 20 to 70 min.
Outcomes PlayBlind(FaultEvent::Kind kind, std::vector<UsageSource> usage, Scenario& scenario) {
  scenario = QuietScenario(DemandKind::kTsmDefinition, kSources[0]);
  scenario.app.policy.overflow[0].usage = std::move(usage);
  scenario.demand = DemandCurve({{0s, 7}, {30min, 7}, {31min, 2}});
  scenario.span = 75min;
  scenario.settle = SettleTime(scenario);
  scenario.faults = {At(kind, 20min, 50min)};
  return Play(scenario);
}

Duration FirstLowering(const Outcomes& outcomes) {
  const auto lowered = std::find_if(outcomes.writes.begin(), outcomes.writes.end(),
                                    [](const SeenWrite& write) { return !write.gslb && write.at > 20min; });
  return lowered == outcomes.writes.end() ? Duration::max() : lowered->at;
}

class BlindBurst : public testing::TestWithParam<FaultEvent::Kind> {};

TEST_P(BlindBurst, WithoutAnotherSourceNothingIsLoweredUntilTheMetricsAreBack) {
  Scenario scenario;
  const Outcomes outcomes = PlayBlind(GetParam(), {UsageSource::kMetrics}, scenario);
  EXPECT_FALSE(outcomes.violation) << Story(scenario, outcomes);
  EXPECT_GE(FirstLowering(outcomes), 70min) << "unknown was taken for zero\n" << Story(scenario, outcomes);
  EXPECT_EQ(outcomes.books.failed(), 0) << Story(scenario, outcomes);
}

TEST_P(BlindBurst, WithTheShareToFallBackToItReturnsInTime) {
  Scenario scenario;
  const Outcomes outcomes = PlayBlind(GetParam(), {UsageSource::kMetrics, UsageSource::kShare}, scenario);
  EXPECT_FALSE(outcomes.violation) << Story(scenario, outcomes);
  EXPECT_LT(FirstLowering(outcomes), 60min) << Story(scenario, outcomes);
  EXPECT_EQ(outcomes.books.failed(), 0) << Story(scenario, outcomes);
}

INSTANTIATE_TEST_SUITE_P(Kinds, BlindBurst,
                         testing::Values(FaultEvent::Kind::kMetricsAway, FaultEvent::Kind::kMetricsStuck),
                         [](const auto& info) {
                           return info.param == FaultEvent::Kind::kMetricsAway ? "Away" : "Stuck";
                         });

// --- Seeds with faults, every source drawn ---

class SourceSeeds : public testing::TestWithParam<int> {};

TEST_P(SourceSeeds, BreakNoInvariant) {
  Scenario scenario = DrawScenario(static_cast<std::uint64_t>(GetParam()), 2h);
  DrawSources(scenario);
  scenario.avi_poll = 20s;  // three quarters of the time go into polls, without optimisation
  const Outcomes outcomes = Play(scenario);
  EXPECT_FALSE(outcomes.violation) << Story(scenario, outcomes);
}

INSTANTIATE_TEST_SUITE_P(TwoHours, SourceSeeds, testing::Range(1, 9));

}  // namespace
}  // namespace spillway::sim
