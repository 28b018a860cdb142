// How drains of this application go, learned from earlier ones.
#ifndef SPILLWAY_SRC_CORE_DRAIN_CURVE_H_
#define SPILLWAY_SRC_CORE_DRAIN_CURVE_H_

#include "src/core/memory.h"

namespace spillway {

// Notes when the residual (a share of the app's requests) has fallen to a half and to an eighth of the greatest one of
// this drain. Needs memory.lowered_since.
void FollowDrain(SiteMemory& memory, double residual, Instant now);

// A measured drain is over: its times go into the curve. The last four drains count for most of it.
void LearnDrain(DrainCurve& curve, const SiteMemory& memory, Instant now);

// When this drain will have ended, counted from memory.lowered_since, if it goes on like the earlier ones from where it
// is. Needs curve.drains > 0. Not before the time that has passed.
//
// Example: earlier ones came to a half after 30 s and ended after 120 s; this one came to its half after 40 s, so it is
// expected to end after 130 s.
Duration ExpectedDrain(const DrainCurve& curve, const SiteMemory& memory, Instant now);

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_DRAIN_CURVE_H_
