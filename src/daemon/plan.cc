#include "src/daemon/plan.h"

#include <algorithm>

#include "src/base/join.h"
#include "src/daemon/words.h"

namespace spillway::daemon {
namespace {

// A ratio counts only where it is used, a rank likewise.
bool SamePlacement(const Placement& a, const Placement& b) {
  if (a.place != b.place) return false;
  if (a.place == Place::kServed) return a.ratio == b.ratio;
  return a.place != Place::kStandby || a.rank == b.rank;
}

bool Urgent(const Decision& decision, const TrafficState& traffic) {
  const bool failed_over = std::any_of(decision.sites.begin(), decision.sites.end(),
                                       [](const auto& site) { return site.second.phase == Phase::kDown; });
  return failed_over || std::any_of(traffic.members.begin(), traffic.members.end(), [](const auto& member) {
           return member.second.placement.place == Place::kServed && member.second.health == Health::kDown;
         });
}

void PlanLayout(const Decision& decision, const Reading<TrafficState>& reading, Plan& plan) {
  if (!decision.layout || !reading.seen) return;
  const TrafficState& traffic = reading.seen->value;
  LayoutWrite write{*decision.layout, traffic.revision, Urgent(decision, traffic), "", reading.seen->as_of};
  bool whole = true;
  for (const auto& [site, want] : *decision.layout) {
    const auto member = traffic.members.find(site);
    if (member == traffic.members.end()) {
      plan.impossible.push_back("The GSLB service has no member for site " + site + ", so its layout is not written.");
      whole = false;
    } else if (!SamePlacement(member->second.placement, want)) {
      Join(write.change, site + " " + PlacementText(member->second.placement) + " -> " + PlacementText(want), ", ");
    }
  }
  if (write.change.empty() || !whole) return;
  if (!traffic.writable) {
    plan.impossible.push_back("The GSLB service takes no writes now: " + traffic.unwritable_why + ".");
    return;
  }
  plan.layout = std::move(write);
}

}  // namespace

Plan MakePlan(const SiteName& home, const Decision& decision, const Observation& observation) {
  Plan plan;
  for (const auto& [site, decided] : decision.sites) {
    const auto seen = observation.sites.find(site);
    if (site == home || seen == observation.sites.end() || !seen->second.workload.seen) continue;
    const WorkloadState& workload = seen->second.workload.seen->value;
    if (decided.replicas_target == workload.replicas_wanted) continue;
    const bool raise = decided.replicas_target > workload.replicas_wanted;
    (raise ? plan.raises : plan.lowers)
        .push_back({site, workload.replicas_wanted, decided.replicas_target, workload.revision,
                    seen->second.workload.seen->as_of});
  }
  PlanLayout(decision, observation.traffic, plan);
  return plan;
}

std::string PlacementText(const Placement& placement) {
  std::string text(Word(placement.place));
  if (placement.place == Place::kServed) text += " " + std::to_string(placement.ratio);
  if (placement.place == Place::kStandby) text += " " + std::to_string(placement.rank);
  return text;
}

std::string ChangeText(const ReplicaWrite& write) {
  return "replicas " + std::to_string(write.from) + " -> " + std::to_string(write.to);
}

std::string PlanText(const Plan& plan) {
  std::string text;
  for (const auto* writes : {&plan.raises, &plan.lowers}) {
    for (const ReplicaWrite& write : *writes) Join(text, write.site + " " + ChangeText(write));
  }
  if (plan.layout) Join(text, "gslb " + plan.layout->change);
  for (const std::string& sentence : plan.impossible) Join(text, sentence);
  return text;
}

}  // namespace spillway::daemon
