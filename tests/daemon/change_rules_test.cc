#include "src/daemon/change_rules.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "src/base/time_text.h"

namespace spillway::daemon {
namespace {

class ChangeRulesTest : public testing::Test {
 protected:
  ChangeRulesTest() { Zone("UTC"); }
  ~ChangeRulesTest() override { Zone("UTC"); }
  static void Zone(const char* name) {
    ::setenv("TZ", name, 1);
    ::tzset();
  }
  static ChangeRules Blocked(std::initializer_list<const char*> windows) {
    ChangeRules rules;
    for (const char* text : windows) rules.blocked.push_back(*ParseBlockedWindow(text));
    return rules;
  }
  static bool Blocks(const ChangeRules& rules, const char* time) {
    return JudgeWindows(rules, *ParseRfc3339(time)).has_value();
  }
};

// 2026-11-27 is a Friday.
TEST_F(ChangeRulesTest, AWeekendIsBlockedFromItsFirstToBeforeItsLastMinute) {
  const ChangeRules rules = Blocked({"Fri 18:00-Mon 06:00"});
  EXPECT_FALSE(Blocks(rules, "2026-11-27T17:59:59Z"));
  EXPECT_TRUE(Blocks(rules, "2026-11-27T18:00:00Z"));
  EXPECT_TRUE(Blocks(rules, "2026-11-29T12:00:00Z"));
  EXPECT_TRUE(Blocks(rules, "2026-11-30T05:59:59Z"));
  EXPECT_FALSE(Blocks(rules, "2026-11-30T06:00:00Z"));
  const auto refusal = JudgeWindows(rules, *ParseRfc3339("2026-11-30T05:30:00Z"));
  EXPECT_EQ(refusal->rule, "BlockedWindow");
  EXPECT_EQ(refusal->why, "traffic is not to be moved by hand Fri 18:00-Mon 06:00, which goes on for 30m");
  EXPECT_EQ(refusal->compared[0].value, 30);
  EXPECT_EQ(refusal->satisfied_by, "an order from Mon 06:00 on, or force");
}

TEST_F(ChangeRulesTest, ANightIsBlockedEveryDayAndOfSeveralWindowsTheLongestCounts) {
  const ChangeRules rules = Blocked({"22:00-06:00", "Sat 00:00-Sun 12:00"});
  for (const char* time : {"2026-11-25T22:00:00Z", "2026-11-26T05:59:00Z"}) EXPECT_TRUE(Blocks(rules, time)) << time;
  for (const char* time : {"2026-11-25T21:59:00Z", "2026-11-26T06:00:00Z"}) EXPECT_FALSE(Blocks(rules, time)) << time;
  EXPECT_NE(JudgeWindows(rules, *ParseRfc3339("2026-11-28T05:00:00Z"))->why.find("Sat 00:00"), std::string::npos);
  EXPECT_FALSE(JudgeWindows({}, *ParseRfc3339("2026-11-28T05:00:00Z")));
}

TEST_F(ChangeRulesTest, TheTimeIsThatOfTheMachine) {
  const ChangeRules rules = Blocked({"22:00-23:00"});
  EXPECT_FALSE(Blocks(rules, "2026-11-26T20:30:00Z"));
  Zone("EET-2");
  EXPECT_TRUE(Blocks(rules, "2026-11-26T20:30:00Z"));
}

TEST_F(ChangeRulesTest, WhatIsNoWindowIsRefused) {
  for (const char* bad : {"", "weekend", "Fri 18:00", "Fri 18:00-", "Fri 18:00-Mon 6:00", "fri 18:00-Mon 06:00",
                          "Fri 24:00-Mon 06:00", "Fri 18:60-Mon 06:00", "22:00-22:00", "22:00-Mon 06:00",
                          "Fri 18:00-Fri 18:00", "2a:00-23:00", "Fri 18:00 - Mon 06:00"}) {
    EXPECT_FALSE(ParseBlockedWindow(bad)) << bad;
  }
}

TEST_F(ChangeRulesTest, OrdersKeepTheirDistance) {
  ChangeRules rules;
  rules.min_between = 10min;
  const WallTime at = *ParseRfc3339("2026-11-26T12:00:00Z");
  EXPECT_FALSE(JudgePace(rules, std::nullopt, at));
  EXPECT_FALSE(JudgePace(rules, at - 10min, at));
  EXPECT_FALSE(JudgePace(rules, at + 1h, at)) << "the clock was set back: that must not block for hours";
  EXPECT_FALSE(JudgePace({}, at, at));
  const auto refusal = JudgePace(rules, at - 4min, at);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->rule, "MinimumBetweenChanges");
  EXPECT_EQ(refusal->why, "the last order that moves something is 4m old, allowed is one each 10m");
  EXPECT_EQ(refusal->satisfied_by, "an order in 6m");
}

}  // namespace
}  // namespace spillway::daemon
