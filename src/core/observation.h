// Everything seen of one application, each part with the time at which it was last confirmed.
#ifndef SPILLWAY_SRC_CORE_OBSERVATION_H_
#define SPILLWAY_SRC_CORE_OBSERVATION_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/base/time.h"
#include "src/core/layout.h"

namespace spillway {

template <class T>
struct Seen {
  T value;
  Instant as_of;  // last *confirmed*, not last changed
};

// Why an input can't be read now. `what` names it and holds no secret.
struct Failure {
  Code code;
  std::string what;
  Instant since;
};

// One input: what was last seen of it (kept through failures), and what is wrong with it now. Both absent: not yet
// read for the first time.
template <class T>
struct Reading {
  std::optional<Seen<T>> seen;
  std::optional<Failure> failure;
};

// How a figure is known.
enum class Sureness {
  kMeasured,  // counted where the work is done
  kStated,    // an autoscaler says so in as many words
  kComputed,  // follows from what an autoscaler publishes
  kAtLeast,   // a lower bound: part of it can't be seen
  kInferred,  // concluded from something else, such as a share of DNS answers or a rounded count
};

// What an autoscaler says of its site: home's, or one in an overflow cluster that only observes. All counts are
// replicas of its own site.
struct HomeDemand {
  int replicas_current = 0;  // running, as the autoscaler sees them
  int replicas_desired = 0;  // its target, already clamped to [min, max]
  int replicas_min = 1;
  int replicas_max = 1;
  bool enforced = true;               // false: it only recommends, so desired == max does not mean "full"
  bool limited = false;               // it says that its maximum holds it back
  std::optional<double> wish;         // the count it would want without a maximum; only while limited
  std::optional<double> load;         // the work reaching home now, fractional, computed from its metric; not clamped
  Sureness sure = Sureness::kStated;  // of `wish`; `load` is computed at best
  Duration averaged_over{};           // `wish` and `load` are means over this last while; 0: the present
  std::optional<double> cpu_per_replica;  // cores one replica is meant to use; only where it scales on CPU
  std::string detail;                     // where the figures come from, for people
};

struct WorkloadState {
  int replicas_wanted = 0;  // spec.replicas
  int replicas_ready = 0;   // may take traffic now
  int replicas_total = 0;   // pods that exist, ready or not
  std::string revision;     // opaque; goes back in Scale
};

enum class Health { kUp, kDown, kUnknown };

// How Avi sees one member.
struct MemberState {
  Placement placement;
  Health health = Health::kUnknown;           // consolidated: what decides whether it is answered
  Health controller = Health::kUnknown;       // as the site's own controller says
  Health datapath = Health::kUnknown;         // as the DNS service's probes say
  std::optional<double> requests_per_second;  // completed responses of its virtual service
  std::optional<double> open_connections;
};

// One GSLB service.
struct TrafficState {
  std::map<SiteName, MemberState> members;
  Duration ttl{};                        // of its answers
  std::string revision;                  // opaque; goes back in Write
  bool writable = false;                 // the leader is known and takes writes
  std::string unwritable_why;            // not empty if and only if !writable
  std::vector<std::string> ratios_void;  // settings that make member ratios meaningless; not empty: don't steer
  bool in_force = true;                  // every site that answers DNS has the present layout
};

// What the pods of one Deployment use, as their cluster measured it.
struct PodUsage {
  double cpu = 0;         // cores, over all pods that were measured
  int pods_measured = 0;  // at least 1, unless there are no pods
  int pods_ready = 0;     // more than were measured: `cpu` is a lower bound
};

struct SiteObservation {
  Reading<WorkloadState> workload;
  // Of overflow sites, where policy.usage names them:
  Reading<PodUsage> usage;
  Reading<HomeDemand> observer;  // an autoscaler that only observes
};

struct Observation {
  Reading<HomeDemand> home_demand;
  std::map<SiteName, SiteObservation> sites;  // home included; every site of the policy has an entry
  Reading<TrafficState> traffic;
};

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_OBSERVATION_H_
