#include "src/core/override.h"

#include <gtest/gtest.h>

#include "src/core/ordered.h"
#include "tests/core/model.h"

namespace spillway {
namespace {

using Kind = OrderKind;
constexpr Instant kNow{std::chrono::hours{2}};

TEST(Override, OneOrderOfAKindStandsButADrainForEachSite) {
  Override override = With({}, {.kind = Kind::kMode, .mode = Mode::kAuto});
  override = With(override, {.kind = Kind::kMode, .mode = Mode::kRoundRobin});
  override = With(override, {.kind = Kind::kDrain, .site = "eu"});
  override = With(override, {.kind = Kind::kDrain, .site = "ap"});
  override = With(override, {.kind = Kind::kDrain, .site = "ap", .actor = "ann"});
  ASSERT_EQ(override.orders.size(), 3U);
  EXPECT_EQ(override.orders[0].mode, Mode::kRoundRobin);
  EXPECT_EQ(override.orders[2].actor, "ann");
  EXPECT_EQ(Without(override, Kind::kDrain, "eu").orders.size(), 2U);
  EXPECT_EQ(Without(override, Kind::kMode).orders.size(), 2U);
}

TEST(Override, OfFailoverAndFailbackTheLaterOneStands) {
  Override override = With({}, {.kind = Kind::kFailover, .site = "eu"});
  override = With(override, {.kind = Kind::kFailback});
  ASSERT_EQ(override.orders.size(), 1U);
  EXPECT_EQ(override.orders[0].kind, Kind::kFailback);
  override = With(override, {.kind = Kind::kFailover, .site = "eu"});
  ASSERT_EQ(override.orders.size(), 1U);
  EXPECT_EQ(override.orders[0].kind, Kind::kFailover);
}

TEST(Override, AnExpiredOrderCountsNoMoreAndDecideIsAskedAgainThen) {
  const Override pause{{{.kind = Kind::kPause, .expires = kNow + 10s}}};
  const Outcome held = Decide(SmallPolicy(), QuietObservation(kNow), pause, {}, kNow);
  EXPECT_TRUE(held.decision.writes_held);
  EXPECT_EQ(held.decision.wake_at, kNow + 10s);
  EXPECT_FALSE(Decide(SmallPolicy(), QuietObservation(kNow), pause, {}, kNow + 10s).decision.writes_held);
  EXPECT_EQ(Unexpired(pause, kNow + 10s - 1us).orders.size(), 1U);
  EXPECT_TRUE(Unexpired(pause, kNow + 10s).orders.empty());
}

TEST(Digest, LeavesOutWhatThePolicyDoesNotKnowAndClampsTheRest) {
  Policy policy = SmallPolicy();
  policy.overflow[0].replicas_min = 1;
  const Ordered got = Digest(policy,
                             {{{.kind = Kind::kDrain, .site = "mars"},
                               {.kind = Kind::kFailover, .site = "mars"},
                               {.kind = Kind::kPinRatios, .ratios = {{"us", 25}, {"eu", -3}, {"mars", 4}}},
                               {.kind = Kind::kPinReplicas, .replicas = {{"eu", 99}, {"mars", 4}}}}},
                             kNow);
  EXPECT_TRUE(got.drained.empty());
  EXPECT_FALSE(got.failover_to);
  EXPECT_EQ(got.ratios, (std::map<SiteName, int>{{"us", 20}, {"eu", 0}}));
  EXPECT_EQ(got.replicas, (std::map<SiteName, int>{{"eu", 8}}));
  EXPECT_TRUE(Digest(policy, {{{.kind = Kind::kPinRatios, .ratios = {{"mars", 4}}}}}, kNow).ratios.empty());
}

// What follows runs in the closed loop of the model: home's maximum is 4, "eu" may have 8, TTL 30 s.
class Ordering : public testing::Test {
 protected:
  Model& Start(double demand) {
    ModelOptions options;
    options.demand = demand;
    model_.emplace(options);
    model_->Run(10min);
    return *model_;
  }
  Order Given(Order order) {
    order.since = model_->now;
    model_->override = With(model_->override, order);
    return order;
  }
  void EndsWell() {
    EXPECT_EQ(model_->worst_lost, 0);
    EXPECT_EQ(model_->violations, std::vector<std::string>{});
  }
  double HomeShareNow() {
    const auto shares = PublishedShares(model_->layout);
    return shares.contains("us") ? shares.at("us") : 0;
  }
  const SiteDecision& Eu() const { return model_->decision.sites.at("eu"); }

