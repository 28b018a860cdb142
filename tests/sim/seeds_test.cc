// Three hundred seeds, half a day each, with faults: no invariant breaks, and each comes to rest.
#include "tools/simulate/seeds.h"

#include <gtest/gtest.h>

#include "src/base/log.h"
#include "tools/simulate/report.h"

namespace spillway::sim {
namespace {

// Thousands of decisions would tell of themselves.
const bool kQuiet = (SetUpLog(LogLevel::kError, LogFormat::kText), true);

class Seeds : public testing::TestWithParam<int> {};

TEST_P(Seeds, BreakNoInvariant) {
  SeedsOptions options;
  options.first = options.last = static_cast<std::uint64_t>(GetParam());
  options.span = 12h;
  options.hours_text = "12";
  std::string failure;
  options.broke = [&](const std::string& text) { failure = text; };
  const SeedsTally tally = PlaySeeds(options);
  EXPECT_EQ(tally.seeds, 1U);
  EXPECT_TRUE(tally.broken.empty()) << failure;
}

INSTANTIATE_TEST_SUITE_P(HalfADay, Seeds, testing::Range(1, 301));

}  // namespace
}  // namespace spillway::sim
