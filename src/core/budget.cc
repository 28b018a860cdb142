#include "src/core/budget.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "src/core/trust.h"

namespace spillway {
namespace {

int Running(const Tick& tick, const SiteName& site) {
  if (const WorkloadState* seen = LastSeen(tick, site)) return seen->replicas_total;
  const auto memory = tick.memory.sites.find(site);
  return memory == tick.memory.sites.end() ? 0 : memory->second.replicas_target;
}

// When the limit is reached at this rate.
void WakeAtLimit(Tick& tick, double left, double rate) {
  if (left > 0 && rate > 0 && left / rate < 24) tick.WakeBy(tick.now + FromSeconds(left / rate * 3600) + 1ms);
}

}  // namespace

bool CountBudget(Tick& tick) {
  const BudgetPolicy& policy = tick.policy.budget;
  BudgetUse& use = tick.memory.budget;
  if (!policy.limited()) {
    use = {};
    return false;
  }
  double replicas = 0;
  double price = 0;
  for (const OverflowPolicy& site : tick.policy.overflow) {
    const int running = Running(tick, site.site);
    replicas += running;
    price += running * site.price;
  }
  if (use.since && tick.now - *use.since >= policy.window) use = {};
  if (!use.since && replicas > 0) use.since = use.counted_at = tick.now;
  if (!use.since) return false;
  const double hours = Seconds(tick.now - use.counted_at.value_or(tick.now)) / 3600;
  use.replica_hours += replicas * hours;
  use.cost += price * hours;
  use.counted_at = replicas > 0 ? std::optional(tick.now) : std::nullopt;  // nothing to save while nothing runs
  const Instant ends = *use.since + policy.window;
  tick.WakeBy(ends);
  tick.decision.budget = BudgetState{use.replica_hours, policy.replica_hours, use.cost, policy.cost, ends};
  if (policy.replica_hours > 0) WakeAtLimit(tick, policy.replica_hours - use.replica_hours, replicas);
  if (policy.cost > 0) WakeAtLimit(tick, policy.cost - use.cost, price);
  return (policy.replica_hours > 0 && use.replica_hours >= policy.replica_hours) ||
         (policy.cost > 0 && use.cost >= policy.cost);
}

void KeepToBudget(Tick& tick, const HomeStanding& home, Sizing& sizing) {
  if (!CountBudget(tick)) return;
  const BudgetUse& use = tick.memory.budget;
  int withheld = 0;
  for (const OverflowPolicy& site : tick.policy.overflow) {
    if (home.away()) break;
    Sizing::Need& need = sizing.sites.at(site.site);
    const int most = std::max(tick.memory.sites.at(site.site).replicas_target, site.replicas_min);
    withheld += std::max(0, need.needed - most);
    need.needed = std::min(need.needed, most);
    need.due = std::min(need.due, need.needed);
  }
  tick.Because(ReasonCode::kBudgetSpent, {},
               {{"replica_hours", use.replica_hours}, {"cost", use.cost}, {"withheld_replicas", double(withheld)}});
  tick.Holds(
      ConditionName::kBudgetSpent,
      std::to_string(std::lround(use.replica_hours)) + " replica-hours are used in this window, " +
          (home.away() ? "more are used because home is away" : std::to_string(withheld) + " replicas are withheld"));
}

}  // namespace spillway
