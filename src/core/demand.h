// Stage 2: how much work arrives for the application at all sites together.
#ifndef SPILLWAY_SRC_CORE_DEMAND_H_
#define SPILLWAY_SRC_CORE_DEMAND_H_

#include <optional>

#include "src/core/tick.h"
#include "src/core/trust.h"

namespace spillway {

struct Demand {
  std::optional<double> now;   // the present estimate; absent: can't be told now
  std::optional<double> used;  // the maximum over the window, for sizing; absent: never known
  bool current = false;        // `used` includes the present; false: it is a memory, so it may only hold
  bool by_share = false;       // what overflow serves was inferred from home's share
  bool home_full = false;      // home's autoscaler says that its maximum holds it back
};

// How long a change of weight takes to show in what home's autoscaler says: until clients have followed DNS, and its
// averages have followed them.
Duration Lag(const Policy& policy, const TrafficState& traffic, const HomeDemand& home);

// The share of answers that home gets while `published` is in force, counting only members that are not down.
// 1 when home alone is served, 0 when it is not served or down.
double HomeShare(const Policy& policy, const TrafficState& traffic);

// Home sees only the traffic that still reaches it, so what was already spilled is added:
//
//     demand = home_wanted + overflow_used
//
// home_wanted: the autoscaler's stated wish while its maximum holds it back; else the load computed from its metric;
// else its desired count. overflow_used: by the first source of each site's policy that can be used (overflow_use.h).
// What was measured moves at once with the clients and home's figure only after its averaging, so the least of that
// time is added: while clients move the sum errs low. By share it is home_wanted * (1/s - 1) with home's share s. Where
// the members' requests are measured, s is the mean of home's measured share over the autoscaler's averaging, so pinned
// clients, resolvers that overstay and long connections are counted where they really are. DNS lags behind a change of
// weight, and the autoscaler's averages behind that, so while clients follow s is the *greatest* share home had: within
// that averaging if measured, else by the ratios within ttlFactor TTLs and that averaging. The estimate then errs low,
// and the window's maximum covers that; erring high would feed on itself. A full home's counter says too little, so
// there s is never below the published share.
//
// Where the stated wish and the load agree (load within the last replica of the wish), the load is the finer figure.
// While overflow serves and home is not full, the estimate is averaged; a full home is believed at once.
//
// Example: wish 6, home alone served (s = 1): 6. Later load 3.43 with ratios 4:3 (s = 4/7): 3.43 / (4/7) = 6.
//
// A desired count is rounded up and an autoscaler keeps it while load falls a little, so divided by s it would grow by
// itself; it may therefore only confirm or lower the demand, never raise it.
Demand EstimateDemand(Tick& tick, const Trusted& trusted);

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_DEMAND_H_
