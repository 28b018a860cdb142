// Editing a GSLB service so that its members stand where a layout wants them. Pure.
#ifndef SPILLWAY_AVI_PLACE_H_
#define SPILLWAY_AVI_PLACE_H_

#include "avi/match.h"
#include "src/base/json.h"
#include "src/base/result.h"
#include "src/core/layout.h"

namespace spillway::avi {

// Pools that Spillway makes. Everything else in a service is somebody else's.
inline constexpr const char* kStandbyPrefix = "spillway-standby-";  // and the rank
inline constexpr const char* kParkedPool = "spillway-parked";

struct Placed {
  JsonDocument config;
  bool changed = false;
};

// The service with every site of `want` placed so. Touches only: which pool such a site's member stands in (its object
// travels whole), ratio and `enabled` of members that are to be served, and name, priority and existence of
// Spillway's own pools. All other fields, members and pools come out as they went in, known or not.
//
// The pool that answers keeps its name, priority and settings. Standbys of rank N go to "spillway-standby-N" with the
// next free priorities below it, parked ones to "spillway-parked" of priority 0; a new pool copies the settings of
// the pool that answers. A member already placed as wanted stays in its pool, whoever made that. A pool that is
// emptied is removed, because Avi refuses empty ones. A member that an operator disabled stays where and as it is
// unless it is to be served; kDisabled in `want` means just that.
//
// The outcome is read back before it is handed out: it has no empty pool, somebody is answered, and every site of
// `want` stands as wanted. Where that can't be reached, kRejected says why and nothing was changed. Ranks in `want`
// are dense from 1. kMissing: a member is not in the service.
Result<Placed> PlaceMembers(const JsonValue& config, const MemberMatches& matches, const Layout& want);

}  // namespace spillway::avi

#endif  // SPILLWAY_AVI_PLACE_H_
