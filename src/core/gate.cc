#include "src/core/gate.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace spillway {
namespace {

// Of the longest ordinary text, so that it is written in one piece of memory.
constexpr std::size_t kTextRoom = 48;

std::string SecondsText(Duration d) { return std::to_string(std::llround(Seconds(d))).append("s"); }

void AddLasted(std::string& text, std::optional<Instant> since, Duration length, Instant now) {
  if (!since) return;
  const bool over = now - *since >= length;
  text.append(" for ").append(SecondsText(over ? length : now - *since)).append(over ? " or more" : " of ");
  if (!over) text.append(SecondsText(length));
}

std::string HealthText(const MemberState* member) {
  if (member == nullptr) return "not seen";
  switch (member->health) {
    case Health::kUp:
      return "up";
    case Health::kDown:
      return "down";
    case Health::kUnknown:
      return "unknown";
  }
  return "unknown";
}

const MemberState* Member(const TrafficState* traffic, const SiteName& site) {
  if (traffic == nullptr) return nullptr;
  const auto at = traffic->members.find(site);
  return at == traffic->members.end() ? nullptr : &at->second;
}

// Counts a fall of a member that was eligible, and forgets old ones.
void Damp(Tick& tick, const OverflowPolicy& site, SiteMemory& memory, const MemberState* member) {
  const GatePolicy& gate = tick.policy.gate;
  if (member != nullptr && member->health == Health::kDown && memory.eligible_since) {
    ++memory.flaps;
    memory.flapped_at = tick.now;
  }
  if (memory.flapped_at && tick.now - *memory.flapped_at >= 2 * gate.damping_max) {
    memory.flaps = 0;
    memory.flapped_at.reset();
  }
  if (memory.flaps == 0) return;
  tick.Holds(ConditionName::kMemberFlapping, "the member of " + site.site + " went down " +
                                                 std::to_string(memory.flaps) + " times; it must be up for " +
                                                 SecondsText(HealthyFor(gate, memory.flaps)));
}

struct Judged {
  std::vector<GateCondition> gate;
  bool unready = false;  // seen, and short of replicas
  bool held = false;     // by somebody who wants this site without traffic, not by a pause
};

GateCondition Ready(Tick& tick, const OverflowPolicy& site, SiteMemory& memory, const WorkloadState* workload) {
  const GatePolicy& gate = tick.policy.gate;
  // Once open, more replicas on their way must not shut it: the weight follows the ready ones.
  const int asked =
      memory.eligible_since
          ? 1
          : std::max(1, static_cast<int>(std::ceil(gate.ready_fraction * std::max(1, memory.replicas_target) - 1e-9)));
  if (workload == nullptr) return {GateName::kReplicasReady, false, "Deployment of " + site.site + " not seen"};
  const bool enough = workload->replicas_ready >= asked;
  Mark(memory.ready_since, enough, tick.now);
  const bool holds = enough && (memory.eligible_since || tick.Lasted(memory.ready_since, gate.ready_for));
  std::string text;
  text.reserve(kTextRoom);
  text.append(std::to_string(workload->replicas_ready)).append("/").append(std::to_string(memory.replicas_target));
  text.append(" ready, ").append(std::to_string(asked)).append(" asked");
  AddLasted(text, memory.ready_since, gate.ready_for, tick.now);
  return {GateName::kReplicasReady, holds, std::move(text)};
}

GateCondition Healthy(Tick& tick, SiteMemory& memory, const MemberState* member) {
  const Duration length = HealthyFor(tick.policy.gate, memory.flaps);
  if (member != nullptr) Mark(memory.healthy_since, member->health == Health::kUp, tick.now);
  const bool up = member != nullptr && member->health == Health::kUp;
  const bool holds = up && (memory.eligible_since || tick.Lasted(memory.healthy_since, length));
  std::string text = HealthText(member);
  if (up) AddLasted(text, memory.healthy_since, length, tick.now);
  return {GateName::kGslbHealthy, holds, std::move(text)};
}

GateCondition Fits(const OverflowPolicy& site, const SiteMemory& memory, const WorkloadState* workload, double share) {
  if (share <= 0) return {GateName::kShareFits, true, "follows its capacity"};
  const int serving = workload == nullptr ? 0 : std::min(workload->replicas_ready, memory.replicas_target);
  const double carries = serving * site.capacity_factor;
  const auto text = [](double replicas) {
    std::string rounded = std::to_string(std::round(replicas * 10) / 10);
    return rounded.substr(0, rounded.find('.') + 2);
  };
  return {GateName::kShareFits, carries + 1e-6 >= share,
          "equal share " + text(share) + ", carries " + text(carries) + " replicas"};
}

void JudgeHold(const Tick& tick, const SiteName& site, const MemberState* member, Judged& judged) {
  const bool disabled = member != nullptr && member->placement.place == Place::kDisabled;
  const bool drained = tick.order.drained.contains(site);
  const bool handing_over = tick.handing_over.contains(site);
  judged.held = disabled || (drained && !handing_over);
  judged.gate.push_back({GateName::kNotHeld, !judged.held && !tick.order.paused,
                         disabled            ? "its member is disabled in Avi"
                         : handing_over      ? "an operator drains it once the others can carry its part"
                         : drained           ? "an operator drains it"
                         : tick.order.paused ? "paused by an operator"
                                             : "not held"});
}

void Conclude(Tick& tick, const OverflowPolicy& site, SiteMemory& memory, Judged judged, const MemberState* member) {
  const bool all = std::all_of(judged.gate.begin(), judged.gate.end(),
                               [](const GateCondition& condition) { return condition.holds; });
  // Blindness and a pause freeze an open gate; only what is seen to be wrong closes it.
  const bool seen_bad = (member != nullptr && member->health == Health::kDown) || judged.held || judged.unready;
  const bool was = memory.eligible_since.has_value();
  const bool is = all || (was && !seen_bad);
  if (is && !was) tick.Because(ReasonCode::kGateOpened, site.site);
  if (!is && was) tick.Because(ReasonCode::kGateClosed, site.site);
  Mark(memory.eligible_since, is, tick.now);
  SiteDecision& decision = tick.decision.sites[site.site];
  decision.gate = std::move(judged.gate);
  decision.eligible = is;
}

}  // namespace

