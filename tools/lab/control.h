// The lab's control API: plain HTTP on loopback.
#ifndef SPILLWAY_TOOLS_LAB_CONTROL_H_
#define SPILLWAY_TOOLS_LAB_CONTROL_H_

#include "src/base/http_server.h"
#include "tools/lab/world.h"

namespace spillway::lab {

// GET /truth[?writes=N], GET|PUT /demand, POST|GET|DELETE /faults, DELETE /faults/ID, POST /reset, PUT /replicas,
// GET /healthz. docs/lab.md shows each.
HttpReply AnswerControl(World& world, const HttpRequest& request);

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_CONTROL_H_
