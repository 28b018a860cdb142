#include "src/core/measured_share.h"

#include <gtest/gtest.h>

#include "tests/core/model.h"

namespace spillway {
namespace {

constexpr Instant kNow{std::chrono::hours{2}};

TEST(MeasuredHomeShare, Table) {
  using Rps = std::optional<double>;
  struct Row {
    const char* name;
    Place overflow;
    Rps home_rps, overflow_rps;
    Rps share;
  };
  const Row rows[] = {
      {"home's part of all requests", Place::kServed, 60, 40, 0.6},
      {"requests of clients that still hold on to a site count, served or not", Place::kStandby, 95, 5, 0.95},
      {"a served member that is not measured leaves nothing to compare with", Place::kServed, 60, {}, {}},
      {"one that is not served and not measured is taken to get nothing", Place::kStandby, 60, {}, 1.0},
      {"home is not measured", Place::kServed, {}, 40, {}},
      {"nothing arrives", Place::kServed, 0, 0, {}},
      {"nothing arrives at home", Place::kServed, 0, 40, 0.0},
  };
  for (const Row& row : rows) {
    TrafficState traffic = QuietObservation(kNow).traffic.seen->value;
    traffic.members["eu"].placement = {row.overflow, 1, row.overflow == Place::kServed ? 0 : 1};
    traffic.members["us"].requests_per_second = row.home_rps;
    traffic.members["eu"].requests_per_second = row.overflow_rps;
    EXPECT_EQ(MeasuredHomeShare(traffic, "us"), row.share) << row.name;
  }
  EXPECT_EQ(MeasuredHomeShare({}, "us"), std::nullopt) << "home is no member";
}

TEST(FollowShare, WeighsEachValueByTheTimeItHeld) {
  std::vector<ShareSample> samples;
  EXPECT_DOUBLE_EQ(FollowShare(samples, 0.5, kNow, 60s)->mean, 0.5) << "the first value is all there is";
  FollowShare(samples, 0.8, kNow + 30s, 60s);
  const auto sum = FollowShare(samples, 0.8, kNow + 40s, 60s);
  EXPECT_DOUBLE_EQ(sum->mean, (30 * 0.5 + 10 * 0.8) / 40);
  EXPECT_DOUBLE_EQ(sum->greatest, 0.8);
}

TEST(FollowShare, ForgetsWhatIsOlderThanItsTime) {
  std::vector<ShareSample> samples;
  FollowShare(samples, 0.9, kNow, 60s);
  FollowShare(samples, 0.5, kNow + 30s, 60s);
  EXPECT_DOUBLE_EQ(FollowShare(samples, 0.5, kNow + 60s, 60s)->mean, 0.7);
  EXPECT_DOUBLE_EQ(FollowShare(samples, 0.5, kNow + 60s, 60s)->greatest, 0.9);
  const auto later = FollowShare(samples, 0.5, kNow + 90s, 60s);
  EXPECT_DOUBLE_EQ(later->mean, 0.5);
  EXPECT_DOUBLE_EQ(later->greatest, 0.5);
  EXPECT_EQ(samples.size(), 1U);
}

TEST(FollowShare, AGapForgetsEverything) {
  std::vector<ShareSample> samples;
  FollowShare(samples, 0.9, kNow, 60s);
  EXPECT_EQ(FollowShare(samples, std::nullopt, kNow + 10s, 60s), std::nullopt);
  EXPECT_DOUBLE_EQ(FollowShare(samples, 0.5, kNow + 20s, 60s)->mean, 0.5);
}

}  // namespace
}  // namespace spillway
