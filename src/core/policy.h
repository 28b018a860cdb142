// One application's rules. Immutable once validated (src/daemon/config.h reads them from YAML).
#ifndef SPILLWAY_SRC_CORE_POLICY_H_
#define SPILLWAY_SRC_CORE_POLICY_H_

#include <string>
#include <vector>

#include "src/base/time.h"
#include "src/core/layout.h"

namespace spillway {

enum class Mode { kRoundRobin, kWeighted, kActivePassive, kAuto };

// From where it is told how much work an overflow site does.
enum class UsageSource {
  kMetrics,     // its pods' measured CPU
  kAutoscaler,  // an autoscaler in its cluster that only observes
  kShare,       // the share of DNS answers that home does not get; for all overflow sites together
};

struct OverflowPolicy {
  SiteName site;
  int replicas_min = 0;          // kept warm at rest
  int replicas_max = 1;          // never more
  double capacity_factor = 1.0;  // what one of its replicas carries, in replicas of the home site; > 0
  double price = 0.0;            // per replica and hour, in the operator's currency
  std::vector<UsageSource> usage = {UsageSource::kShare};  // the first that can be used is; at least one
  double cpu_per_replica =
      0;  // cores that the work of one home replica takes at this site; 0: as home's autoscaler says
};

// Each field's default is safe for production; the key it is read from stands behind it.
struct GatePolicy {
  double ready_fraction = 0.5;         // gate.readyFraction: of the target that must be ready, 0..1
  Duration ready_for = 10s;            // gate.readyFor
  Duration healthy_for = 15s;          // gate.healthyFor
  Duration damping_max = 10min;        // gate.dampingMax: the longest healthyFor of a member that flaps
  Duration provision_timeout = 10min;  // gate.provisionTimeout: then its part spills to the next site
};

struct RampPolicy {
  double canary_share = 0.0;  // ramp.canaryShare: 0 = none
  Duration canary_for = 60s;  // ramp.canaryFor
  double dead_band = 0.025;   // ramp.deadBand: smaller changes of share are not written
  bool correct_bias = false;  // ramp.correctBias: publish more or less than intended until what is measured agrees
};

struct DrainPolicy {
  Duration min_drain = 5min;       // drain.minDrain: where nothing is measured
  Duration max_drain = 15min;      // drain.maxDrain: the end whatever is measured
  double ttl_factor = 3.0;         // drain.ttlFactor
  Duration connection_grace = 0s;  // drain.connectionGrace
  double drained_below = 0.01;     // drain.drainedBelow: share of the app's requests still reaching the site
  Duration quiet_for = 30s;        // drain.quietFor: it must stay below for this long
  int keepers = 1;                 // drain.keepers: replicas that stay for late clients
  Duration tail_for = 15min;       // drain.tailFor: how long they stay
  int steps_down = 0;              // drain.stepsDown: most replicas taken away at once; 0 = no limit
};

struct FailoverPolicy {
  Duration failover_after = 30s;   // failover.after
  Duration failback_after = 5min;  // failover.failbackAfter
  double failback_step = 0.25;     // failover.failbackStep: share given back to home each TTL
  bool failback_manual = false;    // failover.failback: auto | manual
};

struct SafetyPolicy {
  double capacity_floor = 1.0;  // safety.capacityFloor: capacity after an order must cover demand times this
};

// What overflow may use in one window. A window begins with the first use after the last one ended.
struct BudgetPolicy {
  double replica_hours = 0;  // budget.maxReplicaHours: of all overflow sites together; 0 = no limit
  double cost = 0;           // budget.maxCost: at each site's price; 0 = no limit
  Duration window = 720h;    // budget.window
  bool limited() const { return replica_hours > 0 || cost > 0; }
};

struct Policy {
  std::string app;
  Mode mode = Mode::kWeighted;
  SiteName home;
  std::vector<OverflowPolicy> overflow;  // in order of preference; at least one

  Duration averaged_over{};            // home.demand.averagedOver: 0 = as the autoscaler itself states
  double headroom = 0.10;              // headroom
  Duration down_stabilization = 300s;  // downStabilization: demand is the maximum over this window
  Duration confirm_for = 0s;           // confirmFor: excess must last this long before the first scale-up
  Duration stale_after = 90s;          // staleAfter: an older input only holds
  Duration probe_interval = 60s;       // probeInterval: one more replica while pinned without a stated wish
  GatePolicy gate;
  RampPolicy ramp;
  DrainPolicy drain;
  FailoverPolicy failover;
  SafetyPolicy safety;
  BudgetPolicy budget;
};

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_POLICY_H_
