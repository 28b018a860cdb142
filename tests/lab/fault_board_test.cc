#include "tools/lab/fault_board.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "src/base/clock.h"

namespace spillway::lab {
namespace {

// Answers 200 and counts.
class Counter final : public Fake {
 public:
  Answer Handle(const Call& /*call*/) override {
    ++calls;
    Answer answer;
    answer.response.status = 200;
    answer.delay = 1ms;
    return answer;
  }
  void Advance() override {}
  std::optional<Instant> NextDue() const override { return std::nullopt; }

  int calls = 0;
};

TEST(FaultyFake, BreaksAsItIsTold) {
  struct Row {
    std::string claim, target, kind;
    double value;
    Answer::Fate fate;
    int status, calls;
    Duration delay;
  };
  const std::vector<Row> rows = {
      {"down cuts the connection and does nothing", "avi-us", "down", 0, Answer::Fate::kDropped, 0, 0, {}},
      {"hang never answers and does nothing", "avi-us", "hang", 0, Answer::Fate::kHung, 0, 0, {}},
      {"http answers that status and does nothing", "avi-us", "http", 503, Answer::Fate::kSent, 503, 0, {}},
      {"latency does it and answers later", "avi-us", "latency", 250, Answer::Fate::kSent, 200, 1, 251ms},
      {"another target's fault is none of its business", "avi-eu", "down", 0, Answer::Fate::kSent, 200, 1, 1ms},
  };
  for (const Row& row : rows) {
    ManualClock clock;
    FaultBoard board(clock);
    Counter inner;
    FaultyFake fake(inner, board, "avi-us");
    ASSERT_TRUE(board.Add(row.target, row.kind, row.value, std::nullopt)) << row.claim;
    const Answer answer = fake.Handle({});
    EXPECT_EQ(answer.fate, row.fate) << row.claim;
    EXPECT_EQ(answer.response.status, row.status) << row.claim;
    EXPECT_EQ(inner.calls, row.calls) << row.claim;
    EXPECT_EQ(answer.delay, row.delay) << row.claim;
  }
}

TEST(FaultBoard, AFaultEndsByItselfOrByRemoval) {
  ManualClock clock;
  FaultBoard board(clock);
  const Result<int> brief = board.Add("k8s-us", "down", 0, 10s);
  const Result<int> lasting = board.Add("k8s-eu", "hang", 0, std::nullopt);
  ASSERT_TRUE(brief && lasting);
  EXPECT_EQ(board.Active().size(), 2U);
  clock.Advance(10s);
  EXPECT_FALSE(board.Is("k8s-us", "down"));
  EXPECT_TRUE(board.Is("k8s-eu", "hang"));
  EXPECT_TRUE(board.Remove(*lasting));
  EXPECT_FALSE(board.Remove(*lasting));
  EXPECT_TRUE(board.Active().empty());
}

TEST(FaultBoard, RefusesWhatItDoesNotKnowAndSaysWhatItDoes) {
  struct Row {
    std::string target, kind;
    double value;
    std::string says;
  };
  const std::vector<Row> rows = {
      {"moon", "down", 0, "avi-us, avi-eu"},
      {"site-us", "hang", 0, "site-us knows down"},
      {"avi-us", "http", 200, "400 to 599"},
      {"avi-us", "latency", 0, "milliseconds"},
  };
  for (const Row& row : rows) {
    ManualClock clock;
    FaultBoard board(clock);
    const Result<int> added = board.Add(row.target, row.kind, row.value, std::nullopt);
    ASSERT_FALSE(added) << row.target << ' ' << row.kind;
    EXPECT_NE(added.error().what.find(row.says), std::string::npos) << added.error().what;
    EXPECT_TRUE(board.Active().empty());
  }
}

TEST(FaultBoard, TellsOfEachNewFault) {
  ManualClock clock;
  FaultBoard board(clock);
  std::vector<std::string> heard;
  board.OnAdd([&](const ActiveFault& fault) { heard.push_back(fault.target + ' ' + fault.kind); });
  ASSERT_TRUE(board.Add("k8s-us", "drop-watch", 0, std::nullopt));
  EXPECT_FALSE(board.Add("k8s-us", "nonsense", 0, std::nullopt));
  EXPECT_EQ(heard, std::vector<std::string>{"k8s-us drop-watch"});
}

}  // namespace
}  // namespace spillway::lab
