// How many replicas a TSM-like autoscaler wants, from one metric and two thresholds.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_WISH_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_WISH_H_

#include <optional>

#include "src/base/time.h"
#include "tools/lab/kubernetes/tree.h"

namespace spillway::lab::kube {

// What a Definition says, read once.
struct ScaleRule {
  int min = 1, max = 1;
  std::optional<int> standard;  // instances.default
  std::optional<int> steps_up, steps_down;
  double scale_up = 0, scale_down = 0;
  bool performance = false;  // mode PERFORMANCE: never down
  bool enabled = true;       // false: computed and reported, not applied
  Duration window = 60s;     // of the metric query
  Duration grace{};          // no scale-down so soon after the last action
};

ScaleRule ReadScaleRule(const Tree& definition);

struct Wish {
  int desired = 0;      // clamped to [min, max]
  int unclamped = 0;    // proportional to the load, whatever steps and bounds say
  bool pinned = false;  // at max, and the load asks for more
};

// `ready`: instances that share the load, at least 1. `ordered`: spec.replicas. `value`: the metric per ready instance.
// Above scale_up the wish is ceil(ready * value / scale_up), below scale_down ceil(ready * value / middle of the two
// thresholds), between them what was ordered. Steps replace the proportion, not the direction. The bounds hold always,
// also against a grace period.
// Chosen: TSM publishes no formula; this is the simplest that is proportional to consumption, and steady at the wish.
Wish Judge(const ScaleRule& rule, int ready, int ordered, double value, bool may_shrink);

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_WISH_H_
