// Everything that can go wrong does: each kind of fault changes a burst's course, and the application survives it.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

#include "src/base/log.h"
#include "tools/simulate/run.h"
#include "tools/simulate/scenario.h"
#include "tools/simulate/seeds.h"
#include "tools/simulate/sources.h"

namespace spillway::sim {
namespace {

// Thousands of decisions would tell of themselves.
const bool kQuiet = (SetUpLog(LogLevel::kError, LogFormat::kText), true);

using Kind = FaultEvent::Kind;

// `measured`: what overflow serves is told by its metrics, so that their faults matter.
Scenario Burst(bool measured) {
  Scenario scenario = BaseScenario(2);
  if (measured) SetSources("hpa", "metrics,share", scenario);
  scenario.crowd.resolvers = 2000;
  scenario.crowd.skew = 0;
  scenario.avi_poll = 10s;
  scenario.demand = DemandCurve({{0s, 2}, {5min, 2}, {8min, 6}, {20min, 6}, {22min, 2}});
  scenario.span = 45min;
  return scenario;
}

FaultEvent Sample(Kind kind) {
  FaultEvent fault;
  fault.kind = kind;
  fault.at = 6min;
  fault.lasting = 5min;
  fault.target = kind == Kind::kAutoscalerBlind || kind == Kind::kAutoscalerFrozen || kind == Kind::kLinkBroken ? 0 : 1;
  fault.value = kind == Kind::kTwoLeaders ? 0 : kind == Kind::kStatus ? 503 : kind == Kind::kWallStep ? 600 : 1;
  if (kind == Kind::kSlow) fault.value = 5;
  if (kind == Kind::kForeignRatio) fault.value = 7;
  if (kind == Kind::kForeignReplicas) fault.value = 0;
  if (kind == Kind::kPodsSlow) fault.value = 200;
  return fault;
}

class EachKind : public testing::TestWithParam<int> {};

TEST_P(EachKind, HappensAndBreaksNothing) {
  const auto kind = static_cast<Kind>(GetParam());
  const bool measured = kind == Kind::kMetricsAway || kind == Kind::kMetricsStuck;
  Scenario scenario = Burst(measured);
  scenario.faults = {Sample(kind)};
  const Outcomes outcomes = Play(scenario);
  EXPECT_FALSE(outcomes.violation) << outcomes.violation->invariant << ": " << outcomes.violation->what;
  EXPECT_NE(outcomes.print, Play(Burst(measured)).print) << "it changed nothing";
}

INSTANTIATE_TEST_SUITE_P(Faults, EachKind, testing::Range(0, static_cast<int>(Kind::kEnd)), [](const auto& info) {
  std::string name(Name(static_cast<Kind>(info.param)));
  std::erase(name, '-');
  return name;
});

TEST(FaultText, NamesKindTimesPlaceAndValue) {
  const auto faults = ParseFaults("site-down:600:60.5:home,slow:30:10:avi-cloud:2.5", {"home", "cloud"});
  ASSERT_TRUE(faults) << faults.error().what;
  ASSERT_EQ(faults->size(), 2U);
  EXPECT_EQ(faults->at(0).kind, Kind::kSlow) << "in order of time";
  EXPECT_EQ(faults->at(0).target, 101);
  EXPECT_EQ(faults->at(0).value, 2.5);
  EXPECT_EQ(faults->at(1).kind, Kind::kSiteDown);
  EXPECT_EQ(faults->at(1).lasting, 60500ms);
}

TEST(FaultText, SaysWhatIsAllowed) {
  for (const auto& [text, allowed] :
       {std::pair{"slow:1", "KIND:AT:FOR"}, std::pair{"flood:1:2", "there are: cut hang"},
        std::pair{"slow:x:2", "seconds"}, std::pair{"slow:1:-2", "seconds"},
        std::pair{"slow:1:2:moon", "home avi-home"}, std::pair{"slow:1:2:home:much", "number"}}) {
    const auto faults = ParseFaults(text, {"home", "cloud"});
    ASSERT_FALSE(faults) << text;
    EXPECT_NE(faults.error().what.find(allowed), std::string::npos) << faults.error().what;
    EXPECT_NE(faults.error().what.find(text), std::string::npos);
  }
}

TEST(Seeds, ComeToTheSameOnOneThreadAndOnTwo) {
  SeedsOptions options;
  options.last = 4;
  options.span = 15min;
  const SeedsTally one = PlaySeeds(options);
  options.jobs = 2;
  const SeedsTally two = PlaySeeds(options);
  EXPECT_EQ(one.seeds, 4U);
  EXPECT_EQ(one.decisions, two.decisions);
  EXPECT_EQ(one.replica_writes, two.replica_writes);
  EXPECT_EQ(one.faults_by_kind, two.faults_by_kind);
  EXPECT_NEAR(one.arrived, two.arrived, 1e-6 * one.arrived);
}

TEST(Seeds, AreToldByTheInvariantTheyBreak) {
  SeedsTally tally;
  tally.seeds = 3;
  tally.broken = {{3, {9, 4}}, {10, {5}}};
  EXPECT_EQ(tally.broken_seeds(), 3U);
  const std::string text = TallyText(tally, 1);
  EXPECT_NE(text.find("invariant 3 "), std::string::npos) << text;
  EXPECT_NE(text.find(": 4 9\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace spillway::sim
