// The dashboard's files over HTTP.
#ifndef SPILLWAY_SRC_DAEMON_API_PAGE_H_
#define SPILLWAY_SRC_DAEMON_API_PAGE_H_

#include <optional>

#include "src/base/http_server.h"

namespace spillway::daemon {

// The file at the request's path, 304 if the browser has it already; absent: there is none, or it is not asked with
// GET. With a Content-Security-Policy that lets it load and ask nothing but its own origin, no inline script or style.
std::optional<HttpReply> PageReply(const ServerRequest& request);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_API_PAGE_H_
