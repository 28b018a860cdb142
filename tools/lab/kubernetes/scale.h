// The scale subresource of a Deployment: autoscaling/v1 Scale.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_SCALE_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_SCALE_H_

#include "tools/lab/kubernetes/objects.h"
#include "tools/lab/kubernetes/reply.h"

namespace spillway::lab::kube {

// uid and resourceVersion are the Deployment's; spec.replicas is absent at 0, status.replicas never.
// Source: Kubernetes apps/v1 ScaleREST, autoscaling/v1 types (spec.replicas is omitempty).
Tree ScaleOf(const Tree& deployment);

// Writes the replicas of `scale` (absent: 0) to the Deployment, under the preconditions that its metadata carries.
Reply WriteScale(Objects& objects, const Tree& deployment, const Tree& scale, WriteOptions options, WallTime wall);

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_SCALE_H_
