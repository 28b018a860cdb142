#ifndef SPILLWAY_SRC_DAEMON_CONFIG_POLICY_H_
#define SPILLWAY_SRC_DAEMON_CONFIG_POLICY_H_

#include "src/core/policy.h"
#include "src/daemon/change_rules.h"
#include "src/daemon/config_section.h"

namespace spillway::daemon {

// Reads an application's `policy:` map, its own relations between keys included.
void ReadPolicy(Section section, Policy& policy, ChangeRules& changes);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_CONFIG_POLICY_H_
