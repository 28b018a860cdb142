// What a change of the standing orders would do, worked out with the function that decides.
#ifndef SPILLWAY_SRC_CORE_FORECAST_H_
#define SPILLWAY_SRC_CORE_FORECAST_H_

#include <map>

#include "src/core/decide.h"

namespace spillway {

struct SiteForecast {
  int replicas = 0;  // target; of home: what its autoscaler wants
  Placement placement;
  double share = 0;  // that the ratios give it, 0..1
  bool operator==(const SiteForecast&) const = default;
};

struct Forecast {
  Mode mode = Mode::kWeighted;
  bool writes_held = false;
  std::map<SiteName, SiteForecast> sites;
  bool operator==(const Forecast&) const = default;
};

struct Change {
  Forecast before;    // what is decided now
  Forecast at_once;   // what would be decided now instead
  Forecast after;     // where that leads when ordered replicas start, members come up and drains end
  Decision decision;  // the one behind at_once, with its reasons
};

// Changes nothing. Placements that are unknown because Avi was never seen are reported as parked.
Change Foresee(const Policy& policy, const Observation& observation, const Override& standing, const Override& wanted,
               const Memory& memory, Instant now);

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_FORECAST_H_
