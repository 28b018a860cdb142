// The status of a Deployment, from counts.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_DEPLOYMENT_STATUS_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_DEPLOYMENT_STATUS_H_

#include "src/base/time.h"
#include "tools/lab/kubernetes/tree.h"

namespace spillway::lab::kube {

struct PodCounts {
  int total = 0;  // not terminating
  int ready = 0;
  int available = 0;  // ready for minReadySeconds
};

// Counts of 0 are left out, as the API does. `updated`: how many of the pods are of the template as it is now.
// `observed`: whether the controller has seen this generation by now. Progressing stays at NewReplicaSetAvailable once
// it got there, however long later pods take, until pods of another template have to be replaced. Source: Kubernetes
// deployment controller sync.go and progress.go.
Tree DeploymentStatus(const Tree& deployment, const PodCounts& counts, int updated, bool observed, WallTime wall);

// Replaces or adds the condition of that type; lastTransitionTime moves only when `status` does.
void SetCondition(Tree& conditions, Tree condition, WallTime wall);

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_DEPLOYMENT_STATUS_H_
