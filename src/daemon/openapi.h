// The API's own description, as openapi.json in this folder has it.
#ifndef SPILLWAY_SRC_DAEMON_OPENAPI_H_
#define SPILLWAY_SRC_DAEMON_OPENAPI_H_

#include <string_view>

namespace spillway::daemon {

extern const std::string_view kOpenApiJson;

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_OPENAPI_H_
