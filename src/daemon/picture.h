// What is known of one application now, gathered from its ports.
#ifndef SPILLWAY_SRC_DAEMON_PICTURE_H_
#define SPILLWAY_SRC_DAEMON_PICTURE_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/core/observation.h"
#include "src/ports/demand_source.h"
#include "src/ports/traffic_director.h"
#include "src/ports/workload.h"

namespace spillway::daemon {

// One application's view of the world; none is null, all outlive who uses this.
struct AppPorts {
  const DemandSource* demand = nullptr;
  std::map<SiteName, Workload*> sites;  // home included
  TrafficDirector* traffic = nullptr;
};

// Never blocks.
Observation Observe(const AppPorts& ports);

// One input, for people: readiness, metrics, the journal.
struct InputState {
  std::string name;             // "demand", "workload us", "gslb"
  std::optional<Instant> seen;  // last confirmed
  std::optional<Failure> failure;
  // Nothing is known of it yet, not even that it fails.
  bool waiting() const { return !seen && !failure; }
};
std::vector<InputState> Inputs(const Observation& observation);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_PICTURE_H_
