#include "tools/lab/kubernetes/hpa.h"

#include <algorithm>
#include <utility>

#include "src/base/time_text.h"
#include "tools/lab/kubernetes/deployment_status.h"
#include "tools/lab/kubernetes/kind.h"

namespace spillway::lab::kube {
namespace {

constexpr const char* kComponent = "horizontal-pod-autoscaler";

Key TargetOf(const Tree& hpa) {
  return {hpa.At("metadata.namespace").String(), hpa.At("spec.scaleTargetRef.name").String()};
}

void Say(Tree& conditions, const char* type, bool status, const std::string& reason, const std::string& message,
         WallTime wall) {
  Tree condition(
      Tree::Object{{"type", type}, {"status", status ? "True" : "False"}, {"reason", reason}, {"message", message}});
  SetCondition(conditions, std::move(condition), wall);
}

const Tree* ConditionOf(const Tree& pod, const char* type) {
  for (const Tree& condition : pod.At("status.conditions").Items()) {
    if (condition.At("type").String() == type) return &condition;
  }
  return nullptr;
}

std::vector<ContainerAmounts> RequestsOf(const Tree& pod) {
  std::vector<ContainerAmounts> requests;
  for (const Tree& container : pod.At("spec.containers").Items()) {
    const Tree& asked = container.At("resources.requests");
    requests.push_back({container.At("name").String(), Quantity(asked.At("cpu")).value_or(0) * 1000,
                        Quantity(asked.At("memory")).value_or(0)});
  }
  return requests;
}

}  // namespace

void HpaController::Notice(const Change& change, Instant now) {
  if (change.table != HpaKind().stored_as) return;
  if (change.after == nullptr) memories_.erase(change.key);
  if (change.before == nullptr && !next_) next_ = now + options_.period;
}

void HpaController::SetOptions(HpaOptions options, Instant now) {
  options_ = std::move(options);
  if (next_) next_ = now + options_.period;
}

void HpaController::Sync(Moment at) {
  const std::vector<ObjectPtr> all = store_.List(HpaKind().stored_as, "");
  for (const ObjectPtr& hpa : all) SyncOne(*hpa, at);
  next_ = all.empty() ? std::nullopt : std::optional(at.now + std::max<Duration>(options_.period, 1ms));
}

ScaledState HpaController::StateOf(const Key& target, int ordered, int existing, WallTime now) const {
  ScaledState state{ordered, existing, {}, options_.external, now};
  for (const PodView& view : deployments_.Pods(target)) {
    const Key key{target.in_namespace, view.name};
    const ObjectPtr stored = store_.Get(PodKind().stored_as, key);
    if (stored == nullptr) continue;
    ScaledPod pod;
    pod.terminating = view.terminating;
    pod.pending = view.phase == "Pending";
    pod.ready = view.ready;
    pod.name = view.name;
    pod.requests = RequestsOf(*stored);
    pod.started = ParseRfc3339(stored->At("status.startTime").String()).value_or(now);
    if (const Tree* ready = ConditionOf(*stored, "Ready")) {
      pod.ready_changed = ParseRfc3339(ready->At("lastTransitionTime").String()).value_or(now);
    }
    if (const PodFigure* figure = metrics_.Find(key)) pod.figure = *figure;
    state.pods.push_back(pod);
  }
  return state;
}

bool HpaController::Ambiguous(const Tree& hpa) const {
  const auto all = store_.List(HpaKind().stored_as, hpa.At("metadata.namespace").String());
  return std::count_if(all.begin(), all.end(),
                       [&](const ObjectPtr& other) { return TargetOf(*other) == TargetOf(hpa); }) > 1;
}

std::optional<HpaController::Recommendation> HpaController::WeighAll(Round& round, const Key& target, int existing) {
  const WallTime wall = round.at.wall;
  if (Ambiguous(round.hpa)) {
    Complain(round, "ScalingActive", "AmbiguousSelector",
             "pods by selector of deployment " + target.name + " are controlled by multiple HPAs");
    return std::nullopt;
  }
  const Behavior behavior = ReadBehavior(round.hpa);
  const ScaledState state = StateOf(target, round.current, existing, wall);
  Recommendation best;
  std::string name;
  std::optional<MetricVerdict> failed;
  round.metrics = Tree::Array{};
  int worked = 0;
  for (const Tree& metric : round.hpa.At("spec.metrics").Items()) {
    MetricVerdict verdict = Weigh(metric, state, behavior.down.tolerance, behavior.up.tolerance);
    round.metrics.Items().push_back(verdict.status);
    if (!verdict.reason.empty()) {
      if (!failed) failed = std::move(verdict);
      continue;
    }
    if (worked == 0 || verdict.replicas > best.replicas) {
      best.replicas = verdict.replicas;
      name = verdict.name;
    }
    ++worked;
  }
  // With a metric missing, the rest may only scale up.
  if (worked == 0 || (failed && best.replicas < round.current)) {
    const std::string reason = failed ? failed->reason : "InvalidMetricSourceType";
    Complain(round, "ScalingActive", reason, failed ? failed->message : "no metric is given");
    return std::nullopt;
  }
  Say(round.conditions, "ScalingActive", true, "ValidMetricFound",
      "the HPA was able to successfully calculate a replica count from " + name, wall);
  best.reason = best.replicas > round.current ? name + " above target" : "All metrics below target";
  return best;
}

void HpaController::Complain(Round& round, const char* type, const std::string& reason, const std::string& message) {
  Say(round.conditions, type, false, reason, message, round.at.wall);
  events_.Tell(round.hpa, "Warning", reason, message, kComponent, round.at);
}

void HpaController::Scale(Round& round, const Tree& deployment, int replicas, const std::string& reason) {
  Tree after = deployment;
  after.Make("spec.replicas") = replicas;
  WriteOptions options;
  options.from_patch = true;
  objects_.Update(DeploymentKind(), KeyOf(deployment), std::move(after), options, round.at.wall);
  Say(round.conditions, "AbleToScale", true, "SucceededRescale",
      "the HPA controller was able to update the target scale to " + std::to_string(replicas), round.at.wall);
  events_.Tell(round.hpa, "Normal", "SuccessfulRescale",
               "New size: " + std::to_string(replicas) + "; reason: " + reason, kComponent, round.at);
  round.last_scale_time = Rfc3339(round.at.wall);
}

int HpaController::Normalize(Round& round, const Recommendation& recommended) {
  const Limited limited = Limit(memories_[KeyOf(round.hpa)], ReadBehavior(round.hpa), round.current,
                                recommended.replicas, round.min, round.max, round.at.now);
  Say(round.conditions, "AbleToScale", true, limited.stable_reason, limited.stable_message, round.at.wall);
  Say(round.conditions, "ScalingLimited", limited.is_limited, limited.limit_reason, limited.limit_message,
      round.at.wall);
  return limited.replicas;
}

void HpaController::SyncOne(const Tree& hpa, Moment at) {
  Round round{hpa, at, 0, 1, 1, hpa.At("status.conditions"), {}, hpa.At("status.lastScaleTime")};
  round.min = static_cast<int>(hpa.At("spec.minReplicas").Int());
  round.max = static_cast<int>(hpa.At("spec.maxReplicas").Int());
  const int desired_before = static_cast<int>(hpa.At("status.desiredReplicas").Int());
  const Key target = TargetOf(hpa);
  const ObjectPtr deployment = store_.Get(DeploymentKind().stored_as, target);
  if (deployment == nullptr) {
    Complain(round, "AbleToScale", "FailedGetScale",
             "the HPA controller was unable to get the target's current scale: deployments/scale.apps \"" +
                 target.name + "\" not found");
    Report(round, desired_before);
    return;
  }
  round.current = static_cast<int>(deployment->At("spec.replicas").Int());
  // What is there at first counts as recommended, so that a young controller does not shrink it before its window is
  // over.
  const auto [memory, fresh] = memories_.try_emplace(KeyOf(hpa));
  if (fresh) memory->second.recommended.push_back({at.now, round.current});
  Say(round.conditions, "AbleToScale", true, "SucceededGetScale",
      "the HPA controller was able to get the target's current scale", at.wall);
  int desired = round.current;
  std::string reason;
  if (round.current == 0 && round.min != 0) {
    Say(round.conditions, "ScalingActive", false, "ScalingDisabled",
        "scaling is disabled since the replica count of the target is zero", at.wall);
  } else if (round.current > round.max) {
    desired = round.max;
    reason = "Current number of replicas above Spec.MaxReplicas";
  } else if (round.current < round.min) {
    desired = round.min;
    reason = "Current number of replicas below Spec.MinReplicas";
  } else {
    const int existing = static_cast<int>(deployment->At("status.replicas").Int());
    const auto recommended = WeighAll(round, target, existing);
    if (!recommended) {
      Report(round, desired_before);
      return;
    }
    desired = Normalize(round, *recommended);
    reason = recommended->reason;
  }
  if (desired != round.current) Scale(round, *deployment, desired, reason);
  Report(round, desired);
}

void HpaController::Report(const Round& round, int desired) {
  Tree status(Tree::Object{{"desiredReplicas", desired}, {"conditions", round.conditions}});
  if (round.current > 0) status["currentReplicas"] = round.current;
  status["currentMetrics"] = round.metrics;  // null where none was looked at
  if (!round.last_scale_time.IsNull()) status["lastScaleTime"] = round.last_scale_time;
  if (round.hpa.At("status") == status) return;  // no write when nothing changed
  Tree after = round.hpa;
  after["status"] = std::move(status);
  store_.Put(HpaKind().stored_as, std::move(after));
}

}  // namespace spillway::lab::kube
