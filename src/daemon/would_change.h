// What would make the next decision another one, in numbers: one text for the API, the page and `spillwayctl why`.
#ifndef SPILLWAY_SRC_DAEMON_WOULD_CHANGE_H_
#define SPILLWAY_SRC_DAEMON_WOULD_CHANGE_H_

#include <string>
#include <vector>

#include "src/daemon/app.h"
#include "src/daemon/json_out.h"

namespace spillway::daemon {

// A clause each: when orders end, the demand's bounds, what gates, drains and a home that is away wait for, what inputs
// lack. Empty before the first decision, but for inputs.
std::vector<std::string> WouldChange(const AppView& view, Moment at);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_WOULD_CHANGE_H_
