// What Spillway replaces: a loop around `kubectl scale`.
#ifndef SPILLWAY_TOOLS_SIMULATE_OLD_LOOP_H_
#define SPILLWAY_TOOLS_SIMULATE_OLD_LOOP_H_

#include <map>

#include "src/core/decision.h"
#include "src/core/observation.h"
#include "src/core/policy.h"

namespace spillway::sim {

// Asks home's autoscaler every 10 s: pinned at its maximum, the cloud gets what is wanted beyond it; else nothing. All
// members stand in one pool with equal ratios, so Avi answers those that are up in turn.
//
// Kind to it: it sees what Spillway sees and never reads in vain. `kubectl scale` sends its PATCH each time, whether
// the count changes or not (tests/lab/kubernetes/kubectl_loop_test.cc); here only changes are written, and whoever
// counts its writes counts its polls.
class OldLoop {
 public:
  static constexpr Duration kPoll = 10s;

  // How long a site whose replicas are to go to the minimum is parked before. Zero: not at all, and Avi is never
  // written once the pool is set up.
  explicit OldLoop(Duration drain) : drain_(drain) {}

  Decision operator()(const Policy& policy, const Observation& seen, Instant now);

 private:
  struct Site {
    int replicas = 0;
    std::optional<Instant> parked;
  };
  void Poll(const Policy& policy, const HomeDemand& home, Instant now);
  void Lower(const OverflowPolicy& policy, Site& site, int due, Instant now) const;

  Duration drain_;
  std::map<SiteName, Site> sites_;
  std::optional<Instant> polled_;
};

}  // namespace spillway::sim

#endif  // SPILLWAY_TOOLS_SIMULATE_OLD_LOOP_H_
