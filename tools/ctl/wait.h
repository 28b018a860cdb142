// Waiting until what was ordered is so.
#ifndef SPILLWAY_TOOLS_CTL_WAIT_H_
#define SPILLWAY_TOOLS_CTL_WAIT_H_

#include <string>

#include "tools/ctl/call.h"
#include "tools/ctl/screen.h"

namespace spillway::ctl {

// Whether a STATE says which orders stand. Before its first decision spillwayd may not have read them yet.
bool KnowsOrders(const JsonValue& state);

// The kind of standing order (STATE override.orders[].kind) that the command gives; empty: none.
std::string KindOf(const Command& command);

struct Progress {
  bool done = false;
  std::string still;  // what is waited for, in words
};

// Judges a STATE: everything that is decided is written and in force, every site that is to have replicas has them, no
// drain, handing over or return in steps is under way, and the clients of a home without traffic have let go (as far as
// requests are counted; else three lives of a DNS answer; at most 15 minutes).
Progress ProgressOf(const JsonValue& state);

// Asks each second until that is so (kDone), an interruption or --timeout (kTimedOut), or the order is not in force any
// more (kRefused). Prints a line to standard error whenever what is waited for has changed.
Answer WaitFor(const Command& command, Server& server, Screen& screen);

}  // namespace spillway::ctl

#endif  // SPILLWAY_TOOLS_CTL_WAIT_H_
