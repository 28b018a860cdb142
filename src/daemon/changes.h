// What a person would call different between two looks.
#ifndef SPILLWAY_SRC_DAEMON_CHANGES_H_
#define SPILLWAY_SRC_DAEMON_CHANGES_H_

#include <string>
#include <vector>

#include "src/daemon/app.h"

namespace spillway::daemon {

// Clauses such as "azure-eu: rest -> provisioning", "CapacityExhausted begins", "azure-eu replicas 0 -> 3: done".
// Empty for a steady look: nothing is then worth a record.
std::vector<std::string> Changes(const AppView& before, const AppView& after, const std::vector<WriteOutcome>& writes);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_CHANGES_H_
