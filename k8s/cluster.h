// One Kubernetes cluster as a client sees it: the entry to this room. Build it once, name the objects of interest, run
// its feeds.
#ifndef SPILLWAY_K8S_CLUSTER_H_
#define SPILLWAY_K8S_CLUSTER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "k8s/access.h"
#include "k8s/config_map_store.h"
#include "k8s/event_recorder.h"
#include "k8s/lease.h"
#include "src/base/clock.h"
#include "src/base/http.h"
#include "src/ports/demand_source.h"
#include "src/ports/feed.h"
#include "src/ports/usage_meter.h"
#include "src/ports/workload.h"

namespace spillway::k8s {

// Each object is watched once, however many ask for it, through a watch of its own: a role that is limited by
// resourceNames allows list and watch only with fieldSelector=metadata.name=NAME.
//
// Build-up (the Watch... and Meter... calls) belongs to one thread and comes before the feeds run. The clock must
// outlive everything handed out; all else is shared, so the order of destruction does not matter.
class Cluster {
 public:
  // `name`: as the configuration calls it; every message begins with it. `seed`: of jitter and of the watches' spans.
  Cluster(std::string name, ClusterAccess access, Clock& clock, std::shared_ptr<HttpTransport> transport,
          std::shared_ptr<StreamTransport> streams, std::uint64_t seed);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  // A Deployment of apps/v1. An empty namespace: the access's default. Read() answers from the picture that the feed
  // keeps; Scale() speaks to the API server on the caller's thread.
  std::shared_ptr<Workload> WatchDeployment(const std::string& in_namespace, const std::string& name);

  // A Definition of the TSM autoscaler.
  std::shared_ptr<DemandSource> WatchDefinition(const std::string& in_namespace, const std::string& name);

  // A candidate for a Lease, and memory in a ConfigMap. Neither is among feeds(): whoever asked drives the candidate.
  std::shared_ptr<Lease> StandFor(LeaseOptions options, std::uint64_t seed);
  std::shared_ptr<StateStore> KeepIn(ConfigMapOptions options, const Leadership& leadership);

  // A HorizontalPodAutoscaler of autoscaling/v2 that scales `deployment` of the same namespace, which is watched too.
  // What KEDA makes of a ScaledObject is one of these.
  std::shared_ptr<DemandSource> WatchHpa(const std::string& in_namespace, const std::string& name,
                                         const std::string& deployment);

  // What the pods of a Deployment use, from metrics.k8s.io, asked every `poll_interval` while there are pods.
  std::shared_ptr<UsageMeter> MeterPods(const std::string& in_namespace, const std::string& deployment,
                                        Duration poll_interval);

  // What writes Events there; the same one at each call. It is among feeds().
  std::shared_ptr<EventRecorder> RecordEvents();

  // One for each object, in the order in which they were first asked for. Each may run on a thread of its own. A
  // Step() that is called early does nothing that is not due, but takes a line that has arrived. Cancel() takes effect
  // at once on an open watch; whoever made the transports cancels exchanges under way.
  std::vector<std::shared_ptr<Feed>> feeds() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace spillway::k8s

#endif  // SPILLWAY_K8S_CLUSTER_H_
