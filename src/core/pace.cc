#include "src/core/pace.h"

#include <algorithm>

#include "src/core/demand.h"

namespace spillway {
namespace {

// Chosen: autoscalers aim at 50 to 80 % of what a replica can do, so a fifth more overloads nobody.
constexpr double kStretch = 1.2;

double ShareOf(const std::map<SiteName, double>& shares, const SiteName& site) {
  const auto at = shares.find(site);
  return at == shares.end() ? 0 : at->second;
}

// Every overflow site that is served now is still eligible and ready enough for the share it has.
bool OverflowCanWait(const Tick& tick, const Trusted& trusted, const std::map<SiteName, double>& published,
                     double demand) {
  return std::all_of(tick.policy.overflow.begin(), tick.policy.overflow.end(), [&](const OverflowPolicy& site) {
    const double share = ShareOf(published, site.site);
    if (share <= 0) return true;
    const WorkloadState* workload = trusted.overflow.at(site.site);
    const auto decided = tick.decision.sites.find(site.site);
    return workload != nullptr && decided != tick.decision.sites.end() && decided->second.eligible &&
           share * demand <= workload->replicas_ready * site.capacity_factor * kStretch;
  });
}

}  // namespace

std::map<SiteName, double> PaceReturn(Tick& tick, const Trusted& trusted, const std::map<SiteName, double>& published,
                                      std::map<SiteName, double> ideal) {
  const SiteName& home = tick.policy.home;
  const double now = ShareOf(published, home);
  const double wanted = ShareOf(ideal, home);
  const auto demand = tick.decision.demand;
  if (now <= 0 || wanted <= now || !demand || *demand <= 0) return ideal;
  if (trusted.demand == nullptr || trusted.home == nullptr || trusted.traffic == nullptr) return ideal;
  const int ready = trusted.home->replicas_ready;
  const double most = ready * kStretch / *demand;
  if (ready >= trusted.demand->replicas_max || wanted <= most) return ideal;
  if (!OverflowCanWait(tick, trusted, published, *demand)) return ideal;

  const Duration ttl = std::max(trusted.traffic->ttl, Duration{1s});
  double allowed = now;
  if (tick.Lasted(tick.memory.layout_since, ttl)) allowed = std::max(now, most);
  if (tick.Lasted(tick.memory.layout_since, std::max(ttl, Lag(tick.policy, *trusted.traffic, *trusted.demand)))) {
    allowed = std::max(allowed, now + tick.policy.failover.failback_step);
  }
  if (allowed >= wanted) return ideal;
  tick.Because(ReasonCode::kHomeGrowsFirst, home, {{"home_share", allowed}, {"ready_replicas", double(ready)}});
  std::map<SiteName, double> paced;
  for (const auto& [site, share] : published) {
    paced[site] = site == home ? allowed : share * (1 - allowed) / (1 - now);
  }
  return paced;
}

}  // namespace spillway
