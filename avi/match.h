// How a site's member is recognised inside a GSLB service.
#ifndef SPILLWAY_AVI_MATCH_H_
#define SPILLWAY_AVI_MATCH_H_

#include <map>
#include <string>

#include "src/core/layout.h"

namespace spillway::avi {

// Exactly one is set. Members have no identifier of their own in Avi and their order means nothing, so they are never
// named by position. Addresses compare as addresses (any spelling of the same IPv6 address), names without case.
struct MemberMatch {
  std::string ip;       // GslbPoolMember.ip.addr: the VIP as configured
  std::string fqdn;     // GslbPoolMember.fqdn
  std::string vs_uuid;  // GslbPoolMember.vs_uuid
};

using MemberMatches = std::map<SiteName, MemberMatch>;

// For sentences: the address, name or uuid it asks for.
std::string MatchText(const MemberMatch& match);

}  // namespace spillway::avi

#endif  // SPILLWAY_AVI_MATCH_H_
