// Stage 6: which site gets which share, and the layout that says so.
#ifndef SPILLWAY_SRC_CORE_SPLIT_H_
#define SPILLWAY_SRC_CORE_SPLIT_H_

#include <map>
#include <optional>

#include "src/core/demand.h"
#include "src/core/failover.h"
#include "src/core/sizing.h"
#include "src/core/tick.h"
#include "src/core/trust.h"

namespace spillway {

// The ideal share (0..1) of every site that should be served, summing to 1. Empty: no site's gate is open.
//
// weighted, auto: in proportion to capacity. Overflow's is what it serves now, min(ready, due) * capacity_factor;
// home's is its maximum, less the replicas it wants and does not have: it is filled first, and its autoscaler follows
// its load. Counting its ready replicas would hand ever more to overflow when home shrinks because its load fell.
// Example: home's maximum 4, overflow 3 ready: 4/7 and 3/7, whether home runs 4 replicas or just now 2 of 2.
// round-robin: equal among home and the eligible sites that are due traffic, or as weighted while one of these can't
// carry an equal share. active-passive: home alone.
// Home down: the others in proportion to what they serve.
std::map<SiteName, double> IdealShares(Tick& tick, const Trusted& trusted, const Sizing& sizing,
                                       const HomeStanding& home);

// The layout to publish, also written into the decision; nullopt: it stays, and the reasons say why.
// Inside ramp.deadBand of the present shares, the present ratios are kept. A rise of overflow's share waits until the
// present ratios are one TTL old, unless home is overloaded now. A site whose ideal share rounds to nothing is left
// out. Sites without traffic stand by, where Avi probes them: it answers them only when no served site is up.
std::optional<Layout> DecideLayout(Tick& tick, const Trusted& trusted, const std::map<SiteName, double>& ideal,
                                   const HomeStanding& home, bool home_full);

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_SPLIT_H_
