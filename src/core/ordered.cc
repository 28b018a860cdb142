#include "src/core/ordered.h"

#include <algorithm>

namespace spillway {
namespace {

const OverflowPolicy* Overflow(const Policy& policy, const SiteName& site) {
  for (const OverflowPolicy& overflow : policy.overflow) {
    if (overflow.site == site) return &overflow;
  }
  return nullptr;
}

std::map<SiteName, int> PinnedRatios(const Policy& policy, const Order& order) {
  const auto ratio = [&](const SiteName& site) {
    const auto at = order.ratios.find(site);
    return at == order.ratios.end() ? 0 : std::clamp(at->second, 0, kRatioMax);
  };
  std::map<SiteName, int> ratios{{policy.home, ratio(policy.home)}};
  for (const OverflowPolicy& overflow : policy.overflow) ratios[overflow.site] = ratio(overflow.site);
  if (std::all_of(ratios.begin(), ratios.end(), [](const auto& entry) { return entry.second == 0; })) return {};
  return ratios;
}

}  // namespace

Ordered Digest(const Policy& policy, const Override& override, Instant now) {
  Ordered ordered;
  for (const Order& order : override.orders) {
    if (!Counts(order, now)) continue;
    if (order.expires) ordered.next_end = std::min(*order.expires, ordered.next_end.value_or(*order.expires));
    switch (order.kind) {
      case OrderKind::kMode:
        ordered.mode = order.mode;
        break;
      case OrderKind::kPause:
        ordered.paused = order.actor + ": " + order.reason;
        break;
      case OrderKind::kDrain:
        if (order.site == policy.home || Overflow(policy, order.site)) ordered.drained[order.site] = order.forced;
        break;
      case OrderKind::kPinRatios:
        ordered.ratios = PinnedRatios(policy, order);
        break;
      case OrderKind::kPinReplicas:
        for (const auto& [site, count] : order.replicas) {
          const OverflowPolicy* overflow = Overflow(policy, site);
          if (overflow != nullptr) {
            ordered.replicas[site] = std::clamp(count, overflow->replicas_min, overflow->replicas_max);
          }
        }
        break;
      case OrderKind::kFailover:
        if (Overflow(policy, order.site)) ordered.failover_to = order.site;
        break;
      case OrderKind::kFailback:
        ordered.failback_at = order.since;
        break;
      case OrderKind::kEnd:
        break;
    }
  }
  return ordered;
}

Policy Obeying(Policy policy, const Ordered& ordered) {
  if (ordered.mode) policy.mode = *ordered.mode;
  for (OverflowPolicy& overflow : policy.overflow) {
    const auto pinned = ordered.replicas.find(overflow.site);
    if (pinned != ordered.replicas.end()) overflow.replicas_min = overflow.replicas_max = pinned->second;
  }
  if (ordered.failover_to) {
    std::stable_partition(policy.overflow.begin(), policy.overflow.end(),
                          [&](const OverflowPolicy& overflow) { return overflow.site == *ordered.failover_to; });
  }
  return policy;
}

}  // namespace spillway
