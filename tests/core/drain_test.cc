#include "src/core/drain.h"

#include <gtest/gtest.h>

#include "tests/core/model.h"

namespace spillway {
namespace {

// A burst is over: demand is 2, overflow has 3 replicas and is no longer served, nothing has been taken yet.
class Drains : public testing::Test {
 protected:
  Drains() {
    SiteMemory& site = memory_.sites["eu"];
    site.known = true;
    site.replicas_target = 3;
    memory_.demand = {{start_, 2}};
    memory_.home_share = {{start_ - 1h, 1}};
    memory_.layout = {{"us", {Place::kServed, 1, 0}}, {"eu", {Place::kStandby, 1, 1}}};
    memory_.layout_since = start_ - 1h;
  }

  const Decision& At(Duration after, std::optional<double> overflow_rps, std::optional<double> connections = {}) {
    Observation seen = QuietObservation(start_ + after, 2, wanted_);
    auto& members = seen.traffic.seen->value.members;
    members["us"].requests_per_second = overflow_rps ? std::optional(100.0) : std::nullopt;
    members["eu"].requests_per_second = overflow_rps;
    members["eu"].open_connections = connections;
    if (change_) change_(seen);
    Outcome outcome = Decide(policy_, seen, {}, memory_, start_ + after);
    memory_ = outcome.memory;
    decision_ = outcome.decision;
    wanted_ = Target();
    return decision_;
  }
  int Target() const { return decision_.sites.at("eu").replicas_target; }
  Phase PhaseNow() const { return decision_.sites.at("eu").phase; }

