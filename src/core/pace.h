// Home gets its traffic back no faster than it can take it.
#ifndef SPILLWAY_SRC_CORE_PACE_H_
#define SPILLWAY_SRC_CORE_PACE_H_

#include <map>

#include "src/core/tick.h"
#include "src/core/trust.h"

namespace spillway {

// `ideal` shares, but with home's share held to what its ready replicas can take while its autoscaler adds more: up to
// a fifth over what they are meant to carry, so that the autoscaler has a reason to add them, and the less of that the
// fewer resolvers there seem to be (share_quality.h), since what really comes scatters about the share. One step each
// TTL. Replicas that the autoscaler has asked for are waited for; one that is content within the lag of demand.h is
// given a tenth more, so that the return always ends, or as much as its load shows to fit, up to twice what it has: the
// demand is the greatest of a while, or of before home went away, and less may come by now.
//
// The first step after a failover is no exception: home has shrunk while it was away, or is about to. Until it has all
// its traffic back, only the replicas that its load calls for are counted on; the reason tells both, those that are
// counted on and those that are ready.
//
// Nothing is held back when overflow can't carry its present share any more, or home has all the replicas it may have.
//
// Example: demand 2, home has 1 ready of at most 4 and 57 % of the traffic, 500 resolvers ask; all of it would be twice
// what one replica carries, so home gets 60 %, its autoscaler adds one, and then all.
std::map<SiteName, double> PaceReturn(Tick& tick, const Trusted& trusted, const std::map<SiteName, double>& published,
                                      std::map<SiteName, double> ideal);

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_PACE_H_
