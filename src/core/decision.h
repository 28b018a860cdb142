// What should be so, and why. A decision is a state to reach, never a list of calls.
#ifndef SPILLWAY_SRC_CORE_DECISION_H_
#define SPILLWAY_SRC_CORE_DECISION_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/base/time.h"
#include "src/core/condition.h"
#include "src/core/layout.h"
#include "src/core/observation.h"
#include "src/core/policy.h"
#include "src/core/reason.h"

namespace spillway {

enum class Phase {
  kRest,          // at its minimum, no traffic
  kProvisioning,  // replicas ordered, gate still shut
  kServing,       // given traffic
  kDraining,      // its traffic was taken or lowered; replicas stay until it has gone
  kTail,          // drained; the keepers stay for late clients
  kHome,          // the home site, serving
  kDown,          // the home site, failed over from
};

// One gate condition of one site: its name, whether it holds, and the value compared.
struct GateCondition {
  GateName name;
  bool holds = false;
  std::string value;  // "2/3 ready for 4s of 10s"
};

// What was used of the budget of this window, and its limits (0: none).
struct BudgetState {
  double replica_hours = 0, replica_hours_max = 0;
  double cost = 0, cost_max = 0;
  Instant ends;
};

struct DrainProgress {
  Instant since;                   // the lower share was in force
  Duration expected;               // from `since` to the end, as earlier drains of this application went
  double progress = 0;             // 0..1
  int learned_from = 0;            // how many drains; 0: `expected` is what the policy says
  std::optional<double> residual;  // measured share of the app's requests still reaching the site beyond what is due
};

struct SiteDecision {
  int replicas_target = 0;    // of the overflow sites; for home: what its autoscaler wants
  int replicas_needed = 0;    // by sizing, before drains
  double share_intended = 0;  // 0..1, before fitting ratios
  Phase phase = Phase::kRest;
  std::vector<GateCondition> gate;  // empty for home
  bool eligible = false;
  std::optional<DrainProgress> drain;
};

// What overflow serves, and how that is known.
struct OverflowUse {
  SiteName site;  // empty: all overflow sites together
  UsageSource source = UsageSource::kShare;
  double replicas = 0;  // of the home site
  Sureness sure = Sureness::kInferred;
};

struct Decision {
  Mode mode = Mode::kWeighted;  // in force: the policy's, or an order's
  std::map<SiteName, SiteDecision> sites;
  // The layout that should be published. Absent: leave it as it is (nothing known, or nothing may be written).
  std::optional<Layout> layout;
  std::optional<double> demand;              // used for sizing, in replicas of the home site; absent: unknown
  std::optional<double> demand_now;          // the present estimate, before the window's maximum
  std::optional<double> home_wanted;         // the part of demand_now that home has
  Sureness home_sure = Sureness::kInferred;  // of home_wanted
  std::vector<OverflowUse> overflow_used;    // the rest of demand_now; empty: overflow is not served, or it is unknown
  bool writes_held = false;                  // an operator paused: explain, write nothing
  std::optional<double> resolvers;         // the number of equal resolvers that would scatter the shares as is measured
  std::optional<BudgetState> budget;       // absent: without a limit
  int excess = 0;                          // replicas of home capacity beyond home's maximum, headroom included
  std::vector<ConditionState> conditions;  // those that hold, by name, each with its since-time
  std::vector<Reason> reasons;             // in the order in which they applied; never empty
  Instant wake_at;                         // when to ask again if nothing changes before
};

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_DECISION_H_
