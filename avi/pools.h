// The pools of a GSLB service, and where in them the sites' members stand. Pure.
#ifndef SPILLWAY_AVI_POOLS_H_
#define SPILLWAY_AVI_POOLS_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "avi/match.h"
#include "src/base/json.h"
#include "src/base/result.h"
#include "src/core/layout.h"

namespace spillway::avi {

// Whether `member` (a GslbPoolMember, or its GslbPoolMemberRuntimeInfo) is the one asked for.
bool Matches(const MemberMatch& match, const JsonValue& member);

// One GslbPool as configured, absent fields at their defaults.
// Source: Avi GSLB swagger 30.2.1, GslbPool and GslbPoolMember.
struct Pool {
  std::string name;
  int priority = 10;  // 0..100, the highest answers; 0 never does, but is monitored
  bool enabled = true;
  std::string algorithm = "GSLB_ALGORITHM_ROUND_ROBIN";
  std::size_t members_enabled = 0;
};

// In the order of the document. Empty if it has none.
std::vector<Pool> ReadPools(const JsonValue& config);

// Whether Avi may choose the pool at all while its members are healthy.
bool CanAnswer(const Pool& pool);

// The priority that answers: the highest of a pool that can. nullopt: no pool can.
std::optional<int> LivePriority(const std::vector<Pool>& pools);

struct Spot {
  std::size_t pool = 0, member = 0;
};

// Every place where a member stands that `match` asks for.
std::vector<Spot> FindSpots(const JsonValue& config, const MemberMatch& match);

// The member object at a spot that FindSpots answered for this very document.
const JsonValue& MemberAt(const JsonValue& config, const Spot& spot);

struct Located {
  Spot spot;
  Placement placement;
  bool repeated = false;  // the member stands in the service more than once; `spot` is the first
};

// How a GslbService places each site's member, whoever arranged it: served in the pool of the highest priority that can
// answer, standby in a lower one (ranks are dense, 1 the next to take over), parked at priority 0, disabled where the
// service, the pool or the member is. kMissing: a member is not there; kRejected: the service has no pools.
Result<std::map<SiteName, Located>> Locate(const JsonValue& config, const MemberMatches& matches);

// "GSLB service "shopping"".
std::string ServiceText(const JsonValue& config);

}  // namespace spillway::avi

#endif  // SPILLWAY_AVI_POOLS_H_
