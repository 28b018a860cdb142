// Sessions over HTTP: who may come in, login, logout, tokens.
#ifndef SPILLWAY_TOOLS_LAB_AVI_DOORWAY_H_
#define SPILLWAY_TOOLS_LAB_AVI_DOORWAY_H_

#include <optional>

#include "tools/lab/avi/exchange.h"

namespace spillway::lab::avi {

// Sets the exchange's user and session, or answers 401.
std::optional<HttpResponse> Enter(Exchange& exchange);

HttpResponse PostLogin(Exchange& exchange);
HttpResponse PostLogout(Exchange& exchange);
// /api/user-token[/ID]
HttpResponse UserToken(Exchange& exchange);

// Every answer within a session sets both session cookies anew, for 24 hours; csrftoken only login sets.
void AddSessionCookies(const Exchange& exchange, HttpResponse& response);

}  // namespace spillway::lab::avi

#endif  // SPILLWAY_TOOLS_LAB_AVI_DOORWAY_H_
