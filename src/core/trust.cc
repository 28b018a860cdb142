#include "src/core/trust.h"

#include <string>
#include <string_view>

namespace spillway {
namespace {

std::string AgeText(Duration age) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(age).count()) + " s";
}

// The value while it may be used; otherwise nullptr, with the condition that says why.
template <class T>
const T* Fresh(Tick& tick, const Reading<T>& reading, ConditionName name, std::string_view kind,
               std::string_view of = {}) {
  if (reading.seen) {
    const Duration age = tick.now - reading.seen->as_of;
    if (age <= tick.policy.stale_after) {
      tick.WakeBy(reading.seen->as_of + tick.policy.stale_after + Duration{1});
      return &reading.seen->value;
    }
  }
  const std::string what = std::string(kind).append(of);
  std::string detail = what;
  if (reading.failure) {
    detail += ": " + reading.failure->what;
  } else if (reading.seen) {
    detail += ": last confirmed " + AgeText(tick.now - reading.seen->as_of) + " ago, the limit is " +
              AgeText(tick.policy.stale_after);
  } else {
    detail += ": not read yet";
  }
  tick.Holds(name, detail);
  tick.Because(ReasonCode::kInputStale, what);
  return nullptr;
}

void JudgeTraffic(Tick& tick, Trusted& trusted) {
  const auto& reading = tick.seen.traffic;
  trusted.traffic = Fresh(tick, reading, ConditionName::kGslbUnseen, "GSLB service");
  if (!reading.seen) return;
  const TrafficState& state = reading.seen->value;
  for (const std::string& setting : state.ratios_void) tick.Holds(ConditionName::kRatiosVoid, setting);
  if (!state.ratios_void.empty()) tick.Because(ReasonCode::kRatiosVoid);
  trusted.may_raise = state.ratios_void.empty();
  if (trusted.traffic == nullptr) return;
  if (!state.writable) tick.Holds(ConditionName::kGslbNotWritable, state.unwritable_why);
  if (!state.in_force) {
    tick.Holds(ConditionName::kLayoutNotInForce, "a DNS site has not taken over the present layout yet");
  }
  for (const auto& [site, member] : state.members) {
    if (member.placement.place != Place::kDisabled) continue;
    tick.Holds(ConditionName::kForeignPlacement, "the member of " + site + " is disabled in Avi; it is left alone");
  }
  trusted.may_steer = state.writable && state.ratios_void.empty();
}

}  // namespace

void Tick::Holds(ConditionName name, const std::string& detail) {
  for (ConditionState& state : decision.conditions) {
    if (state.name != name) continue;
    state.detail += "; " + detail;
    return;
  }
  const auto since = memory.conditions.find(name);
  decision.conditions.push_back({name, detail, since == memory.conditions.end() ? now : since->second});
}

bool Trusted::Served(const SiteName& site) const {
  if (traffic == nullptr) return false;
  const auto member = traffic->members.find(site);
  return member != traffic->members.end() && member->second.placement.place == Place::kServed;
}

const WorkloadState* LastSeen(const Tick& tick, const SiteName& site) {
  const auto at = tick.seen.sites.find(site);
  return at == tick.seen.sites.end() || !at->second.workload.seen ? nullptr : &at->second.workload.seen->value;
}

Trusted Trust(Tick& tick) {
  Trusted trusted;
  trusted.demand = Fresh(tick, tick.seen.home_demand, ConditionName::kDemandUnknown, "home's autoscaler");
  const auto workload = [&](const SiteName& site, ConditionName name) {
    static const Reading<WorkloadState> kNever;
    const auto at = tick.seen.sites.find(site);
    return Fresh(tick, at == tick.seen.sites.end() ? kNever : at->second.workload, name, "Deployment of ", site);
  };
  trusted.home = workload(tick.policy.home, ConditionName::kHomeClusterUnseen);
  for (const OverflowPolicy& overflow : tick.policy.overflow) {
    trusted.overflow[overflow.site] = workload(overflow.site, ConditionName::kOverflowUnseen);
  }
  JudgeTraffic(tick, trusted);
  return trusted;
}

}  // namespace spillway
