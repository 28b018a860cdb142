// Stage 5: may a site be given traffic now.
#ifndef SPILLWAY_SRC_CORE_GATE_H_
#define SPILLWAY_SRC_CORE_GATE_H_

#include "src/core/sizing.h"
#include "src/core/tick.h"
#include "src/core/trust.h"

namespace spillway {

// Judges every condition of the site's gate, each by name and with its value, and writes them into the decision. Opens
// only when all hold for long enough. An open gate stays open while one replica is ready and Avi does not say "down":
// what can't be seen or written for a while freezes it rather than closing it. Nor does an equal share that the site
// can't carry (any more) close it: shares then follow capacity until it can (split.h).
//
// A member that goes down after it was eligible is damped: each time its healthyFor doubles, up to gate.dampingMax,
// and the count is forgotten after twice dampingMax without another.
//
// `equal_share`: in round-robin, the demand the site would get, in replicas of the home site; else 0.
void JudgeGate(Tick& tick, const Trusted& trusted, const OverflowPolicy& site, double equal_share);

// For how long Avi must say "up", after `flaps` earlier falls.
Duration HealthyFor(const GatePolicy& gate, int flaps);

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_GATE_H_
