#include "src/core/safety.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "src/core/capacity.h"
#include "src/core/tick.h"
#include "src/core/trust.h"

namespace spillway {
namespace {

// One case before the rules.
struct Case {
  const Policy& policy;
  const Order& order;
  const Tick& before;  // the orders that stand
  const Tick& after;   // and with this one
  const Trusted& trusted;
  const Change& change;
};

std::string Number(double value) {
  const double tenths = std::round(value * 10);
  const std::string whole = std::to_string(static_cast<long long>(tenths / 10));
  const auto rest = static_cast<long long>(std::abs(std::fmod(tenths, 10)));
  return rest == 0 ? whole : whole + "." + std::to_string(rest);
}

std::optional<Refusal> Malformed(const std::string& why, const std::string& allowed) {
  return Refusal{SafetyRule::kWellFormed, why, {}, allowed};
}

std::vector<SiteName> Sites(const Policy& policy) {
  std::vector<SiteName> sites{policy.home};
  for (const OverflowPolicy& site : policy.overflow) sites.push_back(site.site);
  return sites;
}

std::string Listed(const std::vector<SiteName>& sites, std::size_t from) {
  std::string text;
  for (std::size_t i = from; i < sites.size(); ++i) text += (text.empty() ? "" : ", ") + sites[i];
  return text;
}

bool Contains(const std::vector<SiteName>& sites, std::size_t from, const SiteName& site) {
  return std::find(sites.begin() + static_cast<std::ptrdiff_t>(from), sites.end(), site) != sites.end();
}

std::optional<Refusal> JudgePinnedRatios(const std::vector<SiteName>& sites, const Order& order) {
  int sum = 0;
  for (const auto& [site, ratio] : order.ratios) {
    if (!Contains(sites, 0, site)) return Malformed("there is no site " + site, "one of " + Listed(sites, 0));
    if (ratio < 0 || ratio > kRatioMax) {
      return Malformed("the ratio of " + site + " is " + std::to_string(ratio),
                       "0 (no traffic) to " + std::to_string(kRatioMax));
    }
    sum += ratio;
  }
  if (order.ratios.size() != sites.size()) {
    return Malformed("not every site has a ratio", "a ratio for each of " + Listed(sites, 0));
  }
  if (sum == 0) return Malformed("every ratio is 0", "a ratio above 0 for one site at least");
  return std::nullopt;
}

std::optional<Refusal> JudgeForm(const Policy& policy, const Order& order, Instant now) {
  const std::vector<SiteName> sites = Sites(policy);
  if (!Counts(order, now)) return Malformed("the order has expired already", "an expiry in the future, or none");
  switch (order.kind) {
    case OrderKind::kDrain:
      if (Contains(sites, 0, order.site)) return std::nullopt;
      return Malformed("there is no site \"" + order.site + "\"", "one of " + Listed(sites, 0));
    case OrderKind::kFailover:
      if (Contains(sites, 1, order.site)) return std::nullopt;
      return Malformed(order.site == policy.home ? "a failover to home is a failback"
                                                 : "there is no overflow site \"" + order.site + "\"",
                       "one of " + Listed(sites, 1));
    case OrderKind::kPinRatios:
      return JudgePinnedRatios(sites, order);
    case OrderKind::kPinReplicas:
      if (order.replicas.empty()) return Malformed("no site is named", "replicas for one of " + Listed(sites, 1));
      for (const auto& [site, count] : order.replicas) {
        if (site == policy.home) return Malformed("the replicas of home are its autoscaler's", Listed(sites, 1));
        if (!Contains(sites, 1, site)) return Malformed("there is no overflow site " + site, Listed(sites, 1));
        if (count < 0) return Malformed("the replicas of " + site + " are " + std::to_string(count), "0 or more");
      }
      return std::nullopt;
    case OrderKind::kMode:
    case OrderKind::kPause:
    case OrderKind::kFailback:
    case OrderKind::kEnd:
      return std::nullopt;
  }
  return std::nullopt;
}

// What does not belong to the kind of the order counts for nothing.
Order OnlyItsOwn(Order order) {
  if (order.kind != OrderKind::kPinReplicas) order.replicas.clear();
  if (order.kind != OrderKind::kPinRatios) order.ratios.clear();
  if (order.kind != OrderKind::kDrain && order.kind != OrderKind::kFailover) order.site.clear();
  return order;
}

// Replicas are only added: no traffic moves because of it.
bool OnlyRaises(const Case& at) {
  if (at.order.kind != OrderKind::kPinReplicas) return false;
  return std::all_of(at.order.replicas.begin(), at.order.replicas.end(), [&](const auto& pin) {
    const auto memory = at.before.memory.sites.find(pin.first);
    return memory != at.before.memory.sites.end() && memory->second.known &&
           pin.second >= memory->second.replicas_target;
  });
}

std::optional<Refusal> Unknown(const std::string& what, const std::string& satisfied_by) {
  return Refusal{SafetyRule::kInputsKnown, what, {}, satisfied_by};
}

std::optional<Refusal> JudgeInputs(const Case& at) {
  if (at.order.kind == OrderKind::kPause) return std::nullopt;
  for (const auto& [site, count] : at.order.replicas) {
    if (at.trusted.overflow.at(site) != nullptr) continue;
    return Unknown("the Deployment of " + site + " is not seen", "its cluster can be read again");
  }
  if (OnlyRaises(at)) return std::nullopt;
  if (at.trusted.traffic == nullptr) {
    return Unknown("the GSLB service is not seen, so it is not known who is healthy", "Avi can be read again");
  }
  if (at.order.kind == OrderKind::kFailback) return std::nullopt;
  if (!at.change.decision.demand) return Unknown("the demand is not known", "home's autoscaler can be read");
  // A person may know that home is lost although its cluster can't say so; the last known demand then counts.
  const bool last_known_will_do = at.order.kind == OrderKind::kFailover || at.before.memory.failed_over;
  if (last_known_will_do || (at.trusted.demand != nullptr && at.trusted.home != nullptr)) return std::nullopt;
  return Unknown("home's autoscaler or Deployment is not seen, so the demand may be another by now",
                 "home's cluster can be read again; a failover is possible without it");
}

std::optional<Refusal> JudgeWritable(const Case& at) {
  if (at.order.kind == OrderKind::kPause || OnlyRaises(at) || at.trusted.may_steer) return std::nullopt;
  const TrafficState& traffic = *at.trusted.traffic;
  const std::string why = traffic.writable ? traffic.ratios_void.front() : traffic.unwritable_why;
  return Refusal{SafetyRule::kGslbWritable, "traffic can't be moved now: " + why, {}, "Avi takes writes again"};
}

bool Up(const Case& at, const SiteName& site) {
  const auto member = at.trusted.traffic->members.find(site);
  return member != at.trusted.traffic->members.end() && member->second.health == Health::kUp &&
         member->second.placement.place != Place::kDisabled;
}

std::optional<Refusal> JudgePause(const Case& at) {
  if (at.trusted.traffic == nullptr) return std::nullopt;
  bool any = false;
  for (const auto& [site, member] : at.trusted.traffic->members) {
    if (!Up(at, site)) continue;
    any = true;
    if (member.placement.place != Place::kParked) return std::nullopt;
  }
  if (!any) return std::nullopt;
  return Refusal{SafetyRule::kHealthyServed,
                 "no member that is up is answered now, and a pause would keep it so",
                 {{"healthy_served", 0}},
                 "a healthy member is served"};
}

std::optional<Refusal> JudgeHealth(const Case& at) {
  if (at.order.kind == OrderKind::kPause) return JudgePause(at);
  if (at.order.kind == OrderKind::kFailover && at.after.order.Held(at.order.site)) {
    return Refusal{SafetyRule::kHealthyServed,
                   at.order.site + " is held off traffic by another order, so it can't take over",
                   {},
                   "that order ends, or another site is named"};
  }
  if (at.trusted.traffic == nullptr) return std::nullopt;
  if (at.order.kind == OrderKind::kFailback) {
    if (Up(at, at.policy.home)) return std::nullopt;
    return Refusal{SafetyRule::kHealthyServed,
                   "the member of " + at.policy.home + " is not up, so it can't be given traffic",
                   {{"healthy_served", 0}},
                   "the member of " + at.policy.home + " is up"};
  }
  std::string left;
  for (const SiteName& site : Sites(at.policy)) {
    if (at.after.order.Held(site)) continue;
    if (Up(at, site)) return std::nullopt;
    left += (left.empty() ? "" : ", ") + site;
  }
  return Refusal{SafetyRule::kHealthyServed,
                 left.empty() ? "no site would be left that may be given traffic"
                              : "none of the sites that would be left has a member that is up: " + left,
                 {{"healthy_served", 0}},
                 at.order.kind == OrderKind::kDrain && at.order.site == at.policy.home
                     ? "an overflow site is up; a failover brings one up first"
                     : "a member of another site is up"};
}

std::optional<Refusal> JudgeReplicas(const Case& at) {
  const auto& ratios = at.after.order.ratios;
  double sum = 0;
  for (const auto& [site, ratio] : ratios) sum += ratio;
  for (const OverflowPolicy& site : at.policy.overflow) {
    const auto pinned = at.after.order.replicas.find(site.site);
    const auto ratio = ratios.find(site.site);
    if (pinned == at.after.order.replicas.end() || ratio == ratios.end() || ratio->second == 0) continue;
    const double needs = at.change.decision.demand.value_or(0) * ratio->second / sum / site.capacity_factor;
    if (pinned->second > 0 && pinned->second >= needs) continue;
    return Refusal{SafetyRule::kTrafficBeforeReplicas,
                   site.site + " would have " + std::to_string(pinned->second) +
                       " replicas while its pinned ratio gives it traffic for " + Number(needs),
                   {{"replicas", double(pinned->second)}, {"needed_replicas", needs}},
                   "at least " + Number(std::max(1.0, std::ceil(needs))) + " replicas, or a lower ratio first"};
  }
  return std::nullopt;
}

// `before`: what is carried if nothing is done.
std::optional<Refusal> JudgeShortage(const Case& at, double before, double after, std::vector<std::string>& warnings) {
  const auto& demand = at.change.decision.demand;
  if (!demand) return std::nullopt;
  const double floor = at.policy.safety.capacity_floor;
  const double needed = *demand * floor;
  if (after + 1e-6 >= needed) return std::nullopt;
  const std::string numbers = "the capacity afterwards is " + Number(after) + " replicas, the demand of " +
                              Number(*demand) + " times the floor of " + Number(floor) + " is " + Number(needed);
  if (after >= before) {
    warnings.push_back(numbers + "; without the order it is no better");
    return std::nullopt;
  }
  return Refusal{SafetyRule::kCapacityFloor,
                 numbers,
                 {{"capacity_replicas", after},
                  {"needed_replicas", needed},
                  {"demand_replicas", *demand},
                  {"capacity_floor", floor}},
                 "a demand of at most " + Number(floor > 0 ? std::floor(after / floor * 10) / 10 : 0) +
                     " (wait until it falls), more capacity at the other sites, or force (what they can't carry is "
                     "turned away)"};
}

// The least on home's way back from a failover.
double CarriesOnReturn(const Tick& after, const Trusted& trusted) {
  Tick returned = after;
  returned.memory.failed_over = false;
  return std::min(Carries(after, trusted), Carries(returned, trusted));
}

std::optional<Refusal> JudgeCapacity(const Case& at, std::vector<std::string>& warnings) {
  if (at.order.kind == OrderKind::kPause || OnlyRaises(at)) return std::nullopt;
  const bool returns = at.order.kind == OrderKind::kFailback;
  const double after = returns ? CarriesOnReturn(at.after, at.trusted) : Carries(at.after, at.trusted);
  return JudgeShortage(at, Carries(at.before, at.trusted), after, warnings);
}

// Home comes back by itself from a failover that was ordered, or that policy alone ends.
double CarriesAfterEnd(const Tick& after, const Trusted& trusted) {
  const Memory& memory = after.memory;
  const bool returns = memory.failed_over && (memory.failover_ordered || !after.policy.failover.failback_manual);
  return returns ? CarriesOnReturn(after, trusted) : Carries(after, trusted);
}

// A pause ends, and with it what kept a healthy site at work that another order takes out.
std::optional<Refusal> JudgeResumed(const Case& at) {
  if (at.trusted.traffic == nullptr || !at.before.order.paused || at.after.order.paused) return std::nullopt;
  std::string served, left;
  for (const SiteName& site : Sites(at.policy)) {
    if (!at.after.order.Held(site)) {
      if (Up(at, site)) return std::nullopt;
      left += (left.empty() ? "" : ", ") + site;
    } else if (Up(at, site) && at.trusted.Served(site)) {
      served = site;
    }
  }
  if (served.empty()) return std::nullopt;
  return Refusal{SafetyRule::kHealthyServed,
                 "only " + served +
                     " is up and answered, which an order that stands takes off traffic, and of those "
                     "that would be left none has a member that is up: " +
                     left,
                 {{"healthy_served", 0}},
                 "that order ends, or a member of another site is up"};
}

bool BudgetSpent(const Decision& decision) {
  return std::any_of(decision.conditions.begin(), decision.conditions.end(),
                     [](const ConditionState& state) { return state.name == ConditionName::kBudgetSpent; });
}

void Warn(const Case& at, Verdict& verdict) {
  auto& warnings = verdict.warnings;
  for (const auto& [site, count] : at.order.replicas) {
    const int held = at.after.order.replicas.at(site);
    if (held == count) continue;
    warnings.push_back("the policy allows " + site + " " + std::to_string(held) +
                       " replicas, so that is what it gets, not " + std::to_string(count));
  }
  for (const Reason& reason : at.change.decision.reasons) {
    if (reason.code != ReasonCode::kHandingOver || verdict.refusal) continue;
    warnings.push_back(reason.about + " serves on until the others can carry its part");
  }
  const bool leaves = at.order.kind == OrderKind::kFailover || at.after.order.Held(at.policy.home);
  if (leaves && at.trusted.Served(at.policy.home) && at.change.at_once.sites.at(at.policy.home).share > 0) {
    warnings.push_back(at.policy.home + " serves on until the others are ready and up");
  }
  if (at.order.kind == OrderKind::kFailback && !at.before.memory.failed_over && !at.before.order.failover_to) {
    warnings.emplace_back("home is not failed over, so nothing changes");
  }
  if (at.order.kind != OrderKind::kPause && at.after.order.paused) {
    warnings.emplace_back("a pause stands: nothing is written until it ends");
  }
  if (BudgetSpent(at.change.decision) && at.order.kind != OrderKind::kPause) {
    warnings.emplace_back("the budget is spent: no replica is added while home serves");
  }
  for (const OverflowPolicy& site : at.policy.overflow) {
    if (at.order.kind == OrderKind::kPause || at.trusted.overflow.at(site.site) != nullptr) continue;
    warnings.push_back("the Deployment of " + site.site + " is not seen, so its capacity counts for nothing");
  }
  if (!at.order.expires) warnings.emplace_back("it has no expiry and stands until somebody ends it");
}

}  // namespace

Verdict Judge(const Policy& policy, const Observation& observation, const Override& standing, Order order, bool force,
              const Memory& memory, Instant now) {
  Verdict verdict;
  order = OnlyItsOwn(std::move(order));
  order.forced = false;
  verdict.refusal = JudgeForm(policy, order, now);
  if (verdict.refusal) return verdict;
  order.forced = force && order.kind == OrderKind::kDrain;
  verdict.override = With(Unexpired(standing, now), order);
  verdict.change = Foresee(policy, observation, standing, verdict.override, memory, now);

  const Ordered stands = Digest(policy, standing, now), would_stand = Digest(policy, verdict.override, now);
  const Policy policy_before = Obeying(policy, stands), policy_after = Obeying(policy, would_stand);
  const Memory present = Decide(policy, observation, standing, memory, now).memory;
  Tick before{policy_before, observation, stands, now, present, {}, {}};
  const Tick after{policy_after, observation, would_stand, now, present, {}, {}};
  const Trusted trusted = Trust(before);
  const Case at{policy, order, before, after, trusted, verdict.change};
  for (const auto& rule : {JudgeInputs, JudgeWritable, JudgeHealth, JudgeReplicas}) {
    verdict.refusal = rule(at);
    if (verdict.refusal) return verdict;
  }
  verdict.refusal = JudgeCapacity(at, verdict.warnings);
  if (verdict.refusal && force) {
    verdict.warnings.push_back("forced: " + verdict.refusal->why);
    verdict.refusal.reset();
    verdict.forced = verdict.override.orders.back().forced = true;
  }
  Warn(at, verdict);
  return verdict;
}

Verdict JudgeEnd(const Policy& policy, const Observation& observation, const Override& standing, const Override& wanted,
                 bool force, const Memory& memory, Instant now) {
  Verdict verdict;
  verdict.override = wanted;
  verdict.change = Foresee(policy, observation, standing, wanted, memory, now);
  const Ordered stands = Digest(policy, standing, now), would_stand = Digest(policy, wanted, now);
  const Policy policy_before = Obeying(policy, stands), policy_after = Obeying(policy, would_stand);
  const Memory present = Decide(policy, observation, standing, memory, now).memory;
  Tick before{policy_before, observation, stands, now, present, {}, {}};
  const Tick after{policy_after, observation, would_stand, now, present, {}, {}};
  const Trusted trusted = Trust(before);
  const Order none;
  const Case at{policy, none, before, after, trusted, verdict.change};
  verdict.refusal = JudgeResumed(at);
  if (verdict.refusal) return verdict;
  // What can't be seen is not moved, so there is nothing to compare; nor while another pause stands.
  if (trusted.traffic == nullptr || trusted.demand == nullptr || after.order.paused) return verdict;
  const double carried = before.order.paused ? CarriesWhilePaused(before, trusted) : Carries(before, trusted);
  verdict.refusal = JudgeShortage(at, carried, CarriesAfterEnd(after, trusted), verdict.warnings);
  if (!verdict.refusal || !force) return verdict;
  verdict.warnings.push_back("forced: " + verdict.refusal->why);
  verdict.refusal.reset();
  verdict.forced = true;
  return verdict;
}

}  // namespace spillway
