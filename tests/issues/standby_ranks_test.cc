// Found by the simulator with two overflow sites: while the first was served, the second was to stand by with rank 2,
// although nobody stood by with rank 1. Avi knows only an order, so reading back such a layout never showed it, the
// write was refused, and the application never came to rest.
#include <gtest/gtest.h>

#include <set>

#include "tests/core/model.h"

namespace spillway {
namespace {

constexpr Instant kNow{std::chrono::hours{2}};

TEST(StandbyRanks, HaveNoGapWhileTheSiteBeforeIsServed) {
  Policy policy = SmallPolicy();
  policy.mode = Mode::kAuto;
  policy.overflow.push_back(policy.overflow.front());
  policy.overflow.back().site = "ap";
  Observation seen = QuietObservation(kNow, 4, 3);
  seen.sites["ap"] = seen.sites["eu"];
  seen.sites["ap"].workload.seen->value = {0, 0, 0, "r"};
  auto& members = seen.traffic.seen->value.members;
  members["us"].placement = {Place::kServed, 4, 0};
  members["eu"].placement = {Place::kServed, 3, 0};
  members["ap"] = members["eu"];
  members["ap"].placement = {Place::kStandby, 1, 1};
  members["ap"].health = Health::kDown;
  Memory memory;
  for (const SiteName site : {"eu", "ap"}) memory.sites[site].known = true;
  memory.sites["eu"].replicas_target = 3;
  memory.sites["eu"].eligible_since = kNow - 1h;
  memory.demand = {{kNow - 1s, 6}};
  memory.home_share = {{kNow - 1h, 4 / 7.}};

  const Decision decision = Decide(policy, seen, {}, memory, kNow).decision;
  ASSERT_TRUE(decision.layout);
  EXPECT_EQ(decision.layout->at("eu").place, Place::kServed);
  EXPECT_EQ(decision.layout->at("ap"), (Placement{Place::kStandby, 1, 1}));
}

TEST(StandbyRanks, KeepThePolicysOrder) {
  Policy policy = SmallPolicy();
  policy.mode = Mode::kAuto;
  policy.overflow.push_back(policy.overflow.front());
  policy.overflow.back().site = "ap";
  Observation seen = QuietObservation(kNow, 2, 0);
  seen.sites["ap"] = seen.sites["eu"];
  auto& members = seen.traffic.seen->value.members;
  members["ap"] = members["eu"];
  const Decision decision = Decide(policy, seen, {}, {}, kNow).decision;
  ASSERT_TRUE(decision.layout);
  EXPECT_EQ(decision.layout->at("eu"), (Placement{Place::kStandby, 1, 1}));
  EXPECT_EQ(decision.layout->at("ap"), (Placement{Place::kStandby, 1, 2}));
}

}  // namespace
}  // namespace spillway
