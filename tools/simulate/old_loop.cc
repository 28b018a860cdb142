#include "tools/simulate/old_loop.h"

#include <algorithm>
#include <cmath>

namespace spillway::sim {

void OldLoop::Lower(const OverflowPolicy& policy, Site& site, int due, Instant now) const {
  const bool leaves = due <= policy.replicas_min;
  if (drain_ > Duration{} && leaves) {
    if (!site.parked) site.parked = now;
    if (now < *site.parked + drain_) return;
  }
  site.replicas = due;
}

void OldLoop::Poll(const Policy& policy, const HomeDemand& home, Instant now) {
  double excess = home.limited && home.wish ? std::max(0.0, std::ceil(*home.wish) - home.replicas_max) : 0;
  for (const OverflowPolicy& overflow : policy.overflow) {
    Site& site = sites_[overflow.site];
    const int due = std::clamp(static_cast<int>(excess), overflow.replicas_min, overflow.replicas_max);
    excess = std::max(0.0, excess - due);
    if (due < site.replicas) {
      Lower(overflow, site, due, now);
    } else {
      site.replicas = due;
      if (due > overflow.replicas_min) site.parked.reset();
    }
  }
}

Decision OldLoop::operator()(const Policy& policy, const Observation& seen, Instant now) {
  if (!polled_) {
    for (const OverflowPolicy& overflow : policy.overflow) sites_[overflow.site].replicas = overflow.replicas_min;
  }
  if ((!polled_ || now >= *polled_ + kPoll) && seen.home_demand.seen) {
    polled_ = now;
    Poll(policy, seen.home_demand.seen->value, now);
  }
  Decision decision;
  Layout layout{{policy.home, {Place::kServed, 1, 0}}};
  decision.sites[policy.home] = {};
  for (const auto& [name, site] : sites_) {
    SiteDecision& decided = decision.sites[name];
    decided.replicas_target = decided.replicas_needed = site.replicas;
    layout[name] = {site.parked ? Place::kParked : Place::kServed, 1, 0};
  }
  decision.layout = layout;
  decision.wake_at = polled_.value_or(now) + kPoll;
  return decision;
}

}  // namespace spillway::sim
