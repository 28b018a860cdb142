#include "tools/lab/fault_board.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "src/base/clock.h"
#include "src/base/file.h"

namespace spillway::lab {
namespace {

TEST(FaultBoard, AFaultEndsByItselfOrByRemoval) {
  ManualClock clock;
  FaultBoard board(clock);
  const Result<int> brief = board.Add("k8s-us", "down", std::nullopt, 10s);
  const Result<int> lasting = board.Add("k8s-eu", "hang", {}, {});
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
    std::optional<double> value;
    std::string says;
  };
  const std::vector<Row> rows = {
      {"moon", "down", {}, "avi-us, avi-eu, k8s-us, k8s-eu, tunnel, dns, site-us, site-eu, autoscaler"},
      {"dns", "hang", {}, "dns knows down, stale"},
      {"avi-us", "http", 200, "400 to 599"},
      {"avi-us", "http", {}, "400 to 599"},
      {"tunnel", "latency", 0, "milliseconds"},
      {"tunnel", "loss", 100, "percent of packets, 1 to 99"},
      {"k8s-eu", "slow-pods", 4000, "seconds until ready"},
      {"avi-us", "down", 3, "down takes none"},
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

TEST(FaultBoard, AKindHasItsUsualValueAndTheLatestCounts) {
  ManualClock clock;
  FaultBoard board(clock);
  EXPECT_EQ(board.Value("k8s-eu", "slow-pods"), std::nullopt);
  ASSERT_TRUE(board.Add("k8s-eu", "slow-pods", {}, {}));
  EXPECT_EQ(board.Value("k8s-eu", "slow-pods"), 30.0);
  ASSERT_TRUE(board.Add("k8s-eu", "slow-pods", 7, 10s));
  EXPECT_EQ(board.Value("k8s-eu", "slow-pods"), 7.0);
  clock.Advance(10s);
  EXPECT_EQ(board.Value("k8s-eu", "slow-pods"), 30.0);
  EXPECT_EQ(board.Value("k8s-us", "slow-pods"), std::nullopt);
}

TEST(FaultBoard, EveryTargetAndEveryKindIsInAScenario) {
  std::string all;
  for (const auto& entry : std::filesystem::directory_iterator("tools/story/scenarios")) {
    const Result<std::string> text = ReadFile(entry.path().string());
    ASSERT_TRUE(text) << text.error().what;
    all += *text;
  }
  for (const std::string& target : FaultBoard::Targets()) {
    EXPECT_NE(all.find("fault: {target: " + target + ","), std::string::npos) << target;
    for (const std::string& kind : FaultBoard::Kinds(target)) {
      const std::string word = " kind: " + kind;
      EXPECT_TRUE(all.find(word + ",") != std::string::npos || all.find(word + "}") != std::string::npos) << kind;
    }
  }
}

TEST(FaultBoard, TellsOfEachNewFault) {
  ManualClock clock;
  FaultBoard board(clock);
  std::vector<std::string> heard;
  board.OnAdd([&](const ActiveFault& fault) { heard.push_back(fault.target + ' ' + fault.kind); });
  ASSERT_TRUE(board.Add("k8s-us", "drop-watch", {}, {}));
  EXPECT_FALSE(board.Add("k8s-us", "nonsense", {}, {}));
  EXPECT_EQ(heard, std::vector<std::string>{"k8s-us drop-watch"});
}

}  // namespace
}  // namespace spillway::lab
