// Stage 3: is home down, and how much of its traffic has it got back.
#ifndef SPILLWAY_SRC_CORE_FAILOVER_H_
#define SPILLWAY_SRC_CORE_FAILOVER_H_

#include "src/core/tick.h"
#include "src/core/trust.h"

namespace spillway {

struct HomeStanding {
  bool down = false;        // failed over: the others take all
  double share_most = 1.0;  // what home may be given at most; below 1 while it is given its traffic back in steps
  bool leaving = false;     // an operator wants it without traffic: it keeps what the others can't carry yet

  // The others are sized for all of the demand, whatever the mode.
  bool away() const { return down || leaving || share_most < 1; }
};

// Home is down when Avi has said so for failover.after. Losing the API of home's cluster is not that: traffic may be
// flowing. It is back after failover.failbackAfter of health, then gets failover.failbackStep more each TTL.
//
// A home that is up again while no other site could be given traffic gets its own back at once.
//
// An operator's failover (or drain, or pinned ratio 0) takes a healthy home's traffic only as fast as the others can
// carry it; once it has none it counts as failed over. The order's end, or a failback, gives it back in the same steps;
// `failback: manual` waits for a failback only after a failover that nobody ordered. A failback ends the failover that
// stands when it is given, not a later one.
HomeStanding JudgeHome(Tick& tick, const Trusted& trusted);

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_FAILOVER_H_
