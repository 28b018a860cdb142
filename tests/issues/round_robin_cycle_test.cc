// Found by the simulator (round-robin, work for nine replicas, home's maximum four): as soon as the whole demand was
// seen and equal shares fitted nowhere, the site that was served lost its replicas; home alone then showed less than
// what arrived, equal shares seemed to fit again, and so on every eight minutes.
#include <gtest/gtest.h>

#include "tests/core/model.h"

namespace spillway {
namespace {

constexpr Instant kNow{std::chrono::hours{2}};

TEST(RoundRobin, KeepsWhoIsServedWhenEqualSharesFitNowhere) {
  Policy policy = SmallPolicy();
  policy.mode = Mode::kRoundRobin;
  policy.overflow.front().replicas_max = 4;
  Observation seen = QuietObservation(kNow, 4, 4);
  HomeDemand& home = seen.home_demand.seen->value;
  home.limited = true;
  home.wish = 6;  // with half of the traffic: twelve in all
  auto& members = seen.traffic.seen->value.members;
  members["us"].placement = {Place::kServed, 1, 0};
  members["eu"].placement = {Place::kServed, 1, 0};
  Memory memory;
  memory.sites["eu"].known = true;
  memory.sites["eu"].replicas_target = 4;
  memory.sites["eu"].eligible_since = kNow - 1h;
  memory.demand = {{kNow - 1s, 12}};
  memory.home_share = {{kNow - 1h, 0.5}};
  memory.layout_since = kNow - 1h;
  for (const auto& [site, member] : members) memory.layout[site] = member.placement;

  const Decision decision = Decide(policy, seen, {}, memory, kNow).decision;
  EXPECT_NE(FindCondition(decision, ConditionName::kRoundRobinInfeasible), nullptr);
  EXPECT_EQ(decision.sites.at("eu").replicas_target, 4);
  EXPECT_TRUE(decision.sites.at("eu").eligible);
  ASSERT_TRUE(decision.layout);
  EXPECT_EQ(decision.layout->at("eu").place, Place::kServed);
}

TEST(RoundRobin, OrdersNothingNewWhenEqualSharesFitNowhere) {
  Policy policy = SmallPolicy();
  policy.mode = Mode::kRoundRobin;
  policy.overflow.front().replicas_max = 4;
  Observation seen = QuietObservation(kNow, 4, 0);
  seen.home_demand.seen->value.limited = true;
  seen.home_demand.seen->value.wish = 12;
  const Decision decision = Decide(policy, seen, {}, {}, kNow).decision;
  EXPECT_NE(FindCondition(decision, ConditionName::kRoundRobinInfeasible), nullptr);
  EXPECT_EQ(decision.sites.at("eu").replicas_target, 0);
}

}  // namespace
}  // namespace spillway
