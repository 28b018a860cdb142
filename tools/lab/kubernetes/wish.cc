#include "tools/lab/kubernetes/wish.h"

#include <algorithm>
#include <cmath>

namespace spillway::lab::kube {
namespace {

std::optional<int> OptionalInt(const Tree& value) {
  if (!value.IsInt()) return std::nullopt;
  return static_cast<int>(value.Int());
}

// Rounding noise must not cost a replica.
int Ceil(double value) { return static_cast<int>(std::min(std::ceil(value - 1e-9), 1e6)); }

}  // namespace

ScaleRule ReadScaleRule(const Tree& definition) {
  const Tree& given = definition.At("spec.scaleRule");
  ScaleRule rule;
  rule.min = static_cast<int>(given.At("instances.min").Int());
  rule.max = static_cast<int>(given.At("instances.max").Int());
  rule.standard = OptionalInt(given.At("instances.default"));
  rule.steps_up = OptionalInt(given.At("instances.stepsUp"));
  rule.steps_down = OptionalInt(given.At("instances.stepsDown"));
  rule.scale_up = given.At("trigger.metric.scaleUp").Number();
  rule.scale_down = given.At("trigger.metric.scaleDown").Number();
  rule.performance = given.At("mode").String() == "PERFORMANCE";
  rule.enabled = given.At("enabled").Bool();
  const std::optional<int> window = OptionalInt(given.At("trigger.metric.windowSeconds"));
  if (window) rule.window = std::chrono::seconds(*window);
  rule.grace = std::chrono::seconds(given.At("trigger.gracePeriodSeconds").Int());
  return rule;
}

Wish Judge(const ScaleRule& rule, int ready, int ordered, double value, bool may_shrink) {
  Wish wish;
  wish.unclamped = ordered;
  wish.desired = ordered;
  if (value > rule.scale_up && rule.scale_up > 0) {
    wish.unclamped = Ceil(ready * value / rule.scale_up);
    const int target = rule.steps_up ? ready + *rule.steps_up : wish.unclamped;
    wish.desired = std::max(ordered, target);
  } else if (value < rule.scale_down) {
    const double middle = (rule.scale_up + rule.scale_down) / 2;
    wish.unclamped = Ceil(ready * value / middle);
    const int target = rule.steps_down ? ready - *rule.steps_down : wish.unclamped;
    if (may_shrink && !rule.performance) wish.desired = std::min(ordered, target);
  }
  wish.pinned = value > rule.scale_up && wish.unclamped > rule.max;
  wish.desired = std::clamp(wish.desired, std::min(rule.min, rule.max), rule.max);
  return wish;
}

}  // namespace spillway::lab::kube
