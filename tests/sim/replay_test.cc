// A journal's records are decided again from what they hold.
#include "tools/simulate/replay.h"

#include <gtest/gtest.h>

#include <string>

#include "src/base/log.h"
#include "src/daemon/question_text.h"
#include "tests/core/model.h"
#include "tools/simulate/run.h"

namespace spillway::sim {
namespace {

// Thousands of decisions would tell of themselves.
const bool kQuiet = (SetUpLog(LogLevel::kError, LogFormat::kText), true);

// A record as spillwayd writes it, of a burst that needs replicas, without what is for people.
std::string Record() {
  constexpr Instant kNow{std::chrono::hours{2}};
  daemon::Question question{SmallPolicy(), QuietObservation(kNow, 4, 0), {}, {}, kNow};
  HomeDemand& home = question.observation.home_demand.seen->value;
  home.limited = true;
  home.wish = 6;
  const Outcome outcome =
      Decide(question.policy, question.observation, question.override, question.memory, question.now);
  const WallTime wall{std::chrono::seconds{1767225600}};
  return R"({"time":"2026-01-01T00:00:00Z","app":"shop","question":)" + daemon::QuestionText(question, wall) +
         R"(,"answer":)" + daemon::AnswerText(outcome.decision, kNow) + "}\n";
}

TEST(Replay, DecidesTheSameAgain) {
  const Replayed replayed = Replay(Record() + Record());
  EXPECT_EQ(replayed.records, 2U);
  EXPECT_EQ(replayed.decided, 2U);
  EXPECT_EQ(replayed.different, 0U) << (replayed.told.empty() ? "" : replayed.told.front());
}

std::string JournalOf(const Scenario& scenario) {
  RunOptions options;
  options.keep_journal = true;
  std::string journal;
  for (const std::string& line : Play(scenario, options).journal) journal += line + "\n";
  return journal;
}

TEST(Replay, DecidesTheSameAgainFromTheRecordsOfDrawnRuns) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const Replayed replayed = Replay(JournalOf(DrawScenario(seed, 1h)));
    EXPECT_GT(replayed.records, 5U) << "seed " << seed;
    EXPECT_EQ(replayed.decided, replayed.records) << "seed " << seed;
    EXPECT_EQ(replayed.different, 0U) << "seed " << seed << ": "
                                      << (replayed.told.empty() ? "" : replayed.told.front());
  }
}

TEST(Replay, TellsWhatComesOutOtherwise) {
  std::string journal = Record();
  // As if a rule had been another one then.
  const std::string headroom = "\"headroom\":0.1";
  const std::size_t at = journal.find(headroom);
  ASSERT_NE(at, std::string::npos) << journal;
  journal.replace(at, headroom.size(), "\"headroom\":2.1");
  const Replayed replayed = Replay(journal);
  EXPECT_EQ(replayed.different, 1U);
  ASSERT_EQ(replayed.told.size(), 1U);
  EXPECT_NE(replayed.told[0].find("line 1, 2026-01-01T00:00:00Z, shop: "), std::string::npos) << replayed.told[0];
  EXPECT_NE(replayed.told[0].find("excess: was "), std::string::npos) << replayed.told[0];
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
