#include "tools/lab/kubernetes/replica_set.h"

#include <utility>

#include "src/base/time_text.h"

namespace spillway::lab::kube {

Tree OwnedBy(const Tree& owner) {
  return Tree::Object{
      {"apiVersion", owner.At("apiVersion")}, {"kind", owner.At("kind")}, {"name", owner.At("metadata.name")},
      {"uid", owner.At("metadata.uid")},      {"controller", true},       {"blockOwnerDeletion", true}};
}

Tree NewReplicaSet(const Tree& deployment, const std::string& name, const std::string& hash, const std::string& uid,
                   int revision, WallTime wall) {
  Tree labels = deployment.At("spec.template.metadata.labels");
  labels["pod-template-hash"] = hash;
  Tree selector = deployment.At("spec.selector");
  selector.Make("matchLabels")["pod-template-hash"] = hash;
  Tree pod = deployment.At("spec.template");
  pod.Make("metadata")["labels"] = labels;
  Tree annotations = deployment.At("metadata.annotations");
  annotations.Erase("kubectl.kubernetes.io/last-applied-configuration");
  annotations["deployment.kubernetes.io/revision"] = std::to_string(revision);
  Tree spec = Tree::Object{{"replicas", 0}, {"selector", std::move(selector)}, {"template", std::move(pod)}};
  if (const Tree* steady = deployment.At("spec").Find("minReadySeconds")) spec["minReadySeconds"] = *steady;
  return Tree::Object{{"apiVersion", "apps/v1"},
                      {"kind", "ReplicaSet"},
                      {"metadata", Tree::Object{{"name", name},
                                                {"namespace", deployment.At("metadata.namespace")},
                                                {"uid", uid},
                                                {"creationTimestamp", Rfc3339(wall)},
                                                {"generation", 0},
                                                {"labels", std::move(labels)},
                                                {"annotations", std::move(annotations)},
                                                {"ownerReferences", Tree::Array{OwnedBy(deployment)}}}},
                      {"spec", std::move(spec)}};
}

bool HasTemplate(const Tree& replica_set, const Tree& pod_template) {
  Tree theirs = replica_set.At("spec.template");
  theirs.Make("metadata.labels").Erase("pod-template-hash");
  return theirs == pod_template;
}

Tree Resized(Tree before, std::int64_t size, std::int64_t desired) {
  if (before.At("spec.replicas").Int() == size && before.At("metadata.generation").Int() > 0) return before;
  before.Make("spec")["replicas"] = size;
  Tree& metadata = before.Make("metadata");
  metadata["generation"] = metadata.At("generation").Int() + 1;
  metadata.Make("annotations")["deployment.kubernetes.io/desired-replicas"] = std::to_string(desired);
  return before;
}

Tree WithStatus(Tree before, const PodCounts& counts) {
  Tree status = Tree::Object{{"replicas", counts.total}, {"observedGeneration", before.At("metadata.generation")}};
  const auto count = [&](const char* name, int value) {
    if (value != 0) status[name] = value;
  };
  count("fullyLabeledReplicas", counts.total);
  count("readyReplicas", counts.ready);
  count("availableReplicas", counts.available);
  before["status"] = std::move(status);
  return before;
}

}  // namespace spillway::lab::kube
