#include "src/core/decide.h"

#include <gtest/gtest.h>

#include "tests/core/model.h"

namespace spillway {
namespace {

constexpr Instant kNow{std::chrono::hours{2}};

Observation Wishing(double wish) {
  Observation seen = QuietObservation(kNow, 4, 0);
  seen.home_demand.seen->value.limited = true;
  seen.home_demand.seen->value.wish = wish;
  return seen;
}

struct Row {
  const char* name;
  std::function<void(Policy&, Observation&)> change;
  int target;
  ReasonCode why;
};

TEST(Decide, Table) {
  const Row rows[] = {
      {"excess is taken up at once", [](Policy&, Observation&) {}, 3, ReasonCode::kDemandRose},
      {"excess beyond the limit is capped at the limit",
       [](Policy&, Observation& seen) { seen.home_demand.seen->value.wish = 99; }, 8, ReasonCode::kCapacityExhausted},
      {"exactly at the limit is not stale yet",
       [](Policy&, Observation& seen) { seen.home_demand.seen->as_of = kNow - 90s; }, 3, ReasonCode::kDemandRose},
      {"a stale view holds", [](Policy&, Observation& seen) { seen.home_demand.seen->as_of = kNow - 90s - 1us; }, 0,
       ReasonCode::kInputStale},
      {"an unreachable Avi that was seen before does not forbid scaling up",
       [](Policy&, Observation& seen) { seen.traffic.seen->as_of = kNow - 1h; }, 3, ReasonCode::kDemandRose},
      {"a GSLB service never seen forbids every write", [](Policy&, Observation& seen) { seen.traffic.seen.reset(); },
       0, ReasonCode::kInputStale},
      {"excess must last for confirmFor", [](Policy& policy, Observation&) { policy.confirm_for = 10s; }, 0,
       ReasonCode::kConfirming},
      {"active-passive orders nothing for a saturated home",
       [](Policy& policy, Observation&) { policy.mode = Mode::kActivePassive; }, 0, ReasonCode::kStaysPassive},
      {"round-robin that can't be carried orders nothing",
       [](Policy& policy, Observation&) {
         policy.mode = Mode::kRoundRobin;
         policy.overflow[0].replicas_max = 3;
       },
       0, ReasonCode::kRoundRobinInfeasible},
      {"an unseen overflow Deployment can't be ordered up",
       [](Policy&, Observation& seen) { seen.sites["eu"].workload = {}; }, 0, ReasonCode::kInputStale},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Policy policy = SmallPolicy();
    Observation seen = Wishing(6);
    row.change(policy, seen);
    const Decision decision = Decide(policy, seen, {}, {}, kNow).decision;
    EXPECT_EQ(decision.sites.at("eu").replicas_target, row.target);
    EXPECT_NE(FindReason(decision, row.why), nullptr);
    EXPECT_GT(decision.wake_at, kNow);
    EXPECT_LE(decision.wake_at, kNow + 60s);
  }
}

TEST(Decide, IsAPureFunction) {
  const Observation seen = Wishing(6);
  const Outcome once = Decide(SmallPolicy(), seen, {}, {}, kNow), again = Decide(SmallPolicy(), seen, {}, {}, kNow);
  EXPECT_EQ(once.memory, again.memory);
  EXPECT_EQ(once.decision.layout, again.decision.layout);
}

TEST(Decide, TwiceOnTheSameObservationChangesNothingMore) {
  const Observation seen = Wishing(6);
  const Outcome once = Decide(SmallPolicy(), seen, {}, {}, kNow);
  const Outcome again = Decide(SmallPolicy(), seen, {}, once.memory, kNow);
  EXPECT_EQ(once.memory, again.memory);
  EXPECT_EQ(again.decision.sites.at("eu").replicas_target, 3);
}

TEST(Decide, NamesWhatItCantSee) {
  Observation seen = Wishing(6);
  seen.home_demand.seen.reset();
  seen.home_demand.failure = Failure{Code::kMissing, "definitions \"frontend\" not found in acme", kNow};
  const Decision decision = Decide(SmallPolicy(), seen, {}, {}, kNow).decision;
  const ConditionState* condition = FindCondition(decision, ConditionName::kDemandUnknown);
  ASSERT_NE(condition, nullptr);
  EXPECT_EQ(condition->detail, "home's autoscaler: definitions \"frontend\" not found in acme");
}

TEST(Decide, KeepsTheSinceTimeOfAConditionThatGoesOn) {
  Observation seen = Wishing(6);
  seen.home_demand = {};
  const Outcome first = Decide(SmallPolicy(), seen, {}, {}, kNow);
  const Outcome later = Decide(SmallPolicy(), seen, {}, first.memory, kNow + 5min);
  EXPECT_EQ(FindCondition(later.decision, ConditionName::kDemandUnknown)->since, kNow);
}

TEST(Decide, SpillsToTheNextSiteWhenTheFirstIsNotEligibleInTimeAndKeepsItUntilThen) {
  Policy policy = SmallPolicy();
  policy.overflow = {{.site = "eu", .replicas_max = 8}, {.site = "ap", .replicas_max = 8}};
  Memory memory;
  const auto at = [&](Duration after, int ap_ready) {
    Observation seen = Wishing(6);
    for (auto& [site, observation] : seen.sites) observation.workload.seen->as_of = kNow + after;
    seen.sites["eu"].workload.seen->value.replicas_wanted = 3;
    seen.sites["ap"].workload.seen = {WorkloadState{ap_ready, ap_ready, ap_ready, "1"}, kNow + after};
    seen.home_demand.seen->as_of = seen.traffic.seen->as_of = kNow + after;
    seen.traffic.seen->value.members["ap"] = {{Place::kStandby, 1, 2}, Health::kUp, Health::kUp, Health::kUp, {}, {}};
    Outcome outcome = Decide(policy, seen, {}, memory, kNow + after);
    memory = outcome.memory;
    return outcome.decision;
  };
  at(0s, 0);
  Decision decision = at(599s, 0);
  EXPECT_EQ(decision.sites.at("ap").replicas_target, 0);
  decision = at(601s, 0);
  EXPECT_EQ(decision.sites.at("ap").replicas_target, 3);
  EXPECT_EQ(decision.sites.at("eu").replicas_target, 3);
  EXPECT_NE(FindCondition(decision, ConditionName::kProvisionTimeout), nullptr);
  for (int i = 0; i <= 10; ++i) decision = at(700s + 10s * i, 3);
  EXPECT_TRUE(decision.sites.at("ap").eligible);
  EXPECT_EQ(decision.sites.at("eu").replicas_needed, 0) << "its substitute is eligible";
}

TEST(Decide, AsksToBeCalledWhenAnInputWillBeStale) {
  Observation seen = QuietObservation(kNow);
  seen.home_demand.seen->as_of = kNow - 85s;
  EXPECT_EQ(Decide(SmallPolicy(), seen, {}, {}, kNow).decision.wake_at, kNow + 5s + 1us);
}

TEST(Decide, NoiseAboutAWholeNumberDoesNotOrderUpAndDown) {
  Policy policy = SmallPolicy();
  policy.down_stabilization = 0s;
  Memory memory;
  int changes = 0, last = 0;
  for (int i = 0; i < 200; ++i) {
    Observation seen = QuietObservation(kNow + 10s * i, 4, last);
    seen.traffic.seen->value.ttl = 0s;
    seen.home_demand.seen->value.replicas_max = 2;
    seen.home_demand.seen->value.load = 2;
    seen.home_demand.seen->value.limited = true;
    seen.home_demand.seen->value.wish = (5 + (i % 2 == 0 ? .05 : -.05)) / 1.1;
    Outcome outcome = Decide(policy, seen, {}, memory, kNow + 10s * i);
    memory = outcome.memory;
    changes += outcome.decision.sites.at("eu").replicas_needed != last ? 1 : 0;
    last = outcome.decision.sites.at("eu").replicas_needed;
  }
  EXPECT_EQ(changes, 1);
}

}  // namespace
}  // namespace spillway
