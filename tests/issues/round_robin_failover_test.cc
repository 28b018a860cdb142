// Found by the simulator (round-robin, home down, two overflow sites of different size): failed over, the sites are
// sized one after the other but were still given equal shares. The first could not carry its own, so its gate stayed
// shut; the second carried all of the work, and was then lowered to the part that the first was meant to take.
#include <gtest/gtest.h>

#include "tests/core/model.h"

namespace spillway {
namespace {

constexpr Instant kNow{std::chrono::hours{2}};

TEST(RoundRobinFailover, GivesTheOthersWhatTheyCanCarry) {
  Policy policy = SmallPolicy();
  policy.mode = Mode::kRoundRobin;
  policy.overflow.front().replicas_max = 1;
  policy.overflow.push_back(policy.overflow.front());
  policy.overflow.back().site = "ap";
  policy.overflow.back().replicas_max = 6;
  Observation seen = QuietObservation(kNow, 0, 1);
  seen.sites["ap"] = seen.sites["eu"];
  seen.sites["ap"].workload.seen->value.replicas_wanted = 3;
  seen.sites["ap"].workload.seen->value.replicas_ready = 3;
  auto& members = seen.traffic.seen->value.members;
  members["ap"] = members["eu"];
  members["us"].health = Health::kDown;
  members["us"].placement = {Place::kParked, 1, 0};
  members["eu"].placement = {Place::kStandby, 1, 1};
  members["ap"].placement = {Place::kServed, 1, 0};
  Memory memory;
  memory.failed_over = true;
  memory.home_down_since = kNow - 1h;
  memory.demand = {{kNow - 1min, 4}};
  memory.layout_since = kNow - 1h;
  for (const auto& [site, replicas] : {std::pair{"eu", 1}, std::pair{"ap", 3}}) {
    SiteMemory& of = memory.sites[site];
    of.known = true;
    of.replicas_target = replicas;
    of.ready_since = of.healthy_since = kNow - 1h;
  }
  memory.sites["ap"].eligible_since = kNow - 1h;
  for (const auto& [site, member] : members) memory.layout[site] = member.placement;

  const Decision decision = Decide(policy, seen, {}, memory, kNow).decision;
  EXPECT_TRUE(decision.sites.at("eu").eligible);
  ASSERT_TRUE(decision.layout);
  EXPECT_EQ(decision.layout->at("eu"), (Placement{Place::kServed, 1, 0}));
  EXPECT_EQ(decision.layout->at("ap"), (Placement{Place::kServed, 3, 0}));
}

}  // namespace
}  // namespace spillway
