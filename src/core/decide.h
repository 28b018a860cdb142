// The heart: one tick's decision for one application.
#ifndef SPILLWAY_SRC_CORE_DECIDE_H_
#define SPILLWAY_SRC_CORE_DECIDE_H_

#include "src/base/time.h"
#include "src/core/decision.h"
#include "src/core/memory.h"
#include "src/core/observation.h"
#include "src/core/override.h"
#include "src/core/policy.h"

namespace spillway {

struct Outcome {
  Decision decision;
  Memory memory;  // hand it back at the next tick
};

// Pure: equal arguments, equal outcome; never blocks, never throws. What is missing or older than policy.stale_after
// only holds. Guarantees for every overflow site replicas_min <= replicas_target <= replicas_max, but for one whose
// Deployment was never seen: its target is then what memory has.
Outcome Decide(const Policy& policy, const Observation& observation, const Override& override, const Memory& memory,
               Instant now);

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_DECIDE_H_
