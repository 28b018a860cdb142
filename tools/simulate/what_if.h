// What if: one user's policy and load curve, played once.
#ifndef SPILLWAY_TOOLS_SIMULATE_WHAT_IF_H_
#define SPILLWAY_TOOLS_SIMULATE_WHAT_IF_H_

#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "tools/simulate/flags.h"
#include "tools/simulate/scenario.h"

namespace spillway::sim {

// The flags that have a meaning only here.
extern const std::vector<std::string_view> kWhatIfSwitches, kWhatIfValues;

// The scenario that the flags ask for. kRejected names the flag, or the file and the line, and what is allowed.
Result<Scenario> ScenarioOf(const Flags& flags);

// Plays it; the report goes to standard output, progress to standard error. Answers the exit status; kRejected as
// above, or a picture that can't be written.
Result<int> WhatIf(const Flags& flags);

}  // namespace spillway::sim

#endif  // SPILLWAY_TOOLS_SIMULATE_WHAT_IF_H_
