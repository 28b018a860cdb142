#include "tools/lab/kubernetes/hpa_limits.h"

#include <algorithm>
#include <cmath>

#include "tools/lab/kubernetes/hpa_replicas.h"

namespace spillway::lab::kube {
namespace {

// Source: kube-controller-manager --horizontal-pod-autoscaler-downscale-stabilization.
constexpr Duration kDownWindow = 300s;

void Read(const Tree& given, ScalingRules& rules) {
  if (given.Find("stabilizationWindowSeconds") != nullptr) {
    rules.window = std::chrono::seconds(given.At("stabilizationWindowSeconds").Int());
  }
  rules.disabled = given.At("selectPolicy").String() == "Disabled";
  rules.least = given.At("selectPolicy").String() == "Min";
  rules.tolerance = Quantity(given.At("tolerance")).value_or(rules.tolerance);
  if (given.At("policies").Items().empty()) return;
  rules.policies.clear();
  for (const Tree& policy : given.At("policies").Items()) {
    rules.policies.push_back({policy.At("type").String() == "Percent", static_cast<int>(policy.At("value").Int()),
                              std::chrono::seconds(policy.At("periodSeconds").Int())});
  }
}

int Within(const std::vector<PastStep>& steps, Duration period, Instant now) {
  int sum = 0;
  for (const PastStep& step : steps) sum += step.at > now - period ? step.change : 0;
  return sum;
}

int UpTo(const HpaMemory& memory, const ScalingRules& rules, int current, Instant now) {
  if (rules.disabled) return current;
  std::optional<int> limit;
  for (const RatePolicy& policy : rules.policies) {
    const int began = current - Within(memory.up, policy.period, now) + Within(memory.down, policy.period, now);
    const int allowed =
        policy.percent ? static_cast<int>(std::ceil(began * (1 + policy.value / 100.0) - 1e-9)) : began + policy.value;
    limit = !limit ? allowed : rules.least ? std::min(*limit, allowed) : std::max(*limit, allowed);
  }
  return std::max(limit.value_or(current), current);
}

int DownTo(const HpaMemory& memory, const ScalingRules& rules, int current, Instant now) {
  if (rules.disabled) return current;
  std::optional<int> limit;
  for (const RatePolicy& policy : rules.policies) {
    const int began = current - Within(memory.up, policy.period, now) + Within(memory.down, policy.period, now);
    const int allowed = policy.percent ? static_cast<int>(began * (1 - policy.value / 100.0)) : began - policy.value;
    limit = !limit ? allowed : rules.least ? std::max(*limit, allowed) : std::min(*limit, allowed);
  }
  return std::min(limit.value_or(current), current);
}

int Stabilize(HpaMemory& memory, const Behavior& behavior, int current, int recommended, Instant now, Limited& out) {
  int highest = recommended;  // of the window that keeps from going down
  int lowest = recommended;   // of the window that keeps from going up
  for (const PastRecommendation& past : memory.recommended) {
    if (past.at > now - behavior.down.window) highest = std::max(highest, past.replicas);
    if (past.at > now - behavior.up.window) lowest = std::min(lowest, past.replicas);
  }
  const Duration kept = std::max(behavior.down.window, behavior.up.window);
  std::erase_if(memory.recommended, [&](const PastRecommendation& past) { return past.at <= now - kept; });
  memory.recommended.push_back({now, recommended});
  int stable = behavior.given ? current : highest;
  if (behavior.given && stable < lowest) stable = lowest;
  if (behavior.given && stable > highest) stable = highest;
  out.stable_reason = "ReadyForNewScale";
  out.stable_message = "recommended size matches current size";
  if (stable > recommended) {
    out.stable_reason = "ScaleDownStabilized";
    out.stable_message =
        "recent recommendations were higher than current one, applying the highest recent recommendation";
  } else if (stable < recommended) {
    out.stable_reason = "ScaleUpStabilized";
    out.stable_message =
        "recent recommendations were lower than current one, applying the lowest recent recommendation";
  }
  return stable;
}

void Clamp(Limited& out, const char* reason, const char* message, int replicas) {
  out.replicas = replicas;
  out.is_limited = true;
  out.limit_reason = reason;
  out.limit_message = message;
}

}  // namespace

Behavior ReadBehavior(const Tree& hpa) {
  Behavior behavior;
  behavior.up = {Duration{}, false, false, {{false, 4, 15s}, {true, 100, 15s}}, 0.1};
  behavior.down = {kDownWindow, false, false, {{true, 100, 15s}}, 0.1};
  const Tree& given = hpa.At("spec.behavior");
  behavior.given = given.IsObject();
  Read(given.At("scaleUp"), behavior.up);
  Read(given.At("scaleDown"), behavior.down);
  return behavior;
}

Limited Limit(HpaMemory& memory, const Behavior& behavior, int current, int recommended, int min, int max,
              Instant now) {
  Limited out;
  const int stable = Stabilize(memory, behavior, current, recommended, now, out);
  out.replicas = stable;
  out.limit_reason = "DesiredWithinRange";
  out.limit_message = "the desired count is within the acceptable range";
  const bool up = !behavior.given || stable > current;
  const bool down = !behavior.given || stable < current;
  const int fast = behavior.given ? UpTo(memory, behavior.up, current, now) : std::max(2 * current, 4);
  const int slow = behavior.given ? DownTo(memory, behavior.down, current, now) : 0;
  if (up && stable > std::min(fast, max)) {
    if (fast < max) {
      Clamp(out, "ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate", fast);
    } else {
      Clamp(out, "TooManyReplicas", "the desired replica count is more than the maximum replica count", max);
    }
  } else if (down && stable < std::max(slow, min)) {
    if (slow > min) {
      Clamp(out, "ScaleDownLimit", "the desired replica count is decreasing faster than the maximum scale rate", slow);
    } else {
      Clamp(out, "TooFewReplicas", "the desired replica count is less than the minimum replica count", min);
    }
  }
  const auto forget = [&](std::vector<PastStep>& steps) {
    std::erase_if(steps, [&](const PastStep& step) { return step.at <= now - 30min; });  // the longest period allowed
  };
  forget(memory.up);
  forget(memory.down);
  if (out.replicas > current) memory.up.push_back({now, out.replicas - current});
  if (out.replicas < current) memory.down.push_back({now, current - out.replicas});
  return out;
}

}  // namespace spillway::lab::kube
