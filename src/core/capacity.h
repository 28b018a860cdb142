// How much demand an arrangement of sites can carry when everything it may order is there.
#ifndef SPILLWAY_SRC_CORE_CAPACITY_H_
#define SPILLWAY_SRC_CORE_CAPACITY_H_

#include "src/core/tick.h"
#include "src/core/trust.h"

namespace spillway {

// In replicas of the home site. `tick` holds the policy as the orders leave it. Home counts with its maximum, an
// overflow site with its own (or its pinned count); 0 where a site is held, down, unseen, or did not become eligible in
// time.
//
// weighted, auto: the sum. round-robin: the greatest number of sites, in order, times what the weakest of them carries.
// active-passive: home alone, or the others when it is away. Pinned ratios, unless home is away from its part: what the
// first site to be full leaves of the whole. Example: home 4, overflow 8: weighted 12, round-robin 8, active-passive 4,
// pinned 1:4 10.
double Carries(const Tick& tick, const Trusted& trusted);

// What a pause keeps: the answering members that are up, with the ratios they have; home with its maximum, an overflow
// site with the replicas its Deployment has. The same unit; 0 where that is not seen. Example: home 4 and overflow 3,
// answered 4:3, carry 7 whatever is ordered.
double CarriesWhilePaused(const Tick& tick, const Trusted& trusted);

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_CAPACITY_H_
