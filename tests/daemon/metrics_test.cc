// docs/metrics.md and the real answer, against each other.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "src/base/file.h"
#include "tests/daemon/orders_world.h"

namespace spillway::daemon {
namespace {

class MetricsTest : public OrdersTest {
 protected:
  // A family without a value is not served, so each has one, with every value that its labels may have: an order
  // stands, a budget is set, shares are measured, overflow's use is told by everything that may tell it.
  MetricsTest() {
    decide_ = [](const auto&... given) {
      Outcome outcome = Decide(given...);
      outcome.decision.budget = BudgetState{1, 10, 1, 10, {}};
      outcome.decision.overflow_used = {{"eu", UsageSource::kMetrics, 1, Sureness::kMeasured},
                                        {"eu", UsageSource::kAutoscaler, 1, Sureness::kStated},
                                        {"", UsageSource::kShare, 1, Sureness::kInferred}};
      return outcome;
    };
    TrafficState traffic = world_.director.reading.seen->value;
    for (auto& [site, member] : traffic.members) member.requests_per_second = 10;
    world_.director.Show(traffic);
    EXPECT_EQ(Order("pause", With("")).status, 200);
    EXPECT_EQ(Order("drain", With(R"("site":"eu")")).status, 200);
    Look();
  }
  // "name kind" of each family, and "name label,label" of each of its label sets.
  struct Families {
    std::set<std::string> kinds, labels;
    std::map<std::string, std::string> units;  // by name; Documented() alone
  };
  Families Served() {
    Families families;
    std::istringstream lines(Get("/metrics").body);
    std::string family, kind;
    for (std::string line; std::getline(lines, line);) {
      if (line.rfind("# TYPE ", 0) == 0) {
        families.kinds.insert(line.substr(7));
        std::istringstream(line.substr(7)) >> family >> kind;
      }
      if (line.rfind('#', 0) != 0) families.labels.insert(family + " " + LabelsOf(line));
    }
    return families;
  }
  // The labels of a sample, by name; not a histogram's bound.
  static std::string LabelsOf(const std::string& line) {
    std::set<std::string> names;
    const std::string text = line.substr(0, line.rfind(' '));
    for (std::size_t at = text.find('{'); at != std::string::npos && text[at] != '}';) {
      const std::size_t equals = text.find("=\"", at);
      names.insert(text.substr(at + 1, equals - at - 1));
      at = text.find('"', equals + 2) + 1;  // no value of these has a quote in it
    }
    names.erase("le");
    return Joined(names);
  }
  static std::string Joined(const std::set<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
    return text;
  }
  static Families Documented() {
    Families families;
    std::istringstream lines(*ReadFile("docs/metrics.md"));
    for (std::string line; std::getline(lines, line);) {
      if (line.rfind("| `spillway_", 0) != 0) continue;
      std::istringstream columns(line);
      std::string name, kind, labels, unit;
      std::getline(columns, name, '|');
      for (std::string* column : {&name, &kind, &labels, &unit}) std::getline(columns, *column, '|');
      name = Quoted(name);
      families.units[name] = unit.substr(1, unit.size() - 2);
      families.kinds.insert(name + " " + kind.substr(1, kind.size() - 2));
      families.labels.insert(name + " " + Quoted(labels));
    }
    return families;
  }
  // What stands between backquotes.
  static std::string Quoted(const std::string& text) {
    std::set<std::string> words;
    std::istringstream parts(text);
    std::string word;
    for (bool in = false; std::getline(parts, word, '`'); in = !in) {
      if (in) words.insert(word);
    }
    return Joined(words);
  }
};

TEST_F(MetricsTest, EveryOneOfThemIsDocumentedAndEveryDocumentedOneIsServed) {
  EXPECT_EQ(Served().kinds, Documented().kinds);
}

TEST_F(MetricsTest, EveryOneHasTheLabelsThatAreDocumentedAndNoOther) {
  EXPECT_EQ(Served().labels, Documented().labels);
}

TEST_F(MetricsTest, EachSaysInWordsWhatItMeans) {
  std::istringstream lines(Get("/metrics").body);
  std::set<std::string> explained;
  for (std::string line, hash, help, name, words; std::getline(lines, line);) {
    if (line.rfind("# HELP ", 0) != 0) continue;
    words.clear();
    std::istringstream parts(line);
    std::getline(parts >> hash >> help >> name >> std::ws, words);
    if (!words.empty()) explained.insert(name);
  }
  std::set<std::string> documented;
  for (const auto& [name, unit] : Documented().units) documented.insert(name);
  EXPECT_EQ(explained, documented);
}

TEST_F(MetricsTest, EachHasAUnitAndANameWithAUnitInItHasThatOne) {
  for (const auto& [name, unit] : Documented().units) {
    EXPECT_FALSE(unit.empty()) << name;
    std::string base = name;
    for (const std::string suffix : {"_total", "_info"}) {
      if (base.ends_with(suffix)) base.resize(base.size() - suffix.size());
    }
    for (const std::string word : {"seconds", "replicas", "ratio", "share", "decisions", "writes"}) {
      if (base.ends_with("_" + word)) {
        EXPECT_TRUE(unit == word || unit.ends_with("-" + word) || (word == "share" && unit == "ratio"))
            << name << " in " << unit;
      }
    }
  }
}

// For tests/monitoring, which holds Prometheus' own opinion, the alerts and Grafana against it.
TEST_F(MetricsTest, WritesDownWhatIsServedForWhoAsksForIt) {
  const std::string text = Get("/metrics").body;
  for (const char* value : {"kind=\"measured\"", "source=\"autoscaler\"", "phase=\"draining\"", "limit=\"cost\""}) {
    EXPECT_NE(text.find(value), std::string::npos) << value;
  }
  if (const char* path = std::getenv("SPILLWAY_EXPOSITION")) std::ofstream(path) << text;
}

}  // namespace
}  // namespace spillway::daemon
