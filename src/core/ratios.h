// Shares (0..1) into Avi's ratios (1..20).
#ifndef SPILLWAY_SRC_CORE_RATIOS_H_
#define SPILLWAY_SRC_CORE_RATIOS_H_

#include <map>

#include "src/core/layout.h"

namespace spillway {

// The ratios whose shares come closest to `shares`: smallest worst error, then smallest sum. `shares` are positive and
// sum to 1; one site or more, at most 20. Deterministic.
//
// Examples: {.5,.5} -> 1:1; {4/7,3/7} -> 4:3; {.99,.01} -> 20:1 (nothing is closer).
std::map<SiteName, int> FitRatios(const std::map<SiteName, double>& shares);

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_RATIOS_H_
