// What a HorizontalPodAutoscaler says of the demand at its site. It never states what it would want without its
// maximum; that follows from its metrics.
#ifndef SPILLWAY_K8S_HPA_H_
#define SPILLWAY_K8S_HPA_H_

#include <optional>
#include <string>
#include <vector>

#include "k8s/scaled_pods.h"
#include "src/base/json.h"
#include "src/base/result.h"
#include "src/core/observation.h"

namespace spillway::k8s {

// One metric against its target.
struct MetricFigure {
  double ratio = 0;       // 1: exactly as many pods as are wanted
  bool of_total = false;  // an average over all pods that exist (External and Object, AverageValue), not the ready ones
};

// What one object of autoscaling/v2 holds.
struct HpaReport {
  HomeDemand demand;                  // without wish, load, limited and cpu_per_replica
  bool too_many = false;              // ScalingLimited by TooManyReplicas
  double tolerance = 0.1;             // upwards; Source: kube-controller-manager --horizontal-pod-autoscaler-tolerance
  std::vector<MetricFigure> metrics;  // those that could be read
  bool partial = false;               // not all could
  // From a metric of the pod's CPU; that of one container says too little of the pod, which is measured as a whole.
  std::optional<double> cpu_value;  // what a pod is meant to use: cores,
  std::optional<double> cpu_share;  // or a share of what it requests
};

// `deployment`: what it must scale. Errors, never zeros, where its word can't be used: kRetry while its controller has
// not reported (no conditions), says that it can't work (ScalingActive or AbleToScale is not True: later conditions
// then stay as they were), or works without metrics (more replicas than its maximum or fewer than its minimum: it then
// leaves the old conditions beside the new counts). kRejected: a field is not what it should be, or it scales
// something else.
//
// There is no sign of which generation of the object the status is about: the controller sets none.
//
// demand.enforced is false when behavior forbids both directions (selectPolicy: Disabled): it only observes.
// Source of all of this: kubernetes pkg/controller/podautoscaler/horizontal.go, 1.36.
Result<HpaReport> ReadHpa(const JsonValue& hpa, const std::string& deployment);

// load = the greatest of ratio * pods over the metrics that could be read, where `pods` are those that the figures are
// about; with one missing it is a lower bound (kAtLeast), without any pod it is unknown.
//
// limited and wish: the controller says TooManyReplicas (of its own highest recommendation of the last minutes), and
// its metrics as they are now, with its tolerance, still want more than the maximum: then wish = ceil(load). If no
// metric can be read: limited, the wish unknown.
//
// Example: maximum 4, 4 ready pods at 75 % of CPU against 50 %: load 6, wish 6.
HomeDemand DemandOf(const HpaReport& report, const ScaledPods& pods);

}  // namespace spillway::k8s

#endif  // SPILLWAY_K8S_HPA_H_
