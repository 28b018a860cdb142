#include "src/daemon/apply.h"

#include <gtest/gtest.h>

#include "tests/daemon/fakes.h"

namespace spillway::daemon {
namespace {

class ApplyTest : public testing::Test {
 protected:
  ApplyTest() {
    world_.workload("ap").Show({5, 5, 5, "ap1"});
    decision_.sites["eu"].replicas_target = 3;
    decision_.sites["ap"].replicas_target = 2;
    decision_.layout = Layout{{"eu", {Place::kServed, 1, 0}}};
  }
  Plan Whole() { return MakePlan("us", decision_, Observe(world_.ports())); }
  Plan Ready() { return applier_.Ready(Whole(), world_.clock.Now()); }
  std::vector<WriteOutcome> Apply(bool only_raise = false) {
    world_.calls.clear();
    const Plan whole = Whole();
    return applier_.Apply(whole, applier_.Ready(whole, world_.clock.Now()), only_raise, leadership_.lead->number);
  }
  std::string ProblemWith(const std::string& about) {
    const auto found = applier_.problems().find(about);
    return found == applier_.problems().end() ? "" : found->second.detail;
  }

  FakeWorld world_{true};
  Decision decision_;
  FakeLeadership leadership_;
  Applier applier_{world_.ports(), world_.clock, leadership_, Rng(1)};
};

TEST_F(ApplyTest, RaisesThenSteersThenLowers) {
  const auto outcomes = Apply();
  EXPECT_EQ(world_.calls, (Calls{"scale eu 3 at eu1", "layout at g1", "scale ap 2 at ap1"}));
  for (const WriteOutcome& outcome : outcomes) EXPECT_EQ(outcome.outcome, "done");
  EXPECT_TRUE(Ready().empty());
}

TEST_F(ApplyTest, StopsBetweenTwoWritesWhenTheTermIsOver) {
  leadership_.ends_after = 1;
  Apply();
  EXPECT_EQ(world_.calls, (Calls{"scale eu 3 at eu1"}));
  EXPECT_TRUE(applier_.cut_short());
}

TEST_F(ApplyTest, WritesNothingThatWasDecidedInAnotherTerm) {
  const Plan whole = Whole();
  EXPECT_TRUE(applier_.Apply(whole, Ready(), false, leadership_.lead->number - 1).empty());
  EXPECT_EQ(world_.calls, Calls{});
}

TEST_F(ApplyTest, NoWriteLastsBeyondTheTerm) {
  leadership_.lead->until = world_.clock.Now() + 4s;
  Apply();
  EXPECT_EQ(world_.calls.size(), 3U);
  EXPECT_EQ(world_.workload("eu").last_deadline, 4s);
  EXPECT_EQ(world_.director.last_deadline, 4s);
}

TEST_F(ApplyTest, AWriteThatWouldHaveLessThanASecondIsNotBegun) {
  leadership_.lead->until = world_.clock.Now() + 999ms;
  Apply();
  EXPECT_EQ(world_.calls, Calls{});
  EXPECT_TRUE(applier_.cut_short());
}

TEST_F(ApplyTest, OnlyRaisesWhileTheMemoryCanNotBeSaved) {
  Apply(true);
  EXPECT_EQ(world_.calls, (Calls{"scale eu 3 at eu1"}));
}

TEST_F(ApplyTest, LowersNothingWhileTheLayoutIsOwed) {
  world_.director.error = Error{Code::kRetry, "avi: no answer"};
  Apply();
  EXPECT_EQ(world_.calls, (Calls{"scale eu 3 at eu1", "layout at g1"}));
  EXPECT_EQ(ProblemWith("gslb"), "avi: no answer");
  EXPECT_TRUE(Ready().empty()) << PlanText(Ready());
}

TEST_F(ApplyTest, AFailedRaiseDoesNotKeepTrafficFromBeingSteered) {
  world_.workload("eu").error = Error{Code::kRetry, "cluster eu: no answer"};
  Apply();
  EXPECT_EQ(world_.calls, (Calls{"scale eu 3 at eu1", "layout at g1", "scale ap 2 at ap1"}));
}

TEST_F(ApplyTest, AWriteThatThePictureDoesNotShowYetIsNotRepeated) {
  world_.workload("eu").shows_at_once = false;
  Apply();
  EXPECT_TRUE(Ready().raises.empty());
  world_.Confirm();  // a bookmark confirms the old picture: still from before the write
  EXPECT_TRUE(Ready().raises.empty());
  world_.workload("eu").Show(*world_.workload("eu").stored);
  EXPECT_TRUE(Whole().raises.empty());
}

TEST_F(ApplyTest, AWriteThatThePictureNeverShowsIsTriedAgainInTheEnd) {
  world_.workload("eu").shows_at_once = false;
  Apply();
  const auto next = applier_.NextTry(Whole(), world_.clock.Now());
  ASSERT_TRUE(next);
  world_.clock.SleepUntil(*next);
  EXPECT_EQ(Ready().raises.size(), 1U);
}

TEST_F(ApplyTest, AnotherOnesWriteIsReadAgainBeforeOursIsRepeatedAndIsNoProblem) {
  world_.workload("eu").error = Error{Code::kReread, "somebody wrote"};
  Apply();
  EXPECT_EQ(ProblemWith("workload eu"), "");
  EXPECT_TRUE(Ready().raises.empty()) << "the picture is still the old one";
  world_.workload("eu").Show({1, 0, 0, "eu2"});
  ASSERT_EQ(Ready().raises.size(), 1U) << "at once, from the new picture";
  EXPECT_EQ(Ready().raises.at(0).from, 1);
}

TEST_F(ApplyTest, AContestIsNotFoughtAtFullSpeed) {
  world_.workload("eu").error = Error{Code::kReread, "somebody wrote"};
  int tries = 0;
  for (int i = 0; i < 20; ++i) {
    world_.workload("eu").Show({1, 0, 0, "eu" + std::to_string(i)});
    if (Ready().raises.empty()) continue;
    Apply();
    ++tries;
  }
  EXPECT_EQ(tries, 4);
}

TEST_F(ApplyTest, NoAnswerIsBackedOffFromAndReadAgainFirst) {
  world_.workload("eu").error = Error{Code::kRetry, "cluster eu: no answer"};
  Apply();
  EXPECT_EQ(ProblemWith("workload eu"), "cluster eu: no answer");
  world_.Confirm();
  EXPECT_TRUE(Ready().raises.empty()) << "too soon";
  world_.clock.Advance(2s);
  EXPECT_TRUE(Ready().raises.empty()) << "the picture is from the time of the write";
  world_.Confirm();
  EXPECT_EQ(Ready().raises.size(), 1U);

  world_.workload("eu").error.reset();
  Apply();
  EXPECT_EQ(ProblemWith("workload eu"), "") << "a success ends the problem";
}

TEST_F(ApplyTest, ARefusalIsTriedOnceAMinute) {
  for (const Code code : {Code::kDenied, Code::kRejected, Code::kMissing}) {
    world_.workload("eu").error = Error{code, "cluster eu: forbidden"};
    Apply();
    EXPECT_EQ(world_.calls.at(0), "scale eu 3 at eu1");
    EXPECT_EQ(ProblemWith("workload eu"), "cluster eu: forbidden");
    world_.clock.Advance(59s);
    world_.Confirm();
    EXPECT_TRUE(Ready().raises.empty());
    EXPECT_EQ(*applier_.NextTry(Whole(), world_.clock.Now()), world_.clock.Now() + 1s);
    world_.clock.Advance(1s);
    EXPECT_EQ(Ready().raises.size(), 1U);
  }
}

TEST_F(ApplyTest, AProblemEndsWhenNothingIsWrittenThereAnyMore) {
  world_.workload("eu").error = Error{Code::kDenied, "cluster eu: forbidden"};
  Apply();
  decision_.sites["eu"].replicas_target = 0;
  applier_.Review(Whole(), world_.clock.Now());
  EXPECT_EQ(ProblemWith("workload eu"), "");
}

TEST_F(ApplyTest, WhatIsHeldIsToldInTheSameOrder) {
  const auto held = Applier::Held(Whole());
  ASSERT_EQ(held.size(), 3U);
  EXPECT_EQ(held[0].change, "replicas 0 -> 3");
  EXPECT_EQ(held[1].target, "avi");
  EXPECT_EQ(held[2].change, "replicas 5 -> 2");
  EXPECT_EQ(held[2].outcome, "held");
  EXPECT_TRUE(world_.calls.empty());
}

}  // namespace
}  // namespace spillway::daemon
