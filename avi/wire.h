// A GSLB service's JSON as values. Pure: no clock, no network.
#ifndef SPILLWAY_AVI_WIRE_H_
#define SPILLWAY_AVI_WIRE_H_

#include <set>
#include <string>

#include "avi/match.h"
#include "src/base/json.h"
#include "src/base/result.h"
#include "src/base/time.h"
#include "src/core/observation.h"

namespace spillway::avi {

// How long an answer may be cached if the service does not say.
// Source: the DNS application profile's default, Avi GSLB guide.
inline constexpr Duration kTtlUnset = 30s;

// What one service's configuration and runtime say by themselves. What the federation adds (who leads, maintenance,
// ratios of whole sites) is laid over it by Overlay (avi/gslb.h).
struct ServiceView {
  // in_force is left true; writable is false only if somebody else owns the service.
  TrafficState traffic;
  std::set<std::string> clusters;  // cluster_uuid of the sites' members, where they have one
};

// Reads a whole GslbService as /api/gslbservice answers it, and its GslbServiceRuntime (an object, or a list of them of
// which the first with pools counts). `runtime` nullptr: nothing is known of health. Unknown fields and states are
// legal; a state that is missing or not known is Health::kUnknown. Errors as Locate.
Result<ServiceView> ReadService(const JsonValue& config, const JsonValue* runtime, const MemberMatches& matches);

// Consolidated OperationalStatus.state. Only OPER_UP is up.
Health HealthOf(const std::string& state);

// Whether the difference could change a decision: counters that moved by less than a tenth do not count.
bool SameForDecisions(const TrafficState& a, const TrafficState& b);

}  // namespace spillway::avi

#endif  // SPILLWAY_AVI_WIRE_H_
