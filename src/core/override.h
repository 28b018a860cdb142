// What an operator asked for. Stands beside what policy computes, never over it, and ends by itself.
#ifndef SPILLWAY_SRC_CORE_OVERRIDE_H_
#define SPILLWAY_SRC_CORE_OVERRIDE_H_

#include <optional>
#include <set>
#include <string>

#include "src/base/time.h"
#include "src/core/layout.h"
#include "src/core/policy.h"

namespace spillway {

struct Override {
  bool paused = false;         // observe and explain, write nothing
  std::optional<Mode> mode;    // instead of the policy's
  std::set<SiteName> drained;  // sites held off traffic
  std::string actor, reason, ticket;
  std::optional<Instant> expires;  // absent: until cleared
};

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_OVERRIDE_H_
