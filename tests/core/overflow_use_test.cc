#include "src/core/overflow_use.h"

#include <gtest/gtest.h>

#include "tests/core/model.h"

namespace spillway {
namespace {

using By = UseFound::By;
using enum UsageSource;

constexpr Instant kNow{std::chrono::hours{2}};

// One overflow site that is served, where two pods use one core and an observer says that it would want 2.5.
struct World {
  Policy policy = SmallPolicy();
  Observation seen = QuietObservation(kNow, 3, 2);
  HomeDemand home;
  bool share_usable = true;
  Decision decision;

  World() {
    policy.overflow[0].usage = {kMetrics, kAutoscaler, kShare};
    seen.traffic.seen->value.members["eu"].placement = {Place::kServed, 1, 0};
    seen.sites["eu"].usage.seen = {PodUsage{1, 2, 2}, kNow};
    HomeDemand observer;
    observer.enforced = false;
    observer.load = 2.5;
    observer.replicas_desired = 3;
    seen.sites["eu"].observer.seen = {observer, kNow};
    home.cpu_per_replica = 0.25;
  }
  PodUsage& pods() { return seen.sites["eu"].usage.seen->value; }
  HomeDemand& observer() { return seen.sites["eu"].observer.seen->value; }
  UseFound Find() {
    static const Ordered kNone;
    Tick tick{policy, seen, kNone, kNow, {}, {}, {}};
    tick.decision.wake_at = kNow + 1h;
    const UseFound found = FindOverflowUse(tick, seen.traffic.seen->value, home, share_usable);
    decision = tick.decision;
    return found;
  }
};

struct Row {
  const char* name;
  void (*given)(World& world);
  By by;
  UsageSource source = kShare;  // of By::kSites
  double replicas = 0;
  Sureness sure = Sureness::kInferred;
};

const Row kRows[] = {
    {"pods: cores by what one home replica is meant to use", [](World&) {}, By::kSites, kMetrics, 4,
     Sureness::kMeasured},
    {"the operator's figure goes before that of home's autoscaler",
     [](World& w) { w.policy.overflow[0].cpu_per_replica = 0.5; }, By::kSites, kMetrics, 2, Sureness::kMeasured},
    {"ready pods that were not measured yet make it a lower bound", [](World& w) { w.pods().pods_ready = 3; },
     By::kSites, kMetrics, 4, Sureness::kAtLeast},
    {"without any pod measured the next source is asked (0 would be a lie)",
     [](World& w) {
       w.pods() = {0, 0, 2};
     },
     By::kSites, kAutoscaler, 2.5, Sureness::kComputed},
    {"figures of exactly staleAfter are still used", [](World& w) { w.seen.sites["eu"].usage.seen->as_of -= 90s; },
     By::kSites, kMetrics, 4, Sureness::kMeasured},
    {"older ones are not", [](World& w) { w.seen.sites["eu"].usage.seen->as_of -= 91s; }, By::kSites, kAutoscaler, 2.5,
     Sureness::kComputed},
    {"a failing source is used for as long as what it told is fresh",
     [](World& w) {
       w.seen.sites["eu"].usage.failure = Failure{Code::kRetry, "503", kNow};
     },
     By::kSites, kMetrics, 4, Sureness::kMeasured},
    {"without a figure for one replica pods can't be converted", [](World& w) { w.home.cpu_per_replica.reset(); },
     By::kSites, kAutoscaler, 2.5, Sureness::kComputed},
    {"an observer's replicas are worth capacityFactor",
     [](World& w) {
       w.policy.overflow[0].usage = {kAutoscaler};
       w.policy.overflow[0].capacity_factor = 2;
     },
     By::kSites, kAutoscaler, 5, Sureness::kComputed},
    {"an observer without a load states its wish",
     [](World& w) {
       w.policy.overflow[0].usage = {kAutoscaler};
       w.observer().load.reset();
       w.observer().limited = true;
       w.observer().wish = 7;
     },
     By::kSites, kAutoscaler, 7, Sureness::kStated},
    {"else its desired count, which is rounded",
     [](World& w) {
       w.policy.overflow[0].usage = {kAutoscaler};
       w.observer().load.reset();
     },
     By::kSites, kAutoscaler, 3, Sureness::kInferred},
    {"an observer at its maximum without a wish tells nothing",
     [](World& w) {
       w.policy.overflow[0].usage = {kAutoscaler};
       w.observer().load.reset();
       w.observer().limited = true;
     },
     By::kUnknown},
    {"an autoscaler that scales by itself is no observer",
     [](World& w) {
       w.policy.overflow[0].usage = {kAutoscaler, kShare};
       w.observer().enforced = true;
     },
     By::kShare},
    {"the configured order holds",
     [](World& w) {
       w.policy.overflow[0].usage = {kAutoscaler, kMetrics};
     },
     By::kSites, kAutoscaler, 2.5, Sureness::kComputed},
    {"by share alone, nothing else is asked", [](World& w) { w.policy.overflow[0].usage = {kShare}; }, By::kShare},
    {"what was never read goes to the share",
     [](World& w) {
       w.seen.sites["eu"].usage = w.seen.sites["eu"].usage = {};
       w.seen.sites["eu"].observer = {};
     },
     By::kShare},
    {"without a source that can be used it is unknown, not zero",
     [](World& w) {
       w.policy.overflow[0].usage = {kMetrics};
       w.seen.sites["eu"].usage = {};
     },
     By::kUnknown},
    {"a share of home near nothing is no source",
     [](World& w) {
       w.policy.overflow[0].usage = {kShare};
       w.share_usable = false;
     },
     By::kUnknown},
    {"a site that is not served is not asked",
     [](World& w) { w.seen.traffic.seen->value.members["eu"].placement.place = Place::kParked; }, By::kNothing},
};

TEST(FindOverflowUse, Table) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    World world;
    row.given(world);
    const UseFound found = world.Find();
    ASSERT_EQ(found.by, row.by);
    EXPECT_EQ(FindCondition(world.decision, ConditionName::kOverflowUseUnknown) != nullptr, row.by == By::kUnknown);
    if (row.by != By::kSites) continue;
    ASSERT_EQ(found.sites.size(), 1);
    EXPECT_EQ(found.sites[0].source, row.source);
    EXPECT_DOUBLE_EQ(found.sites[0].replicas, row.replicas);
    EXPECT_EQ(found.sites[0].sure, row.sure);
  }
}

