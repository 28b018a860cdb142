// Replicas that sizing would let go, and that may not go yet.
#ifndef SPILLWAY_SRC_CORE_KEEP_H_
#define SPILLWAY_SRC_CORE_KEEP_H_

#include <algorithm>
#include <set>

#include "src/core/sizing.h"
#include "src/core/tick.h"
#include "src/core/trust.h"

namespace spillway {

// How much lower demand must be before fewer replicas are wanted, so that noise about a whole number does not order one
// up and down. In replicas of the home site.
// Chosen: twice the noise. What the sites tell of themselves scatters by 1.5 %. An estimate by share has home's noise
// and that of the share it is divided by: 5.72 to 5.94 about a true 5.74 (home at its maximum of 2, 2,000 resolvers).
constexpr double LowerMargin(double demand, bool by_share) { return std::max(0.15, (by_share ? 0.05 : 0.03) * demand); }

// Where fewer replicas would do, a margin of demand must be free (`with_margin` is the sizing with it). It stands
// between what is needed and less than that, not between what drains and its return: these come back only for demand
// that calls for them. Without a memory of the past nothing is lowered until a whole calm period was seen.
//
// Example: home's maximum 4, margin 0.15, demand 5.9: 2 replicas. They stay while it is above 4.85; at 4.8 one of them
// drains, and comes back above 5, not above 4.85.
void KeepWhatMayNotBeLowered(Tick& tick, const Trusted& trusted, const Sizing& with_margin, bool demand_known,
                             Sizing& sizing);

// A site that is skipped keeps its replicas until every site that takes its part is eligible.
void KeepUntilSubstituted(const Tick& tick, const std::set<SiteName>& skipped, Sizing& sizing);

// Equal shares that fit nowhere are no reason to take away what helps: whoever is served stays as it is. Without it
// home would get all of the work that it could not carry a part of, and, since an overloaded home shows less than what
// arrives, equal shares would seem to fit again soon after.
void KeepWhatIsServed(const Tick& tick, const Trusted& trusted, Sizing& sizing);

// A site that an operator drains serves on until the others carry `demand` * safety.capacityFloor without it, unless
// that was forced. Once its traffic was taken it gets none again while the order stands. `home_capacity`: what home
// carries, in its replicas; 0: it is held off traffic itself.
void KeepUntilHandedOver(Tick& tick, const Trusted& trusted, double demand, double home_capacity, Sizing& sizing);

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_KEEP_H_
