#include "tools/lab/kubernetes/rollout.h"

#include <algorithm>

namespace spillway::lab::kube {
namespace {

// "25%" of `replicas`, or a number as it is.
int Share(const Tree& value, int replicas, bool round_up) {
  if (value.IsInt()) return static_cast<int>(value.Int());
  int percent = 0;
  for (const char c : value.String()) {
    if (c >= '0' && c <= '9' && percent <= 100) percent = percent * 10 + (c - '0');
  }
  return (replicas * percent + (round_up ? 99 : 0)) / 100;
}

int MaxSurge(const Tree& deployment, int replicas) {
  return Share(deployment.At("spec.strategy.rollingUpdate.maxSurge"), replicas, true);
}

bool Recreates(const Tree& deployment) { return deployment.At("spec.strategy.type").String() == "Recreate"; }

}  // namespace

int MaxUnavailable(const Tree& deployment, int replicas) {
  if (Recreates(deployment)) return 0;
  const int share = Share(deployment.At("spec.strategy.rollingUpdate.maxUnavailable"), replicas, false);
  // With neither a surplus nor a gap nothing could ever move.
  const int least = MaxSurge(deployment, replicas) == 0 ? 1 : 0;
  return std::min(std::max(share, least), replicas);
}

RolloutStep NextStep(const Tree& deployment, const Generations& pods) {
  const int wanted = static_cast<int>(deployment.At("spec.replicas").Int());
  if (pods.stale == 0 && !(pods.stale_ending && Recreates(deployment))) return {wanted, 0};
  if (Recreates(deployment)) return {0, 0};
  const int room = wanted + MaxSurge(deployment, wanted) - pods.fresh - pods.stale;
  const int fresh = std::min(wanted, pods.fresh + std::max(0, room));
  const int least = wanted - MaxUnavailable(deployment, wanted);
  // Those that don't serve go first, and don't count for what must go on serving.
  const int spare = fresh + pods.stale - least - (fresh - std::min(fresh, pods.fresh_available));
  const int sick = std::clamp(spare, 0, pods.stale - pods.stale_available);
  const int serving = std::clamp(pods.fresh_available + pods.stale_available - least, 0, pods.stale_available);
  return {fresh, spare <= 0 ? pods.stale : pods.stale - sick - serving};
}

}  // namespace spillway::lab::kube
