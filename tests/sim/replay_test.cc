// A journal that a real run wrote holds enough to make every decision again.
#include "tools/simulate/replay.h"

#include <gtest/gtest.h>

#include <string>

#include "src/base/log.h"
#include "tools/simulate/run.h"

namespace spillway::sim {
namespace {

// Thousands of decisions would tell of themselves.
const bool kQuiet = (SetUpLog(LogLevel::kError, LogFormat::kText), true);

std::string JournalOf(const Scenario& scenario) {
  RunOptions options;
  options.keep_journal = true;
  std::string journal;
  for (const std::string& line : Play(scenario, options).journal) journal += line + "\n";
  return journal;
}

TEST(Replay, DecidesTheSameAgainFromTheRecordsOfDrawnRuns) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const Replayed replayed = Replay(JournalOf(DrawScenario(seed, 3h)));
    EXPECT_GT(replayed.records, 10U) << "seed " << seed;
    EXPECT_EQ(replayed.decided, replayed.records) << "seed " << seed;
    EXPECT_EQ(replayed.different, 0U) << "seed " << seed << ": "
                                      << (replayed.told.empty() ? "" : replayed.told.front());
  }
}

TEST(Replay, TellsWhatComesOutOtherwise) {
  Scenario scenario = BaseScenario(1);
  scenario.demand = DemandCurve::Constant(6);
  scenario.span = 20min;
  std::string journal = JournalOf(scenario);
  // As if a rule had been another one then.
  const std::string headroom = "\"headroom\":0.1,";
  const std::size_t at = journal.rfind(headroom);
  ASSERT_NE(at, std::string::npos);
  journal.replace(at, headroom.size(), "\"headroom\":2.1,");
  const Replayed replayed = Replay(journal);
  EXPECT_EQ(replayed.different, 1U);
  ASSERT_EQ(replayed.told.size(), 1U);
  EXPECT_NE(replayed.told[0].find("excess: was "), std::string::npos) << replayed.told[0];
  EXPECT_NE(replayed.told[0].find("line "), std::string::npos);
}

TEST(Replay, PassesOverWhatIsNoRecord) {
  const Replayed replayed = Replay("{\"time\":\"2026-01-01T00:00:00Z\",\"app\":\"shop\"}\n\n{\"time\":\"20");
  EXPECT_EQ(replayed.records, 2U);
  EXPECT_EQ(replayed.decided, 0U);
  ASSERT_EQ(replayed.told.size(), 2U);
  EXPECT_EQ(replayed.told[0], "line 1, 2026-01-01T00:00:00Z, shop: holds no question and answer; passed over");
  EXPECT_EQ(replayed.told[1], "line 3: is no record (cut off)");
}

}  // namespace
}  // namespace spillway::sim
