// The ReplicaSet that stands between a Deployment and its pods.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_REPLICA_SET_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_REPLICA_SET_H_

#include <cstdint>
#include <string>

#include "src/base/time.h"
#include "tools/lab/kubernetes/deployment_status.h"
#include "tools/lab/kubernetes/tree.h"

namespace spillway::lab::kube {

// Who an object of `owner`'s controller belongs to: an entry of metadata.ownerReferences.
Tree OwnedBy(const Tree& owner);

// A new one named `name`, with the Deployment's template and, in labels and selector, its hash. It asks for no replica.
// `revision`: how many templates the Deployment has had.
// Source: Kubernetes deployment controller sync.go, getNewReplicaSet.
Tree NewReplicaSet(const Tree& deployment, const std::string& name, const std::string& hash, const std::string& uid,
                   int revision, WallTime wall);

// Whether its pods are of that template of a Deployment.
bool HasTemplate(const Tree& replica_set, const Tree& pod_template);

// `before`, asking for `size` replicas of the `desired` that its Deployment asks for.
Tree Resized(Tree before, std::int64_t size, std::int64_t desired);

// `before` with what it says of its pods. `replicas` is always there; the other counts are left out where they are 0.
// Source: Kubernetes replicaset controller replica_set_utils.go, calculateStatus; apps/v1 ReplicaSetStatus.
Tree WithStatus(Tree before, const PodCounts& counts);

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_REPLICA_SET_H_
