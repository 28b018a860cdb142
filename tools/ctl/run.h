// Carries out one command.
#ifndef SPILLWAY_TOOLS_CTL_RUN_H_
#define SPILLWAY_TOOLS_CTL_RUN_H_

#include <string>

#include "tools/ctl/command.h"

namespace spillway::ctl {

struct Answer {
  Exit exit = kDone;
  std::string out;  // for standard output
  std::string err;  // for standard error: what went wrong and what to do next
};

Answer Run(const Command& command);

}  // namespace spillway::ctl

#endif  // SPILLWAY_TOOLS_CTL_RUN_H_
