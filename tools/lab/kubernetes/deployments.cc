#include "tools/lab/kubernetes/deployments.h"

#include <algorithm>
#include <utility>

#include "src/base/time_text.h"
#include "tools/lab/kubernetes/kind.h"
#include "tools/lab/kubernetes/replica_set.h"

namespace spillway::lab::kube {
namespace {

void Earliest(std::optional<Instant>& at, std::optional<Instant> other) {
  if (other && (!at || *other < *at)) at = other;
}

constexpr const char* kNoRoom = "0/3 nodes are available: 3 Insufficient cpu.";

bool Contains(const std::vector<Key>& keys, const Key& key) {
  return std::any_of(keys.begin(), keys.end(), [&](const Key& one) { return one == key; });
}

Duration SteadyFor(const Tree& deployment) { return std::chrono::seconds(deployment.At("spec.minReadySeconds").Int()); }

Tree Condition(const char* type, bool status, WallTime wall) {
  return Tree::Object{{"type", type}, {"status", status ? "True" : "False"}, {"lastTransitionTime", Rfc3339(wall)}};
}

}  // namespace

void Deployments::Notice(const Change& change, Instant now) {
  if (writing_) return;
  Key key;
  if (change.table == DeploymentKind().stored_as) {
    const bool asks = change.before == nullptr || change.after == nullptr ||
                      change.before->At("metadata.generation") != change.after->At("metadata.generation");
    if (!asks) return;
    key = change.key;
  } else {
    key = OwnerOf(change);
    if (key.name.empty()) return;
  }
  Work& work = works_[key];
  if (work.template_hash.empty()) work.template_hash = objects_.NewSuffix() + objects_.NewSuffix();
  Earliest(work.reconcile_at, now + lag_);
}

Key Deployments::OwnerOf(const Change& change) const {
  const bool pod = change.table == PodKind().stored_as;
  if (!pod && change.table != ReplicaSetKind().stored_as) return {};
  const auto owns = [&](const auto& entry) {
    const Work& work = entry.second;
    if (!pod) return work.replica_set == change.key || Contains(work.old, change.key);
    return std::any_of(work.pods.begin(), work.pods.end(), [&](const Pod& one) { return one.key == change.key; });
  };
  const auto found = std::find_if(works_.begin(), works_.end(), owns);
  return found == works_.end() ? Key{} : found->first;
}

std::optional<Instant> Deployments::DueOf(const Pod& pod) const {
  if (pod.gone_at) return pod.gone_at;
  if (!pod.running) return times_.unschedulable ? std::nullopt : std::optional(pod.running_at);
  if (!pod.ready && !times_.never_ready) return pod.ready_at;
  return std::nullopt;
}

std::optional<Instant> Deployments::DueOf(const Work& work) const {
  std::optional<Instant> due = work.reconcile_at;
  Earliest(due, work.available_at);
  for (const Pod& pod : work.pods) Earliest(due, DueOf(pod));
  return due;
}

std::optional<Instant> Deployments::NextDue() const {
  std::optional<Instant> due;
  for (const auto& [key, work] : works_) Earliest(due, DueOf(work));
  return due;
}

void Deployments::Step(Moment at) {
  writing_ = true;
  for (auto& [key, work] : works_) {
    const std::optional<Instant> due = DueOf(work);
    if (due && *due <= at.now) StepOne(key, work, at);
  }
  std::erase_if(works_, [&](const auto& entry) {
    return entry.second.pods.empty() && !entry.second.reconcile_at &&
           store_.Get(DeploymentKind().stored_as, entry.first) == nullptr;
  });
  writing_ = false;
}

bool Deployments::Replaces(const Work& work) {
  return std::any_of(work.pods.begin(), work.pods.end(),
                     [&](const Pod& pod) { return pod.replica_set != work.replica_set.name; });
}

void Deployments::StepOne(const Key& key, Work& work, Moment at) {
  const bool reconcile = work.reconcile_at && *work.reconcile_at <= at.now;
  if (reconcile) {
    work.reconcile_at.reset();
    const ObjectPtr deployment = store_.Get(DeploymentKind().stored_as, key);
    Reconcile(key, work, deployment.get(), at);
  }
  const bool steady = work.available_at && *work.available_at <= at.now;
  const bool moved = MovePods(work, at);
  if (moved || (steady && Replaces(work))) Earliest(work.reconcile_at, at.now + lag_);
  WriteStatus(key, work, reconcile, at);
}

// True: a pod is gone, or one is ready while others have to be replaced: another may have to take its place.
bool Deployments::MovePods(Work& work, Moment at) {
  bool came = false;
  for (Pod& pod : work.pods) {
    const std::optional<Instant> due = DueOf(pod);
    if (!due || *due > at.now || pod.gone_at) continue;
    if (!pod.running) {
      // A pod that was held back starts its wait for readiness now.
      pod.ready_at = std::max(pod.ready_at, at.now + (pod.ready_at - pod.running_at));
      pod.running = true;
    } else {
      pod.ready = true;
      pod.ready_at = at.now;
      came = true;
    }
    WritePod(pod, at);
  }
  const std::size_t before = work.pods.size();
  std::erase_if(work.pods, [&](const Pod& pod) {
    if (!pod.gone_at || *pod.gone_at > at.now) return false;
    store_.Remove(PodKind().stored_as, pod.key);
    return true;
  });
  return work.pods.size() != before || (came && Replaces(work));
}

void Deployments::Reconcile(const Key& key, Work& work, const Tree* deployment, Moment at) {
  std::erase_if(work.pods, [&](const Pod& pod) { return store_.Get(PodKind().stored_as, pod.key) == nullptr; });
  for (Pod& pod : work.pods) {
    const ObjectPtr stored = store_.Get(PodKind().stored_as, pod.key);
    if (!pod.gone_at && stored->At("metadata").Find("deletionTimestamp") != nullptr) Terminate(pod, at);
  }
  if (deployment == nullptr) return Clear(work, at);
  FollowTemplate(key, work, *deployment);
  const Generations pods = Survey(work, *deployment, at.now);
  const RolloutStep step = NextStep(*deployment, pods);
  const ObjectPtr replica_set = TendReplicaSet(work, *deployment, step.fresh, at);
  for (int fresh = pods.fresh; fresh < step.fresh; ++fresh) AddPod(work, *replica_set, at);
  int surplus = std::max(0, pods.fresh - step.fresh);
  for (auto pod = work.pods.rbegin(); surplus > 0 && pod != work.pods.rend(); ++pod) {
    if (pod->gone_at || pod->replica_set != work.replica_set.name) continue;
    Terminate(*pod, at);
    --surplus;
  }
  int stale = pods.stale - step.stale;
  for (const bool serving : {false, true}) {
    for (auto pod = work.pods.rbegin(); stale > 0 && pod != work.pods.rend(); ++pod) {
      if (pod->gone_at || pod->replica_set == work.replica_set.name || pod->ready != serving) continue;
      Terminate(*pod, at);
      --stale;
    }
  }
  TendOld(work, *deployment, at);
}

void Deployments::Clear(Work& work, Moment at) {
  for (const Key& set : work.old) store_.Remove(ReplicaSetKind().stored_as, set);
  store_.Remove(ReplicaSetKind().stored_as, work.replica_set);
  for (auto pod = work.pods.rbegin(); pod != work.pods.rend(); ++pod) {
    if (!pod->gone_at) Terminate(*pod, at);
  }
}

void Deployments::FollowTemplate(const Key& key, Work& work, const Tree& deployment) {
  const Tree& wanted = deployment.At("spec.template");
  const bool first = work.replica_set.name.empty();
  if (!first && (wanted == work.pod_template || deployment.At("spec.paused").Bool())) return;
  if (!first) {
    work.old.push_back(work.replica_set);
    work.template_hash = objects_.NewSuffix() + objects_.NewSuffix();
  }
  work.pod_template = wanted;
  work.replica_set = {key.in_namespace, key.name + "-" + work.template_hash};
  ++work.revision;
  // Who goes back to an earlier template gets its ReplicaSet back.
  for (auto set = work.old.begin(); set != work.old.end(); ++set) {
    const ObjectPtr stored = store_.Get(ReplicaSetKind().stored_as, *set);
    if (stored == nullptr || !HasTemplate(*stored, wanted)) continue;
    work.template_hash = set->name.substr(key.name.size() + 1);
    work.replica_set = *set;
    work.old.erase(set);
    Tree after = *stored;
    after.Make("metadata.annotations")["deployment.kubernetes.io/revision"] = std::to_string(work.revision);
    store_.Put(ReplicaSetKind().stored_as, std::move(after));
    return;
  }
}

Generations Deployments::Survey(const Work& work, const Tree& deployment, Instant now) const {
  Generations found;
  const Duration steady = SteadyFor(deployment);
  for (const Pod& pod : work.pods) {
    const bool fresh = pod.replica_set == work.replica_set.name;
    if (pod.gone_at) {
      found.stale_ending = found.stale_ending || !fresh;
      continue;
    }
    const int available = pod.ready && pod.ready_at + steady <= now ? 1 : 0;
    ++(fresh ? found.fresh : found.stale);
    (fresh ? found.fresh_available : found.stale_available) += available;
  }
  return found;
}

ObjectPtr Deployments::TendReplicaSet(Work& work, const Tree& deployment, int size, Moment at) {
  const ObjectPtr before = store_.Get(ReplicaSetKind().stored_as, work.replica_set);
  Resize(deployment,
         before != nullptr ? *before
                           : NewReplicaSet(deployment, work.replica_set.name, work.template_hash, objects_.NewUid(),
                                           work.revision, at.wall),
         size, at);
  return store_.Get(ReplicaSetKind().stored_as, work.replica_set);
}

void Deployments::TendOld(Work& work, const Tree& deployment, Moment at) {
  const auto live = [&](const Key& set) {
    return std::count_if(work.pods.begin(), work.pods.end(),
                         [&](const Pod& pod) { return !pod.gone_at && pod.replica_set == set.name; });
  };
  for (const Key& set : work.old) {
    if (const ObjectPtr stored = store_.Get(ReplicaSetKind().stored_as, set))
      Resize(deployment, *stored, live(set), at);
  }
  const auto most = static_cast<std::size_t>(deployment.At("spec.revisionHistoryLimit").Int());
  while (work.old.size() > most && live(work.old.front()) == 0) {
    store_.Remove(ReplicaSetKind().stored_as, work.old.front());
    work.old.erase(work.old.begin());
  }
}

void Deployments::Resize(const Tree& deployment, Tree replica_set, std::int64_t size, Moment at) {
  const std::int64_t had = replica_set.At("spec.replicas").Int();
  const std::string name = replica_set.At("metadata.name").String();
  store_.Put(ReplicaSetKind().stored_as, Resized(std::move(replica_set), size, deployment.At("spec.replicas").Int()));
  if (size == had) return;
  events_.Tell(deployment, "Normal", "ScalingReplicaSet",
               std::string("Scaled ") + (size > had ? "up" : "down") + " replica set " + name + " from " +
                   std::to_string(had) + " to " + std::to_string(size),
               "deployment-controller", at);
}

void Deployments::AddPod(Work& work, const Tree& replica_set, Moment at) {
  const Key key{work.replica_set.in_namespace, work.replica_set.name + "-" + objects_.NewSuffix()};
  Tree pod = replica_set.At("spec.template");
  pod["kind"] = "Pod";
  pod["apiVersion"] = "v1";
  Tree& metadata = pod["metadata"];
  metadata["name"] = key.name;
  metadata["namespace"] = key.in_namespace;
  metadata["uid"] = objects_.NewUid();
  metadata["creationTimestamp"] = Rfc3339(at.wall);
  metadata["ownerReferences"] = Tree::Array{OwnedBy(replica_set)};
  // Source: kubernetes pkg/registry/core/pod/strategy.go, PrepareForCreate: a pod has its phase from the start.
  pod["status"] = Tree::Object{{"phase", "Pending"}};
  const ObjectPtr stored = store_.Put(PodKind().stored_as, std::move(pod));
  if (times_.unschedulable) {
    events_.Tell(*stored, "Warning", "FailedScheduling", kNoRoom, "default-scheduler", at);
  }
  Pod made;
  made.key = key;
  made.replica_set = work.replica_set.name;
  made.running_at = at.now + times_.to_running;
  made.ready_at = made.running_at + times_.to_ready;
  work.pods.push_back(made);
  WritePod(made, at);
}

void Deployments::Terminate(Pod& pod, Moment at) {
  pod.gone_at = at.now + times_.termination_grace;
  const ObjectPtr stored = store_.Get(PodKind().stored_as, pod.key);
  Tree after = *stored;
  after["metadata"]["deletionTimestamp"] = Rfc3339(at.wall + times_.termination_grace);
  after["metadata"]["deletionGracePeriodSeconds"] = std::int64_t{times_.termination_grace / 1s};
  store_.Put(PodKind().stored_as, std::move(after));
}

void Deployments::WritePod(const Pod& pod, Moment at) {
  const ObjectPtr stored = store_.Get(PodKind().stored_as, pod.key);
  if (stored == nullptr) return;
  Tree after = *stored;
  Tree& status = after["status"];
  status["phase"] = pod.running ? "Running" : "Pending";
  Tree& conditions = status["conditions"];
  const bool scheduled = pod.running || !times_.unschedulable;
  Tree placed = Condition("PodScheduled", scheduled, at.wall);
  if (!scheduled) {
    placed["reason"] = "Unschedulable";
    placed["message"] = kNoRoom;
  }
  SetCondition(conditions, std::move(placed), at.wall);
  SetCondition(conditions, Condition("ContainersReady", pod.ready, at.wall), at.wall);
  SetCondition(conditions, Condition("Ready", pod.ready, at.wall), at.wall);
  if (pod.running && status.Find("podIP") == nullptr) {
    ++addresses_;
    status["podIP"] = "10.244." + std::to_string(addresses_ / 250) + "." + std::to_string(addresses_ % 250 + 1);
    status["startTime"] = Rfc3339(at.wall);
  }
  Tree::Array containers;
  for (const Tree& container : after.At("spec.containers").Items()) {
    containers.emplace_back(Tree::Object{{"name", container.At("name")},
                                         {"image", container.At("image")},
                                         {"ready", pod.ready},
                                         {"started", pod.running},
                                         {"restartCount", 0}});
  }
  after["status"]["containerStatuses"] = std::move(containers);
  store_.Put(PodKind().stored_as, std::move(after));
}

// Also notes when the next of them becomes available.
PodCounts Deployments::Count(Work& work, const std::string& replica_set, Duration steady, Moment at) {
  PodCounts counts;
  for (const Pod& pod : work.pods) {
    if (pod.gone_at || (!replica_set.empty() && pod.replica_set != replica_set)) continue;
    ++counts.total;
    if (!pod.ready) continue;
    ++counts.ready;
    if (pod.ready_at + steady <= at.now) {
      ++counts.available;
    } else {
      Earliest(work.available_at, pod.ready_at + steady);
    }
  }
  return counts;
}

void Deployments::WriteStatus(const Key& key, Work& work, bool observed, Moment at) {
  work.available_at.reset();
  const ObjectPtr deployment = store_.Get(DeploymentKind().stored_as, key);
  if (deployment == nullptr) return;
  const Duration steady = SteadyFor(*deployment);
  const auto tell = [&](const Key& set) {
    const PodCounts counts = Count(work, set.name, steady, at);
    const ObjectPtr stored = store_.Get(ReplicaSetKind().stored_as, set);
    if (stored != nullptr) store_.Put(ReplicaSetKind().stored_as, WithStatus(*stored, counts));
    return counts.total;
  };
  for (const Key& set : work.old) tell(set);
  const int updated = tell(work.replica_set);
  Tree after = *deployment;
  after["status"] = DeploymentStatus(*deployment, Count(work, "", steady, at), updated, observed, at.wall);
  // Written with the status, as the real one does: it makes no new generation. `kubectl rollout undo` needs it.
  if (work.revision > 0) {
    after.Make("metadata.annotations")["deployment.kubernetes.io/revision"] = std::to_string(work.revision);
  }
  store_.Put(DeploymentKind().stored_as, std::move(after));
}

std::vector<PodView> Deployments::Pods(const Key& deployment) const {
  std::vector<PodView> views;
  const auto found = works_.find(deployment);
  if (found == works_.end()) return views;
  for (const Pod& pod : found->second.pods) {
    views.push_back({pod.key.name, pod.running ? "Running" : "Pending", pod.ready, pod.gone_at.has_value()});
  }
  return views;
}

int Deployments::Ready(const Key& deployment) const {
  const auto found = works_.find(deployment);
  if (found == works_.end()) return 0;
  const std::vector<Pod>& pods = found->second.pods;
  return static_cast<int>(
      std::count_if(pods.begin(), pods.end(), [](const Pod& pod) { return pod.ready && !pod.gone_at; }));
}

}  // namespace spillway::lab::kube
