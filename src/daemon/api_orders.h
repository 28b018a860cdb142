// The calls that write: from an HTTP request to the desk where orders are given.
#ifndef SPILLWAY_SRC_DAEMON_API_ORDERS_H_
#define SPILLWAY_SRC_DAEMON_API_ORDERS_H_

#include <string>

#include "src/base/http_server.h"
#include "src/core/policy.h"
#include "src/daemon/order_desk.h"
#include "src/ports/leadership.h"

namespace spillway::daemon {

// Reads the request and gives it to the desk. 400 for what is not JSON, 403 for force without the role admin, 415 for
// another content type, 422 for bad fields; else what the desk answers.
HttpReply OrderReply(const ServerRequest& request, Action action, const Caller& caller, const Policy& policy,
                     OrderDesk& desk);

// The caller's role is too low: 403, and written down.
HttpReply DenyReply(const ServerRequest& request, Action action, const Caller& caller, const std::string& why,
                    OrderDesk& desk);

// This process does not lead: 307 to the leader's API if its address is known, else 503 that names the leader.
HttpReply ToLeader(const ServerRequest& request, const LeaderView& leader);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_API_ORDERS_H_
