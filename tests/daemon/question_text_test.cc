// A record of the journal holds enough to make its decision again.
#include "src/daemon/question_text.h"

#include <gtest/gtest.h>

#include "tests/core/model.h"

namespace spillway::daemon {
namespace {

constexpr Instant kNow{std::chrono::hours{2}};
constexpr Instant kReadersNow{std::chrono::hours{7}};
constexpr WallTime kWall{std::chrono::hours{490000}};

// A burst, an order and its end, one look a minute: the memory fills.
class QuestionTest : public testing::Test {
 protected:
  QuestionTest() {
    asked_.policy = SmallPolicy();
    asked_.now = kNow;
  }
  void LookAt(int home, int overflow, bool limited) {
    asked_.now += 1min;
    asked_.observation = QuietObservation(asked_.now, home, overflow);
    HomeDemand& demand = asked_.observation.home_demand.seen->value;
    demand.limited = limited;
    if (limited) demand.wish = 6.25;
  }
  Result<Question> Again() const {
    const auto json = ParseJson(QuestionText(asked_, kWall));
    if (!json) return json.error();
    return ReadQuestion(*json, kReadersNow, kWall);
  }

  Question asked_;
};

TEST_F(QuestionTest, IsDecidedTheSameByWhoeverReadsIt) {
  for (int look = 0; look < 20; ++look) {
    SCOPED_TRACE(look);
    LookAt(look < 3 ? 2 : 4, look < 5 ? 0 : 3, look >= 3 && look < 12);
    asked_.override = {};
    if (look >= 7 && look < 9) {
      asked_.override.orders.push_back({.kind = OrderKind::kDrain,
                                        .site = "eu",
                                        .actor = "anna",
                                        .reason = "repair",
                                        .since = asked_.now - 10s,
                                        .expires = asked_.now + 1h});
    }
    const auto read = Again();
    ASSERT_TRUE(read) << read.error().what;
    const Outcome was = Decide(asked_.policy, asked_.observation, asked_.override, asked_.memory, asked_.now);
    const Outcome is = Decide(read->policy, read->observation, read->override, read->memory, read->now);
    EXPECT_EQ(AnswerText(is.decision, kReadersNow), AnswerText(was.decision, asked_.now));
    asked_.memory = was.memory;
  }
}

TEST_F(QuestionTest, TellsWhatAnotherRuleWouldHaveChanged) {
  LookAt(4, 0, true);
  auto other = Again();
  ASSERT_TRUE(other) << other.error().what;
  other->policy.headroom = 2.1;
  const Outcome was = Decide(asked_.policy, asked_.observation, asked_.override, asked_.memory, asked_.now);
  const Outcome is = Decide(other->policy, other->observation, other->override, other->memory, other->now);
  const auto before = ParseJson(AnswerText(was.decision, asked_.now));
  const auto after = ParseJson(AnswerText(is.decision, kReadersNow));
  EXPECT_FALSE(Differences(*before, *after).empty());
  EXPECT_TRUE(Differences(*before, *before).empty());
}

TEST_F(QuestionTest, WithAFieldOfAWrongKindIsRefusedByName) {
  LookAt(2, 0, false);
  std::string text = QuestionText(asked_, kWall);
  const std::string headroom = "\"headroom\":0.1";
  const std::size_t at = text.find(headroom);
  ASSERT_NE(at, std::string::npos) << text;
  text.replace(at, headroom.size(), "\"headroom\":\"x\"");
  const auto read = ReadQuestion(*ParseJson(text), kReadersNow, kWall);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().what.find("headroom"), std::string::npos) << read.error().what;
}

}  // namespace
}  // namespace spillway::daemon
