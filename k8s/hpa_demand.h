// A HorizontalPodAutoscaler as a DemandSource: its object, and the Deployment whose pods its figures are about.
#ifndef SPILLWAY_K8S_HPA_DEMAND_H_
#define SPILLWAY_K8S_HPA_DEMAND_H_

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "k8s/api.h"
#include "k8s/hpa.h"
#include "k8s/list_watch.h"
#include "k8s/picture.h"
#include "k8s/scaled_pods.h"
#include "src/base/clock.h"
#include "src/ports/demand_source.h"

namespace spillway::k8s {

// The pods that the figures of a moment ago can be about.
//
// The controller's averages are over the pods that it had figures of: those that were ready when they were last
// measured. A pod that has become ready since makes the average fall only later; until then average times pods would
// say more work than there is, and the demand's window would remember it. So a pod counts when it has been ready for
// as long as a figure may take.
class SettledPods : public Observer {
 public:
  // Chosen: a figure's way: measured over 15 s, every 15 s, read by the controller every 15 s, and as much again.
  static constexpr Duration kFigureAge = 60s;

  explicit SettledPods(std::shared_ptr<View<ScaledPods>> view) : view_(std::move(view)) {}
  void Changed(const Picture& picture, std::optional<Instant> confirmed_before, Instant now) override;
  // `ready` and `total` are the least of the last kFigureAge.
  Reading<ScaledPods> Read(const Picture& picture, Instant now) const;

 private:
  struct Count {
    Instant since;
    int ready = 0, total = 0;
  };
  const std::shared_ptr<View<ScaledPods>> view_;
  std::deque<Count> counts_;  // oldest first; the last one holds now
};

class HpaDemand final : public DemandSource {
 public:
  HpaDemand(const Api& api, Clock& clock, std::shared_ptr<ListWatch> watch, const std::string& name,
            std::shared_ptr<ListWatch> deployments, const std::string& deployment);

  // As old as the older of the two objects.
  Reading<HomeDemand> Read() const override;

 private:
  Clock& clock_;
  const std::shared_ptr<ListWatch> watch_, deployments_;
  const std::shared_ptr<View<HpaReport>> report_;
  const std::shared_ptr<SettledPods> pods_;
};

}  // namespace spillway::k8s

#endif  // SPILLWAY_K8S_HPA_DEMAND_H_
