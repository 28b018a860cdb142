// Stage 3: is home down, and how much of its traffic has it got back.
#ifndef SPILLWAY_SRC_CORE_FAILOVER_H_
#define SPILLWAY_SRC_CORE_FAILOVER_H_

#include "src/core/tick.h"
#include "src/core/trust.h"

namespace spillway {

struct HomeStanding {
  bool down = false;        // failed over: the others take all
  double share_most = 1.0;  // what home may be given at most; below 1 while it is given its traffic back in steps
};

// Home is down when Avi has said so for failover.after. Losing the API of home's cluster is not that: traffic may be
// flowing. It is back after failover.failbackAfter of health, then gets failover.failbackStep more each TTL.
HomeStanding JudgeHome(Tick& tick, const Trusted& trusted);

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_FAILOVER_H_
