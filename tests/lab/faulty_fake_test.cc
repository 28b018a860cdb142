#include "tools/lab/faulty_fake.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "src/base/clock.h"

namespace spillway::lab {
namespace {

// One line, then another, and so on.
class Lines final : public Tail {
 public:
  Part Take() override { return {std::to_string(++count_) + "\n"}; }
  void Wait(Duration /*most*/) override {}

 private:
  int count_ = 0;
};

// Answers 200 with how often it was called; a watch is a stream.
class Counter final : public Fake {
 public:
  Answer Handle(const Call& call) override {
    Answer answer;
    answer.response.status = 200;
    answer.response.body = std::to_string(++calls);
    answer.delay = 1ms;
    if (call.request.target == "/watch") answer.tail = std::make_unique<Lines>();
    return answer;
  }
  void Advance() override {}
  std::optional<Instant> NextDue() const override { return std::nullopt; }

  int calls = 0;
};

struct FaultyFakeTest : ::testing::Test {
  Answer Ask(const std::string& method, const std::string& target) {
    return fake.Handle({{method, target, {}, ""}, "", ""});
  }

  ManualClock clock;
  FaultBoard board{clock};
  Counter inner;
  int touches = 0;
  FaultyFake fake{inner, board, "avi-us", [this](const HttpRequest&) {
                    ++touches;
                    EXPECT_EQ(inner.calls, 0) << "before the write itself";
                  }};
};

TEST(FaultyFake, BreaksAsItIsTold) {
  struct Row {
    std::string claim, target, kind;
    std::optional<double> value;
    std::string method, path;
    Answer::Fate fate;
    int status, calls;
    Duration delay;
  };
  using Fate = Answer::Fate;
  const std::vector<Row> rows = {
      {"down cuts the connection and does nothing", "avi-us", "down", {}, "GET", "/", Fate::kDropped, 0, 0, {}},
      {"hang never answers and does nothing", "avi-us", "hang", {}, "GET", "/", Fate::kHung, 0, 0, {}},
      {"http answers that status and does nothing", "avi-us", "http", 503, "GET", "/", Fate::kSent, 503, 0, {}},
      {"a rate limit is a 429 and does nothing", "avi-us", "rate-limit", {}, "PUT", "/", Fate::kSent, 429, 0, {}},
      {"latency does it and answers later", "avi-us", "latency", 250, "GET", "/", Fate::kSent, 200, 1, 251ms},
      {"a lost answer was a write that is done", "avi-us", "lose-answer", {}, "PUT", "/", Fate::kDropped, 200, 1, 1ms},
      {"a read's answer is not lost", "avi-us", "lose-answer", {}, "GET", "/", Fate::kSent, 200, 1, 1ms},
      {"a login's answer is not lost", "avi-us", "lose-answer", {}, "POST", "/login", Fate::kSent, 200, 1, 1ms},
      {"another target's fault is not ours", "avi-eu", "down", {}, "GET", "/", Fate::kSent, 200, 1, 1ms},
  };
  for (const Row& row : rows) {
    ManualClock clock;
    FaultBoard board(clock);
    Counter inner;
    FaultyFake fake(inner, board, "avi-us");
    ASSERT_TRUE(board.Add(row.target, row.kind, row.value, std::nullopt)) << row.claim;
    const Answer answer = fake.Handle({{row.method, row.path, {}, ""}, "", ""});
    EXPECT_EQ(answer.fate, row.fate) << row.claim;
    EXPECT_EQ(answer.response.status, row.status) << row.claim;
    EXPECT_EQ(inner.calls, row.calls) << row.claim;
    EXPECT_EQ(answer.delay, row.delay) << row.claim;
  }
}

TEST_F(FaultyFakeTest, AConflictIsSomebodyElsesChangeJustBeforeAWrite) {
  ASSERT_TRUE(board.Add("avi-us", "conflict", {}, {}));
  Ask("PUT", "/x");
  EXPECT_EQ(touches, 1);
  Ask("GET", "/x");
  Ask("POST", "/login");
  EXPECT_EQ(touches, 1) << "reads and logins touch nothing";
}

TEST_F(FaultyFakeTest, AStaleServerRepeatsWhatItSaidLast) {
  EXPECT_EQ(Ask("GET", "/a").response.body, "1");
  const Result<int> stale = board.Add("avi-us", "stale", {}, {});
  ASSERT_TRUE(stale);
  EXPECT_EQ(Ask("GET", "/a").response.body, "1");
  EXPECT_EQ(Ask("GET", "/new").response.body, "2") << "what was never asked has no old answer";
  EXPECT_EQ(Ask("PUT", "/a").response.body, "3") << "writes are done";
  EXPECT_EQ(Ask("GET", "/a").response.body, "1");
  board.Remove(*stale);
  EXPECT_EQ(Ask("GET", "/a").response.body, "4");
}

TEST_F(FaultyFakeTest, WatchesOfAStaleOrHangingServerFallSilentAndCatchUp) {
  const Answer watch = Ask("GET", "/watch");
  EXPECT_EQ(watch.tail->Take().bytes, "1\n");
  int line = 1;
  for (const char* kind : {"stale", "hang"}) {
    const Result<int> silent = board.Add("avi-us", kind, {}, {});
    EXPECT_EQ(watch.tail->Take().bytes, "") << kind;
    watch.tail->Wait(1ms);
    board.Remove(*silent);
    EXPECT_EQ(watch.tail->Take().bytes, std::to_string(++line) + "\n") << kind;
  }
}

}  // namespace
}  // namespace spillway::lab
