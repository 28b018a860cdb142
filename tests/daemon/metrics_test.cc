// docs/metrics.md and the real answer, against each other.
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "src/base/file.h"
#include "tests/daemon/orders_world.h"

namespace spillway::daemon {
namespace {

class MetricsTest : public OrdersTest {
 protected:
  // A family without a value is not served, so each has one: an order stands, a budget is set.
  MetricsTest() {
    decide_ = [](const auto&... given) {
      Outcome outcome = Decide(given...);
      outcome.decision.budget = BudgetState{1, 10, 1, 10, {}};
      return outcome;
    };
    EXPECT_EQ(Order("pause", With("")).status, 200);
    Look();
  }
  // "name kind" of each family, and "name label,label" of each of its label sets.
  struct Families {
    std::set<std::string> kinds, labels;
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
      std::string name, kind, labels;
      std::getline(columns, name, '|');
      for (std::string* column : {&name, &kind, &labels}) std::getline(columns, *column, '|');
      name = Quoted(name);
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
  const std::string text = Get("/metrics").body;
  for (const std::string& family : Documented().kinds) {
    const std::string name = family.substr(0, family.find(' '));
    EXPECT_NE(text.find("# HELP " + name + " "), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace spillway::daemon
