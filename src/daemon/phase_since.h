// Since when each site has been in the phase it is in, for people to read.
#ifndef SPILLWAY_SRC_DAEMON_PHASE_SINCE_H_
#define SPILLWAY_SRC_DAEMON_PHASE_SINCE_H_

#include <map>
#include <optional>
#include <string>

#include "src/base/json.h"
#include "src/base/time.h"
#include "src/core/decision.h"

namespace spillway::daemon {

class PhaseSince {
 public:
  // The `state` of a record that an earlier process kept at `at`; oldest first.
  void Recall(const JsonValue& state, WallTime at);

  // What was decided at `at`. Answers when each site came to its phase; absent: before anything that is known.
  std::map<SiteName, WallTime> Look(const Decision& decision, WallTime at);

 private:
  struct Stay {
    std::string phase;
    std::optional<WallTime> since;
  };
  void Is(const SiteName& site, const std::string& phase, WallTime at);

  std::map<SiteName, Stay> stays_;
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_PHASE_SINCE_H_
