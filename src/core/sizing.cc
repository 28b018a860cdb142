#include "src/core/sizing.h"

#include <algorithm>
#include <cmath>

namespace spillway {
namespace {

// Chosen: well above the rounding of sums of shares, well below anything that matters.
constexpr double kEpsilon = 1e-6;

int CeilCount(double replicas) { return static_cast<int>(std::ceil(std::max(0.0, replicas) - kEpsilon)); }

void Fill(const Policy& policy, double work, const std::set<SiteName>& skipped, Sizing& sizing) {
  for (const OverflowPolicy& site : policy.overflow) {
    if (skipped.contains(site.site)) continue;
    const int due = std::min(CeilCount(work / site.capacity_factor), site.replicas_max);
    sizing.sites[site.site].due = due;
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
    for (const OverflowPolicy* each : sites) sizing.sites[each->site].due = CeilCount(share / each->capacity_factor);
    return;
  }
  sizing.equal_shares_fit = false;
  sizing.missing = sizing.excess;
}

}  // namespace

Sizing Size(const Policy& policy, Mode mode, double demand, int home_max, const HomeStanding& home,
            const std::set<SiteName>& skipped) {
  Sizing sizing;
  for (const OverflowPolicy& site : policy.overflow) sizing.sites[site.site] = {};
  const bool failed_over = home.down || home.share_most < 1;
  const double work = failed_over ? demand : demand * (1 + policy.headroom);
  const double home_capacity = home.down ? 0 : home_max * home.share_most;
  sizing.excess = CeilCount(work - home_capacity);
  if (sizing.excess > 0 && (failed_over || mode != Mode::kActivePassive)) {
    if (mode == Mode::kRoundRobin && !failed_over) {
      FillEqually(policy, work, home_capacity, skipped, sizing);
    } else {
      Fill(policy, work - home_capacity, skipped, sizing);
    }
  } else {
    sizing.missing = sizing.excess;
  }
  for (const OverflowPolicy& site : policy.overflow) {
    Sizing::Need& need = sizing.sites[site.site];
    need.needed = std::max(need.due, site.replicas_min);
  }
  return sizing;
}

}  // namespace spillway
