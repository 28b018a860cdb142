#include "src/core/ratios.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "src/base/rng.h"

namespace spillway {
namespace {

double WorstError(const std::map<SiteName, double>& shares, const std::vector<int>& ratios) {
  double sum = 0, worst = 0;
  for (const int ratio : ratios) sum += ratio;
  std::size_t i = 0;
  for (const auto& [site, share] : shares) worst = std::max(worst, std::abs(ratios[i++] / sum - share));
  return worst;
}

// The slow obvious twin: every combination.
double BestErrorOfAll(const std::map<SiteName, double>& shares) {
  std::vector<int> ratios(shares.size(), kRatioMin);
  double best = 2;
  for (;;) {
    best = std::min(best, WorstError(shares, ratios));
    std::size_t i = 0;
    while (i < ratios.size() && ++ratios[i] > kRatioMax) ratios[i++] = kRatioMin;
    if (i == ratios.size()) return best;
  }
}

struct Row {
  const char* name;
  std::map<SiteName, double> shares;
  std::map<SiteName, int> ratios;
};

TEST(FitRatios, Table) {
  const Row rows[] = {
      {"one site gets the smallest ratio", {{"a", 1}}, {{"a", 1}}},
      {"halves are 1:1, not 10:10", {{"a", .5}, {"b", .5}}, {{"a", 1}, {"b", 1}}},
      {"four ready at home and three in the cloud", {{"a", 4 / 7.}, {"b", 3 / 7.}}, {{"a", 4}, {"b", 3}}},
      {"a share below the smallest is given the smallest", {{"a", .99}, {"b", .01}}, {{"a", 20}, {"b", 1}}},
      {"thirds", {{"a", 1 / 3.}, {"b", 1 / 3.}, {"c", 1 / 3.}}, {{"a", 1}, {"b", 1}, {"c", 1}}},
      {"a sixth, a third, a half", {{"a", 1 / 6.}, {"b", 1 / 3.}, {"c", .5}}, {{"a", 1}, {"b", 2}, {"c", 3}}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(FitRatios(row.shares), row.ratios);
  }
}

TEST(FitRatios, IsAsCloseAsTheBestOfAllCombinations) {
  constexpr std::uint64_t kSeed = 20;
  Rng rng(kSeed);
  for (int round = 0; round < 600; ++round) {
    const int count = round % 30 == 0 ? 3 : 2;
    std::map<SiteName, double> shares;
    double sum = 0;
    for (int i = 0; i < count; ++i) sum += shares[std::string(1, static_cast<char>('a' + i))] = 0.01 + rng.Fraction();
    for (auto& [site, share] : shares) share /= sum;
    std::vector<int> got;
    for (const auto& [site, ratio] : FitRatios(shares)) {
      ASSERT_GE(ratio, kRatioMin);
      ASSERT_LE(ratio, kRatioMax);
      got.push_back(ratio);
    }
    EXPECT_NEAR(WorstError(shares, got), BestErrorOfAll(shares), 1e-9) << "seed " << kSeed << ", round " << round;
  }
}

TEST(FitRatios, RoundingCostsAtMostTwoThirdsOfAPointBetweenFiveAndNinetyFivePercent) {
  for (double share = .05; share <= .95; share += .001) {
    const auto ratios = FitRatios({{"a", share}, {"b", 1 - share}});
    const double got = static_cast<double>(ratios.at("a")) / (ratios.at("a") + ratios.at("b"));
    EXPECT_NEAR(got, share, .0065) << share;
  }
}

TEST(PublishedShares, CountOnlyServedSites) {
  const Layout layout = {{"a", {Place::kServed, 14, 0}},
                         {"b", {Place::kServed, 6, 0}},
                         {"c", {Place::kStandby, 9, 1}},
                         {"d", {Place::kParked, 9, 0}},
                         {"e", {Place::kDisabled, 9, 0}}};
  EXPECT_EQ(PublishedShares(layout), (std::map<SiteName, double>{{"a", .7}, {"b", .3}}));
  const std::pair<const char*, double> shares[] = {{"a", .7}, {"b", .3}, {"c", 0}, {"d", 0}, {"e", 0}, {"none", 0}};
  for (const auto& [site, share] : shares) EXPECT_DOUBLE_EQ(PublishedShare(layout, site), share) << site;
  EXPECT_EQ(PublishedShare({{"a", {Place::kParked, 9, 0}}}, "a"), 0) << "nothing is served";
}

}  // namespace
}  // namespace spillway
