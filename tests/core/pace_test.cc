#include "src/core/pace.h"

#include <gtest/gtest.h>

#include "tests/core/model.h"

namespace spillway {
namespace {

constexpr Instant kNow{std::chrono::hours{2}};

struct Row {
  const char* name;
  double demand;
  int home_ready, overflow_ready;
  Duration layout_age;
  double ideal_home, expected_home;
};

// Published: home 4/7, overflow 3/7; TTL 30 s; home's maximum 4; failback_step 0.25.
TEST(PaceReturn, Table) {
  const Row rows[] = {
      {"one ready replica gets a fifth more than it is meant to carry", 2, 1, 3, 30s, 1, .6},
      {"what its replicas can take comes back at once", 2, 2, 3, 0s, 1, 1},
      {"a home with all the replicas it may have is not spared", 6, 4, 3, 0s, 1, 1},
      {"within the first TTL after a change nothing more comes back", 2, 1, 3, 29s, 1, 4 / 7.},
      {"when three TTLs brought nothing, a step is made anyway", 2, 1, 3, 90s, 1, 4 / 7. + .25},
      {"a share that falls is not paced", 2, 1, 3, 0s, .5, .5},
      {"overflow that can't carry its share any more gives it all", 6, 1, 2, 0s, 1, 1},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Policy policy = SmallPolicy();
    Observation seen = QuietObservation(kNow, row.home_ready, row.overflow_ready);
    const Ordered none;
    Tick tick{policy, seen, none, kNow, {}, {}, {}};
    tick.decision.wake_at = kNow + 1h;
    tick.decision.demand = row.demand;
    tick.decision.sites["eu"].eligible = true;
    tick.memory.layout_since = kNow - row.layout_age;
    const Trusted trusted = Trust(tick);
    const auto shares = PaceReturn(tick, trusted, {{"us", 4 / 7.}, {"eu", 3 / 7.}},
                                   {{"us", row.ideal_home}, {"eu", 1 - row.ideal_home}});
    EXPECT_NEAR(shares.at("us"), row.expected_home, 1e-9);
    EXPECT_NEAR(shares.at("eu"), 1 - row.expected_home, 1e-9);
  }
}

TEST(PaceReturn, KeepsReplicasWhileTheirShareIsStillGiven) {
  Policy policy = SmallPolicy();
  policy.drain.min_drain = 0s;
  Observation seen = QuietObservation(kNow, 1, 3);
  seen.home_demand.seen->value.load = 1.1;
  auto& members = seen.traffic.seen->value.members;
  members["us"].placement = {Place::kServed, 3, 0};
  members["eu"].placement = {Place::kServed, 2, 0};
  Memory memory;
  memory.demand = {{kNow - 1s, 2}};
  memory.home_share = {{kNow - 1h, .6}};
  memory.layout = {{"us", members["us"].placement}, {"eu", members["eu"].placement}};
  memory.layout_since = kNow - 40s;
  memory.sites["eu"].known = true;
  memory.sites["eu"].replicas_target = 3;
  memory.sites["eu"].eligible_since = kNow - 1h;
  const Decision decision = Decide(policy, seen, {}, memory, kNow).decision;
  EXPECT_EQ(decision.layout->at("eu").place, Place::kServed) << "home has one replica and must grow first";
  EXPECT_EQ(decision.sites.at("eu").replicas_target, 3);
  EXPECT_NE(FindReason(decision, ReasonCode::kWaitForWeight, "eu"), nullptr);
}

}  // namespace
}  // namespace spillway
