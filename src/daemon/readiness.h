// What /readyz says.
#ifndef SPILLWAY_SRC_DAEMON_READINESS_H_
#define SPILLWAY_SRC_DAEMON_READINESS_H_

#include <string>
#include <vector>

#include "src/daemon/app.h"

namespace spillway::daemon {

struct Readiness {
  bool ready = false;                // every input was seen once, or is known to fail
  bool degraded = false;             // something fails: see `problems`
  std::vector<std::string> waiting;  // one sentence for each input that nothing is known of yet
  std::vector<std::string> problems;
  LeaderView leader;  // a standby is as ready as the leader: it answers reads, and takes over
};

// `notices`: what is wrong with the daemon as a whole.
Readiness Judge(const std::vector<AppView>& apps, const std::vector<std::string>& notices, const LeaderView& leader);

std::string ReadinessJson(const Readiness& readiness, Moment at);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_READINESS_H_
