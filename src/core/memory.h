// All that must survive a restart: a small plain value. Empty is legal and means "never seen".
#ifndef SPILLWAY_SRC_CORE_MEMORY_H_
#define SPILLWAY_SRC_CORE_MEMORY_H_

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/base/time.h"
#include "src/core/condition.h"
#include "src/core/layout.h"

namespace spillway {

struct SiteMemory {
  bool known = false;       // its Deployment was seen, so replicas_target means something
  int replicas_target = 0;  // last decided
  int replicas_needed = 0;  // what demand called for then; less than the target while that drains
  int replicas_due = 0;     // what its traffic called for then
  // The Deployment's revision when the target was lowered; empty once the Deployment was seen to have followed.
  std::string lowered_at;
  std::optional<Instant> ready_since;         // ReplicasReady has held since
  std::optional<Instant> healthy_since;       // Avi has said "up" since
  std::optional<Instant> eligible_since;      // the gate has been open since
  std::optional<Instant> provisioning_since;  // replicas were ordered and the gate has been shut since
  std::optional<Instant> lowered_since;       // a share lower than the replicas could carry has been in force since
  std::optional<Instant> quiet_since;         // the measured residual has been low since
  std::optional<Instant> tail_since;          // drained; keepers have stayed since
  double residual_first = 0;                  // the greatest residual of this drain
  std::optional<Instant> half_at, eighth_at;  // when it had fallen to these parts of that
  int flaps = 0;                              // times the member went down after having been eligible
  std::optional<Instant> flapped_at;
  bool operator==(const SiteMemory&) const = default;
};

// A value of demand that may still be the maximum of the window.
struct DemandSample {
  Instant at;
  double demand = 0;
  bool operator==(const DemandSample&) const = default;
};

// The share of answers that home was given by the published ratios from `at` on, counting members that were up.
struct ShareSample {
  Instant at;
  double share = 1;
  bool operator==(const ShareSample&) const = default;
};

// What overflow served, measured.
struct UsedSample {
  Instant at;
  double replicas = 0;
  bool operator==(const UsedSample&) const = default;
};

// How earlier drains of this application went, measured: means over the last few, counted from the moment the lower
// share was in force.
struct DrainCurve {
  int drains = 0;
  double half_seconds = 0;    // until half of the residual was left
  double eighth_seconds = 0;  // until an eighth was
  double end_seconds = 0;     // until the drain was over
  bool operator==(const DrainCurve&) const = default;
};

// How the share that is measured at home relates to the one that was meant, looked at once each TTL while ratios stand.
struct ShareQuality {
  int looks = 0;
  double bias = 0;        // mean of measured - intended
  double published = 0;   // mean of measured - published
  double spread = 0;      // mean of (measured - published - its mean)^2 / (p (1 - p)); 1 / N resolvers
  double correction = 0;  // added to home's share before it is published
  std::optional<Instant> looked_at, corrected_at;
  bool operator==(const ShareQuality&) const = default;
};

// What was used of the budget.
struct BudgetUse {
  std::optional<Instant> since;       // when the window began
  std::optional<Instant> counted_at;  // what was used until then is in the sums
  double replica_hours = 0;
  double cost = 0;
  bool operator==(const BudgetUse&) const = default;
};

struct Memory {
  std::optional<Instant> first_look;       // when this application was first decided with no memory
  std::map<SiteName, SiteMemory> sites;    // overflow sites
  std::vector<DemandSample> demand;        // oldest first; each lower than the one before it
  std::vector<ShareSample> home_share;     // oldest first; the last one is the present
  std::vector<ShareSample> home_measured;  // oldest first; home's measured share of the requests
  std::vector<UsedSample> used;            // oldest first; each lower than the one after it
  std::optional<Instant> smoothed_at;      // when `smoothed` was last brought up to date
  double smoothed = 0;                     // the demand, averaged while overflow serves and home is not full
  std::optional<Instant> excess_since;
  std::optional<Instant> probed_at;
  double probed = 0;  // replicas added by probing
  std::optional<Instant> home_down_since;
  std::optional<Instant> home_up_since;
  bool failed_over = false;
  bool failover_ordered = false;  // an operator's order took home's traffic, not its failure
  std::optional<Instant> failed_over_since;
  double failback_share = 0;  // home's share while failing back
  DrainCurve drain_curve;
  ShareQuality share;
  BudgetUse budget;
  Layout layout;                                // last observed
  std::optional<Instant> layout_since;          // it has been like that since
  std::map<ConditionName, Instant> conditions;  // those that hold, since
  bool operator==(const Memory&) const = default;
};

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_MEMORY_H_
