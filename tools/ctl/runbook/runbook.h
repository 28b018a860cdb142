// The commands `runbook check` and `runbook run`.
#ifndef SPILLWAY_TOOLS_CTL_RUNBOOK_RUNBOOK_H_
#define SPILLWAY_TOOLS_CTL_RUNBOOK_RUNBOOK_H_

#include "tools/ctl/call.h"
#include "tools/ctl/screen.h"

namespace spillway::ctl {

Answer CheckRunbook(const Command& command);
Answer RunRunbook(const Command& command, Screen& screen);

}  // namespace spillway::ctl

#endif  // SPILLWAY_TOOLS_CTL_RUNBOOK_RUNBOOK_H_
