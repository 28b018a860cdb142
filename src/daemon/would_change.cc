#include "src/daemon/would_change.h"

#include <algorithm>

#include "src/base/figure_text.h"
#include "src/base/time_text.h"
#include "src/daemon/words.h"

namespace spillway::daemon {
namespace {

using Lines = std::vector<std::string>;

std::string SpanOf(Duration d) { return Span(Seconds(d)); }

void OrderLines(const AppView& view, Moment at, Lines& lines) {
  for (const Order& order : view.override.orders) {
    const std::string end = order.expires ? " ends at " + Rfc3339(at.wall - (at.now - *order.expires))
                                          : std::string(" has no end and must be cleared");
    lines.push_back("the order " + std::string(Word(order.kind)) + " of " + order.actor + end);
  }
}

// Sizing: ceil(demand * (1 + headroom) - home's maximum). See src/core/sizing.cc.
void DemandLines(const AppView& view, Lines& lines) {
  const Decision& decision = *view.decision;
  const Policy& policy = view.config->policy;
  const auto& home = view.observation.home_demand.seen;
  const bool down = std::any_of(decision.conditions.begin(), decision.conditions.end(),
                                [](const auto& each) { return each.name == ConditionName::kHomeDown; });
  if (!decision.demand || !home || down) return;
  if (decision.mode == Mode::kActivePassive) {
    lines.emplace_back("in this mode no demand moves traffic, only home's failure");
    return;
  }
  const int most = home->value.replicas_max, excess = decision.excess;
  const auto bound = [&](int count) { return Number((most + count) / (1 + policy.headroom)); };
  const std::string by = ", with a headroom of " + Percent(policy.headroom) + "; it is " + Number(*decision.demand);
  if (excess <= 0) {
    const std::string lasting = policy.confirm_for > 0s ? ", for " + SpanOf(policy.confirm_for) : std::string();
    lines.push_back("overflow begins when the demand is above " + bound(0) + lasting + by);
    return;
  }
  lines.push_back("an excess of " + std::to_string(excess + 1) + " when the demand is above " + bound(excess) + by);
  lines.push_back("an excess of " + std::to_string(excess - 1) + " when the demand has been at most " +
                  bound(excess - 1) + " for " + SpanOf(policy.down_stabilization));
}

void GateLines(const SiteName& site, const SiteDecision& decided, const GatePolicy& policy, Lines& lines) {
  for (const GateCondition& condition : decided.gate) {
    if (condition.holds) continue;
    const std::string asks = condition.name == GateName::kReplicasReady ? "; asked for " + SpanOf(policy.ready_for)
                             : condition.name == GateName::kGslbHealthy ? "; asked for " + SpanOf(policy.healthy_for)
                                                                        : std::string();
    lines.push_back(site + " may be given traffic once " + std::string(Token(condition.name)) + " holds (" +
                    condition.value + asks + ")");
  }
}

std::string DrainLine(const SiteName& site, const std::optional<DrainProgress>& drain, const DrainPolicy& policy,
                      Instant now) {
  if (!drain) return site + " begins to count down once the lower share is in force at every DNS site";
  const Duration elapsed = now - drain->since;
  const auto left = [&](Duration whole) { return SpanOf(std::max(Duration{0}, whole - elapsed)); };
  return site + " loses replicas in about " + left(drain->expected) + ", at the latest in " + left(policy.max_drain) +
         "; a demand that rises before keeps them";
}

void SiteLines(const AppView& view, const SiteName& site, Moment at, Lines& lines) {
  const auto decided = view.decision->sites.find(site);
  if (decided == view.decision->sites.end()) return;
  const Policy& policy = view.config->policy;
  switch (decided->second.phase) {
    case Phase::kProvisioning:
      GateLines(site, decided->second, policy.gate, lines);
      break;
    case Phase::kDraining:
      lines.push_back(DrainLine(site, decided->second.drain, policy.drain, at.now));
      break;
    case Phase::kTail:
      lines.push_back(site + " gives up its last " + std::to_string(policy.drain.keepers) +
                      " once it was in its tail for " + SpanOf(policy.drain.tail_for));
      break;
    case Phase::kDown:
      lines.push_back(site + " gets traffic back once it has been up for " + SpanOf(policy.failover.failback_after) +
                      (policy.failover.failback_manual ? " and somebody orders the failback" : ""));
      break;
    case Phase::kHome: {
      const auto& seen = view.observation.traffic.seen;
      const auto member = seen ? seen->value.members.find(site) : std::map<SiteName, MemberState>::const_iterator();
      if (seen && member != seen->value.members.end() && member->second.health == Health::kDown) {
        lines.push_back("home is failed over from once it has been down for " + SpanOf(policy.failover.failover_after));
      }
      break;
    }
    case Phase::kRest:
    case Phase::kServing:
      break;
  }
}

void InputLines(const AppView& view, Moment at, Lines& lines) {
  const Duration stale = view.config->policy.stale_after;
  for (const InputState& input : Inputs(view.config->policy, view.observation)) {
    if (!input.seen) {
      lines.push_back(input.name + ": its first reading; until then what depends on it is held");
      continue;
    }
    const Duration age = at.now - *input.seen;
    if (age > stale) {
      lines.push_back(input.name + ": one reading; it is " + SpanOf(age) + " old, and beyond " + SpanOf(stale) +
                      " what depends on it is held");
    } else if (input.failure) {
      lines.push_back(input.name + ": if it still fails in " + SpanOf(stale - age) + ", what depends on it is held");
    }
  }
}

}  // namespace

std::vector<std::string> WouldChange(const AppView& view, Moment at) {
  Lines lines;
  OrderLines(view, at, lines);
  if (view.decision) {
    DemandLines(view, lines);
    SiteLines(view, view.config->home.site, at, lines);
    for (const SiteConfig& site : view.config->overflow) SiteLines(view, site.site, at, lines);
  }
  InputLines(view, at, lines);
  return lines;
}

}  // namespace spillway::daemon
