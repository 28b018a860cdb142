#include "src/core/sizing.h"

#include <algorithm>
#include <cmath>

namespace spillway {
namespace {

// Chosen: well above the rounding of sums of shares, well below anything that matters.
constexpr double kEpsilon = 1e-6;

// Chosen: calls for one replica. A site that is to take everything serves whoever comes next, though nobody comes now.
constexpr double kSomebody = 1e-3;

void Give(const OverflowPolicy& site, int due, Sizing& sizing) {
  sizing.sites[site.site] = {due, std::max(due, site.replicas_min)};
}

int CeilCount(double replicas) { return static_cast<int>(std::ceil(std::max(0.0, replicas) - kEpsilon)); }

void Fill(const Policy& policy, double work, const std::set<SiteName>& skipped, Sizing& sizing) {
  for (const OverflowPolicy& site : policy.overflow) {
    if (skipped.contains(site.site)) continue;
    const int due = std::min(CeilCount(work / site.capacity_factor), site.replicas_max);
    Give(site, due, sizing);
    work -= due * site.capacity_factor;
  }
  sizing.missing = CeilCount(work);
}

// The fewest sites, in order, among which equal shares of `work` fit; nothing is ordered when they fit nowhere, since
// replicas that may not be given traffic only cost.
void FillEqually(const Policy& policy, double work, double home_capacity, const std::set<SiteName>& skipped,
                 Sizing& sizing) {
  std::vector<const OverflowPolicy*> sites;
  for (const OverflowPolicy& site : policy.overflow) {
    if (skipped.contains(site.site)) continue;
    sites.push_back(&site);
    const double share = work / static_cast<double>(sites.size() + (home_capacity > 0 ? 1 : 0));
    const bool fits = (home_capacity <= 0 || share <= home_capacity + kEpsilon) &&
                      std::all_of(sites.begin(), sites.end(), [&](const OverflowPolicy* each) {
                        return CeilCount(share / each->capacity_factor) <= each->replicas_max;
                      });
    if (!fits) continue;
    for (const OverflowPolicy* each : sites) Give(*each, CeilCount(share / each->capacity_factor), sizing);
    return;
  }
  sizing.equal_shares_fit = false;
  sizing.missing = sizing.excess;
}

// Each site what its pinned share of `work` calls for.
void FillByRatios(const Policy& policy, double work, const std::map<SiteName, int>& ratios,
                  const std::set<SiteName>& skipped, Sizing& sizing) {
  double sum = 0;
  for (const auto& [site, ratio] : ratios) sum += ratio;
  double missing = 0;
  for (const OverflowPolicy& site : policy.overflow) {
    const double part = work * ratios.at(site.site) / sum;
    const int due =
        skipped.contains(site.site) ? 0 : std::min(CeilCount(part / site.capacity_factor), site.replicas_max);
    Give(site, due, sizing);
    missing += std::max(0.0, part - due * site.capacity_factor);
  }
  sizing.missing = CeilCount(missing);
}

}  // namespace

bool PinsApply(const Policy& policy, const std::map<SiteName, int>& ratios, const HomeStanding& home) {
  if (ratios.empty()) return false;
  return ratios.at(policy.home) == 0 || (!home.down && home.share_most >= 1);
}

Sizing Size(const Policy& policy, double demand, int home_max, const HomeStanding& home,
            const std::set<SiteName>& skipped, const std::map<SiteName, int>& ratios) {
  Sizing sizing;
  for (const OverflowPolicy& site : policy.overflow) Give(site, 0, sizing);
  const bool failed_over = home.away();
  const bool takes_all = home.down || home.leaving;
  const double work = takes_all ? std::max(demand, kSomebody) : failed_over ? demand : demand * (1 + policy.headroom);
  const double home_capacity = takes_all ? 0 : home_max * home.share_most;
  sizing.excess = CeilCount(work - home_capacity);
  if (PinsApply(policy, ratios, home)) {
    FillByRatios(policy, work, ratios, skipped, sizing);
  } else if (sizing.excess > 0 && (failed_over || policy.mode != Mode::kActivePassive)) {
    if (policy.mode == Mode::kRoundRobin && !failed_over) {
      FillEqually(policy, work, home_capacity, skipped, sizing);
    } else {
      Fill(policy, work - home_capacity, skipped, sizing);
    }
  } else {
    sizing.missing = sizing.excess;
  }
  return sizing;
}

}  // namespace spillway
