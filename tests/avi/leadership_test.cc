// Leaders that move, vanish or double, against a federation with memory, in virtual time.
#include <gtest/gtest.h>

#include <string>

#include "tests/avi/world.h"

namespace spillway::avi {
namespace {

using Leadership = AgainstTheFake;

TEST_F(Leadership, FollowsTheLeader) {
  Build();
  AllUp();
  Run(40s);
  fake->ChangeLeader("eu");
  Run(20s);
  EXPECT_TRUE(State().writable) << State().unwritable_why;
  ASSERT_TRUE(Write({{"us", Served(7)}, {"eu", Served(2)}}));
  ASSERT_EQ(fake->Writes().size(), 1U);
  EXPECT_EQ(fake->Writes().front().controller, "eu");
}

TEST_F(Leadership, LearnsFromARefusalThatTheLeaderMoved) {
  Build();
  Run(10s);
  fake->ChangeLeader("eu");
  clock.Advance(1s);
  const auto refused = Write({{"us", Served(7)}, {"eu", Served(2)}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kRetry);
  EXPECT_NE(refused.error().what.find("ONLY on leader"), std::string::npos) << refused.error().what;
  Run(1s);
  ASSERT_TRUE(Write({{"us", Served(7)}, {"eu", Served(2)}}));
  EXPECT_EQ(fake->Writes().front().controller, "eu");
}

TEST_F(Leadership, ReadsFromAFollowerWhileTheLeaderIsGone) {
  Build();
  AllUp();
  Run(40s);
  fake->SetAlive("us", false);
  Run(60s);
  const auto reading = director->Read();
  ASSERT_TRUE(reading.seen);
  EXPECT_FALSE(reading.failure);
  EXPECT_LT(clock.Now() - reading.seen->as_of, 10s);
  EXPECT_FALSE(reading.seen->value.writable);
  EXPECT_NE(reading.seen->value.unwritable_why.find("the GSLB leader (site \"us\") can't be used"), std::string::npos)
      << reading.seen->value.unwritable_why;
  const auto written = Write({{"us", Served(7)}, {"eu", Served(2)}});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Code::kRetry);
  fake->SetAlive("us", true);
  Run(40s);
  EXPECT_TRUE(State().writable) << State().unwritable_why;
}

TEST_F(Leadership, KeepsWhatItSawWhileNobodyAnswers) {
  Build();
  Run(10s);
  for (const char* site : {"us", "eu"}) fake->SetAlive(site, false);
  const int before = changes;
  Run(2min);
  EXPECT_GT(changes, before);
  const auto reading = director->Read();
  ASSERT_TRUE(reading.seen);
  ASSERT_TRUE(reading.failure);
  EXPECT_EQ(reading.failure->code, Code::kRetry);
  EXPECT_GT(clock.Now() - reading.failure->since, 1min) << "the beginning, not the last try";
  EXPECT_GT(clock.Now() - reading.seen->as_of, 1min);
  for (const char* site : {"us", "eu"}) fake->SetAlive(site, true);
  Run(70s);
  EXPECT_FALSE(director->Read().failure);
}

TEST_F(Leadership, HoldsDuringMaintenance) {
  Build();
  AllUp();
  Run(40s);
  fake->SetMaintenance(true);
  Run(10s);
  const TrafficState state = State();
  EXPECT_FALSE(state.writable);
  EXPECT_EQ(state.unwritable_why, "the GSLB system is in maintenance mode");
  EXPECT_EQ(state.members.at("us").health, Health::kUnknown);
  EXPECT_FALSE(Write({{"us", Served(7)}, {"eu", Served(2)}}));
  fake->SetMaintenance(false);
  Run(10s);
  EXPECT_TRUE(State().writable);
}

TEST_F(Leadership, HoldsWhileTwoLead) {
  Build();
  Run(10s);
  fake->SetLink("us", "eu", false);
  fake->ChangeLeader("eu");
  Run(20s);
  EXPECT_FALSE(State().writable);
  EXPECT_NE(State().unwritable_why.find("each say that they lead"), std::string::npos) << State().unwritable_why;
  EXPECT_FALSE(Write({{"us", Served(7)}, {"eu", Served(2)}}));
  EXPECT_TRUE(fake->Writes().empty());
}

TEST_F(Leadership, IsNotInForceWhereTheLeaderCanNotReach) {
  Build();
  AllUp();
  Run(40s);
  fake->SetLink("us", "eu", false);
  const auto written = Write({{"us", Served(7)}, {"eu", Served(2)}});
  ASSERT_TRUE(written) << written.error().what;
  Run(60s);
  EXPECT_FALSE(State().in_force);
  fake->SetLink("us", "eu", true);
  Run(60s);
  EXPECT_TRUE(State().in_force);
}

}  // namespace
}  // namespace spillway::avi
