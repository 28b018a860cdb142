// One run as a value: the application, the world it lives in, and what goes wrong when.
#ifndef SPILLWAY_TOOLS_SIMULATE_SCENARIO_H_
#define SPILLWAY_TOOLS_SIMULATE_SCENARIO_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/base/time.h"
#include "src/daemon/config.h"
#include "tools/lab/kubernetes/cluster_options.h"
#include "tools/simulate/crowd.h"
#include "tools/simulate/demand.h"

namespace spillway::sim {

struct FaultEvent {
  enum class Kind : std::uint8_t {
    // On the wire between the daemon and one API. `target`: see below; `chance` and `value` as in Trouble.
    kCut,
    kHang,
    kStatus,
    kLoseAnswer,
    kSlow,
    kStale,
    kDropLines,
    kRepeatLines,
    // In a cluster.
    kForgetHistory,  // every watch is cut and must start afresh
    kPodsNeverReady,
    kPodsUnschedulable,
    kPodsSlow,          // `value`: seconds until a new pod is ready
    kPodsFail,          // pods die and are made anew, one of them every minute
    kAutoscalerBlind,   // no metrics
    kAutoscalerFrozen,  // its status does not change
    kForeignReplicas,   // somebody scales the Deployment to `value`
    kForeignTouch,      // somebody changes the Deployment's labels just before our next write
    // In the federation.
    kMaintenance,
    kLeaderChange,  // to the site `target`
    kExpireSessions,
    kControllerGone,
    kLinkBroken,      // between the sites `target` and `value`
    kTwoLeaders,      // the same, and the site `target` takes the lead without the other one hearing of it
    kSuspended,       // the follower `target` is told nothing until the end
    kAmko,            // an AMKO resyncs every minute: its ratios, and its name on the object
    kTerraform,       // somebody applies the service's groups as they were in the beginning
    kForeignEdit,     // somebody changes other fields of the GSLB service just before our next write
    kForeignRatio,    // somebody sets a member's ratio
    kForeignDisable,  // somebody disables a member, and enables it again at the end
    // Of a site.
    kSiteDown,    // its virtual service answers nobody
    kProbeFails,  // one DNS service can't reach it; clients can
    // Of the daemon.
    kCrash,         // killed, back after `lasting`
    kCrashInSave,   // killed right after its next save, back after `lasting`
    kCrashInWrite,  // killed right after its next write was carried out, the answer unheard, back after `lasting`
    kSaveFails,     // the memory can't be saved
    kWallStep,      // its wall clock jumps by `value` seconds
    kTwin,          // a second daemon runs beside it, with a copy of its memory
    // Of the operators.
    kDrainOrder,
    kPauseOrder,
    kModeOrder,  // `value`: a Mode
    // Of the metrics server of a cluster; never drawn among the others, so that a seed keeps its meaning.
    kMetricsAway,   // its API does not answer
    kMetricsStuck,  // it answers, and renews nothing
    kEnd
  };
  Kind kind = Kind::kCut;
  Duration at{};  // since the start
  Duration lasting{};
  // Of a wire: 0.. the clusters of the sites, 100.. their Avi controllers. Otherwise the site; 0 is home.
  int target = 0;
  double chance = 1;
  double value = 0;
};

std::string_view Name(FaultEvent::Kind kind);
// "0:12:30 for 45 s: pods-never-ready at cloud"
std::string Text(const FaultEvent& fault, const std::vector<std::string>& sites);

// "KIND:AT:FOR[:SITE[:VALUE]]", several with commas between them; AT and FOR in seconds, SITE a site's name, or "avi-"
// and that for its controller. kRejected names the one that makes no sense and what is allowed.
Result<std::vector<FaultEvent>> ParseFaults(const std::string& text, const std::vector<std::string>& sites);

struct Scenario {
  std::uint64_t seed = 1;
  daemon::AppConfig app;
  // Two daemons with one memory and one Lease, all the time; a crash befalls the one that leads.
  bool elected = false;
  Duration avi_poll = 5s;
  Duration ttl = 30s;

  int home_min = 1;
  int home_max = 4;
  // The hardest a replica can work, in replicas' worth of work; above it clients are turned away.
  // Chosen: half as much again as the autoscaler aims at, as real replicas have.
  double limit = 1.5;
  double requests_per_replica = 50;  // a second; only scales the figures
  lab::PodTimes pods{.to_running = 10s, .to_ready = 20s, .termination_grace = 30s};
  Duration autoscaler_period = 15s;  // Source: kube-controller-manager's HPA sync period
  Duration autoscaler_window = 60s;
  Duration autoscaler_grace = 2min;  // of the Definition: between two steps down
  Duration probe_interval = 5s;
  int probes_up = 2, probes_down = 2;  // in a row, until a member is up (down)
  Duration replication_lag = 200ms;    // from the leader's answer to a follower's store

  DemandCurve demand = DemandCurve::Constant(2);
  CrowdOptions crowd;

  Duration span = 1h;         // with faults and a moving demand
  Duration settle{};          // after that: no faults, a constant demand
  double settle_demand = -1;  // negative: the last of the curve
  std::vector<FaultEvent> faults;

  std::size_t sites() const { return 1 + app.overflow.size(); }
  std::vector<std::string> site_names() const;
};

// What was drawn: the policy, the world, the faults.
std::string Text(const Scenario& scenario);

// An application with home "home" (maximum 4) and `overflows` cloud sites of at most ten replicas.
Scenario BaseScenario(std::size_t overflows);

// Everything drawn from the seed: mode, policy, world, demand, faults. `span`: how long the faults go on.
Scenario DrawScenario(std::uint64_t seed, Duration span);

// The time a scenario is given to come to rest once nothing disturbs it any more.
Duration SettleTime(const Scenario& scenario);

}  // namespace spillway::sim

#endif  // SPILLWAY_TOOLS_SIMULATE_SCENARIO_H_
