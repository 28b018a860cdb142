// What people read of an application's state (docs/api.md, STATE).
#ifndef SPILLWAY_TOOLS_CTL_STORY_H_
#define SPILLWAY_TOOLS_CTL_STORY_H_

#include <string>

#include "src/base/json.h"

namespace spillway::ctl {

// A table of all applications and their sites, and a line for each condition and problem. `apps`: a list of STATE.
std::string StatusText(const JsonValue& apps);

// The story of the last decision: what was seen and when, what followed from it and by which numbers, what each site's
// gate asks for, what is waited for, what would change it, and what happened last.
std::string WhyText(const JsonValue& state);

// The same of an earlier decision that changed something: what changed, and what was written. `record`: a whole RECORD.
std::string WhyThenText(const JsonValue& record);

}  // namespace spillway::ctl

#endif  // SPILLWAY_TOOLS_CTL_STORY_H_
