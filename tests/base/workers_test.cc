#include "src/base/workers.h"

#include <gtest/gtest.h>

#include <latch>
#include <memory>
#include <thread>

namespace spillway {
namespace {

constexpr int kCrowd = 40;

// Runs `count` jobs that are all there at once.
void Crowd(Workers& workers, int count) {
  const auto together = std::make_shared<std::latch>(count);
  const auto gone = std::make_shared<std::latch>(count);
  for (int i = 0; i < count; ++i) {
    ASSERT_TRUE(workers.Run([=] {
      together->arrive_and_wait();
      gone->count_down();
    }));
  }
  gone->wait();
}

TEST(Workers, EveryJobRunsAtOnceHoweverManyThereAre) {
  Workers workers;
  Crowd(workers, kCrowd);  // would wait for ever
  Crowd(workers, kCrowd);
}

TEST(Workers, ThreadsThatACrowdTookAreGivenBackButForAFew) {
  Workers workers;
  Crowd(workers, kCrowd);
  while (workers.threads() > Workers::kIdleMost) std::this_thread::yield();
  Crowd(workers, 2);
  EXPECT_GE(workers.threads(), 2U);
  EXPECT_LE(workers.threads(), Workers::kIdleMost);
}

TEST(Workers, JoiningWaitsForWhatRunsAndNothingRunsAfterwards) {
  Workers workers;
  std::latch begun(1);
  bool done = false;
  ASSERT_TRUE(workers.Run([&] {
    begun.count_down();
    done = true;
  }));
  begun.wait();
  workers.Join();
  EXPECT_TRUE(done);
  EXPECT_FALSE(workers.Run([&] { done = false; }));
  EXPECT_TRUE(done);
  EXPECT_EQ(workers.threads(), 0U);
}

}  // namespace
}  // namespace spillway
