// The real daemon code in the simulated world: what holds without faults, or with one of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "src/base/log.h"
#include "tools/simulate/report.h"
#include "tools/simulate/run.h"
#include "tools/simulate/scenario.h"

namespace spillway::sim {
namespace {

// Thousands of decisions would tell of themselves.
const bool kQuiet = (SetUpLog(LogLevel::kError, LogFormat::kText), true);

// Many resolvers of equal weight: the share that is realised is the one that is published.
Scenario QuietScenario(std::size_t overflows = 1) {
  Scenario scenario = BaseScenario(overflows);
  scenario.crowd.resolvers = 2000;
  scenario.crowd.skew = 0;
  scenario.avi_poll = 10s;
  return scenario;
}

std::string Story(const Outcomes& outcomes) {
  std::string story;
  for (const SeenWrite& write : outcomes.writes) story += TimeText(write.at) + " " + write.what + "\n";
  return story;
}

struct Row {
  const char* claim;
  Mode mode;
  int cloud;  // replicas in the end
};

class ConstantDemand : public testing::TestWithParam<Row> {};

TEST_P(ConstantDemand, OfSixComesToRestAndNothingFails) {
  Scenario scenario = QuietScenario();
  scenario.app.policy.mode = GetParam().mode;
  scenario.demand = DemandCurve::Constant(6);
  scenario.span = 30min;    // to settle
  scenario.settle = 60min;  // at rest
  const Outcomes outcomes = Play(scenario);
  EXPECT_FALSE(outcomes.violation) << outcomes.violation->what;
  for (const SeenWrite& write : outcomes.writes)
    EXPECT_LT(write.at, 30min) << GetParam().claim << "\n" << Story(outcomes);
  EXPECT_EQ(outcomes.books.failed(), 0) << GetParam().claim;
  EXPECT_NEAR(outcomes.books.sites[1].replicas_most, GetParam().cloud, 1) << GetParam().claim << "\n"
                                                                          << Story(outcomes);
}

INSTANTIATE_TEST_SUITE_P(Modes, ConstantDemand,
                         testing::Values(Row{"weighted: the excess", Mode::kWeighted, 3},
                                         Row{"auto: as weighted", Mode::kAuto, 3},
                                         Row{"round-robin: an equal share", Mode::kRoundRobin, 4},
                                         Row{"active-passive: no split", Mode::kActivePassive, 0}),
                         [](const auto& info) { return "Mode" + std::to_string(info.index); });

TEST(Simulator, ReturnsToRestAfterABurst) {
  Scenario scenario = QuietScenario(2);
  scenario.demand = DemandCurve({{0s, 2}, {10min, 2}, {15min, 9}, {60min, 9}, {65min, 2}});
  scenario.span = 70min;
  scenario.settle = SettleTime(scenario);
  const Outcomes outcomes = Play(scenario);
  EXPECT_FALSE(outcomes.violation) << outcomes.violation->what << "\n" << Story(outcomes);
  EXPECT_GE(outcomes.books.sites[1].replicas_most, 5) << Story(outcomes);
  EXPECT_EQ(outcomes.books.failed(), 0);
  EXPECT_FALSE(outcomes.drains.empty());
}

TEST(Simulator, FailsOverWhenHomeIsGoneAndComesBack) {
  Scenario scenario = QuietScenario();
  scenario.app.policy.mode = Mode::kAuto;
  scenario.app.policy.overflow[0].replicas_min = 1;
  scenario.demand = DemandCurve::Constant(3);
  scenario.span = 60min;
  scenario.settle = SettleTime(scenario);
  FaultEvent down;
  down.kind = FaultEvent::Kind::kSiteDown;
  down.at = 5min;
  down.lasting = 20min;
  scenario.faults.push_back(down);
  const Outcomes outcomes = Play(scenario);
  EXPECT_FALSE(outcomes.violation) << outcomes.violation->what << "\n" << Story(outcomes);
  EXPECT_GE(outcomes.books.sites[1].replicas_most, 3) << Story(outcomes);
}

TEST(Simulator, TheSameSeedGivesTheSameCourse) {
  const Scenario scenario = DrawScenario(7, 30min);
  const Outcomes once = Play(scenario);
  const Outcomes again = Play(scenario);
  EXPECT_EQ(once.print, again.print);
  EXPECT_EQ(once.decisions, again.decisions);
  EXPECT_NE(once.print, Play(DrawScenario(8, 30min)).print);
}

}  // namespace
}  // namespace spillway::sim
