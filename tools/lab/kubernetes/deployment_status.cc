#include "tools/lab/kubernetes/deployment_status.h"

#include <algorithm>
#include <string>
#include <utility>

#include "src/base/time_text.h"
#include "tools/lab/kubernetes/rollout.h"

namespace spillway::lab::kube {
namespace {

const Tree* ConditionOf(const Tree& conditions, const std::string& type) {
  for (const Tree& condition : conditions.Items()) {
    if (condition.At("type").String() == type) return &condition;
  }
  return nullptr;
}

Tree Available(bool enough) {
  return Tree::Object{
      {"type", "Available"},
      {"status", enough ? "True" : "False"},
      {"reason", enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable"},
      {"message", enough ? "Deployment has minimum availability." : "Deployment does not have minimum availability."}};
}

Tree Progressing(const std::string& name, bool complete) {
  return Tree::Object{
      {"type", "Progressing"},
      {"status", "True"},
      {"reason", complete ? "NewReplicaSetAvailable" : "ReplicaSetUpdated"},
      {"message", "ReplicaSet \"" + name + "\" " + (complete ? "has successfully progressed." : "is progressing.")}};
}

}  // namespace

void SetCondition(Tree& conditions, Tree condition, WallTime wall) {
  Tree::Array& list = conditions.Items();
  const auto old =
      std::find_if(list.begin(), list.end(), [&](const Tree& one) { return one.At("type") == condition.At("type"); });
  const bool flipped = old == list.end() || old->At("status") != condition.At("status");
  condition["lastTransitionTime"] = flipped ? Tree(Rfc3339(wall)) : old->At("lastTransitionTime");
  if (old == list.end()) {
    list.push_back(std::move(condition));
  } else {
    *old = std::move(condition);
  }
}

Tree DeploymentStatus(const Tree& deployment, const PodCounts& counts, int updated, bool observed, WallTime wall) {
  const Tree& before = deployment.At("status");
  const int wanted = static_cast<int>(deployment.At("spec.replicas").Int());
  Tree status = Tree::Object{};
  const auto count = [&](const char* name, int value) {
    if (value != 0) status[name] = value;
  };
  count("replicas", counts.total);
  count("updatedReplicas", updated);
  count("readyReplicas", counts.ready);
  count("availableReplicas", counts.available);
  count("unavailableReplicas", std::max(0, counts.total - counts.available));
  status["observedGeneration"] = observed ? deployment.At("metadata.generation") : before.At("observedGeneration");
  if (status.Find("observedGeneration") == nullptr) status.Erase("observedGeneration");

  Tree conditions = before.At("conditions");
  SetCondition(conditions, Available(counts.available >= wanted - MaxUnavailable(deployment, wanted)), wall);
  const Tree* progressing = ConditionOf(conditions, "Progressing");
  const bool was_complete = progressing != nullptr && progressing->At("reason").String() == "NewReplicaSetAvailable";
  const bool replacing = updated < counts.total;
  const bool complete = !replacing && counts.total == wanted && counts.available == wanted;
  SetCondition(conditions,
               Progressing(deployment.At("metadata.name").String(), complete || (was_complete && !replacing)), wall);
  status["conditions"] = std::move(conditions);
  return status;
}

}  // namespace spillway::lab::kube
