#include "src/core/demand.h"

#include <gtest/gtest.h>

#include "src/core/tick.h"
#include "tests/core/model.h"

namespace spillway {
namespace {

constexpr Instant kNow{std::chrono::hours{2}};

// Runs the estimate at `now` on `seen` and keeps the memory.
Demand Estimate(const Observation& seen, Memory& memory, Instant now, const Policy& policy = SmallPolicy()) {
  const Ordered none;
  Tick tick{policy, seen, none, now, memory, {}, {}};
  tick.decision.wake_at = now + 1h;
  const Trusted trusted = Trust(tick);
  const Demand demand = EstimateDemand(tick, trusted);
  memory = tick.memory;
  return demand;
}

struct Row {
  const char* name;
  int desired;
  bool limited, enforced;
  std::optional<double> wish, load;
  int home_ratio, overflow_ratio;  // 0: not served
  std::optional<double> demand;
};

TEST(EstimateDemand, Table) {
  const Row rows[] = {
      {"within the maximum the load is the demand", 3, false, true, {}, 2.4, 1, 0, 2.4},
      {"without a metric the desired count is", 3, false, true, {}, {}, 1, 0, 3},
      {"held back by the maximum, the stated wish is", 4, true, true, 6, {}, 1, 0, 6},
      {"a load that agrees with the wish is finer than its whole count", 4, true, true, 6, 5.3, 1, 0, 5.3},
      {"a load that does not agree is not believed", 4, true, true, 6, 4.1, 1, 0, 6},
      {"a limit on an autoscaler that only recommends says nothing while home can grow", 3, true, false, 6, 2.9, 1, 0,
       2.9},
      {"a load above the maximum that is not said to be limited counts as the maximum",
       4,
       false,
       true,
       {},
       4.6,
       1,
       0,
       4},
      {"half of the traffic spilled: what home sees is half (a naive loop would see 3 and take overflow away)",
       3,
       false,
       true,
       {},
       3,
       1,
       1,
       6},
      {"four sevenths at home", 4, false, true, {}, 24 / 7., 4, 3, 6},
      {"a wish while traffic is spilled is divided too", 4, true, true, 5, {}, 1, 1, 10},
      {"home not served: nothing can be told", 1, false, true, {}, .1, 0, 1, {}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Observation seen = QuietObservation(kNow);
    HomeDemand& home = seen.home_demand.seen->value;
    home.replicas_current = home.replicas_desired = row.desired;
    home.limited = row.limited;
    home.enforced = row.enforced;
    home.wish = row.wish;
    home.load = row.load;
    auto place = [&](const char* site, int ratio) {
      seen.traffic.seen->value.members[site].placement =
          ratio > 0 ? Placement{Place::kServed, ratio, 0} : Placement{Place::kStandby, 1, 1};
    };
    place("us", row.home_ratio);
    place("eu", row.overflow_ratio);
    Memory memory;
    const Demand got = Estimate(seen, memory, kNow);
    ASSERT_EQ(got.now.has_value(), row.demand.has_value());
    if (row.demand) {
      EXPECT_NEAR(*got.now, *row.demand, 1e-9);
    }
  }
}

TEST(EstimateDemand, TrustsAShareOnlyAfterDnsHadTimeToFollow) {
  Memory memory;
  Observation seen = QuietObservation(kNow);
  Estimate(seen, memory, kNow);
  seen = QuietObservation(kNow + 10s);
  seen.traffic.seen->value.members["eu"].placement = {Place::kServed, 1, 0};
  EXPECT_DOUBLE_EQ(*Estimate(seen, memory, kNow + 10s).now, 2) << "dividing by the new share would say 4 too early";
  seen = QuietObservation(kNow + 101s);
  seen.traffic.seen->value.members["eu"].placement = {Place::kServed, 1, 0};
  memory.smoothed_at.reset();  // for itself, not averaged
  EXPECT_DOUBLE_EQ(*Estimate(seen, memory, kNow + 101s).now, 4) << "three TTLs later";
}

TEST(EstimateDemand, AddsTheAutoscalersAveragingToThatTime) {
  Memory memory;
  const auto at = [&](Duration after, int overflow_ratio) {
    Observation seen = QuietObservation(kNow + after);
    seen.home_demand.seen->value.averaged_over = 60s;
    if (overflow_ratio > 0) seen.traffic.seen->value.members["eu"].placement = {Place::kServed, overflow_ratio, 0};
    memory.smoothed_at.reset();  // each estimate for itself, not averaged
    return *Estimate(seen, memory, kNow + after).now;
  };
  at(0s, 0);
  at(10s, 1);
  EXPECT_DOUBLE_EQ(at(159s, 1), 2);
  EXPECT_DOUBLE_EQ(at(160s, 1), 4) << "three TTLs and a minute after the change";
}

TEST(EstimateDemand, TakesTheOperatorsWordForTheAveraging) {
  Memory memory;
  Policy policy = SmallPolicy();
  policy.averaged_over = 5s;
  const auto at = [&](Duration after, int overflow_ratio) {
    Observation seen = QuietObservation(kNow + after);
    seen.home_demand.seen->value.averaged_over = 60s;
    if (overflow_ratio > 0) seen.traffic.seen->value.members["eu"].placement = {Place::kServed, overflow_ratio, 0};
    memory.smoothed_at.reset();  // each estimate for itself, not averaged
    return *Estimate(seen, memory, kNow + after, policy).now;
  };
  at(0s, 0);
  at(10s, 1);
  EXPECT_DOUBLE_EQ(at(104s, 1), 2);
  EXPECT_DOUBLE_EQ(at(105s, 1), 4);
}

TEST(EstimateDemand, UsesTheMaximumOfTheWindow) {
  Memory memory;
  const double loads[] = {3, 2, 1, 1};
  Instant at = kNow;
  for (const double load : loads) {
    Observation seen = QuietObservation(at);
    seen.home_demand.seen->value.load = load;
    EXPECT_DOUBLE_EQ(*Estimate(seen, memory, at).used, 3);
    at += 70s;
  }
  Observation seen = QuietObservation(kNow + 300s);
  seen.home_demand.seen->value.load = 1;
  EXPECT_DOUBLE_EQ(*Estimate(seen, memory, kNow + 300s).used, 2) << "the 3 is 300 s old";
}

TEST(EstimateDemand, AveragesWhatScattersWhileOverflowServes) {
  Memory memory;
  memory.layout_since = kNow - 1h;
  memory.home_share = {{kNow - 1h, .5}};
  double highest = 0;
  for (int i = 0; i < 600; ++i) {
    const Instant at = kNow + 1s * i;
    Observation seen = QuietObservation(at);
    seen.traffic.seen->value.members["eu"].placement = {Place::kServed, 1, 0};
    seen.home_demand.seen->value.load = i % 2 == 0 ? 2.7 : 3.3;  // 5.4 and 6.6 by turns
    const double now = *Estimate(seen, memory, at).now;
    if (i > 300) highest = std::max(highest, now);
  }
  EXPECT_NEAR(highest, 6, 0.05);
}

TEST(EstimateDemand, KeepsWhatWasKnownWhileClientsFollowAFallOfHomesShare) {
  Memory memory;
  memory.smoothed = 6;
  memory.smoothed_at = kNow - 1s;
  memory.home_share = {{kNow - 1h, 1}, {kNow - 20s, 4 / 7.}};
  for (const bool limited : {false, true}) {
    SCOPED_TRACE(limited);
    Observation seen = QuietObservation(kNow, 4);
    auto& members = seen.traffic.seen->value.members;
    members["us"].placement = {Place::kServed, 4, 0};
    members["eu"].placement = {Place::kServed, 3, 0};
    HomeDemand& home = seen.home_demand.seen->value;
    home.load = 4.3;
    home.limited = limited;
    if (limited) home.wish = 5;
    EXPECT_DOUBLE_EQ(*Estimate(seen, memory, kNow).now, 6) << "4.3 is what half of the clients still bring";
  }
}

TEST(EstimateDemand, BelievesAFullHomeAtOnce) {
  Memory memory;
  memory.layout_since = kNow - 1h;
  memory.home_share = {{kNow - 1h, .5}};
  memory.smoothed = 4;
  memory.smoothed_at = kNow - 1s;
  Observation seen = QuietObservation(kNow, 4);
  seen.traffic.seen->value.members["eu"].placement = {Place::kServed, 1, 0};
  seen.home_demand.seen->value.limited = true;
  seen.home_demand.seen->value.wish = 5;
  EXPECT_DOUBLE_EQ(*Estimate(seen, memory, kNow).now, 10);
}

// Home and "eu" are published 1:1 for an hour; `measured` of the requests reach home.
Observation HalfPublished(Instant at, double measured, double load) {
  Observation seen = QuietObservation(at);
  seen.home_demand.seen->value.load = load;
  auto& members = seen.traffic.seen->value.members;
  members["eu"].placement = {Place::kServed, 1, 0};
  members["us"].requests_per_second = 100 * measured;
  members["eu"].requests_per_second = 100 * (1 - measured);
  return seen;
}

TEST(EstimateDemand, DividesByTheShareThatIsMeasuredNotByTheOneThatWasPublished) {
  Memory memory;
  memory.layout_since = kNow - 1h;
  memory.home_share = {{kNow - 1h, .5}};
  const Demand demand = Estimate(HalfPublished(kNow, 0.6, 3.6), memory, kNow);
  EXPECT_DOUBLE_EQ(*demand.now, 6) << "clients pinned to home bring it a tenth more; 3.6 / 0.5 would say 7.2";
}

TEST(EstimateDemand, AveragesTheMeasuredShareAsTheAutoscalerAveragesItsLoad) {
  Memory memory;
  memory.layout_since = kNow - 1h;
  memory.home_share = {{kNow - 1h, .5}};
  const auto at = [&](Duration after, double measured) {
    Observation seen = HalfPublished(kNow + after, measured, 3);
    seen.home_demand.seen->value.averaged_over = 60s;
    memory.smoothed_at.reset();  // each estimate for itself, not averaged
    return *Estimate(seen, memory, kNow + after).now;
  };
  EXPECT_DOUBLE_EQ(at(0s, 0.4), 7.5);
  at(30s, 0.6);
  EXPECT_DOUBLE_EQ(at(60s, 0.6), 6) << "0.4 for half a minute, 0.6 for another";
}

TEST(EstimateDemand, TakesTheGreatestMeasuredShareWhileClientsFollowAFall) {
  Memory memory;
  memory.home_share = {{kNow - 1h, 1}, {kNow - 20s, 0.5}};
  memory.home_measured = {{kNow - 20s, 0.95}};
  Observation seen = HalfPublished(kNow, 0.75, 3.8);
  seen.home_demand.seen->value.averaged_over = 60s;
  EXPECT_DOUBLE_EQ(*Estimate(seen, memory, kNow).now, 4)
      << "home's load is of the time when it got 0.95 of the requests";
}

TEST(EstimateDemand, AFullHomesCounterSaysTooLittle) {
  Memory memory;
  memory.layout_since = kNow - 1h;
  memory.home_share = {{kNow - 1h, .5}};
  Observation seen = HalfPublished(kNow, 0.4, 4);
  seen.home_demand.seen->value.limited = true;
  seen.home_demand.seen->value.wish = 5;
  EXPECT_DOUBLE_EQ(*Estimate(seen, memory, kNow).now, 10) << "it answers 0.4 of the requests and is sent half of them";
}

TEST(EstimateDemand, ADesiredCountDividedByAShareNeverRaisesTheDemand) {
  Memory memory;
  memory.demand = {{kNow, 6}};
  memory.home_share = {{kNow - 1h, .5}};
  Observation seen = QuietObservation(kNow);
  HomeDemand& home = seen.home_demand.seen->value;
  home.load.reset();
  home.replicas_desired = 4;
  seen.traffic.seen->value.members["eu"].placement = {Place::kServed, 1, 0};
  EXPECT_DOUBLE_EQ(*Estimate(seen, memory, kNow).now, 6) << "4 / 0.5 would be 8, and would go on growing";
}

TEST(EstimateDemand, ProbesOneMoreReplicaEachIntervalWhilePinnedWithoutAWish) {
  Memory memory;
  const auto at = [&](Duration after, bool limited) {
    Observation seen = QuietObservation(kNow + after, 4);
    seen.home_demand.seen->value.limited = limited;
    return *Estimate(seen, memory, kNow + after).now;
  };
  EXPECT_DOUBLE_EQ(at(0s, true), 5);
  EXPECT_DOUBLE_EQ(at(59s, true), 5);
  EXPECT_DOUBLE_EQ(at(60s, true), 6);
  EXPECT_DOUBLE_EQ(at(120s, true), 7);
  EXPECT_DOUBLE_EQ(at(130s, false), 4);
  EXPECT_DOUBLE_EQ(at(140s, true), 5) << "a new pin starts again";
}

// Overflow is served half of the answers, and its pods were measured to use `cpu` cores where 0.5 are one replica's.
Observation MeasuredObservation(Instant now, double home_load, double cpu) {
  Observation seen = QuietObservation(now, 3);
  seen.home_demand.seen->value.load = home_load;
  seen.home_demand.seen->value.averaged_over = 60s;
  seen.home_demand.seen->value.cpu_per_replica = 0.5;
  seen.traffic.seen->value.members["eu"].placement = {Place::kServed, 1, 0};
  seen.sites["eu"].usage.seen = {PodUsage{cpu, 2, 2}, now};
  return seen;
}

Policy MeasuringPolicy() {
  Policy policy = SmallPolicy();
  policy.overflow[0].usage = {UsageSource::kMetrics, UsageSource::kShare};
  return policy;
}

TEST(EstimateDemand, AddsWhatWasMeasuredAtTheOverflowSite) {
  Memory memory;
  Observation seen = MeasuredObservation(kNow, 3, 1.25);
  EXPECT_DOUBLE_EQ(*Estimate(seen, memory, kNow, MeasuringPolicy()).now, 5.5);
  seen.sites["eu"].usage.seen->as_of = kNow - 91s;
  memory.smoothed_at.reset();  // for itself, not averaged
  EXPECT_DOUBLE_EQ(*Estimate(seen, memory, kNow, MeasuringPolicy()).now, 6) << "too old: by share again";
}

TEST(EstimateDemand, AddsTheLeastThatWasMeasuredWhileHomesAverageFollows) {
  Memory memory;
  const auto at = [&](Duration after, double home_load, double cpu) {
    return *Estimate(MeasuredObservation(kNow + after, home_load, cpu), memory, kNow + after, MeasuringPolicy()).now;
  };
  EXPECT_DOUBLE_EQ(at(0s, 4, 0), 4);
  EXPECT_DOUBLE_EQ(at(20s, 4, 1), 4) << "two replicas' worth of work has moved, home's average still has it: not 6";
  EXPECT_DOUBLE_EQ(at(60s, 2, 1), 2);
  EXPECT_DOUBLE_EQ(at(61s, 2, 1), 4);
}

TEST(EstimateDemand, ADesiredCountNeverRaisesWhatIsMeasured) {
  Memory memory;
  memory.demand = {{kNow, 5}};
  Observation seen = MeasuredObservation(kNow, 0, 1);
  seen.home_demand.seen->value.load.reset();
  seen.home_demand.seen->value.replicas_desired = 4;  // kept for as long as the autoscaler's own window
  EXPECT_DOUBLE_EQ(*Estimate(seen, memory, kNow, MeasuringPolicy()).now, 5);
}

TEST(EstimateDemand, UnknownIsNeverZero) {
  Memory memory;
  Observation seen = QuietObservation(kNow);
  seen.home_demand = {};
  EXPECT_FALSE(Estimate(seen, memory, kNow).used);
  memory.demand = {{kNow - 2h, 6}};
  const Demand got = Estimate(seen, memory, kNow);
  EXPECT_DOUBLE_EQ(*got.used, 6);
  EXPECT_FALSE(got.current);
}

}  // namespace
}  // namespace spillway
