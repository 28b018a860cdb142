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
  // "name kind" of each family.
  std::set<std::string> Served() {
    std::set<std::string> families;
    std::istringstream lines(Get("/metrics").body);
    for (std::string line; std::getline(lines, line);) {
      if (line.rfind("# TYPE ", 0) == 0) families.insert(line.substr(7));
    }
    return families;
  }
  static std::set<std::string> Documented() {
    std::set<std::string> families;
    std::istringstream lines(*ReadFile("docs/metrics.md"));
    for (std::string line; std::getline(lines, line);) {
      if (line.rfind("| `spillway_", 0) != 0) continue;
      const std::size_t end = line.find('`', 3);
      const std::size_t kind = line.find("| ", end) + 2;
      families.insert(line.substr(3, end - 3) + " " + line.substr(kind, line.find(' ', kind) - kind));
    }
    return families;
  }
};

TEST_F(MetricsTest, EveryOneOfThemIsDocumentedAndEveryDocumentedOneIsServed) { EXPECT_EQ(Served(), Documented()); }

TEST_F(MetricsTest, EachSaysInWordsWhatItMeans) {
  const std::string text = Get("/metrics").body;
  for (const std::string& family : Documented()) {
    const std::string name = family.substr(0, family.find(' '));
    EXPECT_NE(text.find("# HELP " + name + " "), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace spillway::daemon
