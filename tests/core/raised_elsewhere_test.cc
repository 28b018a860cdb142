#include <gtest/gtest.h>

#include "tests/core/model.h"

namespace spillway {
namespace {

// Nothing is needed of overflow, its target is 0, and somebody else scales its Deployment.
class RaisedElsewhere : public testing::Test {
 protected:
  RaisedElsewhere() {
    memory_.sites["eu"].known = true;
    memory_.demand = {{start_, 2}};
    memory_.home_share = {{start_ - 1h, 1}};
    memory_.layout = {{"us", {Place::kServed, 1, 0}}, {"eu", {Place::kStandby, 1, 1}}};
    memory_.layout_since = start_ - 1h;
  }

  // The target, with so many replicas asked of the Deployment at `revision`.
  int At(Duration after, int wanted, const std::string& revision) {
    Observation seen = QuietObservation(start_ + after, 2, wanted);
    seen.sites["eu"].workload.seen->value.revision = revision;
    seen.traffic.seen->value.members["eu"].placement = published_;
    if (!gslb_seen_) seen.traffic = {};
    Outcome outcome = Decide(policy_, seen, {}, memory_, start_ + after);
    memory_ = outcome.memory;
    decision_ = outcome.decision;
    return decision_.sites.at("eu").replicas_target;
  }

  Policy policy_ = SmallPolicy();
  Instant start_{std::chrono::hours{2}};
  Placement published_{Place::kStandby, 1, 1};
  bool gslb_seen_ = true;
  Memory memory_;
  Decision decision_;
};

TEST_F(RaisedElsewhere, ReplicasGoAfterADrainAndNotBefore) {
  EXPECT_EQ(At(0s, 3, "2"), 3);
  EXPECT_EQ(decision_.sites.at("eu").phase, Phase::kDraining);
  EXPECT_NE(FindReason(decision_, ReasonCode::kRaisedElsewhere, "eu"), nullptr);
  EXPECT_EQ(memory_.sites["eu"].replicas_target, 0) << "it is not adopted";
  EXPECT_EQ(At(299s, 3, "2"), 3);
  EXPECT_EQ(At(300s, 3, "2"), 0);
}

TEST_F(RaisedElsewhere, TwoWritersThatDontAgreeTakeTurnsNoFasterThanADrain) {
  ASSERT_EQ(At(0s, 3, "2"), 3);
  ASSERT_EQ(At(300s, 3, "2"), 0);
  EXPECT_EQ(At(301s, 0, "3"), 0);
  EXPECT_EQ(At(302s, 3, "4"), 3);
  EXPECT_EQ(At(601s, 3, "4"), 3);
  EXPECT_EQ(At(602s, 3, "4"), 0);
}

TEST_F(RaisedElsewhere, AnotherRaiseBeforeTheLoweringWasSeenStandsAsLong) {
  ASSERT_EQ(At(0s, 3, "2"), 3);
  ASSERT_EQ(At(300s, 3, "2"), 0);
  EXPECT_EQ(At(301s, 3, "4"), 3) << "another revision: the lowering was undone, or the Deployment changed meanwhile";
}

TEST_F(RaisedElsewhere, WhatWasDecidedIsAskedForAgainUntilTheDeploymentFollows) {
  ASSERT_EQ(At(0s, 3, "2"), 3);
  ASSERT_EQ(At(300s, 3, "2"), 0);
  EXPECT_EQ(At(310s, 3, "2"), 0) << "the write was lost";
  EXPECT_EQ(At(320s, 0, "3"), 0);
}

TEST_F(RaisedElsewhere, ALoweringIsTakenBackWhenTheSharesMovedBeforeItWasFollowed) {
  ASSERT_EQ(At(0s, 3, "2"), 3);
  ASSERT_EQ(At(300s, 3, "2"), 0);
  published_ = {Place::kServed, 1, 0};  // somebody sends clients there
  EXPECT_EQ(At(310s, 3, "2"), 3);
  EXPECT_EQ(memory_.sites["eu"].replicas_target, 3);
  published_ = {Place::kStandby, 1, 1};
  EXPECT_EQ(At(320s, 3, "2"), 3) << "another drain";
  EXPECT_EQ(At(320s + 299s, 3, "2"), 3);
  EXPECT_EQ(At(320s + 300s, 3, "2"), 1) << "now with a keeper, for there were clients";
}

TEST_F(RaisedElsewhere, ALoweringThatWasNotFollowedWaitsWhileTheLayoutCantBeSeen) {
  ASSERT_EQ(At(0s, 3, "2"), 3);
  ASSERT_EQ(At(300s, 3, "2"), 0);
  gslb_seen_ = false;
  EXPECT_EQ(At(310s, 3, "2"), 3);
  gslb_seen_ = true;
  EXPECT_EQ(At(320s, 3, "2"), 0);
}

TEST_F(RaisedElsewhere, AnAnswerOfThePastIsNotActedOn) {
  ASSERT_EQ(At(0s, 3, "2"), 3);
  ASSERT_EQ(At(300s, 3, "2"), 0);
  ASSERT_EQ(At(301s, 0, "3"), 0);
  EXPECT_EQ(At(302s, 3, "2"), 3) << "as it is seen, so nothing is written";
  EXPECT_EQ(At(303s, 0, "3"), 0);
}

TEST_F(RaisedElsewhere, BeyondTheMaximumNothingStands) { EXPECT_EQ(At(0s, 20, "2"), policy_.overflow[0].replicas_max); }

}  // namespace
}  // namespace spillway
