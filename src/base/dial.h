// From a name and a port to a connected socket, inside a deadline.
#ifndef SPILLWAY_SRC_BASE_DIAL_H_
#define SPILLWAY_SRC_BASE_DIAL_H_

#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/base/time.h"
#include "src/base/wake.h"

namespace spillway {

// A connected, non-blocking TCP socket, the caller's to close. `host`: a name, or an IP address without brackets.
// kRetry: not resolved, refused, timed out or woken; the message names host and port.
Result<int> Dial(const std::string& host, int port, Instant by, const std::vector<const WakeEvent*>& wakes);

// A listening, non-blocking socket; `port` 0: any. A port that another process listens on is refused.
Result<int> ListenOn(const std::string& host, int port);

// The port that a listening socket got.
int PortOf(int fd);

}  // namespace spillway

#endif  // SPILLWAY_SRC_BASE_DIAL_H_
