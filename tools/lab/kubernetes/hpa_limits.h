// What a HorizontalPodAutoscaler makes of a recommendation: stabilised, not too fast, within its bounds.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_HPA_LIMITS_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_HPA_LIMITS_H_

#include <optional>
#include <string>
#include <vector>

#include "src/base/time.h"
#include "tools/lab/kubernetes/tree.h"

namespace spillway::lab::kube {

struct RatePolicy {
  bool percent = false;  // else pods
  int value = 0;
  Duration period{};
};

struct ScalingRules {
  Duration window{};  // stabilisation
  bool disabled = false;
  bool least = false;  // selectPolicy Min; else Max
  std::vector<RatePolicy> policies;
  double tolerance = 0.1;
};

// spec.behavior with what it leaves out filled in; without one the older rules hold, which give the same but for the
// limit of an upward step: max(2 * current, 4).
// Source: kubernetes pkg/apis/autoscaling/v2/defaults.go.
struct Behavior {
  bool given = false;
  ScalingRules up, down;
};
Behavior ReadBehavior(const Tree& hpa);

struct PastRecommendation {
  Instant at;
  int replicas;
};
struct PastStep {
  Instant at;
  int change;  // replicas added or taken
};

// What one HorizontalPodAutoscaler remembers.
struct HpaMemory {
  std::vector<PastRecommendation> recommended;
  std::vector<PastStep> up, down;
};

struct Limited {
  int replicas = 0;
  std::string stable_reason, stable_message;  // of AbleToScale
  bool is_limited = false;                    // of ScalingLimited
  std::string limit_reason, limit_message;
};

// Notes `recommended` in the memory. `current`: spec.replicas of the scale.
// Source: kubernetes pkg/controller/podautoscaler/horizontal.go, normalizeDesiredReplicas (and ...WithBehaviors).
Limited Limit(HpaMemory& memory, const Behavior& behavior, int current, int recommended, int min, int max, Instant now);

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_HPA_LIMITS_H_