  std::optional<Model> model_;
};

TEST_F(Ordering, ADrainTakesTheTrafficThenWaitsThenTakesTheReplicas) {
  Model& model = Start(5);
  ASSERT_EQ(model.overflow_ready, 2);
  model.options.demand = 4;  // home can take it, but the calm period still keeps overflow
  model.options.policy.safety.capacity_floor = 0.75;
  model.Run(1min);
  ASSERT_GT(model.overflow_traffic, 0.2);
  Given({.kind = Kind::kDrain, .site = "eu"});
  model.Run(2s);
  EXPECT_EQ(model.layout.at("eu").place, Place::kParked);
  EXPECT_EQ(model.overflow_wanted, 2) << "replicas only after the clients";
  EXPECT_EQ(Eu().phase, Phase::kDraining);
  ASSERT_TRUE(model.RunUntil([&] { return model.overflow_wanted == 0; }, 30min));
  model.Run(10min);
  EXPECT_EQ(model.overflow_wanted, 0);
  EndsWell();
}

TEST_F(Ordering, ADrainThatHomeCantMakeUpForLeavesTheSiteServing) {
  Model& model = Start(6);
  Given({.kind = Kind::kDrain, .site = "eu"});
  model.Run(10min);
  EXPECT_EQ(model.layout.at("eu").place, Place::kServed);
  EXPECT_NE(FindReason(model.decision, ReasonCode::kHandingOver, "eu"), nullptr);
  EXPECT_EQ(Gate(model.decision, "eu", GateName::kNotHeld).value,
            "an operator drains it once the others can carry its part");
  model.options.demand = 3;
  ASSERT_TRUE(model.RunUntil([&] { return model.layout.at("eu").place == Place::kParked; }, 15min));
  model.options.demand = 6;
  model.Run(10min);
  EXPECT_EQ(model.layout.at("eu").place, Place::kParked) << "once held off, an order keeps it off";
  model.override = {};
  ASSERT_TRUE(model.RunUntil([&] { return model.layout.at("eu").place == Place::kServed; }, 10min));
  EndsWell();
}

TEST_F(Ordering, AForcedDrainWaitsForNobody) {
  Model& model = Start(6);
  Given({.kind = Kind::kDrain, .site = "eu", .forced = true});
  model.Run(2s);
  EXPECT_EQ(model.layout.at("eu").place, Place::kParked);
  EXPECT_EQ(model.overflow_wanted, 3);
  EndsWell();
}

TEST_F(Ordering, AFailoverSizesTheSiteForEverythingAndMovesHomeOnlyAsItIsReady) {
  Model& model = Start(3);
  ASSERT_EQ(model.overflow_wanted, 0);
  const Order failover = Given({.kind = Kind::kFailover, .site = "eu", .expires = model.now + 1h});
  model.Run(2s);
  EXPECT_EQ(model.overflow_wanted, 3);
  EXPECT_EQ(HomeShareNow(), 1) << "nobody else is ready";
  ASSERT_TRUE(model.RunUntil([&] { return HomeShareNow() == 0; }, 5min));
  EXPECT_EQ(model.overflow_ready, 3);
  EXPECT_EQ(model.layout.at("us").place, Place::kStandby) << "home is healthy and answers if eu fails";
  model.Run(30min);
  EXPECT_EQ(HomeShareNow(), 0);
  EXPECT_EQ(model.overflow_wanted, 3) << "home sees no traffic, and that is not low demand";
  EXPECT_EQ(FindCondition(model.decision, ConditionName::kHomeDown), nullptr);
  ASSERT_LT(model.now, *failover.expires);
  ASSERT_TRUE(model.RunUntil([&] { return HomeShareNow() > 0; }, 1h));
  EXPECT_GE(model.now, *failover.expires);
  EXPECT_LT(HomeShareNow(), 0.4) << "in steps";
  ASSERT_TRUE(model.RunUntil([&] { return model.overflow_wanted == 0; }, 1h));
  EndsWell();
}

TEST_F(Ordering, AFailoverOfAnApplicationThatNobodyAsksMovesItAllTheSame) {
  Model& model = Start(0);
  Given({.kind = Kind::kFailover, .site = "eu"});
  ASSERT_TRUE(model.RunUntil([&] { return model.layout.at("us").place != Place::kServed; }, 10min));
  EXPECT_EQ(model.overflow_wanted, 1) << "for whoever comes";
  model.Run(1h);
  EXPECT_EQ(model.overflow_ready, 1);
  EXPECT_EQ(model.layout.at("eu").place, Place::kServed);
  model.override = {};
  ASSERT_TRUE(model.RunUntil([&] { return model.overflow_wanted == 0; }, 1h));
  EXPECT_EQ(model.layout.at("us").place, Place::kServed);
  EndsWell();
}

TEST_F(Ordering, AFailbackEndsAnOrderedFailover) {
  Model& model = Start(3);
  Given({.kind = Kind::kFailover, .site = "eu"});
  ASSERT_TRUE(model.RunUntil([&] { return HomeShareNow() == 0; }, 10min));
  Given({.kind = Kind::kFailback});
  ASSERT_TRUE(model.RunUntil([&] { return HomeShareNow() == 1; }, 10min));
  EndsWell();
}

TEST_F(Ordering, AFailbackReleasesAManualOneAndNotALaterOne) {
  Model& model = Start(3);
  model.options.policy.failover.failback_manual = true;
  const auto outage = [&] {
    model.home_up = false;
    ASSERT_TRUE(model.RunUntil([&] { return HomeShareNow() == 0; }, 10min));
    model.home_up = true;
    model.Run(20min);
    EXPECT_EQ(HomeShareNow(), 0);
  };
  outage();
  Given({.kind = Kind::kFailback});
  ASSERT_TRUE(model.RunUntil([&] { return HomeShareNow() == 1; }, 10min));
  outage();
  EXPECT_NE(FindCondition(model.decision, ConditionName::kHomeDown), nullptr) << "the order was for the first one";
}

TEST_F(Ordering, ADrainOfHomeMovesEverything) {
  Model& model = Start(6);
  Given({.kind = Kind::kDrain, .site = "us"});
  ASSERT_TRUE(model.RunUntil([&] { return model.layout.at("us").place == Place::kParked; }, 10min));
  EXPECT_GE(model.overflow_ready, 6);
  EndsWell();
}

TEST_F(Ordering, PinnedRatiosArePublishedOnceTheirReplicasAreThere) {
  Model& model = Start(3);
  Given({.kind = Kind::kPinRatios, .ratios = {{"us", 4}, {"eu", 2}}});
  model.Run(2s);
  EXPECT_EQ(model.overflow_wanted, 2) << "3.3 / 3, rounded up";
  EXPECT_EQ(HomeShareNow(), 1);
  ASSERT_TRUE(model.RunUntil([&] { return HomeShareNow() < 1; }, 5min));
  EXPECT_EQ(model.layout.at("us").ratio, 4);
  EXPECT_EQ(model.layout.at("eu").ratio, 2);
  model.Run(30min);
  EXPECT_EQ(model.layout.at("us").ratio, 4);
  model.override = {};
  ASSERT_TRUE(model.RunUntil([&] { return model.overflow_wanted == 0; }, 1h));
  EndsWell();
}

TEST_F(Ordering, APinnedRatioThatASiteCantCarryWaits) {
  Model& model = Start(3);
  model.options.policy.overflow[0].replicas_max = 1;
  Given({.kind = Kind::kPinRatios, .ratios = {{"us", 1}, {"eu", 1}}});
  model.Run(10min);
  EXPECT_NEAR(HomeShareNow(), 2 / 3., 0.02) << "one replica carries a third";
  EXPECT_NE(FindReason(model.decision, ReasonCode::kPinWaits), nullptr);
  EXPECT_NE(FindCondition(model.decision, ConditionName::kCapacityExhausted), nullptr);
  EndsWell();
}

TEST_F(Ordering, APinnedRatioOfNothingEmptiesHome) {
  Model& model = Start(3);
  Given({.kind = Kind::kPinRatios, .ratios = {{"us", 0}, {"eu", 5}}});
  ASSERT_TRUE(model.RunUntil([&] { return HomeShareNow() == 0; }, 10min));
  EXPECT_GE(model.overflow_ready, 3);
  model.Run(30min);
  EXPECT_EQ(HomeShareNow(), 0);
  EXPECT_EQ(model.layout.at("eu").ratio, 5);
  EndsWell();
}

TEST_F(Ordering, PinnedRatiosStepAsideForAHomeThatFails) {
  Model& model = Start(3);
  Given({.kind = Kind::kPinRatios, .ratios = {{"us", 4}, {"eu", 2}}});
  model.Run(10min);
  model.home_up = false;
  ASSERT_TRUE(model.RunUntil([&] { return HomeShareNow() == 0; }, 5min));
  ASSERT_TRUE(model.RunUntil([&] { return model.overflow_ready >= 3; }, 5min));
}

TEST_F(Ordering, PinnedReplicasWarmASiteWithoutGivingItTraffic) {
  Model& model = Start(3);
  Given({.kind = Kind::kPinReplicas, .replicas = {{"eu", 2}}});
  model.Run(10min);
  EXPECT_EQ(model.overflow_ready, 2);
  EXPECT_EQ(HomeShareNow(), 1);
  model.options.demand = 7;
  model.Run(10min);
  EXPECT_EQ(model.overflow_wanted, 2) << "neither more";
  EXPECT_NE(FindCondition(model.decision, ConditionName::kCapacityExhausted), nullptr);
  model.override = {};
  ASSERT_TRUE(model.RunUntil([&] { return model.overflow_ready == 4; }, 5min));
  EndsWell();
}

TEST_F(Ordering, FewerPinnedReplicasAreStillDrainedFirst) {
  Model& model = Start(6);
  const double before = HomeShareNow();
  Given({.kind = Kind::kPinReplicas, .replicas = {{"eu", 2}}});
  model.Run(2s);
  EXPECT_GT(HomeShareNow(), before) << "weight first";
  EXPECT_EQ(model.overflow_wanted, 3);
  ASSERT_TRUE(model.RunUntil([&] { return model.overflow_wanted == 2; }, 15min));
  EndsWell();
}

TEST_F(Ordering, AModeChangesInOneWrite) {
  Model& model = Start(6);
  Given({.kind = Kind::kMode, .mode = Mode::kRoundRobin});
  const int writes = model.layout_writes;
  model.Run(10min);
  EXPECT_EQ(model.decision.mode, Mode::kRoundRobin);
  EXPECT_EQ(model.layout.at("us").ratio, model.layout.at("eu").ratio);
  EXPECT_EQ(model.layout_writes, writes + 1);
  EndsWell();
}

}  // namespace
}  // namespace spillway
