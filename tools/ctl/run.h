// Carries out one command.
#ifndef SPILLWAY_TOOLS_CTL_RUN_H_
#define SPILLWAY_TOOLS_CTL_RUN_H_

#include "tools/ctl/call.h"
#include "tools/ctl/command.h"
#include "tools/ctl/screen.h"

namespace spillway::ctl {

// What goes on (watch, --wait) writes to `screen` as it comes; all else is in the answer.
Answer Run(const Command& command, Screen& screen);

}  // namespace spillway::ctl

#endif  // SPILLWAY_TOOLS_CTL_RUN_H_
