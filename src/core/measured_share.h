// The share of requests that home really gets, from the members' counters.
#ifndef SPILLWAY_SRC_CORE_MEASURED_SHARE_H_
#define SPILLWAY_SRC_CORE_MEASURED_SHARE_H_

#include <optional>

#include "src/core/memory.h"
#include "src/core/observation.h"

namespace spillway {

// Home's part of all requests that are measured now, those that still reach a site that is not served any more
// included. Absent: home or a served member is not measured, or nothing arrives.
std::optional<double> MeasuredHomeShare(const TrafficState& traffic, const SiteName& home);

struct MeasuredOver {
  double mean = 0;      // over the time asked for, or over as much of it as is known
  double greatest = 0;  // within that time
  bool operator==(const MeasuredOver&) const = default;
};

// Remembers `measured` in `samples` (oldest first; a value holds until the next one), forgets what is older than
// `over`, and sums up that time. An absent value forgets everything and gives nothing: a mean across a gap would be
// made up.
std::optional<MeasuredOver> FollowShare(std::vector<ShareSample>& samples, std::optional<double> measured, Instant now,
                                        Duration over);

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_MEASURED_SHARE_H_
