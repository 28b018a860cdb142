// What metrics.k8s.io says of pods.
#ifndef SPILLWAY_K8S_POD_METRICS_H_
#define SPILLWAY_K8S_POD_METRICS_H_

#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace spillway::k8s {

struct PodSample {
  std::string pod;
  std::string timestamp;  // as the server writes it; only whether it changes is of interest
  double cpu = 0;         // cores, over all containers
};

// A PodMetricsList of v1beta1. A pod with a container whose CPU can't be read is left out: half of a pod is not a
// figure of it. kRejected: something else.
// Source: kubernetes/metrics pkg/apis/metrics/v1beta1/types.go (PodMetrics: timestamp, window, containers[].usage).
Result<std::vector<PodSample>> ReadPodMetrics(std::string_view body);

}  // namespace spillway::k8s

#endif  // SPILLWAY_K8S_POD_METRICS_H_
