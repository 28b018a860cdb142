// Makes a failing story short.
#ifndef SPILLWAY_TOOLS_SIMULATE_SHRINK_H_
#define SPILLWAY_TOOLS_SIMULATE_SHRINK_H_

#include "tools/simulate/run.h"
#include "tools/simulate/scenario.h"

namespace spillway::sim {

// The scenario with as few faults as still break `invariant`. At most `runs` runs are made.
Scenario Shrink(const Scenario& failing, const RunOptions& options, int invariant, int runs = 60);

}  // namespace spillway::sim

#endif  // SPILLWAY_TOOLS_SIMULATE_SHRINK_H_
