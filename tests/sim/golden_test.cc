// Golden traces: each file in golden/ tells a story in prose, gives the command, and what came of it.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "src/base/file.h"
#include "src/base/log.h"
#include "tools/simulate/report.h"
#include "tools/simulate/run.h"

namespace spillway::sim {
namespace {

const bool kQuiet = (SetUpLog(LogLevel::kError, LogFormat::kText), true);

std::string Story(const Outcomes& outcomes) {
  std::string story;
  for (const SeenWrite& write : outcomes.writes) {
    story += TimeText(write.at) + (write.gslb ? " gslb " : " replicas ") + write.what + "\n";
  }
  return story;
}

// The lines between "```outcome" and "```".
std::string OutcomeOf(const std::string& file) {
  const auto text = ReadFile("tests/sim/golden/" + file);
  if (!text) return text.error().what;
  const std::string mark = "```outcome\n";
  const std::size_t begin = text->find(mark);
  if (begin == std::string::npos) return "no outcome in " + file;
  const std::size_t from = begin + mark.size();
  return text->substr(from, text->find("```", from) - from);
}

TEST(Golden, BurstAndReturn) {
  Scenario scenario = BaseScenario(1);
  scenario.crowd.resolvers = 2000;
  scenario.crowd.skew = 0;
  scenario.demand = DemandCurve({{0s, 2}, {300s, 2}, {480s, 6}, {2400s, 6}, {2520s, 2}});
  scenario.span = 90min;
  EXPECT_EQ(Story(Play(scenario)), OutcomeOf("burst-and-return.md"));
}

TEST(Golden, CrashInTheMiddleOfABurst) {
  Scenario scenario = BaseScenario(1);
  scenario.crowd.resolvers = 2000;
  scenario.crowd.skew = 0;
  scenario.demand = DemandCurve({{0s, 2}, {300s, 2}, {480s, 6}, {2400s, 6}, {2520s, 2}});
  scenario.span = 90min;
  FaultEvent crash;
  crash.kind = FaultEvent::Kind::kCrash;
  crash.at = 10min;
  crash.lasting = 5min;
  scenario.faults.push_back(crash);
  const Outcomes outcomes = Play(scenario);
  EXPECT_EQ(Story(outcomes), OutcomeOf("crash-in-a-burst.md"));
  EXPECT_EQ(outcomes.books.failed(), 0);
}

}  // namespace
}  // namespace spillway::sim
