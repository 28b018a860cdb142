#include "src/core/decide.h"

#include <algorithm>
#include <set>

#include "src/core/demand.h"
#include "src/core/drain.h"
#include "src/core/failover.h"
#include "src/core/gate.h"
#include "src/core/sizing.h"
#include "src/core/split.h"
#include "src/core/tick.h"
#include "src/core/trust.h"

namespace spillway {
namespace {

// Chosen: an application without any timer is looked at this often, so that a lost wake-up can't last.
constexpr Duration kLookAgain = 60s;

// Chosen: demand must be this much lower (replicas of the home site) before fewer replicas are wanted, so that noise
// about a whole number does not order one up and down.
constexpr double kLowerMargin = 0.15;

bool Served(const Trusted& trusted, const SiteName& site) {
  if (trusted.traffic == nullptr) return false;
  const auto member = trusted.traffic->members.find(site);
  return member != trusted.traffic->members.end() && member->second.placement.place == Place::kServed;
}

// Remembers what is published and since when; adopts the replicas of a Deployment seen for the first time.
void TakeStock(Tick& tick, const Trusted& trusted) {
  Memory& memory = tick.memory;
  if (memory == Memory{}) memory.first_look = tick.now;
  for (const OverflowPolicy& site : tick.policy.overflow) {
    SiteMemory& of = memory.sites[site.site];
    const WorkloadState* workload = trusted.overflow.at(site.site);
    if (!of.known && workload != nullptr) {
      of.known = true;
      of.replicas_target = std::clamp(workload->replicas_wanted, site.replicas_min, site.replicas_max);
      // Found serving: somebody opened its gate, so it closes only for what is seen to be wrong.
      if (Served(trusted, site.site) && workload->replicas_ready > 0) of.eligible_since = tick.now;
    }
    of.replicas_target = std::min(of.replicas_target, site.replicas_max);
  }
  if (trusted.traffic == nullptr) return;
  Layout present;
  for (const auto& [site, member] : trusted.traffic->members) present[site] = member.placement;
  if (memory.layout == present) return;
  // A layout seen for the first time may have been there for long.
  memory.layout_since = memory.layout.empty() ? tick.now - tick.policy.down_stabilization : tick.now;
  memory.layout = std::move(present);
}

// The sites whose part goes to the next one: not eligible in time, or not reachable.
std::set<SiteName> Skipped(Tick& tick, const Trusted& trusted) {
  std::set<SiteName> skipped;
  for (const OverflowPolicy& site : tick.policy.overflow) {
    const SiteMemory& memory = tick.memory.sites[site.site];
    if (memory.eligible_since) continue;
    const bool late = tick.Lasted(memory.provisioning_since, tick.policy.gate.provision_timeout);
    if (late) {
      tick.Holds(ConditionName::kProvisionTimeout, site.site + " did not become eligible in time");
    }
    if (late || trusted.overflow.at(site.site) == nullptr || tick.order.drained.contains(site.site)) {
      skipped.insert(site.site);
    }
  }
  return skipped;
}

// Where fewer replicas would do, a margin of demand must be free; and without a memory of the past nothing is lowered
// until a whole calm period was seen.
void KeepWhatMayNotBeLowered(Tick& tick, const Trusted& trusted, const Sizing& with_margin, bool demand_known,
                             Sizing& sizing) {
  const bool first_look =
      tick.memory.first_look && !tick.Lasted(tick.memory.first_look, tick.policy.down_stabilization);
  if (first_look) tick.Because(ReasonCode::kFirstLook);
  if (!first_look) tick.memory.first_look.reset();
  for (auto& [site, need] : sizing.sites) {
    const int target = tick.memory.sites[site].replicas_target;
    const Sizing::Need& margin = with_margin.sites.at(site);
    need.due = std::max(need.due, std::min(margin.due, target));
    need.needed = std::max(need.needed, std::min(margin.needed, target));
    if (demand_known && !first_look) continue;
    need.needed = std::max(need.needed, target);
    if (Served(trusted, site)) need.due = std::max(need.due, target);
  }
}

// A site that is skipped keeps its replicas until every site that takes its part is eligible.
void KeepUntilSubstituted(const Tick& tick, const std::set<SiteName>& skipped, Sizing& sizing) {
  if (sizing.excess == 0) return;
  bool substituted = sizing.missing == 0;
  for (const auto& [site, need] : sizing.sites) {
    const auto memory = tick.memory.sites.find(site);
    if (need.due > 0 && (memory == tick.memory.sites.end() || !memory->second.eligible_since)) substituted = false;
  }
  if (substituted) return;
  for (const SiteName& site : skipped) {
    Sizing::Need& need = sizing.sites[site];
    need.needed = std::max(need.needed, tick.memory.sites.at(site).replicas_target);
  }
}

// Equal shares that fit nowhere are no reason to take away what helps: whoever is served stays as it is. Without it
// home would get all of the work that it could not carry a part of, and, since an overloaded home shows less than what
// arrives, equal shares would seem to fit again soon after.
void KeepWhatIsServed(const Tick& tick, const Trusted& trusted, Sizing& sizing) {
  if (sizing.equal_shares_fit) return;
  for (auto& [site, need] : sizing.sites) {
    if (!Served(trusted, site)) continue;
    const int target = tick.memory.sites.at(site).replicas_target;
    need.due = std::max(need.due, target);
    need.needed = std::max(need.needed, target);
  }
}

Sizing SizeSites(Tick& tick, const Trusted& trusted, const Demand& demand, const HomeStanding& home,
                 const std::set<SiteName>& skipped) {
  const auto& autoscaler = tick.seen.home_demand.seen;
  const bool known = demand.used && (autoscaler || home.down);
  const int home_max = autoscaler ? autoscaler->value.replicas_max : 0;
  const double used = known ? *demand.used : 0;
  Sizing sizing = Size(tick.policy, tick.mode(), used, home_max, home, skipped);
  const Sizing margin = Size(tick.policy, tick.mode(), used + (known ? kLowerMargin : 0), home_max, home, skipped);
  KeepWhatMayNotBeLowered(tick, trusted, margin, known && (demand.current || home.down), sizing);
  KeepUntilSubstituted(tick, skipped, sizing);
  KeepWhatIsServed(tick, trusted, sizing);
  if (!known) return sizing;

  tick.decision.excess = sizing.excess;
  if (tick.mode() == Mode::kActivePassive && !tick.memory.failed_over) {
    if (sizing.excess == 0) return sizing;
    tick.Because(ReasonCode::kStaysPassive);
    tick.Holds(ConditionName::kHomeSaturated, "home is over its maximum by " + std::to_string(sizing.excess) +
                                                  " replicas, and this mode does not split traffic");
    return sizing;
  }
  if (!sizing.equal_shares_fit) {
    tick.Because(ReasonCode::kRoundRobinInfeasible, {}, {{"demand_replicas", used}});
    tick.Holds(ConditionName::kRoundRobinInfeasible, "no number of sites can carry equal shares of the demand");
  }
  if (sizing.missing > 0) {
    tick.Because(ReasonCode::kCapacityExhausted, {}, {{"missing_replicas", double(sizing.missing)}});
    tick.Holds(ConditionName::kCapacityExhausted,
               std::to_string(sizing.missing) + " replicas of the excess fit nowhere");
  }
  if (sizing.excess > 0) {
    for (const SiteName& site : skipped) tick.Because(ReasonCode::kSpilledToNext, site);
  }
  return sizing;
}

// Excess must last policy.confirm_for before the first replica is ordered.
bool Confirmed(Tick& tick, const Sizing& sizing) {
  Mark(tick.memory.excess_since, sizing.excess > 0, tick.now);
  if (sizing.excess == 0 || tick.Lasted(tick.memory.excess_since, tick.policy.confirm_for)) return true;
  tick.Because(ReasonCode::kConfirming, {}, {{"excess_seconds", Seconds(tick.now - *tick.memory.excess_since)}});
  return false;
}

// In round-robin: what each site would get, in replicas of the home site. 0 where that fits nowhere, so that no gate
// that is open shuts for it, and while failed over, when the others take what they can carry.
double EqualShare(const Tick& tick, const Demand& demand, const Sizing& sizing, const HomeStanding& home) {
  const bool failed_over = home.down || home.share_most < 1;
  if (tick.mode() != Mode::kRoundRobin || failed_over || !demand.used || !sizing.equal_shares_fit) return 0;
  int sites = 1;
  for (const auto& [site, need] : sizing.sites) sites += need.due > 0 ? 1 : 0;
  return *demand.used / sites;
}

Phase PhaseOf(const Tick& tick, const Trusted& trusted, const OverflowPolicy& site, const Sizing::Need& need) {
  const SiteMemory& memory = tick.memory.sites.at(site.site);
  if (memory.tail_since) return Phase::kTail;
  if (need.needed < memory.replicas_target) return Phase::kDraining;
  if (Served(trusted, site.site)) return Phase::kServing;
  return need.due > 0 || memory.replicas_target > site.replicas_min ? Phase::kProvisioning : Phase::kRest;
}

void DescribeHome(Tick& tick, const HomeStanding& home) {
  SiteDecision& decision = tick.decision.sites[tick.policy.home];
  decision.phase = home.down ? Phase::kDown : Phase::kHome;
  decision.eligible = !home.down;
  if (const auto& seen = tick.seen.home_demand.seen) {
    decision.replicas_target = seen->value.replicas_desired;
    decision.replicas_needed = seen->value.replicas_desired;
  }
}

void RememberConditions(Tick& tick) {
  auto& conditions = tick.decision.conditions;
  std::sort(conditions.begin(), conditions.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  tick.memory.conditions.clear();
  for (const ConditionState& state : conditions) tick.memory.conditions[state.name] = state.since;
}

}  // namespace

Outcome Decide(const Policy& policy, const Observation& observation, const std::optional<Override>& override,
               const Memory& memory, Instant now) {
  static const Override kNone;
  const bool ordered = override && (!override->expires || *override->expires > now);
  Tick tick{policy, observation, ordered ? *override : kNone, now, memory, {}};
  tick.decision.wake_at = now + kLookAgain;
  if (ordered && override->expires) tick.WakeBy(*override->expires);

  const Trusted trusted = Trust(tick);
  TakeStock(tick, trusted);
  const HomeStanding home = JudgeHome(tick, trusted);
  const Demand demand = EstimateDemand(tick, trusted);
  tick.decision.demand = demand.used;
  tick.decision.demand_now = demand.now;

  const std::set<SiteName> skipped = Skipped(tick, trusted);
  const Sizing sizing = SizeSites(tick, trusted, demand, home, skipped);
  const bool may_raise = trusted.may_raise && Confirmed(tick, sizing);
  const double equal_share = EqualShare(tick, demand, sizing, home);
  for (const OverflowPolicy& site : policy.overflow) JudgeGate(tick, trusted, site, equal_share);

  const auto ideal = IdealShares(tick, trusted, sizing, home);
  for (const auto& [site, share] : ideal) tick.decision.sites[site].share_intended = share;
  tick.decision.layout = DecideLayout(tick, trusted, ideal, home, demand.home_full);
  DescribeHome(tick, home);
  for (const OverflowPolicy& site : policy.overflow) {
    const Sizing::Need& need = sizing.sites.at(site.site);
    SiteMemory& of = tick.memory.sites[site.site];
    Mark(of.provisioning_since,
         !of.eligible_since && (need.due > 0 || skipped.contains(site.site)) && sizing.excess > 0, now);
    DecideTarget(tick, trusted, site, need, may_raise);
    tick.decision.sites[site.site].phase = PhaseOf(tick, trusted, site, need);
    if (need.due > 0 && !tick.decision.sites[site.site].eligible) tick.Because(ReasonCode::kGateShut, site.site);
  }

  if (tick.order.paused) {
    tick.decision.writes_held = true;
    tick.Because(ReasonCode::kPaused);
    tick.Holds(ConditionName::kPaused, tick.order.actor + ": " + tick.order.reason);
  }
  if (tick.decision.reasons.empty()) tick.Because(ReasonCode::kSteady);
  RememberConditions(tick);
  return {std::move(tick.decision), std::move(tick.memory)};
}

}  // namespace spillway
