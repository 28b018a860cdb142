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

struct LostRow {
  const char* name;
  std::function<void(Observation&)> lose;
  bool layout_held;  // false: only the weight of "eu" stays
  ConditionName condition;
};

// A burst is over: home could take all, overflow has three replicas and three sevenths of the traffic. What can't be
// seen or written holds, for as long as that lasts.
TEST(Decide, HoldsWhatDependsOnWhatIsLost) {
  static constexpr Duration kLost = 1h;
  const LostRow rows[] = {
      {"home's autoscaler", [](Observation& seen) { seen.home_demand.seen->as_of -= kLost; }, true,
       ConditionName::kDemandUnknown},
      {"home's cluster", [](Observation& seen) { seen.sites["us"].workload.seen->as_of -= kLost; }, true,
       ConditionName::kHomeClusterUnseen},
      {"the overflow cluster", [](Observation& seen) { seen.sites["eu"].workload.seen->as_of -= kLost; }, false,
       ConditionName::kOverflowUnseen},
      {"Avi", [](Observation& seen) { seen.traffic.seen->as_of -= kLost; }, true, ConditionName::kGslbUnseen},
      {"Avi's writes",
       [](Observation& seen) {
         seen.traffic.seen->value.writable = false;
         seen.traffic.seen->value.unwritable_why = "the leader is not known";
       },
       true, ConditionName::kGslbNotWritable},
      {"everything",
       [](Observation& seen) {
         seen.home_demand.seen->as_of -= kLost;
         seen.traffic.seen->as_of -= kLost;
         for (auto& [site, observed] : seen.sites) observed.workload.seen->as_of -= kLost;
       },
       true, ConditionName::kGslbUnseen},
  };
  for (const LostRow& row : rows) {
    SCOPED_TRACE(row.name);
    Policy policy = SmallPolicy();
    policy.drain.min_drain = policy.drain.tail_for = policy.down_stabilization = 0s;
    Memory memory;
    memory.sites["eu"].known = true;
    memory.sites["eu"].replicas_target = 3;
    memory.sites["eu"].eligible_since = memory.layout_since = kNow - 1h;
    memory.home_share = {{kNow - 1h, 4 / 7.}};
    memory.demand = {{kNow - 2h, 1}};
    memory.layout = {{"us", {Place::kServed, 4, 0}}, {"eu", {Place::kServed, 3, 0}}};
    const auto at = [&](Duration after, bool lost) {
      Observation seen = QuietObservation(kNow + after, 1, 3);
      seen.home_demand.seen->value.load = .5;
      for (auto& [site, member] : seen.traffic.seen->value.members) member.placement = memory.layout.at(site);
      if (lost) row.lose(seen);
      Outcome outcome = Decide(policy, seen, {}, memory, kNow + after);
      memory = outcome.memory;
      return outcome.decision;
    };
    for (int i = 0; i < 60; ++i) {
      const Decision decision = at(30s * i, true);
      EXPECT_EQ(decision.sites.at("eu").replicas_target, 3);
      EXPECT_EQ(!decision.layout, row.layout_held);
      const ConditionState* condition = FindCondition(decision, row.condition);
      ASSERT_NE(condition, nullptr);
      EXPECT_EQ(condition->since, kNow) << "it says since when";
      if (testing::Test::HasFailure()) break;
    }
    EXPECT_EQ(at(30min, false).conditions.size(), 0U) << "coming back needs no operator";
    EXPECT_EQ(at(31min, false).layout->at("eu").place, Place::kStandby);
  }
}

struct SeveralRow {
  const char* name;
  double wish;
  int a_target, b_target;
  std::function<void(Observation&, Memory&)> change = {};
};

// Two overflow sites in order, "a" 0..3 and "b" 0..4 with double capacity; home has four.
TEST(Decide, FillsSeveralSitesInOrder) {
  const SeveralRow rows[] = {
      {"what the first can take goes to the first", 6, 3, 0},
      {"what it can't goes to the next", 8, 3, 1},
      {"what fits nowhere is reported, and everything there is serves", 30, 3, 4},
      {"a first site that can't be reached is passed over, and keeps what it has", 6, 1, 2,
       [](Observation& seen, Memory& memory) {
         memory.sites["a"].known = true;
         memory.sites["a"].replicas_target = 1;
         seen.sites["a"].workload = {};
       }},
      {"one that did not come up in time is passed over, and keeps its replicas until the next is eligible", 6, 3, 2,
       [](Observation& seen, Memory& memory) {
         memory.sites["a"].known = true;
         memory.sites["a"].replicas_target = 3;
         memory.sites["a"].provisioning_since = kNow - 11min;
         memory.excess_since = kNow - 11min;
         seen.sites["a"].workload.seen->value = {3, 0, 3, "1"};
         seen.traffic.seen->value.members["a"].health = Health::kDown;
       }},
  };
  for (const SeveralRow& row : rows) {
    SCOPED_TRACE(row.name);
    Policy policy = SmallPolicy();
    policy.overflow = {{.site = "a", .replicas_max = 3}, {.site = "b", .replicas_max = 4, .capacity_factor = 2}};
    Observation seen = Wishing(row.wish);
    seen.sites["a"].workload.seen = seen.sites["b"].workload.seen = {WorkloadState{0, 0, 0, "1"}, kNow};
    auto& members = seen.traffic.seen->value.members;
    members["a"] = members["b"] = members.at("eu");
    members.erase("eu");
    Memory memory;
    if (row.change) row.change(seen, memory);
    const Decision decision = Decide(policy, seen, {}, memory, kNow).decision;
    EXPECT_EQ(decision.sites.at("a").replicas_target, row.a_target);
    EXPECT_EQ(decision.sites.at("b").replicas_target, row.b_target);
    EXPECT_EQ(FindCondition(decision, ConditionName::kCapacityExhausted) != nullptr, row.wish > 20);
  }
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
