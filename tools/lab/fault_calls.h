// The part of the control API that breaks things and mends them.
#ifndef SPILLWAY_TOOLS_LAB_FAULT_CALLS_H_
#define SPILLWAY_TOOLS_LAB_FAULT_CALLS_H_

#include <optional>

#include "src/base/clock.h"
#include "src/base/http_server.h"
#include "tools/lab/fault_board.h"

namespace spillway::lab {

// GET|POST|DELETE /faults and DELETE /faults/ID; nullopt: it is another call. `clock` is the board's. Any thread.
std::optional<HttpReply> AnswerFaultCall(FaultBoard& faults, const Clock& clock, const HttpRequest& request);

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_FAULT_CALLS_H_
