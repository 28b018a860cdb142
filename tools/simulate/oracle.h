// The best that could be done: a controller that knows the truth and is bound by the same delays.
#ifndef SPILLWAY_TOOLS_SIMULATE_ORACLE_H_
#define SPILLWAY_TOOLS_SIMULATE_ORACLE_H_

#include <map>

#include "src/core/decision.h"
#include "src/core/observation.h"
#include "src/core/policy.h"
#include "tools/simulate/world.h"

namespace spillway::sim {

struct OracleOptions {
  Duration ahead{};  // how far it sees into the future: it orders for the greatest demand until then
  // It hears nothing of what home can't carry until home's autoscaler says that its maximum holds it back; from then on
  // it is told everything, until all is home again. The best that whoever learns of a burst from home can do.
  bool waits_for_home = false;
};

// It is told the whole demand, without noise or averaging, and what really arrives where. It obeys the operator's
// policy: headroom, home is filled first, minimum and maximum, how long a member must have been ready and up before it
// gets traffic, the mode's split. It can't make pods start sooner, Avi believe in a member sooner, or clients ask the
// DNS sooner; it doesn't wait for anything else.
//
// Replicas go as soon as no client needs them any more, the last one when nobody is left.
class Oracle {
 public:
  Oracle(const World& world, const OracleOptions& options) : world_(world), options_(options) {}

  Decision operator()(const Policy& policy, const Observation& seen, Instant now);

 private:
  bool Hears(const Observation& seen);
  double Demand(Instant now) const;
  std::map<SiteName, int> Due(const Policy& policy, double demand) const;
  bool Open(const GatePolicy& gate, const SiteName& site, bool ready, bool up, Instant now);

  const World& world_;
  const OracleOptions options_;
  bool heard_ = false;
  std::map<SiteName, int> replicas_;
  std::map<SiteName, Instant> ready_since_, up_since_;
};

// How far an oracle has to see so that no delay catches it: pods, probes, Avi's poll, the gate, and the TTL.
Duration FarEnough(const Scenario& scenario);

}  // namespace spillway::sim

#endif  // SPILLWAY_TOOLS_SIMULATE_ORACLE_H_
