#include "avi/match.h"

namespace spillway::avi {

std::string MatchText(const MemberMatch& match) {
  if (!match.ip.empty()) return match.ip;
  if (!match.fqdn.empty()) return match.fqdn;
  return match.vs_uuid;
}

}  // namespace spillway::avi