  Policy policy_ = SmallPolicy();
  Instant start_{std::chrono::hours{2}};
  Memory memory_;
  Decision decision_;
  int wanted_ = 3;
  std::function<void(Observation&)> change_;
};

TEST_F(Drains, UnmeasuredTheyLastTheLongerOfMinDrainAndThreeTtls) {
  At(0s, {});
  EXPECT_EQ(Target(), 3);
  EXPECT_EQ(PhaseNow(), Phase::kDraining);
  EXPECT_EQ(decision_.sites.at("eu").drain->expected, 300s);
  At(299s, {});
  EXPECT_EQ(Target(), 3);
  At(300s, {});
  EXPECT_EQ(Target(), 1) << "one keeper for late clients";
  EXPECT_EQ(PhaseNow(), Phase::kTail);
  At(300s + 899s, {});
  EXPECT_EQ(Target(), 1);
  At(300s + 900s, {});
  EXPECT_EQ(Target(), 0);
  At(300s + 901s, {});
  EXPECT_EQ(PhaseNow(), Phase::kRest);
}

TEST_F(Drains, MeasuredTheyEndWhenTheResidualHasBeenLowForLongEnough) {
  At(0s, 20);
  At(40s, 1.1);
  EXPECT_NEAR(*decision_.sites.at("eu").drain->residual, 1.1 / 101.1, 1e-9);
  At(50s, 0.9);
  At(79s, 0.9);
  EXPECT_EQ(Target(), 3);
  At(80s, 0.9);
  EXPECT_EQ(Target(), 1);
  EXPECT_NE(FindReason(decision_, ReasonCode::kDrainDone, "eu"), nullptr);
}

TEST_F(Drains, AResidualThatRisesAgainStartsTheQuietTimeAnew) {
  At(0s, 0.5);
  At(29s, 2);
  At(31s, 0.5);
  At(60s, 0.5);
  EXPECT_EQ(Target(), 3);
  At(61s, 0.5);
  EXPECT_EQ(Target(), 1);
}

TEST_F(Drains, NeverEndBeforeOneTtl) {
  policy_.drain.quiet_for = 5s;
  At(0s, 0);
  At(29s, 0);
  EXPECT_EQ(Target(), 3) << "quiet for 29 s, but the TTL is 30 s";
  At(30s, 0);
  EXPECT_EQ(Target(), 1);
}

TEST_F(Drains, EndAtTheLatestAfterMaxDrainWithANamedOutcome) {
  At(0s, 20);
  At(899s, 20);
  EXPECT_EQ(Target(), 3);
  At(900s, 20);
  EXPECT_EQ(Target(), 1);
  EXPECT_NE(FindReason(decision_, ReasonCode::kDrainTimedOut, "eu"), nullptr);
}

TEST_F(Drains, TheTailEndsEarlyWhenNothingAtAllArrives) {
  At(0s, 0, 0);
  At(30s, 0, 0);
  ASSERT_EQ(Target(), 1);
  At(59s, 0, 0);
  EXPECT_EQ(Target(), 1);
  At(60s, 0, 0);
  EXPECT_EQ(Target(), 0);
}

TEST_F(Drains, AnOpenConnectionKeepsTheKeeper) {
  At(0s, 0, 1);
  At(30s, 0, 1);
  At(600s, 0, 1);
  EXPECT_EQ(Target(), 1);
  At(930s, 0, 1);
  EXPECT_EQ(Target(), 0) << "tailFor has passed";
}

TEST_F(Drains, GoInStepsOfStepsDown) {
  policy_.drain.steps_down = 1;
  At(0s, 0);
  At(30s, 0);
  EXPECT_EQ(Target(), 2);
  At(59s, 0);
  EXPECT_EQ(Target(), 2);
  At(60s, 0);
  EXPECT_EQ(Target(), 1);
}

TEST_F(Drains, DoNotBeginBeforeTheLowerShareIsPublished) {
  change_ = [](Observation& seen) {
    seen.traffic.seen->value.members["eu"].placement = {Place::kServed, 1, 0};
    seen.home_demand.seen->value.load = 0.5;
  };
  memory_.layout.at("eu") = {Place::kServed, 1, 0};
  memory_.sites["eu"].eligible_since = start_;
  memory_.home_share = {{start_ - 1h, .5}};
  policy_.down_stabilization = 1s;
  memory_.demand = {{start_, 2}};
  for (int i = 0; i < 40; ++i) At(60s * i, {});
  EXPECT_EQ(Target(), 3) << "Avi never took the write";
  EXPECT_NE(FindReason(decision_, ReasonCode::kWaitForWeight, "eu"), nullptr);
}

// A share is lowered by another site's ratio as well.
TEST_F(Drains, DoNotBeginBeforeTheLowerShareIsPublishedThoughTheSitesOwnRatioStays) {
  int home_ratio = 1;
  change_ = [&](Observation& seen) {
    auto& members = seen.traffic.seen->value.members;
    members["us"].placement = {Place::kServed, home_ratio, 0};
    members["eu"].placement = {Place::kServed, 1, 0};
    auto& home = seen.sites["us"].workload.seen->value;
    home.replicas_wanted = home.replicas_ready = 4;
    seen.home_demand.seen->value.load = home_ratio == 1 ? 2.1 : 3.36;
  };
  memory_.layout = {{"us", {Place::kServed, 1, 0}}, {"eu", {Place::kServed, 1, 0}}};
  memory_.sites["eu"].eligible_since = start_;
  memory_.demand = {{start_, 4.2}};
  memory_.home_share = {{start_ - 1h, .5}};
  for (int i = 0; i < 40; ++i) At(60s * i, {});
  EXPECT_EQ(decision_.layout->at("us"), (Placement{Place::kServed, 4, 0}));
  EXPECT_EQ(decision_.layout->at("eu"), (Placement{Place::kServed, 1, 0}));
  EXPECT_EQ(Target(), 3) << "Avi never took the write, so half of the clients are still sent here";
  home_ratio = 4;
  for (int i = 40; i < 80; ++i) At(60s * i, {});
  EXPECT_EQ(Target(), 1);
}

TEST_F(Drains, DoNotBeginBeforeEveryDnsSiteHasTheLayout) {
  change_ = [](Observation& seen) { seen.traffic.seen->value.in_force = false; };
  At(0s, {});
  At(2000s, {});
  EXPECT_EQ(Target(), 3);
  EXPECT_NE(FindCondition(decision_, ConditionName::kLayoutNotInForce), nullptr);
}

TEST_F(Drains, HoldWhileAnythingTheyDependOnCantBeSeen) {
  const std::function<void(Observation&)> losses[] = {
      [](Observation& seen) { seen.home_demand.seen->as_of -= 91s; },
      [](Observation& seen) { seen.sites["us"].workload.seen->as_of -= 91s; },
      [](Observation& seen) { seen.sites["eu"].workload.seen->as_of -= 91s; },
      [](Observation& seen) { seen.traffic.seen->as_of -= 91s; },
      [](Observation& seen) { seen.traffic.seen->value.writable = false; },
      [](Observation& seen) { seen.home_demand.seen.reset(); },
      [](Observation& seen) { seen.traffic.seen.reset(); },
  };
  const Memory before = memory_;
  for (const auto& loss : losses) {
    memory_ = before;
    wanted_ = 3;
    change_ = loss;
    for (int i = 0; i < 100; ++i) At(60s * i, {});
    EXPECT_EQ(Target(), 3);
  }
}

TEST_F(Drains, APartialOneWaitsUntilTheMeasuredShareFits) {
  SiteMemory& site = memory_.sites["eu"];
  site.eligible_since = start_ - 1h;
  memory_.demand = {{start_, 4.3}};
  memory_.home_share = {{start_ - 1h, .8}};
  memory_.layout = {{"us", {Place::kServed, 4, 0}}, {"eu", {Place::kServed, 1, 0}}};
  double rps = 60;
  change_ = [&](Observation& seen) {
    auto& traffic = seen.traffic.seen->value;
    traffic.members["us"].placement = {Place::kServed, 4, 0};
    traffic.members["eu"].placement = {Place::kServed, 1, 0};
    traffic.members["eu"].requests_per_second = rps;
    seen.home_demand.seen->value.load = 4.3 * 100 / (100 + rps);
    seen.sites["us"].workload.seen->value = {4, 4, 4, "1"};
  };
  At(0s, 1);
  EXPECT_EQ(decision_.sites.at("eu").replicas_needed, 1);
  EXPECT_EQ(Target(), 3);
  At(100s, 1);
  EXPECT_EQ(Target(), 3) << "37 % still arrive where 20 % are due";
  rps = 25;
  At(101s, 1);
  At(131s, 1);
  EXPECT_EQ(Target(), 1);
  EXPECT_EQ(PhaseNow(), Phase::kServing);
}

}  // namespace
}  // namespace spillway
