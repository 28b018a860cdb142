#include "tools/lab/dns/choice.h"

#include <algorithm>

namespace spillway::lab {
namespace {

using avi::MemberView;
using avi::PoolView;
using avi::ServiceView;

bool Answerable(const MemberView& member) { return member.enabled && member.up; }

bool SwitchedOff(const PoolView& pool) { return !pool.enabled || pool.priority <= 0; }

// Source: the vendor's guides weigh round robin alone; of CONSISTENT_HASH they don't say. Chosen: where who asks
// decides, members take turns.
bool RatioCounts(const PoolView& pool) {
  return pool.algorithm != "GSLB_ALGORITHM_GEO" && pool.algorithm != "GSLB_ALGORITHM_TOPOLOGY" &&
         pool.algorithm != "GSLB_ALGORITHM_CONSISTENT_HASH";
}

}  // namespace

// Source: vendor's guide to GSLB pools: GEO chooses by place and ignores priority. Chosen: who asks has no place here,
// so the pools take turns; priority 0 stays out, being how a pool is switched off.
const PoolView* PoolInTurn(const ServiceView& service, Rotation& rotation) {
  std::vector<const PoolView*> able;
  for (const PoolView& pool : service.pools) {
    if (!SwitchedOff(pool) && std::any_of(pool.members.begin(), pool.members.end(), Answerable)) able.push_back(&pool);
  }
  if (able.empty()) return nullptr;
  if (service.pool_algorithm == "GSLB_SERVICE_ALGORITHM_GEO") {
    std::vector<Candidate> candidates;
    candidates.reserve(able.size());
    for (const PoolView* pool : able) candidates.push_back({pool->name, 1});
    return able[rotation.Pick(service.uuid, candidates, 1).front()];
  }
  return *std::max_element(able.begin(), able.end(),
                           [](const PoolView* a, const PoolView* b) { return a->priority < b->priority; });
}

std::vector<Turn> TurnsOf(const PoolView& pool) {
  std::vector<Turn> turns;
  for (const MemberView& member : pool.members) {
    if (Answerable(member)) turns.push_back({&member, RatioCounts(pool) ? member.ratio : 1});
  }
  return turns;
}

// Source: vendor's guide to GSLB services: ALL_RECORDS returns the addresses of all members of all pools. Source: Avi
// swagger 30.2.1, GslbPoolMember.enabled decides whether an address is provided in DNS responses, GslbSite.enabled
// false keeps its VIPs out of them, GslbPool.priority 0 means that no member of the pool is chosen, as if it were
// disabled. Neither page speaks of both at once. Chosen: each switch is absolute, for its text names no exception,
// while the guide's "all" stands against "those that are up". A real DNS service that differs would answer with a
// parked site when all others are down.
std::vector<const MemberView*> AllRecords(const ServiceView& service) {
  std::vector<const MemberView*> all;
  for (const PoolView& pool : service.pools) {
    for (const MemberView& member : pool.members) {
      if (!SwitchedOff(pool) && member.enabled) all.push_back(&member);
    }
  }
  return all;
}

}  // namespace spillway::lab
