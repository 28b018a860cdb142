#include "src/core/pace.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/core/model.h"

namespace spillway {
namespace {

constexpr Instant kNow{std::chrono::hours{2}};

struct Row {
  const char* name;
  double demand;
  int home_ready, home_desired, overflow_ready;
  Duration layout_age;
  double resolvers;  // 0: not known
  double published_home, ideal_home, expected_home;
  double counted;  // on which the reason says that home can count; 0: there is none, as nothing is held back
  std::optional<double> load = std::nullopt;  // at home
  bool failing_back = false;
};

double FigureOf(const Reason& reason, std::string_view name) {
  for (const Figure& figure : reason.used) {
    if (figure.name == name) return figure.value;
  }
  ADD_FAILURE() << Text(reason.code).token << " has no " << name;
  return -1;
}

// TTL 30 s; home's maximum 4.
TEST(PaceReturn, Table) {
  const Row rows[] = {
      {"one ready replica gets a fifth more than it is meant to carry", 2, 1, 1, 3, 30s, 500, 4 / 7., 1, .6, 1},
      {"less than a fifth where few resolvers scatter more", 2, 1, 1, 3, 30s, 60, .5, 1, .5 * (1.5 - 3 / std::sqrt(60)),
       1},
      {"what it is meant to carry where they scatter much", 2, 1, 1, 3, 30s, 10, .4, 1, .5, 1},
      {"an unknown crowd is taken for 50", 2, 1, 1, 3, 30s, 0, .5, 1, .5 * (1.5 - 3 / std::sqrt(50)), 1},
      {"what its replicas can take comes back at once", 2, 2, 2, 3, 0s, 0, 4 / 7., 1, 1, 0},
      {"a home with all the replicas it may have is not spared", 6, 4, 4, 3, 0s, 0, 4 / 7., 1, 1, 0},
      {"within the first TTL after a change nothing more comes back", 2, 1, 1, 3, 29s, 500, 4 / 7., 1, 4 / 7., 1},
      {"an autoscaler that is content for three TTLs is given a tenth more", 2, 1, 1, 3, 90s, 0, 4 / 7., 1, 4.4 / 7, 1},
      {"a tenth of little is more than the dead band all the same", 10, 1, 1, 12, 90s, 0, .1, 1, .125, 1},
      {"what its load shows to fit, where the demand is of long ago", 10, 2, 2, 12, 90s, 500, .25, 1, .4, 2, 1.5},
      {"at most twice what it has", 10, 2, 2, 12, 90s, 500, .25, 1, .5, 2, .1},
      {"a load that fills it leaves the tenth", 10, 2, 2, 12, 90s, 500, .4, 1, .44, 2, 2.3},
      {"no more for its load before the autoscaler has felt the last step", 10, 2, 2, 12, 89s, 500, .25, 1, .25, 2, .1},
      {"replicas that are on their way are waited for", 2, 1, 2, 3, 90s, 0, 4 / 7., 1, 4 / 7., 1},
      {"the first step is what home has ready", 5, 1, 1, 8, 30s, 0, 0, .25, .2, 1},
      {"the first step is within what ratios can express", 30, 1, 1, 30, 30s, 0, 0, .25, 1 / 21., 1},
      {"within a TTL after it was sent away home gets nothing", 5, 1, 1, 8, 29s, 0, 0, .25, 0, 1},
      {"the first step is whole when home can take it", 5, 2, 2, 8, 0s, 0, 0, .25, .25, 0},
      {"failing back, replicas without load are about to go", 3.85, 3, 3, 4, 30s, 500, .25, .5, 1.2 / 3.85, 1, .5,
       true},
      {"failing back, those that the load calls for stay", 3.85, 3, 3, 4, 30s, 500, .25, .5, .5, 0, 1.7, true},
      {"failing back, nor does a maximum that is still there count", 6, 4, 4, 6, 30s, 500, .1, .35, .2, 1, .6, true},
      {"failing back, an unknown load takes nothing away", 3.85, 3, 3, 4, 30s, 500, .25, .5, .5, 0, std::nullopt, true},
      {"a share that falls is not paced", 2, 1, 1, 3, 0s, 0, 4 / 7., .5, .5, 0},
      {"overflow that can't carry its share any more gives it all", 6, 1, 1, 2, 0s, 0, 4 / 7., 1, 1, 0},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Policy policy = SmallPolicy();
    Observation seen = QuietObservation(kNow, row.home_ready, row.overflow_ready);
    seen.home_demand.seen->value.replicas_desired = row.home_desired;
    seen.home_demand.seen->value.load = row.load;
    const Ordered none;
    Tick tick{policy, seen, none, kNow, {}, {}, {}};
    tick.decision.wake_at = kNow + 1h;
    tick.decision.demand = row.demand;
    tick.decision.sites["eu"].eligible = true;
    tick.memory.failed_over = row.failing_back;
    tick.memory.layout_since = kNow - row.layout_age;
    if (row.resolvers > 0) {
      tick.memory.share.looks = 16;
      tick.memory.share.spread = 1 / row.resolvers;
    }
    const Trusted trusted = Trust(tick);
    std::map<SiteName, double> published{{"eu", 1 - row.published_home}};
    if (row.published_home > 0) published["us"] = row.published_home;
    auto shares = PaceReturn(tick, trusted, published, {{"us", row.ideal_home}, {"eu", 1 - row.ideal_home}});
    EXPECT_NEAR(shares["us"], row.expected_home, 1e-9);
    EXPECT_NEAR(shares["eu"], 1 - row.expected_home, 1e-9);
    const Reason* why = FindReason(tick.decision, ReasonCode::kHomeGrowsFirst, "us");
    ASSERT_EQ(why != nullptr, row.counted > 0);
    if (why == nullptr) continue;
    EXPECT_EQ(FigureOf(*why, "counted_replicas"), row.counted);
    EXPECT_EQ(FigureOf(*why, "ready_replicas"), row.home_ready);
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
