#include "tools/simulate/defect.h"

#include <algorithm>
#include <array>

#include "src/base/json.h"
#include "src/core/demand.h"

namespace spillway::sim {
namespace {

constexpr auto kNames = std::to_array<std::string_view>(
    {"none", "forget-spilled-share", "scale-down-before-drain", "weight-ahead-of-readiness", "trust-stale-input",
     "zero-on-failed-read", "enable-blind", "edit-foreign-field", "skip-412", "lose-memory", "exceed-maximum",
     "park-the-last", "never-scale-down", "ignore-lease"});
static_assert(kNames.size() == static_cast<std::size_t>(Defect::kEnd), "one name per defect");

Outcome ForgetSpilledShare(const Policy& policy, const Observation& seen, const Override& override,
                           const Memory& memory, Instant now) {
  Observation forgetful = seen;
  Memory present = memory;
  present.home_share.clear();
  present.demand.clear();
  if (forgetful.home_demand.seen && forgetful.traffic.seen) {
    HomeDemand& home = forgetful.home_demand.seen->value;
    const double share = HomeShare(policy, forgetful.traffic.seen->value);
    if (home.load) *home.load *= share;
    if (home.wish) *home.wish *= share;
  }
  return Decide(policy, forgetful, override, present, now);
}

Outcome ScaleDownBeforeDrain(const Policy& policy, const Observation& seen, const Override& override,
                             const Memory& memory, Instant now) {
  Outcome outcome = Decide(policy, seen, override, memory, now);
  for (auto& [site, decided] : outcome.decision.sites) {
    if (site == policy.home || decided.replicas_needed >= decided.replicas_target) continue;
    decided.replicas_target = outcome.memory.sites[site].replicas_target = decided.replicas_needed;
  }
  return outcome;
}

Outcome WeightAheadOfReadiness(const Policy& policy, const Observation& seen, const Override& override,
                               const Memory& memory, Instant now) {
  Outcome outcome = Decide(policy, seen, override, memory, now);
  if (!outcome.decision.layout) return outcome;
  for (const auto& [site, decided] : outcome.decision.sites) {
    if (site == policy.home || decided.replicas_needed == 0) continue;
    Placement& placement = (*outcome.decision.layout)[site];
    if (placement.place != Place::kServed) placement = {Place::kServed, std::min(decided.replicas_needed, 20), 0};
  }
  return outcome;
}

Outcome TrustStaleInput(const Policy& policy, const Observation& seen, const Override& override, const Memory& memory,
                        Instant now) {
  Observation trusting = seen;
  if (trusting.home_demand.seen) trusting.home_demand.seen->as_of = now;
  if (trusting.traffic.seen) trusting.traffic.seen->as_of = now;
  for (auto& [site, observed] : trusting.sites) {
    if (observed.workload.seen) observed.workload.seen->as_of = now;
  }
  return Decide(policy, trusting, override, memory, now);
}

Outcome ZeroOnFailedRead(const Policy& policy, const Observation& seen, const Override& override, const Memory& memory,
                         Instant now) {
  Observation zero = seen;
  if (zero.home_demand.failure && zero.home_demand.seen) {
    HomeDemand nothing;
    nothing.replicas_max = zero.home_demand.seen->value.replicas_max;
    nothing.load = 0;
    zero.home_demand.seen = {nothing, now};
  }
  for (auto& [site, observed] : zero.sites) {
    if (observed.workload.failure && observed.workload.seen) observed.workload.seen->as_of = now;
  }
  return Decide(policy, zero, override, memory, now);
}

Outcome EnableBlind(const Policy& policy, const Observation& seen, const Override& override, const Memory& memory,
                    Instant now) {
  Observation blind = seen;
  if (blind.traffic.seen) {
    for (auto& [site, member] : blind.traffic.seen->value.members) member.health = Health::kUp;
  }
  Policy hasty = policy;
  hasty.gate.healthy_for = Duration{};
  return Decide(hasty, blind, override, memory, now);
}

Outcome ExceedMaximum(const Policy& policy, const Observation& seen, const Override& override, const Memory& memory,
                      Instant now) {
  Policy generous = policy;
  for (OverflowPolicy& site : generous.overflow) site.replicas_max *= 2;
  generous.headroom += 1;
  return Decide(generous, seen, override, memory, now);
}

Outcome ParkTheLast(const Policy& policy, const Observation& seen, const Override& override, const Memory& memory,
                    Instant now) {
  Outcome outcome = Decide(policy, seen, override, memory, now);
  if (!outcome.decision.layout) return outcome;
  const bool any = std::any_of(outcome.decision.sites.begin(), outcome.decision.sites.end(), [&](const auto& site) {
    return site.first != policy.home && site.second.replicas_needed > 0;
  });
  if (!any) return outcome;
  // The other member takes all, ready or not.
  for (auto& [site, placement] : *outcome.decision.layout) {
    placement = site == policy.home ? Placement{Place::kParked, 1, 0} : Placement{Place::kServed, 1, 0};
  }
  return outcome;
}

Outcome NeverScaleDown(const Policy& policy, const Observation& seen, const Override& override, const Memory& memory,
                       Instant now) {
  Outcome outcome = Decide(policy, seen, override, memory, now);
  for (auto& [site, of] : outcome.memory.sites) {
    const auto before = memory.sites.find(site);
    if (before == memory.sites.end() || before->second.replicas_target <= of.replicas_target) continue;
    of.replicas_target = outcome.decision.sites[site].replicas_target = before->second.replicas_target;
  }
  return outcome;
}

}  // namespace

std::string_view Name(Defect defect) { return kNames.at(static_cast<std::size_t>(defect)); }

std::function<decltype(Decide)> WithDefect(Defect defect) {
  switch (defect) {
    case Defect::kForgetSpilledShare:
      return ForgetSpilledShare;
    case Defect::kScaleDownBeforeDrain:
      return ScaleDownBeforeDrain;
    case Defect::kWeightAheadOfReadiness:
      return WeightAheadOfReadiness;
    case Defect::kTrustStaleInput:
      return TrustStaleInput;
    case Defect::kZeroOnFailedRead:
      return ZeroOnFailedRead;
    case Defect::kEnableBlind:
      return EnableBlind;
    case Defect::kExceedMaximum:
      return ExceedMaximum;
    case Defect::kParkTheLast:
      return ParkTheLast;
    case Defect::kNeverScaleDown:
      return NeverScaleDown;
    default:
      return Decide;
  }
}

void Tamper(Defect defect, World& world, std::size_t controller, HttpRequest& request) {
  const bool ours = defect == Defect::kEditForeignField || defect == Defect::kSkip412;
  if (!ours || request.method != "PUT") return;
  auto body = ParseJson(request.body);
  if (!body || !body->IsObject()) return;
  auto set = [&](const char* name, const std::string& text) {
    body->RemoveMember(name);
    body->AddMember(JsonValue(name, body->GetAllocator()), JsonValue(text.c_str(), body->GetAllocator()),
                    body->GetAllocator());
  };
  if (defect == Defect::kEditForeignField) {
    set("description", "managed by Spillway");
  } else {
    const auto stored = world.federation().Read(world.name(controller), "gslbservice", kGslbService);
    const auto now = stored ? ParseJson(*stored) : ParseJson("{}");
    if (now) set("_last_modified", StringAt(*now, "_last_modified").value_or(""));
  }
  request.body = JsonText(*body);
}

}  // namespace spillway::sim