TEST(FindOverflowUse, SaysWhichSourceWasSkippedAndWhy) {
  World world;
  world.seen.sites["eu"].usage = {{}, Failure{Code::kDenied, "forbidden", kNow}};
  world.Find();
  const Reason* skipped = FindReason(world.decision, ReasonCode::kUsageSourceSkipped);
  ASSERT_NE(skipped, nullptr);
  EXPECT_EQ(skipped->about, "pod metrics of eu");
  EXPECT_EQ(skipped->detail, "forbidden");
  EXPECT_NE(FindReason(world.decision, ReasonCode::kOverflowFromAutoscaler, "eu"), nullptr);
}

TEST(FindOverflowUse, OneSiteThatNeedsTheShareTakesItForAll) {
  World world;
  world.policy.overflow.push_back({.site = "asia"});
  world.seen.traffic.seen->value.members["asia"].placement = {Place::kServed, 1, 0};
  EXPECT_EQ(world.Find().by, By::kShare) << "the share counts eu's part as well: both would count it twice";
}

TEST(FindOverflowUse, OneSiteThatIsUnknownMakesTheSumUnknown) {
  World world;
  world.policy.overflow.push_back({.site = "asia", .usage = {kMetrics}});
  world.seen.traffic.seen->value.members["asia"].placement = {Place::kServed, 1, 0};
  EXPECT_EQ(world.Find().by, By::kUnknown);
}

TEST(FindOverflowUse, LooksAgainWhenAFigureGoesStale) {
  World world;
  world.Find();
  EXPECT_EQ(world.decision.wake_at, kNow + 90s + Duration{1});
}

}  // namespace
}  // namespace spillway
