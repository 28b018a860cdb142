// What a decision asks to be written: its difference to what is observed.
#ifndef SPILLWAY_SRC_DAEMON_PLAN_H_
#define SPILLWAY_SRC_DAEMON_PLAN_H_

#include <optional>
#include <string>
#include <vector>

#include "src/core/decision.h"
#include "src/core/observation.h"

namespace spillway::daemon {

struct ReplicaWrite {
  SiteName site;
  int from = 0, to = 0;
  std::string revision;
  Instant as_of;  // of the picture it was derived from
};

struct LayoutWrite {
  Layout want;
  std::string revision;
  bool urgent = false;  // a site that is served is down, or home was failed over from
  std::string change;   // "azure-eu parked -> served 7, us served 1 -> served 13"
  Instant as_of;
};

// In the order of writing: what is raised first serves before traffic comes; what is lowered goes after it has left.
struct Plan {
  std::vector<ReplicaWrite> raises;
  std::optional<LayoutWrite> layout;
  std::vector<ReplicaWrite> lowers;
  std::vector<std::string> impossible;  // sentences: decided, but there is nothing to write it to

  bool empty() const { return raises.empty() && !layout && lowers.empty(); }
};

// Writes nothing to what was never seen, nor to a GSLB service that takes no writes. Home is never scaled: its
// autoscaler does that.
Plan MakePlan(const SiteName& home, const Decision& decision, const Observation& observation);

// "served 7", "standby 1", "parked", "disabled".
std::string PlacementText(const Placement& placement);

// "replicas 0 -> 3".
std::string ChangeText(const ReplicaWrite& write);

// "eu replicas 0 -> 3; gslb us served 1 -> served 4", empty when nothing is to be written. Equal plans have equal
// texts; revisions and times do not count.
std::string PlanText(const Plan& plan);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_PLAN_H_
