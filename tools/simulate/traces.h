// The load curves that controllers are compared on.
#ifndef SPILLWAY_TOOLS_SIMULATE_TRACES_H_
#define SPILLWAY_TOOLS_SIMULATE_TRACES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/time.h"
#include "tools/simulate/demand.h"

namespace spillway::sim {

struct Trace {
  std::string name;
  std::string what;  // for people
  DemandCurve demand;
  Duration span{};
};

// For a home of at most four replicas. `seed` draws the noise of the one called "recorded".
std::vector<Trace> Traces(std::uint64_t seed);

}  // namespace spillway::sim

#endif  // SPILLWAY_TOOLS_SIMULATE_TRACES_H_
