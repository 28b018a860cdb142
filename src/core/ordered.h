// What the standing orders come to at one instant.
#ifndef SPILLWAY_SRC_CORE_ORDERED_H_
#define SPILLWAY_SRC_CORE_ORDERED_H_

#include <map>
#include <optional>
#include <string>

#include "src/core/override.h"
#include "src/core/policy.h"

namespace spillway {

struct Ordered {
  std::optional<std::string> paused;  // by whom and why
  std::optional<Mode> mode;
  std::map<SiteName, bool> drained;  // true: at once, without waiting for substitutes
  std::map<SiteName, int> ratios;    // empty: not pinned; else one for each site of the policy
  std::map<SiteName, int> replicas;  // within the policy's ranges; overflow sites only
  std::optional<SiteName> failover_to;
  std::optional<Instant> failback_at;
  std::optional<Instant> next_end;  // when the first of them expires

  bool any() const {
    return paused || mode || !drained.empty() || !ratios.empty() || !replicas.empty() || failover_to || failback_at;
  }
  // An operator wants this site without traffic.
  bool Held(const SiteName& site) const {
    const auto ratio = ratios.find(site);
    return drained.contains(site) || (ratio != ratios.end() && ratio->second == 0);
  }
};

// Leaves out what has expired, and what names sites that the policy does not know (any more). Ratios are clamped to
// 0..kRatioMax; ratios of which none is left above 0 pin nothing.
Ordered Digest(const Policy& policy, const Override& override, Instant now);

// The policy as the orders leave it: the mode, the preferred site of a failover first, and pinned replicas as both the
// least and the most of their site.
Policy Obeying(Policy policy, const Ordered& ordered);

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_ORDERED_H_
