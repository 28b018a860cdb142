// Since when each site has been in the phase it is in, and each condition of its gate as it is, for people to read.
#ifndef SPILLWAY_SRC_DAEMON_PHASE_SINCE_H_
#define SPILLWAY_SRC_DAEMON_PHASE_SINCE_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "src/base/json.h"
#include "src/base/time.h"
#include "src/core/decision.h"

namespace spillway::daemon {

// Absent: since before anything that is known.
struct SiteSince {
  std::optional<WallTime> phase;
  std::map<GateName, WallTime> gate;
};

class PhaseSince {
 public:
  // The `state` of a record that an earlier process kept at `at`; oldest first.
  void Recall(const JsonValue& state, WallTime at);

  // What was decided at `at`.
  std::map<SiteName, SiteSince> Look(const Decision& decision, WallTime at);

 private:
  struct Stay {
    std::string is;
    std::optional<WallTime> since;
  };
  // What `what` of a site is now; answers since when, if that is known.
  std::optional<WallTime> Is(const SiteName& site, std::string_view what, std::string_view now, WallTime at);

  std::map<std::pair<SiteName, std::string>, Stay> stays_;
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_PHASE_SINCE_H_
