#include "src/core/capacity.h"

#include <algorithm>
#include <vector>

#include "src/core/gate.h"

namespace spillway {
namespace {

Health HealthOf(const Trusted& trusted, const SiteName& site) {
  if (trusted.traffic == nullptr) return Health::kUnknown;
  const auto member = trusted.traffic->members.find(site);
  if (member == trusted.traffic->members.end()) return Health::kUnknown;
  return member->second.placement.place == Place::kDisabled ? Health::kDown : member->second.health;
}

double HomeCarries(const Tick& tick, const Trusted& trusted) {
  const bool returns = tick.order.failback_at.has_value();
  if (tick.order.Held(tick.policy.home) || tick.order.failover_to || (tick.memory.failed_over && !returns)) return 0;
  const auto& autoscaler = tick.seen.home_demand.seen;
  if (!autoscaler || HealthOf(trusted, tick.policy.home) == Health::kDown) return 0;
  return autoscaler->value.replicas_max;
}

double OverflowCarries(const Tick& tick, const Trusted& trusted, const OverflowPolicy& site) {
  const WorkloadState* workload = trusted.overflow.at(site.site);
  if (tick.order.Held(site.site) || workload == nullptr) return 0;
  const auto at = tick.memory.sites.find(site.site);
  const SiteMemory memory = at == tick.memory.sites.end() ? SiteMemory{} : at->second;
  const GatePolicy& gate = tick.policy.gate;
  const auto lasted = [&](std::optional<Instant> since, Duration length) {
    return since && tick.now - *since >= length;
  };
  if (!memory.eligible_since && lasted(memory.provisioning_since, gate.provision_timeout)) return 0;
  // At zero replicas a member is down and that means nothing; with ready ones it should have come up by now.
  const bool sick = HealthOf(trusted, site.site) == Health::kDown && workload->replicas_ready > 0 &&
                    lasted(memory.ready_since, HealthyFor(gate, memory.flaps));
  return sick ? 0 : site.replicas_max * site.capacity_factor;
}

double ByRatios(const std::map<SiteName, int>& ratios, const std::map<SiteName, double>& carries) {
  double sum = 0;
  for (const auto& [site, ratio] : ratios) sum += ratio;
  double most = 0;
  bool first = true;
  for (const auto& [site, ratio] : ratios) {
    if (ratio == 0) continue;
    const double whole = carries.at(site) * sum / ratio;
    most = first ? whole : std::min(most, whole);
    first = false;
  }
  return most;
}

double InEqualShares(const Tick& tick, double home, const std::map<SiteName, double>& carries) {
  double sites = home > 0 ? 1 : 0;
  double weakest = home;
  double most = home;
  for (const OverflowPolicy& site : tick.policy.overflow) {
    const double here = carries.at(site.site);
    if (here <= 0) continue;
    weakest = sites > 0 ? std::min(weakest, here) : here;
    sites += 1;
    most = std::max(most, sites * weakest);
  }
  return most;
}

}  // namespace

double Carries(const Tick& tick, const Trusted& trusted) {
  const double home = HomeCarries(tick, trusted);
  std::map<SiteName, double> carries{{tick.policy.home, home}};
  double sum = home;
  for (const OverflowPolicy& site : tick.policy.overflow) {
    sum += carries[site.site] = OverflowCarries(tick, trusted, site);
  }
  const auto& ratios = tick.order.ratios;
  // Pins that give home a part rest while it is away (PinsApply in sizing.h).
  if (!ratios.empty() && (home > 0 || ratios.at(tick.policy.home) == 0)) return ByRatios(ratios, carries);
  if (home <= 0) return sum;
  if (tick.policy.mode == Mode::kActivePassive) return home;
  return tick.policy.mode == Mode::kRoundRobin ? InEqualShares(tick, home, carries) : sum;
}

double CarriesWhilePaused(const Tick& tick, const Trusted& trusted) {
  if (trusted.traffic == nullptr) return 0;
  std::map<SiteName, int> ratios;
  for (const auto& [site, member] : trusted.traffic->members) {
    // Avi leaves out of its answers who is down.
    if (member.placement.place != Place::kServed || HealthOf(trusted, site) == Health::kDown) continue;
    ratios[site] = member.placement.ratio;
  }
  const auto& autoscaler = tick.seen.home_demand.seen;
  std::map<SiteName, double> carries{{tick.policy.home, autoscaler ? autoscaler->value.replicas_max : 0}};
  for (const OverflowPolicy& site : tick.policy.overflow) {
    const WorkloadState* workload = trusted.overflow.at(site.site);
    carries[site.site] = workload == nullptr ? 0 : workload->replicas_wanted * site.capacity_factor;
  }
  std::erase_if(ratios, [&](const auto& entry) { return !carries.contains(entry.first); });
  return ByRatios(ratios, carries);
}

}  // namespace spillway
