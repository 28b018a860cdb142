// The world of a run: what it asks of spillwayd and of a person.
#ifndef SPILLWAY_TOOLS_CTL_RUNBOOK_STAGE_H_
#define SPILLWAY_TOOLS_CTL_RUNBOOK_STAGE_H_

#include <functional>
#include <string>
#include <variant>

#include "tools/ctl/call.h"
#include "tools/ctl/command.h"
#include "tools/ctl/screen.h"

namespace spillway::ctl {

struct Stage {
  // A STATE of the application, or why there is none.
  std::function<std::variant<JsonDocument, Answer>()> look;
  // Gives an order under an Idempotency-Key; kDone with what the server said, kRefused with the rule, or another
  // failure.
  std::function<Answer(const Command& order, const std::string& key)> give;
  Screen& screen;
  bool yes = false;  // a person's answer to everything
};

}  // namespace spillway::ctl

#endif  // SPILLWAY_TOOLS_CTL_RUNBOOK_STAGE_H_
