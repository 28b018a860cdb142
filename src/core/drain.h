// Stage 7: replicas go only after the traffic has gone, and the last one leaves last.
#ifndef SPILLWAY_SRC_CORE_DRAIN_H_
#define SPILLWAY_SRC_CORE_DRAIN_H_

#include "src/core/sizing.h"
#include "src/core/tick.h"
#include "src/core/trust.h"

namespace spillway {

// Decides the target of one overflow site, given what it needs and the layout decided in this tick.
//
// Up: at once. Down: the lower share must be in force everywhere; then clients must have let go (measured: the
// residual has stayed under drain.drainedBelow for drain.quietFor, not before one TTL, at the latest after
// drain.maxDrain; unmeasured: max(minDrain, ttlFactor * TTL) + connectionGrace); then, where no traffic is due, all but
// drain.keepers go, and those after drain.tailFor or once nothing at all arrives. New need cancels it at any point.
//
// Replicas that somebody else raised beyond the target, up to the site's maximum, go in the same way: clients may be on
// any of them. decision.replicas_target is what is asked for until then, the target in memory is not moved by it. A
// target that was lowered and that the Deployment has not followed yet is asked for again, without another drain.
//
// Example: target 2, needed 2, and somebody scales the Deployment to 5: 5 stand for as long as a drain takes, then 2 is
// written; raised again, it takes as long again. Two writers that don't agree can't take turns faster than that.
void DecideTarget(Tick& tick, const Trusted& trusted, const OverflowPolicy& site, const Sizing::Need& need,
                  bool may_raise);

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_DRAIN_H_
