#include "src/base/line_queue.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>
#include <vector>

namespace spillway {
namespace {

using State = LineStream::State;

std::vector<std::string> Drain(LineQueue& queue, State* last) {
  std::vector<std::string> lines;
  for (;;) {
    LineStream::Item item = queue.Next(Duration{0});
    if (item.state != State::kLine) {
      *last = item.state;
      return lines;
    }
    lines.push_back(std::move(item.text));
  }
}

TEST(LineQueue, LinesDoNotDependOnWhereThePiecesBreak) {
  const std::string text = "one\n\ntwo\r\n{\"a\":\"\\n\"}\nlast";
  const std::vector<std::string> expected = {"one", "", "two", "{\"a\":\"\\n\"}", "last"};
  for (std::size_t first = 0; first <= text.size(); ++first) {
    for (std::size_t second = first; second <= text.size(); ++second) {
      LineQueue queue;
      EXPECT_TRUE(queue.Feed(text.substr(0, first)));
      EXPECT_TRUE(queue.Feed(text.substr(first, second - first)));
      EXPECT_TRUE(queue.Feed(text.substr(second)));
      queue.End();
      State last = State::kNothingYet;
      EXPECT_EQ(Drain(queue, &last), expected) << first << " " << second;
      EXPECT_EQ(last, State::kEnded);
    }
  }
}

TEST(LineQueue, NothingYetIsNotTheEnd) {
  LineQueue queue;
  EXPECT_EQ(queue.Next(1ms).state, State::kNothingYet);
  queue.Feed("half a li");
  EXPECT_EQ(queue.Next(1ms).state, State::kNothingYet);
  queue.Feed("ne\n");
  EXPECT_EQ(queue.Next(1ms).text, "half a line");
}

TEST(LineQueue, AFailureComesAfterTheLinesBeforeItAndStays) {
  LineQueue queue;
  queue.Feed("whole\nhalf");
  queue.Fail("cut");
  EXPECT_EQ(queue.Next(Duration{0}).text, "whole");
  for (int i = 0; i < 2; ++i) {
    const LineStream::Item item = queue.Next(Duration{0});
    EXPECT_EQ(item.state, State::kFailed);
    EXPECT_EQ(item.text, "cut") << "half a line is not handed out";
  }
}

TEST(LineQueue, ALineBeyondTheCapFails) {
  for (const bool in_one : {true, false}) {
    LineQueue at_cap(8, 100);
    EXPECT_TRUE(at_cap.Feed("12345678\n"));
    LineQueue queue(8, 100);
    if (in_one) {
      EXPECT_FALSE(queue.Feed("ok\n123456789\n"));
    } else {
      EXPECT_TRUE(queue.Feed("ok\n12345"));
      EXPECT_FALSE(queue.Feed("6789"));
    }
    EXPECT_EQ(queue.Next(Duration{0}).text, "ok");
    const LineStream::Item item = queue.Next(Duration{0});
    EXPECT_EQ(item.state, State::kFailed);
    EXPECT_EQ(item.text, "a line is longer than 8 bytes");
    EXPECT_FALSE(queue.Feed("x\n")) << "and nothing is taken any more";
  }
}

TEST(LineQueue, AFullQueueHoldsTheFeederBackAndLosesNothing) {
  LineQueue queue(8, 16);
  std::thread feeder([&] {
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(queue.Feed(std::to_string(i) + "\n"));
    queue.End();
  });
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(queue.Next(10s).text, std::to_string(i));
  EXPECT_EQ(queue.Next(10s).state, State::kEnded);
  feeder.join();
}

TEST(LineQueue, CancelWakesBothSides) {
  LineQueue full(8, 8);
  ASSERT_TRUE(full.Feed("1234567\n"));
  auto feeder = std::async(std::launch::async, [&] { return full.Feed("1234567\n12345678\n"); });
  LineQueue empty;
  auto taker = std::async(std::launch::async, [&] { return empty.Next(1h); });
  full.Cancel();
  empty.Cancel();
  EXPECT_FALSE(feeder.get());
  EXPECT_EQ(taker.get().state, State::kFailed);
  EXPECT_EQ(full.Next(Duration{0}).text, "cancelled") << "what waited is dropped";
}

}  // namespace
}  // namespace spillway
