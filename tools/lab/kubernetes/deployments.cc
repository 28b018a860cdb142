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
    if (!pod) return work.replica_set == change.key;
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

void Deployments::StepOne(const Key& key, Work& work, Moment at) {
  const bool reconcile = work.reconcile_at && *work.reconcile_at <= at.now;
  if (reconcile) {
    work.reconcile_at.reset();
    const ObjectPtr deployment = store_.Get(DeploymentKind().stored_as, key);
    Reconcile(key, work, deployment.get(), at);
  }
  if (MovePods(work, at)) Earliest(work.reconcile_at, at.now + lag_);
  WriteStatus(key, work, reconcile, at);
}

// True: a pod is gone, and another may have to take its place.
bool Deployments::MovePods(Work& work, Moment at) {
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
    }
    WritePod(pod, at);
  }
  const std::size_t before = work.pods.size();
  std::erase_if(work.pods, [&](const Pod& pod) {
    if (!pod.gone_at || *pod.gone_at > at.now) return false;
    store_.Remove(PodKind().stored_as, pod.key);
    return true;
  });
  return work.pods.size() != before;
}

void Deployments::Reconcile(const Key& key, Work& work, const Tree* deployment, Moment at) {
  std::erase_if(work.pods, [&](const Pod& pod) { return store_.Get(PodKind().stored_as, pod.key) == nullptr; });
  for (Pod& pod : work.pods) {
    const ObjectPtr stored = store_.Get(PodKind().stored_as, pod.key);
    if (!pod.gone_at && stored->At("metadata").Find("deletionTimestamp") != nullptr) Terminate(pod, at);
  }
  auto live = std::count_if(work.pods.begin(), work.pods.end(), [](const Pod& pod) { return !pod.gone_at; });
  if (deployment == nullptr) store_.Remove(ReplicaSetKind().stored_as, work.replica_set);
  const ObjectPtr replica_set = deployment != nullptr ? TendReplicaSet(key, work, *deployment, at) : nullptr;
  const std::int64_t wanted = replica_set != nullptr ? replica_set->At("spec.replicas").Int() : 0;
  for (; live < wanted; ++live) AddPod(work, *replica_set, at);
  for (auto pod = work.pods.rbegin(); live > wanted && pod != work.pods.rend(); ++pod) {
    if (pod->gone_at) continue;
    Terminate(*pod, at);
    --live;
  }
}

ObjectPtr Deployments::TendReplicaSet(const Key& key, Work& work, const Tree& deployment, Moment at) {
  const std::string& table = ReplicaSetKind().stored_as;
  if (work.replica_set.name.empty()) work.replica_set = {key.in_namespace, key.name + "-" + work.template_hash};
  const ObjectPtr before = store_.Get(table, work.replica_set);
  Tree after = before != nullptr
                   ? *before
                   : NewReplicaSet(deployment, work.replica_set.name, work.template_hash, objects_.NewUid(), at.wall);
  const std::int64_t had = after.At("spec.replicas").Int();
  ObjectPtr stored = store_.Put(table, Resized(std::move(after), deployment));
  const std::int64_t has = stored->At("spec.replicas").Int();
  if (has != had) {
    events_.Tell(deployment, "Normal", "ScalingReplicaSet",
                 std::string("Scaled ") + (has > had ? "up" : "down") + " replica set " + work.replica_set.name +
                     " from " + std::to_string(had) + " to " + std::to_string(has),
                 "deployment-controller", at);
  }
  return stored;
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
  const ObjectPtr stored = store_.Put(PodKind().stored_as, std::move(pod));
  if (times_.unschedulable) {
    events_.Tell(*stored, "Warning", "FailedScheduling", kNoRoom, "default-scheduler", at);
  }
  Pod made;
  made.key = key;
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
PodCounts Deployments::Count(Work& work, Duration steady, Moment at) {
  work.available_at.reset();
  PodCounts counts;
  for (const Pod& pod : work.pods) {
    if (pod.gone_at) continue;
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
  const ObjectPtr deployment = store_.Get(DeploymentKind().stored_as, key);
  const Duration steady =
      std::chrono::seconds(deployment != nullptr ? deployment->At("spec.minReadySeconds").Int() : 0);
  const PodCounts counts = Count(work, steady, at);
  if (deployment == nullptr) return work.available_at.reset();
  if (const ObjectPtr replica_set = store_.Get(ReplicaSetKind().stored_as, work.replica_set)) {
    store_.Put(ReplicaSetKind().stored_as, WithStatus(*replica_set, counts));
  }
  Tree after = *deployment;
  after["status"] = DeploymentStatus(*deployment, counts, observed, at.wall);
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
