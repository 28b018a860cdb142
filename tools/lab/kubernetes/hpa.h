// The HorizontalPodAutoscaler controller: weighs each object's metrics once a period, scales the Deployment, reports.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_HPA_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_HPA_H_

#include <map>
#include <optional>
#include <string>

#include "tools/lab/kubernetes/cluster_options.h"
#include "tools/lab/kubernetes/deployments.h"
#include "tools/lab/kubernetes/event_log.h"
#include "tools/lab/kubernetes/hpa_limits.h"
#include "tools/lab/kubernetes/hpa_replicas.h"
#include "tools/lab/kubernetes/metrics_server.h"
#include "tools/lab/kubernetes/moment.h"
#include "tools/lab/kubernetes/objects.h"
#include "tools/lab/kubernetes/store.h"

namespace spillway::lab::kube {

// As in the product, observedGeneration is never written, conditions that a round does not come to stay as they were,
// and with more replicas than the maximum (or fewer than the minimum) no metric is looked at. Not synchronised; its
// owner locks.
// Source: kubernetes pkg/controller/podautoscaler/horizontal.go, 1.36.
class HpaController {
 public:
  HpaController(Store& store, Objects& objects, EventLog& events, const Deployments& deployments,
                const MetricsServer& metrics, HpaOptions options)
      : store_(store),
        objects_(objects),
        events_(events),
        deployments_(deployments),
        metrics_(metrics),
        options_(std::move(options)) {}

  void Notice(const Change& change, Instant now);
  std::optional<Instant> NextDue() const { return options_.running ? next_ : std::nullopt; }
  void SetOptions(HpaOptions options, Instant now);
  // One round of every object.
  void Sync(Moment at);

 private:
  struct Round {
    const Tree& hpa;
    Moment at;
    int current = 0;  // spec.replicas of the scale
    int min = 1, max = 1;
    Tree conditions, metrics;
    Tree last_scale_time;
  };
  struct Recommendation {
    int replicas = 0;
    std::string reason;  // for people
  };
  void SyncOne(const Tree& hpa, Moment at);
  // nullopt: nothing can be recommended; the conditions say why.
  std::optional<Recommendation> WeighAll(Round& round, const Key& target, int existing);
  // The condition `type` becomes False, and an Event says so.
  void Complain(Round& round, const char* type, const std::string& reason, const std::string& message);
  void Scale(Round& round, const Tree& deployment, int replicas, const std::string& reason);
  int Normalize(Round& round, const Recommendation& recommended);
  ScaledState StateOf(const Key& target, int ordered, int existing, WallTime now) const;
  bool Ambiguous(const Tree& hpa) const;
  void Report(const Round& round, int desired);

  Store& store_;
  Objects& objects_;
  EventLog& events_;
  const Deployments& deployments_;
  const MetricsServer& metrics_;
  HpaOptions options_;
  std::map<Key, HpaMemory> memories_;
  std::optional<Instant> next_;
};

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_HPA_H_
