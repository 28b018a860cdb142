// A what-if as a picture.
#ifndef SPILLWAY_TOOLS_SIMULATE_PICTURE_H_
#define SPILLWAY_TOOLS_SIMULATE_PICTURE_H_

#include <string>

#include "tools/simulate/run.h"

namespace spillway::sim {

// An SVG of three panels over one time axis: demand against the replicas ready and ordered; the share of the traffic
// that overflow was to get, was given and got; drains, writes and overload. Needs outcomes with samples.
std::string PictureSvg(const Scenario& scenario, const Outcomes& outcomes);

}  // namespace spillway::sim

#endif  // SPILLWAY_TOOLS_SIMULATE_PICTURE_H_
