// The best that could be done: a controller that knows the truth and is bound by the same delays.
#ifndef SPILLWAY_TOOLS_SIMULATE_ORACLE_H_
#define SPILLWAY_TOOLS_SIMULATE_ORACLE_H_

#include <map>

#include "src/core/decision.h"
#include "src/core/observation.h"
#include "src/core/policy.h"
#include "tools/simulate/world.h"

namespace spillway::sim {

// It is told the whole demand, without noise or averaging, and what really arrives where. It obeys the operator's
// policy: headroom, home is filled first, minimum and maximum, the mode's split. It can't make pods start sooner, Avi
// believe in a member sooner, or clients ask the DNS sooner; it doesn't wait for anything else.
//
// Replicas go as soon as no client needs them any more, the last one when nobody is left.
class Oracle {
 public:
  // `ahead`: how far it sees into the future. It orders for the greatest demand until then.
  Oracle(const World& world, Duration ahead) : world_(world), ahead_(ahead) {}

  Decision operator()(const Policy& policy, const Observation& seen, Instant now);

 private:
  double Demand(Instant now) const;
  std::map<SiteName, int> Due(const Policy& policy, double demand) const;

  const World& world_;
  const Duration ahead_;
  std::map<SiteName, int> replicas_;
};

// How far an oracle has to see so that no delay catches it: pods, probes, Avi's poll, and the TTL.
Duration FarEnough(const Scenario& scenario);

}  // namespace spillway::sim

#endif  // SPILLWAY_TOOLS_SIMULATE_ORACLE_H_