Duration HealthyFor(const GatePolicy& gate, int flaps) {
  const double factor = std::pow(2.0, std::min(flaps, 30));
  const Duration most = std::max(gate.damping_max, gate.healthy_for);
  return std::min(FromSeconds(std::min(Seconds(gate.healthy_for) * factor, Seconds(most))), most);
}

void JudgeGate(Tick& tick, const Trusted& trusted, const OverflowPolicy& site, double equal_share) {
  SiteMemory& memory = tick.memory.sites[site.site];
  const WorkloadState* workload = trusted.overflow.at(site.site);
  const MemberState* member = Member(trusted.traffic, site.site);
  Damp(tick, site, memory, member);

  Judged judged;
  judged.gate.reserve(static_cast<std::size_t>(GateName::kEnd));
  judged.gate.push_back(Ready(tick, site, memory, workload));
  judged.gate.push_back(Healthy(tick, memory, member));
  const bool fresh = workload != nullptr && trusted.traffic != nullptr && member != nullptr;
  judged.unready = fresh && !judged.gate.front().holds;
  judged.gate.push_back({GateName::kObservationFresh, fresh,
                         fresh                        ? "seen in time"
                         : workload == nullptr        ? "its Deployment is not seen"
                         : trusted.traffic == nullptr ? "the GSLB service is not seen"
                                                      : "its GSLB member is not seen"});
  judged.gate.push_back({GateName::kGslbWritable, trusted.may_steer,
                         trusted.may_steer            ? "yes"
                         : trusted.traffic == nullptr ? "the GSLB service is not seen"
                         : !trusted.traffic->writable ? trusted.traffic->unwritable_why
                                                      : trusted.traffic->ratios_void.front()});
  judged.gate.push_back(Fits(site, memory, workload, equal_share));
  JudgeHold(tick, site.site, member, judged);
  Conclude(tick, site, memory, std::move(judged), member);
}

}  // namespace spillway
