// The doctor before there is a daemon to ask: `spillwayd --check --probe`.
#ifndef SPILLWAY_SRC_DAEMON_PROBE_H_
#define SPILLWAY_SRC_DAEMON_PROBE_H_

#include <vector>

#include "src/base/clock.h"
#include "src/daemon/config.h"
#include "src/daemon/doctor.h"

namespace spillway::daemon {

// Asks every cluster, the Avi federation and the resolver once, and judges what they say. Reads only; blocks for tens
// of seconds at worst.
std::vector<Finding> Probe(const Config& config, Clock& clock);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_PROBE_H_
