#include "avi/write_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace spillway::avi {
namespace {

TEST(WriteQueue, NeverWaitsAlone) {
  WriteQueue queue;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(queue.Enter(false, 0s));
}

TEST(WriteQueue, GivesUpWhenItsPatienceEnds) {
  WriteQueue queue;
  const auto turn = queue.Enter(false, 1s);
  ASSERT_TRUE(turn);
  EXPECT_FALSE(queue.Enter(true, 1ms));
}

TEST(WriteQueue, LetsUrgentWritesGoFirst) {
  WriteQueue queue;
  auto turn = queue.Enter(false, 1s);
  ASSERT_TRUE(turn);
  std::mutex mutex;
  std::vector<std::string> order;
  const auto write = [&](bool urgent, const char* name) {
    const auto mine = queue.Enter(urgent, 60s);
    ASSERT_TRUE(mine);
    const std::lock_guard lock(mutex);
    order.emplace_back(name);
  };
  std::vector<std::thread> threads;
  const std::vector<std::pair<bool, const char*>> arrivals = {
      {false, "first"}, {false, "second"}, {true, "urgent"}, {true, "also urgent"}};
  for (const auto& [urgent, name] : arrivals) {
    const std::size_t standing = queue.waiting();
    threads.emplace_back(write, urgent, name);
    while (queue.waiting() == standing) std::this_thread::yield();
  }
  turn.reset();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(order, (std::vector<std::string>{"urgent", "also urgent", "first", "second"}));
}

TEST(WriteQueue, LetsNoTwoWriteAtOnce) {
  WriteQueue queue;
  std::atomic<int> inside = 0, most = 0, done = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        const auto turn = queue.Enter(t == 0, 60s);
        if (!turn) continue;
        const int now = ++inside;
        if (now > most) most = now;
        --inside;
        ++done;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(most, 1);
  EXPECT_EQ(done, 800);
}

}  // namespace
}  // namespace spillway::avi
