// The TSM autoscaler: looks at each Definition's load once a period, reports, and scales the Deployment.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_AUTOSCALER_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_AUTOSCALER_H_

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "tools/lab/kubernetes/cluster_options.h"
#include "tools/lab/kubernetes/deployments.h"
#include "tools/lab/kubernetes/moment.h"
#include "tools/lab/kubernetes/objects.h"
#include "tools/lab/kubernetes/store.h"
#include "tools/lab/kubernetes/wish.h"

namespace spillway::lab::kube {

// Not synchronised; its owner locks.
class Autoscaler {
 public:
  Autoscaler(Store& store, Objects& objects, const Deployments& deployments, AutoscalerOptions options)
      : store_(store), objects_(objects), deployments_(deployments), options_(std::move(options)) {}

  void Notice(const Change& change, Instant now);
  std::optional<Instant> NextDue() const;
  void SetOptions(AutoscalerOptions options, Instant now);

  // The Deployments whose load Evaluate() needs.
  std::set<Key> Targets() const;
  // One evaluation of every Definition. `loads`: millicores over all pods of a Deployment; negative or missing: no
  // data.
  void Evaluate(const std::map<Key, double>& loads, Moment at);

  // Whether a Definition says that its maximum holds it back.
  bool Pinned(const Key& definition) const;

 private:
  struct Memory {
    std::deque<std::pair<Instant, double>> loads;
    std::optional<Instant> last_action;
    std::string last_scale_time;
    bool pinned = false;
  };
  void EvaluateOne(const Tree& definition, const std::map<Key, double>& loads, Moment at);
  void EvaluateBlind(const Tree& definition, const ScaleRule& rule, const Tree& deployment, Memory& memory, Moment at);
  void Report(const Tree& definition, Tree status);
  void ReportNotReady(const Tree& definition, const Memory& memory, const std::string& reason,
                      const std::string& message, Moment at);
  void Scale(const Tree& deployment, int replicas, Memory& memory, Moment at);

  Store& store_;
  Objects& objects_;
  const Deployments& deployments_;
  AutoscalerOptions options_;
  std::map<Key, Memory> memories_;
  std::optional<Instant> next_;
};

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_AUTOSCALER_H_
