#include "src/core/split.h"

#include <gtest/gtest.h>

#include "tests/core/model.h"

namespace spillway {
namespace {

constexpr Instant kNow{std::chrono::hours{2}};

// Home at its maximum with a wish; both sites served 4:3 for long, gates open.
struct Scene {
  Policy policy = SmallPolicy();
  Observation seen = QuietObservation(kNow, 4, 3);
  Memory memory;

  explicit Scene(int home_ratio = 4, int overflow_ratio = 3) {
    HomeDemand& home = seen.home_demand.seen->value;
    home.load = 3.4;
    Place("us", home_ratio);
    Place("eu", overflow_ratio);
    memory.sites["eu"].known = true;
    memory.sites["eu"].replicas_target = 3;
    memory.sites["eu"].eligible_since = kNow - 1h;
    memory.sites["eu"].ready_since = kNow - 1h;
    memory.sites["eu"].healthy_since = kNow - 1h;
    memory.demand = {{kNow - 1s, 6}};
    memory.home_share = {{kNow - 1h, 4 / 7.}};
    memory.layout_since = kNow - 1h;
    for (const auto& [site, member] : seen.traffic.seen->value.members) memory.layout[site] = member.placement;
  }
  void Place(const SiteName& site, int ratio) {
    seen.traffic.seen->value.members[site].placement = {Place::kServed, ratio, 0};
    memory.layout[site] = {Place::kServed, ratio, 0};
  }
  Decision Run() { return Decide(policy, seen, {}, memory, kNow).decision; }
};

TEST(DecideLayout, KeepsThePresentRatiosInsideTheDeadBand) {
  Scene scene(4, 3);
  const Decision decision = scene.Run();
  EXPECT_EQ(decision.layout->at("us").ratio, 4);
  EXPECT_EQ(decision.layout->at("eu").ratio, 3);
  Scene close(11, 8);  // 42.1 % where 42.9 % is ideal
  EXPECT_EQ(close.Run().layout->at("eu").ratio, 8);
  EXPECT_NE(FindReason(close.Run(), ReasonCode::kWithinDeadBand), nullptr);
}

TEST(DecideLayout, WritesTheBestRatiosOutsideTheDeadBand) {
  Scene scene(3, 1);
  const Decision decision = scene.Run();
  EXPECT_EQ(decision.layout->at("us").ratio, 4);
  EXPECT_EQ(decision.layout->at("eu").ratio, 3);
  EXPECT_NE(FindReason(decision, ReasonCode::kWeightFollows, "eu"), nullptr);
}

TEST(DecideLayout, ARiseWaitsForOneTtlUnlessHomeIsOverloaded) {
  Scene scene(3, 1);
  scene.memory.layout_since = kNow - 29s;
  const Decision waits = scene.Run();
  EXPECT_EQ(waits.layout->at("eu").ratio, 1);
  EXPECT_NE(FindReason(waits, ReasonCode::kTurnsWithTheTtl), nullptr);
  EXPECT_LE(waits.wake_at, kNow + 1s);
  scene.seen.home_demand.seen->value.limited = true;
  scene.seen.home_demand.seen->value.wish = 5;
  EXPECT_EQ(scene.Run().layout->at("eu").ratio, 3);
}

TEST(DecideLayout, AFallNeverWaits) {
  Scene scene(1, 1);
  scene.memory.layout_since = kNow - 1s;
  EXPECT_EQ(scene.Run().layout->at("eu").ratio, 3);
  EXPECT_EQ(scene.Run().layout->at("us").ratio, 4);
}

TEST(DecideLayout, FollowsLostReplicasDown) {
  Scene scene;
  scene.seen.sites["eu"].workload.seen->value.replicas_ready = 1;
  const Decision decision = scene.Run();
  EXPECT_EQ(decision.layout->at("us").ratio, 4);
  EXPECT_EQ(decision.layout->at("eu").ratio, 1);
}

TEST(DecideLayout, StartsWithTheCanaryShare) {
  Scene scene;
  scene.policy.ramp.canary_share = 0.05;
  scene.memory.sites["eu"].eligible_since = kNow - 59s;
  const Decision decision = scene.Run();
  EXPECT_NEAR(decision.sites.at("eu").share_intended, 0.05, 1e-9);
  scene.memory.sites["eu"].eligible_since = kNow - 60s;
  EXPECT_NEAR(scene.Run().sites.at("eu").share_intended, 3 / 7., 1e-9);
}

TEST(DecideLayout, LeavesOutAShareThatRoundsToNothing) {
  Scene scene;
  scene.policy.overflow[0].capacity_factor = 0.03;
  scene.memory.demand = {{kNow - 1s, 3.7}};  // excess 0.07: three replicas of 0.03
  const Decision decision = scene.Run();
  EXPECT_EQ(decision.layout->at("eu").place, Place::kStandby) << "1/21 is more than it can carry";
}

TEST(DecideLayout, HoldsWhenHomeCantBeSeen) {
  for (const bool demand_lost : {true, false}) {
    Scene scene(3, 1);
    (demand_lost ? scene.seen.home_demand.seen->as_of : scene.seen.sites["us"].workload.seen->as_of) = kNow - 91s;
    const Decision decision = scene.Run();
    EXPECT_FALSE(decision.layout);
    EXPECT_NE(FindReason(decision, ReasonCode::kLayoutHeld), nullptr);
  }
}

TEST(DecideLayout, HoldsWhenASettingMakesRatiosMeaningless) {
  Scene scene(3, 1);
  scene.seen.traffic.seen->value.ratios_void = {"num_dns_ip is 0, so every member is answered"};
  const Decision decision = scene.Run();
  EXPECT_FALSE(decision.layout);
  EXPECT_EQ(decision.sites.at("eu").replicas_target, 3);
  EXPECT_NE(FindCondition(decision, ConditionName::kRatiosVoid), nullptr);
}

struct WaitingRow {
  const char* name;
  Mode mode;
  int replicas_min;
  Place before;
  Placement after;
};

TEST(DecideLayout, PutsASiteWithoutTrafficWhereItIsProbed) {
  const Placement parked{Place::kParked, 1, 0}, standby{Place::kStandby, 1, 1};
  const WaitingRow rows[] = {
      {"a cold site parked by its owner stays there", Mode::kWeighted, 0, Place::kParked, parked},
      {"a warm one stands by, so that Avi can fall back to it", Mode::kWeighted, 1, Place::kParked, standby},
      {"active-passive always has a standby", Mode::kActivePassive, 0, Place::kParked, standby},
      {"auto too", Mode::kAuto, 0, Place::kParked, standby},
      {"what stands by goes on standing by", Mode::kRoundRobin, 0, Place::kStandby, standby},
  };
  for (const WaitingRow& row : rows) {
    SCOPED_TRACE(row.name);
    Policy policy = SmallPolicy();
    policy.mode = row.mode;
    policy.overflow[0].replicas_min = row.replicas_min;
    Observation seen = QuietObservation(kNow, 2, row.replicas_min);
    seen.traffic.seen->value.members["eu"].placement = {row.before, 1, row.before == Place::kStandby ? 1 : 0};
    const Decision decision = Decide(policy, seen, {}, {}, kNow).decision;
    EXPECT_EQ(decision.layout->at("eu"), row.after);
    EXPECT_EQ(decision.layout->at("us").place, Place::kServed);
  }
}

TEST(DecideLayout, ModeChangeIsOneLayoutThatServesSomebody) {
  for (const Mode mode : {Mode::kRoundRobin, Mode::kWeighted, Mode::kActivePassive, Mode::kAuto}) {
    Scene scene;
    const Override order{{{.kind = OrderKind::kMode, .mode = mode}}};
    const Decision decision = Decide(scene.policy, scene.seen, order, scene.memory, kNow).decision;
    ASSERT_TRUE(decision.layout);
    EXPECT_EQ(decision.layout->at("us").place, Place::kServed);
    EXPECT_EQ(decision.layout->at("eu").place, mode == Mode::kActivePassive ? Place::kStandby : Place::kServed);
  }
}

}  // namespace
}  // namespace spillway
