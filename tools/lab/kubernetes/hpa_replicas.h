// How many replicas one metric of a HorizontalPodAutoscaler wants.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_HPA_REPLICAS_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_HPA_REPLICAS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/base/time.h"
#include "tools/lab/kubernetes/metrics_server.h"
#include "tools/lab/kubernetes/tree.h"

namespace spillway::lab::kube {

// A pod as the controller sees it.
struct ScaledPod {
  std::string name;
  bool terminating = false;  // or failed: not counted at all
  bool pending = false;
  bool ready = false;
  WallTime started, ready_changed;  // of a pod that is not pending
  std::vector<ContainerAmounts> requests;
  std::optional<PodFigure> figure;  // absent: not measured
};

struct ScaledState {
  int ordered = 0;   // spec.replicas of the scale
  int existing = 0;  // status.replicas of the scale
  std::vector<ScaledPod> pods;
  std::map<std::string, double> external;  // totals by metric name
  WallTime now;
};

struct MetricVerdict {
  int replicas = 0;
  Tree status;         // the entry of status.currentMetrics
  std::string name;    // "cpu resource utilization (percentage of request)"
  std::string reason;  // FailedGetResourceMetric, ...; empty: it worked
  std::string message;
};

// `metric`: an entry of spec.metrics. Resource and ContainerResource (cpu, memory) and External are known; all others
// fail as they do where nobody serves them. `tolerance_down`, `tolerance_up`: shares.
// Source: kubernetes pkg/controller/podautoscaler replica_calculator.go and metrics/utilization.go, 1.36.
MetricVerdict Weigh(const Tree& metric, const ScaledState& state, double tolerance_down, double tolerance_up);

// A quantity of a spec in its base unit; nullopt: none.
std::optional<double> Quantity(const Tree& value);

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_HPA_REPLICAS_H_
