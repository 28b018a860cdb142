// What overflow serves, from the best source that can be used now.
#ifndef SPILLWAY_SRC_CORE_OVERFLOW_USE_H_
#define SPILLWAY_SRC_CORE_OVERFLOW_USE_H_

#include <vector>

#include "src/core/decision.h"
#include "src/core/tick.h"

namespace spillway {

// Published as served, up or not.
bool Served(const TrafficState& traffic, const SiteName& site);

struct UseFound {
  enum class By {
    kNothing,  // no overflow site is served
    kSites,    // every site that is served told its own
    kShare,    // a site's turn came to the share, which tells for all of them together
    kUnknown,  // a site has no source that can be used
  };
  By by = By::kNothing;
  std::vector<OverflowUse> sites;  // kSites only
  bool rounded = false;            // a count is among them
};

// Asks, for each overflow site that is served, the sources of its policy in their order, and says which can't be used
// and why (a reason for each; a condition where none is left). Nothing older than policy.stale_after is used, nothing
// unknown is taken for zero.
//
// Of pods: cores / (cores that the work of one home replica takes). Pods that are ready and not measured yet make it a
// lower bound. Of an observing autoscaler: its load, else its wish, else its desired count, times capacityFactor; one
// that scales the Deployment by itself is not asked.
//
// `share_usable`: home's share of the answers is large enough to compute with.
UseFound FindOverflowUse(Tick& tick, const TrafficState& traffic, const HomeDemand& home, bool share_usable);

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_OVERFLOW_USE_H_
