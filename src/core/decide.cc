#include "src/core/decide.h"

#include <algorithm>
#include <set>

#include "src/core/budget.h"
#include "src/core/demand.h"
#include "src/core/drain.h"
#include "src/core/failover.h"
#include "src/core/gate.h"
#include "src/core/keep.h"
#include "src/core/share_quality.h"
#include "src/core/sizing.h"
#include "src/core/split.h"
#include "src/core/tick.h"
#include "src/core/trust.h"

namespace spillway {
namespace {

// Chosen: an application without any timer is looked at this often, so that a lost wake-up can't last.
constexpr Duration kLookAgain = 60s;

// Reasons of an ordinary decision, so that they are written in one piece of memory.
constexpr std::size_t kReasonsRoom = 6;

// Remembers what is published and since when; adopts the replicas of a Deployment seen for the first time.
void TakeStock(Tick& tick, const Policy& configured, const Trusted& trusted) {
  Memory& memory = tick.memory;
  if (memory == Memory{}) memory.first_look = tick.now;
  for (const OverflowPolicy& site : configured.overflow) {
    SiteMemory& of = memory.sites[site.site];
    const WorkloadState* workload = trusted.overflow.at(site.site);
    if (!of.known && workload != nullptr) {
      of.known = true;
      of.replicas_target = std::clamp(workload->replicas_wanted, site.replicas_min, site.replicas_max);
      // Found serving: somebody opened its gate, so it closes only for what is seen to be wrong.
      if (trusted.Served(site.site) && workload->replicas_ready > 0) of.eligible_since = tick.now;
    }
    of.replicas_target = std::min(of.replicas_target, site.replicas_max);
  }
  if (trusted.traffic == nullptr) return;
  const auto& members = trusted.traffic->members;
  const bool same = std::equal(members.begin(), members.end(), memory.layout.begin(), memory.layout.end(),
                               [](const auto& seen, const auto& known) {
                                 return seen.first == known.first && seen.second.placement == known.second;
                               });
  if (same) return;
  // A layout seen for the first time may have been there for long.
  memory.layout_since = memory.layout.empty() ? tick.now - tick.policy.down_stabilization : tick.now;
  memory.layout.clear();
  for (const auto& [site, member] : members) memory.layout[site] = member.placement;
}

// The sites whose part goes to the next one: drained by an order, not eligible in time, or not reachable.
std::set<SiteName> Skipped(Tick& tick, const Trusted& trusted) {
  std::set<SiteName> skipped;
  for (const OverflowPolicy& site : tick.policy.overflow) {
    const SiteMemory& memory = tick.memory.sites[site.site];
    if (tick.order.drained.contains(site.site)) {
      skipped.insert(site.site);
      continue;
    }
    if (memory.eligible_since) continue;
    const bool late = tick.Lasted(memory.provisioning_since, tick.policy.gate.provision_timeout);
    if (late) {
      tick.Holds(ConditionName::kProvisionTimeout, site.site + " did not become eligible in time");
    }
    if (late || trusted.overflow.at(site.site) == nullptr) skipped.insert(site.site);
  }
  return skipped;
}

void Explain(Tick& tick, const Sizing& sizing, double demand, const HomeStanding& home,
             const std::set<SiteName>& skipped) {
  tick.decision.excess = sizing.excess;
  const bool pinned = PinsApply(tick.policy, tick.order.ratios, home);
  if (tick.mode() == Mode::kActivePassive && !home.away() && !pinned) {
    if (sizing.excess == 0) return;
    tick.Because(ReasonCode::kStaysPassive);
    tick.Holds(ConditionName::kHomeSaturated, "home is over its maximum by " + std::to_string(sizing.excess) +
                                                  " replicas, and this mode does not split traffic");
    return;
  }
  if (!sizing.equal_shares_fit) {
    tick.Because(ReasonCode::kRoundRobinInfeasible, {}, {{"demand_replicas", demand}});
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
}

Sizing SizeSites(Tick& tick, const Trusted& trusted, const Demand& demand, const HomeStanding& home,
                 const std::set<SiteName>& skipped) {
  const auto& autoscaler = tick.seen.home_demand.seen;
  const bool known = demand.used && (autoscaler || home.away());
  const int home_max = autoscaler ? autoscaler->value.replicas_max : 0;
  const double used = known ? *demand.used : 0;
  Sizing sizing = Size(tick.policy, used, home_max, home, skipped, tick.order.ratios);
  const double margin = known ? LowerMargin(used, demand.by_share) : 0;
  const Sizing with_margin =
      margin > 0 ? Size(tick.policy, used + margin, home_max, home, skipped, tick.order.ratios) : sizing;
  KeepWhatMayNotBeLowered(tick, trusted, with_margin, known && (demand.current || home.away()), sizing);
  KeepUntilSubstituted(tick, skipped, sizing);
  KeepWhatIsServed(tick, trusted, sizing);
  if (known) {
    KeepUntilHandedOver(tick, trusted, used, home.away() ? 0 : home_max, sizing);
    Explain(tick, sizing, used, home, skipped);
  }
  return sizing;
}

// Excess must last policy.confirm_for before the first replica is ordered; what an operator asked for need not.
bool Confirmed(Tick& tick, const Sizing& sizing) {
  Mark(tick.memory.excess_since, sizing.excess > 0, tick.now);
  if (tick.order.failover_to || !tick.order.ratios.empty() || !tick.order.replicas.empty()) return true;
  if (sizing.excess == 0 || tick.Lasted(tick.memory.excess_since, tick.policy.confirm_for)) return true;
  tick.Because(ReasonCode::kConfirming, {}, {{"excess_seconds", Seconds(tick.now - *tick.memory.excess_since)}});
  return false;
}

// In round-robin: what each site would get, in replicas of the home site. 0 where that fits nowhere, so that no gate
// that is open shuts for it, and while failed over, when the others take what they can carry.
double EqualShare(const Tick& tick, const Demand& demand, const Sizing& sizing, const HomeStanding& home) {
  const bool equal = tick.mode() == Mode::kRoundRobin && tick.order.ratios.empty();
  if (!equal || home.away() || !demand.used || !sizing.equal_shares_fit) return 0;
  int sites = 1;
  for (const auto& [site, need] : sizing.sites) sites += need.due > 0 ? 1 : 0;
  return *demand.used / sites;
}

Phase PhaseOf(const Trusted& trusted, const OverflowPolicy& site, const Sizing::Need& need, const SiteMemory& memory,
              int target) {
  if (memory.tail_since) return Phase::kTail;
  if (need.needed < target) return Phase::kDraining;
  if (trusted.Served(site.site)) return Phase::kServing;
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

void DescribeOrders(Tick& tick) {
  if (tick.order.mode) tick.Because(ReasonCode::kModeOrdered);
  for (const auto& [site, at_once] : tick.order.drained) tick.Because(ReasonCode::kDrainOrdered, site);
  for (const auto& [site, count] : tick.order.replicas) {
    tick.Because(ReasonCode::kReplicasPinned, site, {{"replicas", double(count)}});
  }
  if (!tick.order.paused) return;
  tick.decision.writes_held = true;
  tick.Because(ReasonCode::kPaused);
  tick.Holds(ConditionName::kPaused, *tick.order.paused);
}

void RememberConditions(Tick& tick) {
  auto& conditions = tick.decision.conditions;
  std::sort(conditions.begin(), conditions.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  tick.memory.conditions.clear();
  for (const ConditionState& state : conditions) tick.memory.conditions[state.name] = state.since;
}

}  // namespace

Outcome Decide(const Policy& policy, const Observation& observation, const Override& override, const Memory& memory,
               Instant now) {
  const Ordered ordered = Digest(policy, override, now);
  const std::optional<Policy> obeying = ordered.any() ? std::optional(Obeying(policy, ordered)) : std::nullopt;
  Tick tick{obeying ? *obeying : policy, observation, ordered, now, memory, {}, {}};
  tick.decision.mode = tick.mode();
  tick.decision.wake_at = now + kLookAgain;
  tick.decision.reasons.reserve(kReasonsRoom);
  if (ordered.next_end) tick.WakeBy(*ordered.next_end);

  const Trusted trusted = Trust(tick);
  TakeStock(tick, policy, trusted);
  DescribeOrders(tick);
  const HomeStanding home = JudgeHome(tick, trusted);
  const Demand demand = EstimateDemand(tick, trusted);
  tick.decision.demand = demand.used;
  tick.decision.demand_now = demand.now;

  const std::set<SiteName> skipped = Skipped(tick, trusted);
  Sizing sizing = SizeSites(tick, trusted, demand, home, skipped);
  KeepToBudget(tick, home, sizing);
  const bool may_raise = trusted.may_raise && Confirmed(tick, sizing);
  const double equal_share = EqualShare(tick, demand, sizing, home);
  for (const OverflowPolicy& site : policy.overflow) JudgeGate(tick, trusted, site, equal_share);

  const auto ideal = IdealShares(tick, trusted, sizing, home);
  for (const auto& [site, share] : ideal) tick.decision.sites[site].share_intended = share;
  const auto home_share = ideal.find(policy.home);
  LookAtShares(tick, trusted, home_share == ideal.end() ? std::nullopt : std::optional(home_share->second));
  tick.decision.layout = DecideLayout(tick, trusted, ideal, home, demand.home_full);
  DescribeHome(tick, home);
  for (const OverflowPolicy& site : policy.overflow) {
    const Sizing::Need& need = sizing.sites.at(site.site);
    SiteMemory& of = tick.memory.sites[site.site];
    Mark(of.provisioning_since,
         !of.eligible_since && (need.due > 0 || (skipped.contains(site.site) && sizing.excess > 0)), now);
    DecideTarget(tick, trusted, site, need, may_raise);
    of.replicas_needed = need.needed;
    of.replicas_due = need.due;
    SiteDecision& decided = tick.decision.sites[site.site];
    decided.phase = PhaseOf(trusted, site, need, of, decided.replicas_target);
    if (need.due > 0 && !decided.eligible) tick.Because(ReasonCode::kGateShut, site.site);
  }
  if (tick.decision.reasons.empty()) tick.Because(ReasonCode::kSteady);
  RememberConditions(tick);
  return {std::move(tick.decision), std::move(tick.memory)};
}

}  // namespace spillway
