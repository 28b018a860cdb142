#include "src/core/budget.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/core/model.h"

namespace spillway {
namespace {

constexpr Instant kNow{std::chrono::hours{2}};

struct Row {
  const char* name;
  double hours_used, cost_used;
  std::function<void(Policy&, Observation&)> change;
  int target;  // three are asked for, one is there
  bool spent;
};

// Six are wanted, home has four, overflow one at a price of 0.12.
TEST(Budget, Table) {
  const Row rows[] = {
      {"without a limit nothing is withheld", 1000, 1000,
       [](Policy& policy, Observation&) { policy.budget.replica_hours = 0; }, 3, false},
      {"while some of the budget is left, all that is needed is ordered", 9.9, 0, {}, 3, false},
      {"once it is spent no replica is added, and none is taken", 10, 0, {}, 1, true},
      {"the price counts by itself", 1, 2,
       [](Policy& policy, Observation&) {
         policy.budget.replica_hours = 0;
         policy.budget.cost = 2;
       },
       1, true},
      {"the warm standby is ordered all the same", 10, 0,
       [](Policy& policy, Observation&) { policy.overflow[0].replicas_min = 2; }, 2, true},
      {"a home that is down is worth more than the budget", 10, 0,
       [](Policy&, Observation& seen) { seen.traffic.seen->value.members["us"].health = Health::kDown; }, 6, true},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Policy policy = SmallPolicy();
    policy.failover.failover_after = 0s;
    policy.budget.replica_hours = 10;
    policy.overflow[0].price = 0.12;
    Observation seen = QuietObservation(kNow, 4, 1);
    seen.home_demand.seen->value.limited = true;
    seen.home_demand.seen->value.wish = 6;
    Memory memory;
    memory.sites["eu"].known = true;
    memory.sites["eu"].replicas_target = 1;
    memory.demand = {{kNow - 1s, 6}};
    memory.budget = {kNow - 1h, kNow, row.hours_used, row.cost_used};
    if (row.change) row.change(policy, seen);
    const Decision decision = Decide(policy, seen, {}, memory, kNow).decision;
    EXPECT_EQ(decision.sites.at("eu").replicas_target, row.target);
    EXPECT_EQ(FindReason(decision, ReasonCode::kBudgetSpent) != nullptr, row.spent);
    EXPECT_EQ(FindCondition(decision, ConditionName::kBudgetSpent) != nullptr, row.spent);
  }
}

class Counting : public testing::Test {
 protected:
  Counting() {
    policy_.budget = {100, 50, 24h};
    policy_.overflow[0].price = 0.12;
  }
  const Decision& At(Duration after, int running) {
    Outcome outcome = Decide(policy_, QuietObservation(kNow + after, 2, running), {}, memory_, kNow + after);
    memory_ = outcome.memory;
    decision_ = outcome.decision;
    return decision_;
  }
  Policy policy_ = SmallPolicy();
  Memory memory_;
  Decision decision_;
};

TEST_F(Counting, ThreeReplicasForHalfAnHourAreOneAndAHalfReplicaHours) {
  At(0s, 3);
  At(10min, 3);
  At(30min, 3);
  EXPECT_NEAR(decision_.budget->replica_hours, 1.5, 1e-9);
  EXPECT_NEAR(decision_.budget->cost, 0.18, 1e-9);
  EXPECT_EQ(decision_.budget->replica_hours_max, 100);
  EXPECT_EQ(decision_.budget->ends, kNow + 24h);
}

TEST_F(Counting, TheTimeAtRestIsNotCounted) {
  At(0s, 1);
  At(1h, 1);
  At(2h, 0);
  At(9h, 0);
  At(10h, 1);
  At(11h, 1);
  EXPECT_NEAR(decision_.budget->replica_hours, 2, 1e-9);
}

TEST_F(Counting, AWindowBeginsWithTheFirstUse) {
  At(0s, 0);
  EXPECT_FALSE(decision_.budget);
  At(5h, 1);
  EXPECT_EQ(decision_.budget->ends, kNow + 29h);
  At(6h, 1);
  EXPECT_NEAR(decision_.budget->replica_hours, 1, 1e-9);
  At(29h, 1);
  EXPECT_EQ(decision_.budget->ends, kNow + 53h);
  EXPECT_EQ(decision_.budget->replica_hours, 0);
}

TEST_F(Counting, ASiteThatIsNotSeenCountsAsLastSeenOrAsOrdered) {
  At(0s, 2);
  Observation blind = QuietObservation(kNow, 2, 2);
  Outcome outcome = Decide(policy_, blind, {}, memory_, kNow + 1h);
  EXPECT_NEAR(outcome.decision.budget->replica_hours, 2, 1e-9);
  blind.sites.clear();
  memory_.sites["eu"].replicas_target = 3;
  outcome = Decide(policy_, blind, {}, memory_, kNow + 1h);
  EXPECT_NEAR(outcome.decision.budget->replica_hours, 3, 1e-9);
}

TEST_F(Counting, DecideIsAskedAgainWhenTheLimitIsReached) {
  policy_.budget = {0.02, 0, 24h};  // two replicas: 36 s
  At(0s, 2);
  EXPECT_LE(decision_.wake_at, kNow + 36s + 1ms);
  policy_.budget = {0, 0.0024, 24h};  // 0.24 an hour: 36 s
  memory_ = {};
  At(0s, 2);
  EXPECT_LE(decision_.wake_at, kNow + 36s + 1ms);
}

}  // namespace
}  // namespace spillway
