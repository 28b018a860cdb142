// Spillway against the loop it replaces, and against the best that could be done, on the same load in the same world.
#include "tools/simulate/comparison.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "src/base/log.h"

namespace spillway::sim {
namespace {

const bool kQuiet = (SetUpLog(LogLevel::kError, LogFormat::kText), true);

// Many resolvers of equal weight: what is compared is the controllers, not the luck of the draw.
Scenario EvenWorld() {
  Scenario world = BaseScenario(1);
  world.crowd.resolvers = 2000;
  world.crowd.skew = 0;
  return world;
}

// Each is played once; the same is asked of it several times.
const Score& Play(const std::string& trace_name, const std::string& contender_name) {
  static std::map<std::pair<std::string, std::string>, Score> played;
  const auto known = played.find({trace_name, contender_name});
  if (known != played.end()) return known->second;
  const auto traces = Traces(1);
  const auto contenders = Contenders();
  const auto trace = std::find_if(traces.begin(), traces.end(), [&](const Trace& t) { return t.name == trace_name; });
  const auto contender =
      std::find_if(contenders.begin(), contenders.end(), [&](const Contender& c) { return c.name == contender_name; });
  return played[{trace_name, contender_name}] = Run(EvenWorld(), *trace, *contender);
}

std::string Joined(const std::vector<std::string>& sentences) {
  std::string text;
  for (const std::string& sentence : sentences) text += sentence + "\n";
  return text;
}

// The longer curves are left to tools/bench control.
TEST(EachCurve, CostsNoMoreOverloadThanTheOldLoopATwentiethOfItsWritesAndNoFailure) {
  for (const char* trace : {"calm", "constant", "ramps", "step"}) {
    const Score& old = Play(trace, kOldLoop);
    for (const char* mode : {"spillway weighted", "spillway round-robin"}) {
      EXPECT_EQ(Joined(AgainstOldLoop(Play(trace, mode), old)), "") << trace << ", " << mode;
    }
  }
}

TEST(Constant, IsServedAlmostAsIfTheDemandWereKnown) {
  EXPECT_EQ(Joined(AgainstOracle(Play("constant", "spillway weighted"), Play("constant", "oracle"))), "");
}

// Of the old loop's writes most change nothing. Each replica more or less takes one that does: the oracle makes eight.
TEST(Ramps, TakeATenthOfTheOldLoopsOverloadAndOfItsChanges) {
  const Score& old = Play("ramps", kOldLoop);
  const Score& weighted = Play("ramps", "spillway weighted");
  EXPECT_LT(weighted.overload, old.overload / 10);
  EXPECT_LE(weighted.scale_changes * 10, old.scale_changes);
  EXPECT_EQ(weighted.failed, 0);
  EXPECT_GT(old.failed, 0);
}

TEST(Ramps, AreServedAlmostAsIfTheDemandWereKnown) {
  EXPECT_EQ(Joined(AgainstOracle(Play("ramps", "spillway weighted"), Play("ramps", "oracle"))), "");
}

TEST(OldLoop, GoesToAndFroOnAConstantDemand) {
  const Score& old = Play("constant", kOldLoop);
  EXPECT_GT(old.scale_changes, 3 * 60) << "in three hours";
  EXPECT_NEAR(old.scale_writes, 3 * 360, 2) << "each ten seconds, changed or not";
  EXPECT_GT(old.failed, 0) << "it never drains";
  EXPECT_EQ(old.gslb_writes, 1) << "the pool is set up once";
}

TEST(Oracle, OrdersOnceForAConstantDemandAndStays) {
  const Score& oracle = Play("constant", "oracle");
  EXPECT_EQ(oracle.scale_writes, 1);
  EXPECT_EQ(oracle.gslb_writes, 1);
  EXPECT_EQ(oracle.failed, 0);
  EXPECT_NEAR(oracle.hours_home + oracle.hours_overflow, 3 * 7, 0.5) << "6 and a tenth need 7";
}

TEST(Oracle, ThatSeesAheadIsNeverCaughtByARise) {
  const Score& now = Play("step", "oracle");
  const Score& ahead = Play("step", "oracle that sees ahead");
  EXPECT_LT(ahead.overload, now.overload / 2);
  EXPECT_EQ(ahead.failed, 0);
}

// Why nobody comes near the oracle on a step: home says that it is full only once its autoscaler has averaged and
// grown.
TEST(Oracle, ThatIsToldByHomeIsFarFromTheOneThatKnows) {
  const Score& knows = Play("step", "oracle");
  const Score& told = Play("step", "oracle told by home");
  EXPECT_GT(told.overload, 1.5 * knows.overload);
  EXPECT_LT(Play("step", "spillway weighted").overload, 1.3 * told.overload);
  EXPECT_EQ(told.failed, 0);
}

Score ScoreOf(double overload, double hours, int writes) {
  Score score;
  score.work = 10000;
  score.overload = overload;
  score.hours_home = hours;
  score.scale_writes = writes;
  return score;
}

TEST(Claims, AreRefusedWhereTheFiguresDontHold) {
  const Score old = ScoreOf(100, 10, 200), oracle = ScoreOf(100, 10, 1);
  EXPECT_EQ(AgainstOldLoop(ScoreOf(100, 10, 10), old).size(), 0U);
  EXPECT_EQ(AgainstOldLoop(ScoreOf(111, 10, 10), old).size(), 1U);
  EXPECT_EQ(AgainstOldLoop(ScoreOf(100, 10, 11), old).size(), 1U);
  Score failing = ScoreOf(100, 10, 10);
  failing.failed = 0.1;
  EXPECT_EQ(AgainstOldLoop(failing, old).size(), 1U);
  EXPECT_EQ(AgainstOracle(ScoreOf(114, 11.4, 10), oracle).size(), 0U);
  EXPECT_EQ(AgainstOracle(ScoreOf(126, 11.4, 10), oracle).size(), 1U);
  EXPECT_EQ(AgainstOracle(ScoreOf(114, 11.6, 10), oracle).size(), 1U);
}

}  // namespace
}  // namespace spillway::sim
