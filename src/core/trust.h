// Stage 1: which inputs may be used now. The lack of news is never taken for low load.
#ifndef SPILLWAY_SRC_CORE_TRUST_H_
#define SPILLWAY_SRC_CORE_TRUST_H_

#include <map>

#include "src/core/tick.h"

namespace spillway {

// Pointers into the observation; nullptr: never seen, or not confirmed within policy.stale_after.
struct Trusted {
  const HomeDemand* demand = nullptr;
  const WorkloadState* home = nullptr;
  std::map<SiteName, const WorkloadState*> overflow;  // one entry for each overflow site
  const TrafficState* traffic = nullptr;

  // The layout may be changed: it is seen, it takes writes, and ratios mean something.
  bool may_steer = false;
  // Replicas may be added: the GSLB service was seen at least once and could be steered (its writes may fail now).
  bool may_raise = false;

  // The site is in the pool that answers, as far as is seen.
  bool Served(const SiteName& site) const;
};

// The Deployment of a site as it was last seen, however long ago; nullptr: never, since this process began.
const WorkloadState* LastSeen(const Tick& tick, const SiteName& site);

// Sets the conditions of what can't be trusted, and asks to be called again when the next input goes stale.
Trusted Trust(Tick& tick);

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_TRUST_H_
