#include "src/daemon/rate_limit.h"

#include <gtest/gtest.h>

namespace spillway::daemon {
namespace {

constexpr Instant kStart{1h};

TEST(RateLimit, LetsABurstThroughAndThenWhatFlowsIn) {
  RateLimit limit(2, 3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limit.Take("a", kStart), 0s);
  EXPECT_EQ(limit.Take("a", kStart), 500ms);
  EXPECT_EQ(limit.Take("b", kStart), 0s) << "another client has its own";
  EXPECT_EQ(limit.Take("a", kStart + 400ms), 100ms);
  EXPECT_EQ(limit.Take("a", kStart + 500ms), 0s);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limit.Take("a", kStart + 1h), 0s);
  EXPECT_GT(limit.Take("a", kStart + 1h), 0s) << "an hour of silence is no bigger burst";
}

TEST(RateLimit, ManyClientsDoNotFillTheMemoryButShareABucket) {
  RateLimit limit(1, 1);
  for (std::size_t i = 0; i < RateLimit::kKeysMost; ++i) EXPECT_EQ(limit.Take(std::to_string(i), kStart), 0s);
  EXPECT_EQ(limit.Take("one more", kStart), 0s);
  EXPECT_GT(limit.Take("another", kStart), 0s) << "shares with the one before";
  EXPECT_EQ(limit.Take("another", kStart + 1s), 0s) << "the idle ones were forgotten";
}

TEST(GuessLock, LocksAfterTenWrongTokensAMinuteAndLongerEachTime) {
  GuessLock lock;
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(lock.Wrong("a", kStart));
  EXPECT_EQ(lock.Locked("a", kStart), 0s);
  EXPECT_TRUE(lock.Wrong("a", kStart));
  EXPECT_EQ(lock.Locked("a", kStart), 1min);
  EXPECT_EQ(lock.Locked("b", kStart), 0s);
  EXPECT_EQ(lock.Locked("a", kStart + 1min), 0s);

  Instant now = kStart + 1min;
  Duration longest{0};
  for (int i = 0; i < 200; ++i, now += 1s) {
    if (lock.Wrong("a", now)) longest = std::max(longest, lock.Locked("a", now));
  }
  EXPECT_EQ(longest, GuessLock::kLongest);
}

TEST(GuessLock, AWrongTokenNowAndThenIsNoGuessing) {
  GuessLock lock;
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(lock.Wrong("a", kStart + i * 15s)) << "a scraper with an old token";
}

TEST(ClientKey, IsAnAddressOrTheNetworkAClientChoosesFrom) {
  EXPECT_EQ(ClientKey("10.1.2.3"), "10.1.2.3");
  EXPECT_EQ(ClientKey("::ffff:10.1.2.3"), "10.1.2.3");
  EXPECT_EQ(ClientKey("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(ClientKey("2001:db8:1:2:ffff::1"), ClientKey("2001:db8:1:2::9"));
}

}  // namespace
}  // namespace spillway::daemon
