#include "src/core/ratios.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace spillway {
namespace {

// The ratios of that sum with the smallest worst error. Largest remainder, which is exact for the worst error; where a
// bound is hit, units move where they hurt least.
void Apportion(const std::vector<double>& shares, int sum, std::vector<int>& ratios) {
  int left = sum;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    ratios[i] = std::clamp(static_cast<int>(std::floor(shares[i] * sum)), kRatioMin, kRatioMax);
    left -= ratios[i];
  }
  const auto lacks = [&](std::size_t i) { return shares[i] * sum - ratios[i]; };
  for (; left > 0; --left) {
    std::size_t best = shares.size();
    for (std::size_t i = 0; i < shares.size(); ++i) {
      if (ratios[i] < kRatioMax && (best == shares.size() || lacks(i) > lacks(best))) best = i;
    }
    ++ratios[best];
  }
  for (; left < 0; ++left) {
    std::size_t best = shares.size();
    for (std::size_t i = 0; i < shares.size(); ++i) {
      if (ratios[i] > kRatioMin && (best == shares.size() || lacks(i) < lacks(best))) best = i;
    }
    --ratios[best];
  }
}

double WorstError(const std::vector<double>& shares, const std::vector<int>& ratios, int sum) {
  double worst = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(ratios[i]) / sum - shares[i]));
  }
  return worst;
}

}  // namespace

std::map<SiteName, int> FitRatios(const std::map<SiteName, double>& shares) {
  std::vector<double> wanted;
  wanted.reserve(shares.size());
  for (const auto& [site, share] : shares) wanted.push_back(share);
  const int count = static_cast<int>(wanted.size());
  std::vector<int> tried(wanted.size());
  std::vector<int> best;
  double least = 2;
  constexpr double kTie = 1e-12;  // errors this close differ only by rounding
  for (int sum = count * kRatioMin; sum <= count * kRatioMax; ++sum) {
    Apportion(wanted, sum, tried);
    const double error = WorstError(wanted, tried, sum);
    if (error >= least - kTie) continue;
    least = error;
    best = tried;
  }
  std::map<SiteName, int> ratios;
  std::size_t i = 0;
  for (const auto& [site, share] : shares) ratios[site] = best[i++];
  return ratios;
}

}  // namespace spillway
