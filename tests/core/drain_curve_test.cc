#include "src/core/drain_curve.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/core/model.h"

namespace spillway {
namespace {

constexpr Instant kStart{std::chrono::hours{2}};

SiteMemory Drained(Duration half, Duration eighth) {
  SiteMemory memory;
  memory.lowered_since = kStart;
  FollowDrain(memory, 0.4, kStart);
  FollowDrain(memory, 0.2, kStart + half);
  FollowDrain(memory, 0.05, kStart + eighth);
  return memory;
}

struct Row {
  const char* name;
  DrainCurve curve;
  std::optional<Duration> half, eighth;
  Duration passed, expected;
};

TEST(ExpectedDrain, Table) {
  const DrainCurve curve{2, 30, 80, 120};
  const Row rows[] = {
      {"nothing has shown yet: as earlier ones", curve, {}, {}, 10s, 120s},
      {"half came ten seconds late, so the end will", curve, 40s, {}, 50s, 130s},
      {"an eighth came in time after all", curve, 40s, 80s, 90s, 120s},
      {"it never ends before now", curve, {}, {}, 200s, 200s},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    SiteMemory memory;
    memory.lowered_since = kStart;
    if (row.half) memory.half_at = kStart + *row.half;
    if (row.eighth) memory.eighth_at = kStart + *row.eighth;
    EXPECT_EQ(ExpectedDrain(row.curve, memory, kStart + row.passed), row.expected);
  }
}

TEST(LearnDrain, IsAMeanInWhichTheLastFourCountForMost) {
  DrainCurve curve;
  LearnDrain(curve, Drained(20s, 60s), kStart + 100s);
  EXPECT_EQ(curve, (DrainCurve{1, 20, 60, 100}));
  LearnDrain(curve, Drained(40s, 100s), kStart + 200s);
  EXPECT_EQ(curve, (DrainCurve{2, 30, 80, 150}));
  for (int i = 0; i < 20; ++i) LearnDrain(curve, Drained(10s, 30s), kStart + 50s);
  EXPECT_EQ(curve.drains, 4);
  EXPECT_NEAR(curve.end_seconds, 50, 1);
}

TEST(LearnDrain, AMilestoneThatNeverCameIsTakenToBeTheEnd) {
  SiteMemory memory;
  memory.lowered_since = kStart;
  FollowDrain(memory, 0.4, kStart);
  DrainCurve curve;
  LearnDrain(curve, memory, kStart + 900s);
  EXPECT_EQ(curve, (DrainCurve{1, 900, 900, 900}));
}

TEST(FollowDrain, AResidualThatRisesAboveTheFirstStartsAnew) {
  SiteMemory memory = Drained(10s, 20s);
  FollowDrain(memory, 0.5, kStart + 30s);
  EXPECT_FALSE(memory.half_at);
  EXPECT_FALSE(memory.eighth_at);
  EXPECT_EQ(memory.residual_first, 0.5);
}

// Four bursts in the closed loop: the third drain is announced as the first two went.
TEST(DrainCurve, AnnouncesALaterDrainAsTheEarlierOnesWent) {
  ModelOptions options;
  options.measured = true;
  options.demand = 6;
  Model model(options);
  Duration took{}, announced{};
  for (int round = 0; round < 3; ++round) {
    model.options.demand = 6;
    model.Run(10min);
    ASSERT_EQ(model.overflow_ready, 3);
    model.options.demand = 2;
    ASSERT_TRUE(model.RunUntil([&] { return model.decision.sites.at("eu").drain.has_value(); }, 20min));
    EXPECT_EQ(model.decision.sites.at("eu").drain->learned_from, round);
    Instant began;
    const auto over = [&] {
      const auto& drain = model.decision.sites.at("eu").drain;
      if (drain && drain->since != began) {
        began = drain->since;
        announced = drain->expected;
        EXPECT_LT(drain->progress, 0.1);
      }
      return model.overflow_wanted < 3;
    };
    ASSERT_TRUE(model.RunUntil(over, 20min));
    took = model.now - began;
    ASSERT_TRUE(model.RunUntil([&] { return model.overflow_wanted == 0; }, 30min));
  }
  EXPECT_NEAR(Seconds(announced), Seconds(took), 10);
}

}  // namespace
}  // namespace spillway
