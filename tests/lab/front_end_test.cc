#include "tools/lab/front_end.h"

#include <gtest/gtest.h>

#include "src/base/clock.h"
#include "tools/lab/meter.h"

namespace spillway::lab {
namespace {

constexpr FrontEndOptions kTenEach{.capacity_per_replica = 10, .queue_seconds = 0.5, .scaled_away_for = 60s};

// `per_second` requests evenly over `span`.
void Load(FrontEnd& shop, ManualClock& clock, int per_second, Duration span) {
  const Duration gap = Duration{1s} / per_second;
  for (Duration t{}; t < span; t += gap) {
    shop.Arrive();
    clock.Advance(gap);
  }
}

TEST(FrontEnd, ServesWhatItsReplicasCan) {
  ManualClock clock;
  FrontEnd shop("us", clock, kTenEach);
  shop.SetReplicas(2, 0);
  Load(shop, clock, 20, 10s);
  EXPECT_EQ(shop.Totals().served, 200U);
}

TEST(FrontEnd, TurnsAwayWhatIsTooMuchAsOverloaded) {
  ManualClock clock;
  FrontEnd shop("us", clock, kTenEach);
  shop.SetReplicas(2, 0);
  Load(shop, clock, 40, 10s);
  const FrontEndCounts counts = shop.Totals();
  EXPECT_EQ(counts.arrived, 400U);
  EXPECT_NEAR(static_cast<double>(counts.served), 210, 2) << "200, and the queue of half a second";
  EXPECT_EQ(counts.failed, 0U);
  EXPECT_EQ(counts.arrived, counts.served + counts.overloaded);
}

TEST(FrontEnd, FailsWhereNothingIsReady) {
  ManualClock clock;
  FrontEnd shop("eu", clock, kTenEach);
  EXPECT_FALSE(shop.Healthy());
  EXPECT_EQ(shop.Arrive(), Service::kFailed);
}

TEST(FrontEnd, ATerminatingReplicaServesOnButIsNotHealthy) {
  ManualClock clock;
  FrontEnd shop("eu", clock, kTenEach);
  shop.SetReplicas(1, 0);
  EXPECT_TRUE(shop.Healthy());
  shop.SetReplicas(0, 1);
  EXPECT_FALSE(shop.Healthy());
  EXPECT_EQ(shop.Arrive(), Service::kServed);
  shop.SetReplicas(0, 0);
  EXPECT_EQ(shop.Arrive(), Service::kFailed);
}

TEST(FrontEnd, WorkOfAReplicaThatWasTakenAwayFailsAndIsNotOverload) {
  ManualClock clock;
  FrontEnd shop("eu", clock, kTenEach);
  shop.SetReplicas(3, 0);
  Load(shop, clock, 25, 10s);
  shop.SetReplicas(1, 0);
  Load(shop, clock, 25, 10s);
  const FrontEndCounts counts = shop.Totals();
  EXPECT_EQ(counts.overloaded, 0U) << "three would have done it";
  EXPECT_NEAR(static_cast<double>(counts.failed), 150, 10);
}

TEST(FrontEnd, WorkThatWouldHaveBeenTooMuchAnywayStaysOverload) {
  ManualClock clock;
  FrontEnd shop("eu", clock, kTenEach);
  shop.SetReplicas(2, 0);
  Load(shop, clock, 40, 10s);
  shop.SetReplicas(1, 0);
  const FrontEndCounts before = shop.Totals();
  Load(shop, clock, 40, 10s);
  const FrontEndCounts after = shop.Totals();
  EXPECT_NEAR(static_cast<double>(after.failed - before.failed), 100, 12) << "what the second one would have done";
  EXPECT_NEAR(static_cast<double>(after.overloaded - before.overloaded), 200, 12);
}

TEST(FrontEnd, ALossLongAgoIsForgotten) {
  ManualClock clock;
  FrontEnd shop("us", clock, kTenEach);
  shop.SetReplicas(3, 0);
  shop.SetReplicas(1, 0);
  clock.Advance(61s);
  Load(shop, clock, 25, 10s);
  EXPECT_EQ(shop.Totals().failed, 0U);
  EXPECT_GT(shop.Totals().overloaded, 0U);
}

TEST(Meter, CountsTheStepsOfItsWindow) {
  Meter meter;
  Instant now{1h};
  for (int i = 0; i < 100; ++i) {
    meter.Count(now);
    now += 50ms;
  }
  EXPECT_EQ(meter.total(), 100U);
  EXPECT_EQ(meter.Recent(now, 1s), 20U);
  EXPECT_DOUBLE_EQ(meter.PerSecond(now, 2s), 20.0);
  EXPECT_EQ(meter.Recent(now + 10s, 1s), 0U);
  EXPECT_EQ(meter.Recent(now + 1h, 5s), 0U) << "what went round in the ring is not counted again";
}

}  // namespace
}  // namespace spillway::lab
