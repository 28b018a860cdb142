#include "src/core/drain_curve.h"

#include <algorithm>

namespace spillway {
namespace {

// Chosen: what changed in the crowd since then (another client library, another TTL) is forgotten after a few drains.
constexpr int kDrainsRemembered = 4;

double After(const SiteMemory& memory, std::optional<Instant> at, Instant otherwise) {
  return Seconds(at.value_or(otherwise) - *memory.lowered_since);
}

}  // namespace

void FollowDrain(SiteMemory& memory, double residual, Instant now) {
  if (residual > memory.residual_first) {
    memory.residual_first = residual;
    memory.half_at.reset();
    memory.eighth_at.reset();
  }
  if (!memory.half_at && residual <= memory.residual_first / 2) memory.half_at = now;
  if (!memory.eighth_at && residual <= memory.residual_first / 8) memory.eighth_at = now;
}

void LearnDrain(DrainCurve& curve, const SiteMemory& memory, Instant now) {
  curve.drains = std::min(curve.drains + 1, kDrainsRemembered);
  const double weight = 1.0 / curve.drains;
  curve.half_seconds += weight * (After(memory, memory.half_at, now) - curve.half_seconds);
  curve.eighth_seconds += weight * (After(memory, memory.eighth_at, now) - curve.eighth_seconds);
  curve.end_seconds += weight * (After(memory, std::nullopt, now) - curve.end_seconds);
}

Duration ExpectedDrain(const DrainCurve& curve, const SiteMemory& memory, Instant now) {
  double end = curve.end_seconds;
  if (memory.eighth_at) {
    end += After(memory, memory.eighth_at, now) - curve.eighth_seconds;
  } else if (memory.half_at) {
    end += After(memory, memory.half_at, now) - curve.half_seconds;
  }
  return std::max(FromSeconds(end), now - *memory.lowered_since);
}

}  // namespace spillway
