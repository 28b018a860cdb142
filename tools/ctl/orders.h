// Orders: giving and ending them, and what the server says to that.
#ifndef SPILLWAY_TOOLS_CTL_ORDERS_H_
#define SPILLWAY_TOOLS_CTL_ORDERS_H_

#include <string>

#include "tools/ctl/call.h"
#include "tools/ctl/screen.h"

namespace spillway::ctl {

// An Idempotency-Key: 128 random bits in hex, so that nobody's is ever another's.
std::string NewKey();

// The call that the command stands for.
struct OrderCall {
  std::string method, target, body;
};
OrderCall CallOf(const Command& command);

// An answer to a call that was accepted, or would have been: what was asked, and the plan as a table.
std::string AcceptedText(const Command& command, const JsonValue& answer);

// A refusal: the rule, the numbers it compared, and what would satisfy it.
std::string RefusedText(const JsonValue& problem);

// Gives the order, prints what became of it and, with --wait, waits for it.
Answer GiveOrder(const Command& command, Screen& screen);

}  // namespace spillway::ctl

#endif  // SPILLWAY_TOOLS_CTL_ORDERS_H_
