// Whom a GSLB service may be answered with now, before a question narrows it down. The DNS service asks here, and so
// does the simulator, whose crowd sends no packets.
#ifndef SPILLWAY_TOOLS_LAB_DNS_CHOICE_H_
#define SPILLWAY_TOOLS_LAB_DNS_CHOICE_H_

#include <vector>

#include "tools/lab/avi/federation.h"
#include "tools/lab/dns/rotation.h"

namespace spillway::lab {

// One who may be answered, and how often beside the others. The pointers here live as long as the service asked about.
struct Turn {
  const avi::MemberView* member;
  int weight = 1;
};

// The pool that is answered from: enabled, of the highest priority, with an enabled member that is up; under GEO each
// of these in turn, whatever their priorities; one of priority 0 never. Null: there is none.
const avi::PoolView* PoolInTurn(const avi::ServiceView& service, Rotation& rotation);

// Those of its members that are enabled and up. Ratios weigh where the pool's algorithm has any use for them.
std::vector<Turn> TurnsOf(const avi::PoolView& pool);

// What the down response ALL_RECORDS tells: the members of all pools, healthy or not, and however many num_dns_ip is.
// It overrides what is known of health, not what was ordered: a disabled member, pool or site is not among them, and so
// is no member of a pool of priority 0.
std::vector<const avi::MemberView*> AllRecords(const avi::ServiceView& service);

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_DNS_CHOICE_H_
