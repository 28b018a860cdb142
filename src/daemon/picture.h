// What is known of one application now, gathered from its ports.
#ifndef SPILLWAY_SRC_DAEMON_PICTURE_H_
#define SPILLWAY_SRC_DAEMON_PICTURE_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/core/observation.h"
#include "src/core/policy.h"
#include "src/ports/demand_source.h"
#include "src/ports/traffic_director.h"
#include "src/ports/usage_meter.h"
#include "src/ports/workload.h"

namespace spillway::daemon {

// One application's view of the world; none is null, all outlive who uses this.
struct AppPorts {
  const DemandSource* demand = nullptr;
  std::map<SiteName, Workload*> sites;  // home included
  TrafficDirector* traffic = nullptr;
  // Of the overflow sites whose policy names such a source.
  std::map<SiteName, const UsageMeter*> meters{};
  std::map<SiteName, const DemandSource*> observers{};
};

// Never blocks.
Observation Observe(const AppPorts& ports);

// One input, for people: readiness, metrics, the journal.
struct InputState {
  std::string name;             // "demand", "workload us", "gslb", "metrics eu", "autoscaler eu"
  std::optional<Instant> seen;  // last confirmed
  std::optional<Failure> failure;
  // Nothing is known of it yet, not even that it fails.
  bool waiting() const { return !seen && !failure; }
};
// Those that the policy asks for. An observing autoscaler has nothing to say of no pods; that is no failure.
std::vector<InputState> Inputs(const Policy& policy, const Observation& observation);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_PICTURE_H_
