// When orders may be given: the safety rules that look at the wall clock and not at the world.
#ifndef SPILLWAY_SRC_DAEMON_CHANGE_RULES_H_
#define SPILLWAY_SRC_DAEMON_CHANGE_RULES_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/time.h"
#include "src/core/reason.h"

namespace spillway::daemon {

// A time in which traffic is not to be moved by hand, each week or each day, in the machine's time zone.
struct BlockedWindow {
  bool daily = false;
  int from = 0,
      to = 0;        // minutes since Monday (daily: since midnight) 00:00; `to` is free again; may lie before `from`
  std::string text;  // as it was written
};

// "Fri 18:00-Mon 06:00" or "22:00-06:00". nullopt: anything else, or a window without length.
std::optional<BlockedWindow> ParseBlockedWindow(std::string_view text);

struct ChangeRules {
  std::vector<BlockedWindow> blocked;  // policy.safety.blockedWindows
  Duration min_between{};              // policy.safety.minBetweenChanges
};

// A rule that refuses an order. Tokens beside those of src/core/safety.h, and an interface like them.
struct TimeRefusal {
  std::string_view rule;  // "BlockedWindow", "MinimumBetweenChanges"
  std::string why;        // one sentence, with the numbers
  std::vector<Figure> compared;
  std::string satisfied_by;
};

// The window that `now` lies in.
std::optional<TimeRefusal> JudgeWindows(const ChangeRules& rules, WallTime now);
// `moved_at`: when the last order that moves something was accepted.
std::optional<TimeRefusal> JudgePace(const ChangeRules& rules, std::optional<WallTime> moved_at, WallTime now);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_CHANGE_RULES_H_
