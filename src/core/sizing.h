// Stage 4: how many replicas where.
#ifndef SPILLWAY_SRC_CORE_SIZING_H_
#define SPILLWAY_SRC_CORE_SIZING_H_

#include <map>
#include <set>

#include "src/core/demand.h"
#include "src/core/failover.h"
#include "src/core/tick.h"

namespace spillway {

struct Sizing {
  // For each overflow site. `due`: replicas its traffic calls for, 0 = no traffic. `needed`: that, but at least
  // replicas_min.
  struct Need {
    int due = 0;
    int needed = 0;
  };
  std::map<SiteName, Need> sites;
  int excess = 0;                // replicas of home capacity beyond home's maximum, headroom included
  int missing = 0;               // of those, what fits nowhere
  bool equal_shares_fit = true;  // round-robin only
};

// Pinned ratios count but for those that would give traffic to a home that failed.
bool PinsApply(const Policy& policy, const std::map<SiteName, int>& ratios, const HomeStanding& home);

// Fills the overflow sites in order, each up to replicas_max; `skipped` ones (not eligible in time) get nothing and
// their part spills to the next.
//
// Example: demand 6, headroom 10 %, home's maximum 4: ceil(6.6) - 4 = 3 replicas; with capacity_factor 2: 2.
// Example, round-robin: demand 6, one overflow site: each gets 6.6 / 2, so 4 replicas there.
//
// `ratios` that an operator pinned (empty: none) take the place of the mode where PinsApply: every site gets what its
// share of the demand calls for. Example: demand 6, headroom 10 %, pinned 2:1: 6.6 / 3, so 3 replicas.
Sizing Size(const Policy& policy, double demand, int home_max, const HomeStanding& home,
            const std::set<SiteName>& skipped, const std::map<SiteName, int>& ratios = {});

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_SIZING_H_
