#include "src/daemon/invariants.h"

#include <algorithm>

#include "src/core/overflow_use.h"

namespace spillway::daemon {
namespace {

bool IsServed(const Layout& layout, const SiteName& site) {
  const auto at = layout.find(site);
  return at != layout.end() && at->second.place == Place::kServed;
}

bool GateBeforeTraffic(const Policy& policy, const TrafficState& before, const Decision& decision) {
  return std::all_of(policy.overflow.begin(), policy.overflow.end(), [&](const OverflowPolicy& each) {
    const auto site = decision.sites.find(each.site);
    return !IsServed(*decision.layout, each.site) || Served(before, each.site) ||
           (site != decision.sites.end() && site->second.eligible);
  });
}

bool IsAnswered(const Placement& placement) {
  // Avi answers a standby by itself once the pools before it are down.
  return placement.place == Place::kServed || placement.place == Place::kStandby;
}

bool SomebodyServed(const TrafficState& traffic, const Layout& layout) {
  bool before = false, after = false;
  for (const auto& [site, member] : traffic.members) {
    if (member.health != Health::kUp) continue;
    const auto at = layout.find(site);
    before = before || IsAnswered(member.placement);
    after = after || (at != layout.end() && IsAnswered(at->second));
  }
  return after || !before;
}

// The last replica of a site goes with this decision.
bool TakesTheLast(const SiteName& site, const Memory& before, int target) {
  const auto was = before.sites.find(site);
  return target == 0 && was != before.sites.end() && was->second.replicas_target > 0;
}

}  // namespace

std::vector<Invariant> BrokenInvariants(const Policy& policy, const Observation& seen, const Memory& before,
                                        const Decision& decision) {
  std::vector<Invariant> broken;
  const auto& traffic = seen.traffic.seen;
  if (decision.layout && traffic) {
    if (!GateBeforeTraffic(policy, traffic->value, decision)) broken.push_back(Invariant::kGateBeforeTraffic);
    if (!SomebodyServed(traffic->value, *decision.layout)) broken.push_back(Invariant::kSomebodyServed);
  }
  bool replicas_kept = true, within = true;
  for (const OverflowPolicy& each : policy.overflow) {
    const auto site = decision.sites.find(each.site);
    if (site == decision.sites.end()) continue;
    const int target = site->second.replicas_target;
    within = within && target <= std::max(each.replicas_max, each.replicas_min);
    replicas_kept =
        replicas_kept && !(TakesTheLast(each.site, before, target) && traffic && Served(traffic->value, each.site) &&
                           traffic->value.members.at(each.site).health == Health::kUp);
  }
  if (!replicas_kept) broken.push_back(Invariant::kTrafficBeforeReplicas);
  if (!within) broken.push_back(Invariant::kWithinLimits);
  return broken;
}

}  // namespace spillway::daemon
