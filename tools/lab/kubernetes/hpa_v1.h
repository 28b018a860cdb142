// A HorizontalPodAutoscaler as autoscaling/v1 shows it.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_HPA_V1_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_HPA_V1_H_

#include "tools/lab/kubernetes/tree.h"

namespace spillway::lab::kube {

// v1 knows CPU utilisation alone; conditions are an annotation there.
// Source: kubernetes pkg/apis/autoscaling/v1/conversion.go, annotations.go.
Tree HpaV1(const Tree& v2);

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_HPA_V1_H_
