// The controller that makes Deployments into pods, and tells each Deployment how its pods are.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_DEPLOYMENTS_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_DEPLOYMENTS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tools/lab/kubernetes/cluster_options.h"
#include "tools/lab/kubernetes/deployment_status.h"
#include "tools/lab/kubernetes/event_log.h"
#include "tools/lab/kubernetes/moment.h"
#include "tools/lab/kubernetes/objects.h"
#include "tools/lab/kubernetes/pod_view.h"
#include "tools/lab/kubernetes/store.h"

namespace spillway::lab::kube {

// Each Deployment has one ReplicaSet, whose pods keep the template that was the Deployment's when it came: a changed
// template replaces none. Who changes or deletes the ReplicaSet gets it back as it was. Surplus pods go newest first.
// Not synchronised; its owner locks.
class Deployments {
 public:
  Deployments(Store& store, Objects& objects, EventLog& events, Duration lag, PodTimes times)
      : store_(store), objects_(objects), events_(events), lag_(lag), times_(times) {}

  // Notes a change of the store: a Deployment asks for something else, a pod or the ReplicaSet of one was touched.
  void Notice(const Change& change, Instant now);
  // Does what is due by `at`.
  void Step(Moment at);
  std::optional<Instant> NextDue() const;

  void SetTimes(const PodTimes& times) { times_ = times; }
  std::vector<PodView> Pods(const Key& deployment) const;
  // Ready and not terminating.
  int Ready(const Key& deployment) const;

 private:
  struct Pod {
    Key key;
    Instant running_at, ready_at;  // when it will be, or when it was
    bool running = false, ready = false;
    std::optional<Instant> gone_at;  // terminating until then
  };
  struct Work {
    std::optional<Instant> reconcile_at;
    std::optional<Instant> available_at;  // when the next ready pod has been so for minReadySeconds
    std::string template_hash;
    Key replica_set;        // without a name: there is none yet
    std::vector<Pod> pods;  // oldest first
  };

  std::optional<Instant> DueOf(const Work& work) const;
  std::optional<Instant> DueOf(const Pod& pod) const;
  void StepOne(const Key& key, Work& work, Moment at);
  bool MovePods(Work& work, Moment at);
  void Reconcile(const Key& key, Work& work, const Tree* deployment, Moment at);
  // The Deployment to which the object of `change` belongs; without a name: none.
  Key OwnerOf(const Change& change) const;
  // Makes the ReplicaSet, or gives it the size that its Deployment asks for.
  ObjectPtr TendReplicaSet(const Key& key, Work& work, const Tree& deployment, Moment at);
  void AddPod(Work& work, const Tree& replica_set, Moment at);
  void Terminate(Pod& pod, Moment at);
  void WritePod(const Pod& pod, Moment at);
  PodCounts Count(Work& work, Duration steady, Moment at);
  void WriteStatus(const Key& key, Work& work, bool observed, Moment at);

  Store& store_;
  Objects& objects_;
  EventLog& events_;
  const Duration lag_;
  PodTimes times_;
  std::map<Key, Work> works_;
  bool writing_ = false;  // changes of our own are no news
  int addresses_ = 0;
};

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_DEPLOYMENTS_H_
