// What the stages of one decision share: the arguments, and what is being written down.
#ifndef SPILLWAY_SRC_CORE_TICK_H_
#define SPILLWAY_SRC_CORE_TICK_H_

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "src/base/time.h"
#include "src/core/decision.h"
#include "src/core/memory.h"
#include "src/core/observation.h"
#include "src/core/ordered.h"
#include "src/core/policy.h"

namespace spillway {

struct Tick {
  const Policy& policy;  // as the orders leave it
  const Observation& seen;
  const Ordered& order;
  Instant now;
  Memory memory;
  Decision decision;
  std::set<SiteName> handing_over;  // drained by an order, and serving until the others can carry their part

  Mode mode() const { return policy.mode; }

  void Because(ReasonCode code, std::string about = {}, const Figures& used = {}, std::string detail = {}) {
    decision.reasons.push_back({code, std::move(about), used, std::move(detail)});
  }

  // Writes down that a condition holds; a second detail of the same name is added to the first.
  void Holds(ConditionName name, const std::string& detail);

  // Asks to be called again at `at`, or before.
  void WakeBy(Instant at) {
    if (at > now && at < decision.wake_at) decision.wake_at = at;
  }

  // True when `since` lies at least `length` back; otherwise asks to be called again when it does.
  bool Lasted(std::optional<Instant> since, Duration length) {
    if (!since) return false;
    if (now - *since >= length) return true;
    WakeBy(*since + length);
    return false;
  }
};

// Starts or stops a "has held since" mark.
inline void Mark(std::optional<Instant>& since, bool holds, Instant now) {
  if (!holds) {
    since.reset();
  } else if (!since) {
    since = now;
  }
}

}  // namespace spillway

#endif  // SPILLWAY_SRC_CORE_TICK_H_
