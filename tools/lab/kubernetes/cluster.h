// A Kubernetes cluster that never existed: the API server with its memory, and the controllers that make Deployments
// into pods and loads into replicas.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_CLUSTER_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_CLUSTER_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/clock.h"
#include "tools/lab/fake.h"
#include "tools/lab/kubernetes/cluster_options.h"
#include "tools/lab/kubernetes/fault.h"
#include "tools/lab/kubernetes/pod_view.h"
#include "tools/lab/kubernetes/users.h"
#include "tools/lab/kubernetes/write_record.h"

namespace spillway::lab {

// The load of a Deployment's pods in this cluster, in millicores over all of them; negative: no data.
using LoadFunction = std::function<double(const std::string& in_namespace, const std::string& deployment)>;

// Kinds: Namespace, Pod, ConfigMap, Secret, Service, Deployment (+status, scale), ReplicaSet,
// HorizontalPodAutoscaler, PodMetrics (read only), Definition (the TSM autoscaler), Lease, Event, EndpointSlice, and
// the reviews. Real kubectl works against it once it is served.
//
// Answers reflect what the last Advance() did: after moving time, Advance() first. Safe from several threads. The load
// function is called by Advance() with no lock of the cluster held; it may ask the cluster, but not Advance() it.
class Cluster final : public Fake {
 public:
  explicit Cluster(const Clock& clock, ClusterOptions options = {});
  ~Cluster() override;

  Answer Handle(const Call& call) override;
  // Steps through everything due up to now in its order, each at its own time, even after a long jump of the clock.
  void Advance() override;
  std::optional<Instant> NextDue() const override;

  // Seeds one object, as `kubectl create` by an admin would; its namespace is made if it is missing. Returns the
  // status text of a refusal, empty: created.
  // `checked` false: as an object that was stored before its rules were what they are now.
  std::string Create(std::string_view json, bool checked = true);

  std::vector<PodView> Pods(const std::string& in_namespace, const std::string& deployment) const;
  // Ready and not terminating.
  int ReadyPods(const std::string& in_namespace, const std::string& deployment) const;
  // The object's JSON (apiVersion "apps/v1", resource "deployments"); empty: there is none.
  std::string Get(std::string_view api_version, std::string_view resource, const std::string& in_namespace,
                  const std::string& name) const;

  // Since when a Definition has said that its maximum holds it back, as a watcher could have seen it; nullopt: it does
  // not say so.
  std::optional<WallTime> PinnedSince(const std::string& in_namespace, const std::string& definition) const;

  void SetLoad(LoadFunction load);
  // The delays hold for pods made from now on, the grace for pods that go from now on. never_ready and unschedulable
  // hold back whatever has not yet got there; taken away again, those pods go on.
  void SetPodTimes(PodTimes times);
  void SetAutoscaler(AutoscalerOptions options);
  void SetHpa(HpaOptions options);
  void SetMetrics(MetricsOptions options);

  // While no user was ever added, everybody may do everything.
  void AddUser(User user);
  void RemoveUser(const std::string& name);

  // Faults at the API's front door, in the order they were added; the first that fits acts.
  int AddFault(Fault fault);
  void RemoveFault(int id);
  void ClearFaults();
  // Forgets all history: every watch from an older resourceVersion gets 410 Expired.
  void ForgetHistory();
  // Breaks every open watch.
  void CutWatches();
  // Nothing more comes over the watches that are open now, and they neither end nor break: half-open connections.
  void SilenceWatches();

  // The newest kWritesKept.
  std::vector<WriteRecord> Writes() const;
  // Requests received, by verb (get list watch create update patch delete; "" for discovery and health).
  std::map<std::string, int> RequestCounts() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_CLUSTER_H_
