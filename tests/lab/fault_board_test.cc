#include "tools/lab/fault_board.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <sstream>
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

// The words in backticks of a table's cell; `value` is about a kind, not one itself.
std::set<std::string> Marked(const std::string& cell) {
  std::set<std::string> words;
  for (std::size_t open = 0; (open = cell.find('`', open)) != std::string::npos;) {
    const std::size_t close = cell.find('`', open + 1);
    if (close == std::string::npos) break;
    words.insert(cell.substr(open + 1, close - open - 1));
    open = close + 1;
  }
  words.erase("value");
  return words;
}

// The table of faults in docs/lab.md, by target.
std::map<std::string, std::set<std::string>> Documented() {
  const Result<std::string> text = ReadFile("docs/lab.md");
  EXPECT_TRUE(text);
  std::istringstream lines(text ? *text : "");
  std::map<std::string, std::set<std::string>> table;
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line == "| target | kinds |") {
      inside = true;
    } else if (!line.starts_with("|")) {
      inside = false;
    } else if (inside) {
      const std::size_t second = line.find('|', 1);
      for (const std::string& target : Marked(line.substr(0, second))) table[target] = Marked(line.substr(second));
    }
  }
  return table;
}

TEST(FaultBoard, TakesTheDocumentedPairsOfTargetAndKindAndNoOthers) {
  const std::map<std::string, std::set<std::string>> documented = Documented();
  std::set<std::string> all;
  for (const auto& [target, kinds] : documented) all.insert(kinds.begin(), kinds.end());
  ASSERT_EQ(documented.size(), FaultBoard::Targets().size());
  for (const auto& [target, kinds] : documented) {
    for (const std::string& kind : all) {
      ManualClock clock;
      FaultBoard board(clock);
      std::optional<double> value;
      if (kind == "http") value = 503;
      if (kind == "latency" || kind == "loss") value = 10;
      const Result<int> added = board.Add(target, kind, value, {});
      EXPECT_EQ(static_cast<bool>(added), kinds.contains(kind)) << target << ' ' << kind;
      EXPECT_EQ(board.Is(target, kind), kinds.contains(kind)) << target << ' ' << kind;
      if (added) continue;
      EXPECT_TRUE(added.error().what.starts_with("kind: " + target + " knows ")) << added.error().what;
      for (const std::string& known : kinds) {
        EXPECT_NE((added.error().what + ',').find(' ' + known + ','), std::string::npos) << added.error().what;
      }
    }
  }
}

TEST(FaultBoard, EachKindOfEachSortOfTargetIsInAScenario) {
  std::string all;
  for (const auto& entry : std::filesystem::directory_iterator("tools/story/scenarios")) {
    const Result<std::string> text = ReadFile(entry.path().string());
    ASSERT_TRUE(text) << text.error().what;
    all += *text;
  }
  for (const std::string& target : FaultBoard::Targets()) {
    for (const std::string& kind : FaultBoard::Kinds(target)) {
      // The two of a sort are alike: one of them will do.
      const bool played = std::ranges::any_of(FaultBoard::Targets(), [&](const std::string& other) {
        std::string fault = "fault: {target: " + other;
        fault += ", kind: " + kind;
        return other.substr(0, other.find('-')) == target.substr(0, target.find('-')) &&
               (all.find(fault + ',') != std::string::npos || all.find(fault + '}') != std::string::npos);
      });
      EXPECT_TRUE(played) << target << ' ' << kind;
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
