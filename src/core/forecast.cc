#include "src/core/forecast.h"

#include <algorithm>

namespace spillway {
namespace {

Forecast Describe(const Policy& policy, const Decision& decision, const Observation& observation) {
  Layout layout;
  if (observation.traffic.seen) {
    for (const auto& [site, member] : observation.traffic.seen->value.members) layout[site] = member.placement;
  }
  if (decision.layout) layout = *decision.layout;
  const auto shares = PublishedShares(layout);
  Forecast forecast{decision.mode, decision.writes_held, {}};
  const auto describe = [&](const SiteName& site, int replicas) {
    forecast.sites[site] = {replicas, layout[site], ShareOf(shares, site)};
  };
  describe(policy.home, decision.sites.at(policy.home).replicas_target);
  for (const OverflowPolicy& site : policy.overflow) {
    describe(site.site, decision.sites.at(site.site).replicas_target);
  }
  return forecast;
}

// The world in which everything that was ordered has come about: pods have started, members are up, home's autoscaler
// has followed, timers of gates and ramps have passed.
void Settle(const Policy& policy, const Decision& decision, Observation& observation, Memory& memory, Instant now) {
  const Instant long_ago = now - 24h;
  auto& traffic = observation.traffic.seen;
  for (const OverflowPolicy& site : policy.overflow) {
    SiteMemory& of = memory.sites[site.site];
    const int needed = decision.sites.at(site.site).replicas_needed;
    auto& workload = observation.sites[site.site].workload.seen;
    if (!workload || needed == 0) continue;
    const bool cold = workload->value.replicas_ready == 0;
    workload->value.replicas_wanted = workload->value.replicas_ready = std::max(needed, of.replicas_target);
    of.replicas_target = workload->value.replicas_wanted;
    if (traffic && traffic->value.members.contains(site.site)) {
      MemberState& member = traffic->value.members.at(site.site);
      if (cold) member.health = Health::kUp;
      if (member.health == Health::kUp) of.ready_since = of.healthy_since = of.eligible_since = long_ago;
    }
  }
  auto& home = observation.sites[policy.home].workload.seen;
  const auto& autoscaler = observation.home_demand.seen;
  if (home && autoscaler) home->value.replicas_wanted = home->value.replicas_ready = autoscaler->value.replicas_max;
  memory.layout_since = memory.excess_since = memory.home_up_since = long_ago;
}

}  // namespace

Change Foresee(const Policy& policy, const Observation& observation, const Override& standing, const Override& wanted,
               const Memory& memory, Instant now) {
  Change change;
  change.before = Describe(policy, Decide(policy, observation, standing, memory, now).decision, observation);
  Outcome at_once = Decide(policy, observation, wanted, memory, now);
  change.at_once = Describe(policy, at_once.decision, observation);
  change.decision = std::move(at_once.decision);

  Observation settled = observation;
  Memory later = std::move(at_once.memory);
  if (later.failed_over && later.failback_share > 0) later.failback_share = 1;
  Settle(policy, change.decision, settled, later, now);
  const Decision last = Decide(policy, settled, wanted, later, now).decision;
  change.after = Describe(policy, last, settled);
  for (const OverflowPolicy& site : policy.overflow) {
    change.after.sites.at(site.site).replicas = last.sites.at(site.site).replicas_needed;
  }
  return change;
}

}  // namespace spillway
