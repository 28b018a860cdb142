// What answers metrics.k8s.io: measures the pods of every Deployment, and publishes PodMetrics of them.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_METRICS_SERVER_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_METRICS_SERVER_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tools/lab/kubernetes/cluster_options.h"
#include "tools/lab/kubernetes/deployments.h"
#include "tools/lab/kubernetes/moment.h"
#include "tools/lab/kubernetes/store.h"

namespace spillway::lab::kube {

// What one container uses, or requests; 0: nothing.
struct ContainerAmounts {
  std::string name;
  double millicores = 0;
  double bytes = 0;  // of memory
};

// One pod's figure: of CPU the mean over [at - window, at], of memory what it held at `at`.
struct PodFigure {
  std::vector<ContainerAmounts> containers;
  WallTime at;
  Duration window{};
};

// A pod's first figure comes with the second reading after it began to run, because a rate needs two; a figure stays
// until the next reading, and goes with the pod at the next one.
// Source: kubernetes-sigs/metrics-server, pkg/storage (rates between two points; pods without two are left out).
//
// Work is spread evenly over the pods that serve; of a pod its first container does it all, the others are there. Not
// synchronised; its owner locks.
class MetricsServer {
 public:
  MetricsServer(Store& store, const Deployments& deployments, MetricsOptions options)
      : store_(store), deployments_(deployments), options_(options) {}

  void Notice(const Change& change, Instant now);
  std::optional<Instant> NextDue() const;
  void SetOptions(const MetricsOptions& options, Instant now);
  bool available() const { return options_.available; }

  // The Deployments whose load Measure() needs.
  std::set<Key> Targets() const;
  // `loads`: millicores over all pods of a Deployment; negative or missing: no data.
  void Measure(const std::map<Key, double>& loads, Moment at);

  // What is published of a pod; nullptr: nothing.
  const PodFigure* Find(const Key& pod) const;

 private:
  struct Meter {
    double work = 0;  // millicores times seconds since the last reading
    bool begun = false;
    std::optional<PodFigure> figure;
  };
  void Spread(const std::map<Key, double>& loads, double seconds);
  void Publish(Moment at);

  Store& store_;
  const Deployments& deployments_;
  MetricsOptions options_;
  std::map<Key, Meter> meters_;  // by pod
  std::optional<Instant> next_;
  Instant measured_at_{}, read_at_{};
};

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_METRICS_SERVER_H_
