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
#include "tools/lab/kubernetes/rollout.h"
#include "tools/lab/kubernetes/store.h"

namespace spillway::lab::kube {

// Each Deployment has one ReplicaSet for each template that it has had, up to revisionHistoryLimit old ones beside that
// of now; pods of old ones are replaced as spec.strategy says (NextStep), unless spec.paused. Who changes or deletes
// the ReplicaSet of now gets it back as it was. Surplus pods go newest first. Not synchronised; its owner locks.
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
    std::string replica_set;       // by name
    Instant running_at, ready_at;  // when it will be, or when it was
    bool running = false, ready = false;
    std::optional<Instant> gone_at;  // terminating until then
  };
  struct Work {
    std::optional<Instant> reconcile_at;
    std::optional<Instant> available_at;  // when the next ready pod has been so for minReadySeconds
    std::string template_hash;
    Key replica_set;        // of the template of now; without a name: there is none yet
    Tree pod_template;      // that template
    int revision = 0;       // how many there have been
    std::vector<Key> old;   // ReplicaSets of earlier ones, oldest first
    std::vector<Pod> pods;  // oldest first
  };

  std::optional<Instant> DueOf(const Work& work) const;
  std::optional<Instant> DueOf(const Pod& pod) const;
  void StepOne(const Key& key, Work& work, Moment at);
  bool MovePods(Work& work, Moment at);
  void Reconcile(const Key& key, Work& work, const Tree* deployment, Moment at);
  // The Deployment to which the object of `change` belongs; without a name: none.
  Key OwnerOf(const Change& change) const;
  static bool Replaces(const Work& work);  // there are pods of earlier templates
  // What is left of a Deployment that is gone.
  void Clear(Work& work, Moment at);
  // Notices another template: its ReplicaSet becomes that of now, one that was there before or a new one.
  void FollowTemplate(const Key& key, Work& work, const Tree& deployment);
  Generations Survey(const Work& work, const Tree& deployment, Instant now) const;
  // Makes the ReplicaSet of now, or gives it that size.
  ObjectPtr TendReplicaSet(Work& work, const Tree& deployment, int size, Moment at);
  void TendOld(Work& work, const Tree& deployment, Moment at);
  void Resize(const Tree& deployment, Tree replica_set, std::int64_t size, Moment at);
  void AddPod(Work& work, const Tree& replica_set, Moment at);
  void Terminate(Pod& pod, Moment at);
  void WritePod(const Pod& pod, Moment at);
  // Of the pods of that ReplicaSet; without a name: of all.
  PodCounts Count(Work& work, const std::string& replica_set, Duration steady, Moment at);
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
