#include "src/core/pace.h"

#include <algorithm>
#include <cmath>

#include "src/core/demand.h"
#include "src/core/share_quality.h"

namespace spillway {
namespace {

// Chosen: autoscalers aim at 50 to 80 % of what a replica can do, so a fifth more overloads nobody, and half as much
// again is too much.
constexpr double kStretchMost = 1.2;
constexpr double kOverloaded = 1.5;

// Chosen: what is given on trust is a tenth more at a time, HorizontalPodAutoscaler's default tolerance, and what
// home's load shows to fit into it at most twice as much: the less traffic home has, the less its load says.
constexpr double kOnTrust = 1.1;
constexpr double kOnLoadMost = 2;

// Chosen: a crowd of average size, while nothing is known of it.
constexpr double kResolversAssumed = 50;

// How much of what home's replicas are meant to carry may be given to them, for a share of about `share`: the resolvers
// that happen to be sent home scatter, and three standard deviations more should not be too much for it either.
double Stretch(const Tick& tick, double share) {
  const double resolvers = ResolversSeen(tick.memory.share).value_or(kResolversAssumed);
  const double noise = std::sqrt((1 - share) / (share * resolvers));
  return std::clamp(kOverloaded - 3 * noise, 1.0, kStretchMost);
}

// What an autoscaler may be given that has felt home's share of `now` and is content. The demand is what was known
// before home went away and may be far too high by now; the load is what really comes.
double OnTrust(const Tick& tick, const Trusted& trusted, int counted, double now) {
  const double little = std::max(now * kOnTrust, now + tick.policy.ramp.dead_band + kRoundingError);
  const auto load = trusted.demand->load;
  if (!load || now <= 0) return little;
  const double more = counted * Stretch(tick, now) / std::max(*load, kShareSmallest);
  return std::max(little, now * std::min(more, kOnLoadMost));
}

// How many of home's ready replicas may be counted on. While it is given its traffic back, its autoscaler may still be
// taking away what the time without any left idle, and may have said nothing of it yet: only what the load calls for
// stays.
int Counted(const Tick& tick, const Trusted& trusted) {
  const int ready = trusted.home->replicas_ready;
  const HomeDemand& demand = *trusted.demand;
  if (!tick.memory.failed_over || !demand.load) return ready;
  const int called_for = static_cast<int>(std::ceil(*demand.load - kRoundingError));
  return std::min(ready, std::max({called_for, demand.replicas_min, 1}));
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
           share * demand <= workload->replicas_ready * site.capacity_factor * kStretchMost;
  });
}

}  // namespace

std::map<SiteName, double> PaceReturn(Tick& tick, const Trusted& trusted, const std::map<SiteName, double>& published,
                                      std::map<SiteName, double> ideal) {
  const SiteName& home = tick.policy.home;
  const double now = ShareOf(published, home);
  const double wanted = ShareOf(ideal, home);
  const auto demand = tick.decision.demand;
  if (published.empty() || wanted <= now || !demand || *demand <= 0) return ideal;
  if (trusted.demand == nullptr || trusted.home == nullptr || trusted.traffic == nullptr) return ideal;
  const int counted = Counted(tick, trusted);
  const double carried = std::max(counted / *demand, kShareSmallest);
  const double most = carried < 1 ? carried * Stretch(tick, carried) : carried;
  if (counted >= trusted.demand->replicas_max || wanted <= most) return ideal;
  if (!OverflowCanWait(tick, trusted, published, *demand)) return ideal;

  const Duration ttl = std::max(trusted.traffic->ttl, Duration{1s});
  double allowed = now;
  if (tick.Lasted(tick.memory.layout_since, ttl)) allowed = std::max(now, most);
  const bool grows = trusted.demand->replicas_desired > trusted.home->replicas_ready;
  const Duration felt = std::max(ttl, Lag(tick.policy, *trusted.traffic, *trusted.demand));
  if (!grows && tick.Lasted(tick.memory.layout_since, felt)) {
    allowed = std::max(allowed, OnTrust(tick, trusted, counted, now));
  }
  if (allowed >= wanted) return ideal;
  tick.Because(ReasonCode::kHomeGrowsFirst, home,
               {{"home_share", allowed},
                {"counted_replicas", double(counted)},
                {"ready_replicas", double(trusted.home->replicas_ready)}});
  std::map<SiteName, double> paced;
  for (const auto& [site, share] : published) {
    if (site != home) paced[site] = share * (1 - allowed) / (1 - now);
  }
  if (allowed > 0) paced[home] = allowed;
  return paced;
}

}  // namespace spillway
