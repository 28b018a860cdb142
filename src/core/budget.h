// What overflow may cost.
#ifndef SPILLWAY_SRC_CORE_BUDGET_H_
#define SPILLWAY_SRC_CORE_BUDGET_H_

#include "src/core/sizing.h"
#include "src/core/tick.h"

namespace spillway {

// Counts the replica-hours that overflow used since the last look (each site's pods as last seen), and begins a new
// window when the old one is over. True: the budget of this window is spent. Without a limit nothing is counted.
//
// Example: 3 replicas at 0.12 for half an hour: 1.5 replica-hours, and 0.18.
bool CountBudget(Tick& tick);

// Once the budget is spent no site gets more replicas than it has; none is taken away because of it. It does not bind
// while home is away: then overflow is all there is.
void KeepToBudget(Tick& tick, const HomeStanding& home, Sizing& sizing);

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_BUDGET_H_
