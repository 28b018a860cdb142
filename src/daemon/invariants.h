// What must hold of every decision, looked at again after it was made: if one of these is broken, the program is wrong.
#ifndef SPILLWAY_SRC_DAEMON_INVARIANTS_H_
#define SPILLWAY_SRC_DAEMON_INVARIANTS_H_

#include <array>
#include <string_view>
#include <vector>

#include "src/core/decision.h"
#include "src/core/memory.h"
#include "src/core/observation.h"
#include "src/core/policy.h"

namespace spillway::daemon {

// Only what one decision and its observation can show; tests and the simulator look at all of them over time.
enum class Invariant {
  kGateBeforeTraffic,      // a site that was not served is served only while its gate is open
  kSomebodyServed,         // the last member that is up and served, or stands by, is not taken away
  kTrafficBeforeReplicas,  // the last replica is not taken while the site is published as served
  kWithinLimits,           // an overflow site has no more replicas than its maximum
};
inline constexpr std::array<std::string_view, 4> kInvariantTokens = {"GateBeforeTraffic", "SomebodyServed",
                                                                     "TrafficBeforeReplicas", "WithinLimits"};
constexpr std::string_view Word(Invariant invariant) {
  return kInvariantTokens.at(static_cast<std::size_t>(invariant));
}

// Those that are broken. `before`: what was remembered when it was decided. What others did is not held against the
// decision: a member that somebody else puts back into service after its last replica had to go, or a home that fails
// while the cloud is up and waits for failoverAfter. Pure.
std::vector<Invariant> BrokenInvariants(const Policy& policy, const Observation& seen, const Memory& before,
                                        const Decision& decision);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_INVARIANTS_H_
