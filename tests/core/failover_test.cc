#include "src/core/failover.h"

#include <gtest/gtest.h>

#include "tests/core/model.h"

namespace spillway {
namespace {

class Failover : public testing::Test {
 protected:
  const Decision& At(Duration after, Health home) {
    Observation seen = QuietObservation(start_ + after, 3, 4);
    auto& traffic = seen.traffic.seen->value;
    traffic.members["us"].health = home;
    traffic.members["eu"].health = overflow_;
    seen.sites.at("us").workload.seen->value.replicas_ready = home_ready_;
    for (auto& [site, member] : traffic.members) {
      if (layout_.contains(site)) member.placement = layout_.at(site);
    }
    if (home == Health::kDown) {
      seen.home_demand.seen->value.load = 0;
      seen.home_demand.seen->value.replicas_desired = 1;
    }
    Outcome outcome = Decide(policy_, seen, {}, memory_, start_ + after);
    memory_ = outcome.memory;
    decision_ = outcome.decision;
    if (decision_.layout) layout_ = *decision_.layout;
    return decision_;
  }
  double HomeShareNow() const {
    const auto shares = PublishedShares(layout_);
    return shares.contains("us") ? shares.at("us") : 0;
  }

  Failover() {
    policy_.overflow[0].replicas_min = 4;
    At(-60s, Health::kUp);
    At(-30s, Health::kUp);
  }

  Health overflow_ = Health::kUp;
  Policy policy_ = SmallPolicy();
  Instant start_{std::chrono::hours{2}};
  Memory memory_;
  Decision decision_;
  Layout layout_;
  int home_ready_ = 3;
};

TEST_F(Failover, ComesOnlyAfterHomeWasDownForLongEnough) {
  At(0s, Health::kDown);
  EXPECT_EQ(HomeShareNow(), 1);
  At(29s, Health::kDown);
  EXPECT_EQ(HomeShareNow(), 1);
  At(30s, Health::kDown);
  EXPECT_EQ(HomeShareNow(), 0);
  EXPECT_EQ(layout_.at("eu").place, Place::kServed);
  EXPECT_EQ(decision_.sites.at("us").phase, Phase::kDown);
}

TEST_F(Failover, SizesForTheLastKnownDemandNotForTheSilence) {
  for (int i = 0; i <= 60; ++i) At(10s * i, Health::kDown);
  EXPECT_DOUBLE_EQ(*decision_.demand, 3);
  EXPECT_EQ(decision_.excess, 3);
}

TEST_F(Failover, LosingSightOfTheMemberIsNotAFailure) {
  for (int i = 0; i <= 60; ++i) At(10s * i, Health::kUnknown);
  EXPECT_EQ(HomeShareNow(), 1);
}

TEST_F(Failover, GivesTrafficBackInStepsAfterALongEnoughHealth) {
  At(0s, Health::kDown);
  At(30s, Health::kDown);
  At(60s, Health::kUp);
  At(359s, Health::kUp);
  EXPECT_EQ(HomeShareNow(), 0);
  At(360s, Health::kUp);
  EXPECT_NEAR(HomeShareNow(), .25, .02);
  At(375s, Health::kUp);
  EXPECT_NEAR(HomeShareNow(), .25, .02) << "one step each TTL";
  At(391s, Health::kUp);
  At(421s, Health::kUp);
  EXPECT_NEAR(HomeShareNow(), .5, .02);
  for (int i = 0; i < 10; ++i) At(450s + 31s * i, Health::kUp);
  EXPECT_EQ(HomeShareNow(), 1);
  EXPECT_EQ(FindCondition(decision_, ConditionName::kHomeDown), nullptr);
}

TEST_F(Failover, AColdHomeGrowsIntoAStepBeforeItGetsTheNext) {
  At(0s, Health::kDown);
  At(30s, Health::kDown);
  home_ready_ = 1;
  At(60s, Health::kUp);
  At(360s, Health::kUp);
  EXPECT_NEAR(HomeShareNow(), .25, .02);
  for (int i = 0; i < 5; ++i) At(391s + 10s * i, Health::kUp);
  EXPECT_LT(HomeShareNow(), .42) << "one replica of a demand of three, and a fifth more";
  EXPECT_NE(FindCondition(decision_, ConditionName::kHomeDown), nullptr);
  home_ready_ = 2;
  At(450s, Health::kUp);
  EXPECT_NEAR(HomeShareNow(), .5, .02);
}

TEST_F(Failover, AHomeThatIsUpAgainWhileNobodyElseIsGetsItsTrafficBackAtOnce) {
  At(0s, Health::kDown);
  At(30s, Health::kDown);
  ASSERT_EQ(HomeShareNow(), 0);
  overflow_ = Health::kDown;
  At(60s, Health::kUp);
  EXPECT_EQ(HomeShareNow(), 1);
  EXPECT_NE(FindReason(decision_, ReasonCode::kHomeIsTheLast), nullptr);
  EXPECT_EQ(FindCondition(decision_, ConditionName::kHomeDown), nullptr);
}

TEST_F(Failover, WaitsForTheOperatorWhenFailbackIsManual) {
  policy_.failover.failback_manual = true;
  At(0s, Health::kDown);
  At(30s, Health::kDown);
  for (int i = 1; i < 60; ++i) At(60s * i, Health::kUp);
  EXPECT_EQ(HomeShareNow(), 0);
  EXPECT_NE(FindCondition(decision_, ConditionName::kHomeDown), nullptr);
}

}  // namespace
}  // namespace spillway
