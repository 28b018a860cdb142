// How a Deployment goes from the pods of one template to those of the next.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_ROLLOUT_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_ROLLOUT_H_

#include "tools/lab/kubernetes/tree.h"

namespace spillway::lab::kube {

// Of spec.strategy, for `replicas`: what may be missing while pods are replaced, at most `replicas`. 0: Recreate.
int MaxUnavailable(const Tree& deployment, int replicas);

// A Deployment's pods that are not terminating: those of its template as it is now, and those of earlier ones.
struct Generations {
  int fresh = 0, fresh_available = 0;
  int stale = 0, stale_available = 0;
  bool stale_ending = false;  // earlier ones that are terminating
};

// How many of each there may be now. It is asked again whenever a pod became available or went.
struct RolloutStep {
  int fresh = 0, stale = 0;
};
// Source: Kubernetes deployment controller rolling.go, recreate.go; util/deployment_util.go, NewRSNewReplicas and
// ResolveFenceposts.
RolloutStep NextStep(const Tree& deployment, const Generations& pods);

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_ROLLOUT_H_
