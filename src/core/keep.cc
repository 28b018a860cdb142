#include "src/core/keep.h"

#include <algorithm>

namespace spillway {

void KeepWhatMayNotBeLowered(Tick& tick, const Trusted& trusted, const Sizing& with_margin, bool demand_known,
                             Sizing& sizing) {
  const bool first_look =
      tick.memory.first_look && !tick.Lasted(tick.memory.first_look, tick.policy.down_stabilization);
  if (first_look) tick.Because(ReasonCode::kFirstLook);
  if (!first_look) tick.memory.first_look.reset();
  for (auto& [site, need] : sizing.sites) {
    const SiteMemory& last = tick.memory.sites[site];
    const int target = last.replicas_target;
    const Sizing::Need& margin = with_margin.sites.at(site);
    need.due = std::max(need.due, std::min({margin.due, last.replicas_due, target}));
    need.needed = std::max(need.needed, std::min({margin.needed, last.replicas_needed, target}));
    if (demand_known && !first_look) continue;
    need.needed = std::max(need.needed, target);
    if (trusted.Served(site)) need.due = std::max(need.due, target);
  }
}

void KeepUntilSubstituted(const Tick& tick, const std::set<SiteName>& skipped, Sizing& sizing) {
  if (sizing.excess == 0) return;
  bool substituted = sizing.missing == 0;
  for (const auto& [site, need] : sizing.sites) {
    const auto memory = tick.memory.sites.find(site);
    if (need.due > 0 && (memory == tick.memory.sites.end() || !memory->second.eligible_since)) substituted = false;
  }
  if (substituted) return;
  for (const SiteName& site : skipped) {
    if (tick.order.drained.contains(site)) continue;  // it hands over below, or was told not to
    Sizing::Need& need = sizing.sites[site];
    need.needed = std::max(need.needed, tick.memory.sites.at(site).replicas_target);
  }
}

void KeepWhatIsServed(const Tick& tick, const Trusted& trusted, Sizing& sizing) {
  if (sizing.equal_shares_fit) return;
  for (auto& [site, need] : sizing.sites) {
    if (!trusted.Served(site)) continue;
    const int target = tick.memory.sites.at(site).replicas_target;
    need.due = std::max(need.due, target);
    need.needed = std::max(need.needed, target);
  }
}

void KeepUntilHandedOver(Tick& tick, const Trusted& trusted, double demand, double home_capacity, Sizing& sizing) {
  if (tick.order.drained.empty()) return;
  double stays = home_capacity;
  for (const OverflowPolicy& site : tick.policy.overflow) {
    const WorkloadState* workload = trusted.overflow.at(site.site);
    const SiteMemory& memory = tick.memory.sites.at(site.site);
    if (tick.order.Held(site.site) || workload == nullptr || !memory.eligible_since) continue;
    const int due = sizing.sites.at(site.site).due;
    stays += std::min({workload->replicas_ready, memory.replicas_target, due}) * site.capacity_factor;
  }
  if (stays >= demand * tick.policy.safety.capacity_floor) return;
  for (auto& [site, need] : sizing.sites) {
    const auto drained = tick.order.drained.find(site);
    if (drained == tick.order.drained.end() || drained->second) continue;
    const SiteMemory& memory = tick.memory.sites.at(site);
    if (!trusted.Served(site) || !memory.eligible_since) continue;
    tick.handing_over.insert(site);
    tick.Because(ReasonCode::kHandingOver, site, {{"others_carry", stays}, {"demand_replicas", demand}});
    need.due = std::max(need.due, memory.replicas_target);
    need.needed = std::max(need.needed, memory.replicas_target);
  }
}

}  // namespace spillway
