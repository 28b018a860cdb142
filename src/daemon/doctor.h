// Proves the set-up before anything moves: what is seen now, judged against what a burst will need.
#ifndef SPILLWAY_SRC_DAEMON_DOCTOR_H_
#define SPILLWAY_SRC_DAEMON_DOCTOR_H_

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/daemon/app.h"
#include "src/ports/leadership.h"

namespace spillway::daemon {

// Chosen: a quarter of an hour until the last tenth of clients follow (three TTLs) is as long as a drain may last.
inline constexpr Duration kAnswerTtlMost = 300s;

enum class Grade {
  kOk,
  kWarning,  // it works, and will surprise somebody
  kFailed,   // a burst, or the way back, will not work
  kUnknown,  // can't be told now
};
inline constexpr std::array<std::string_view, 4> kGradeTokens = {"ok", "warning", "failed", "unknown"};
constexpr std::string_view Word(Grade verdict) { return kGradeTokens.at(static_cast<std::size_t>(verdict)); }

struct Finding {
  std::string app;    // empty: the whole installation
  std::string check;  // "TTL", "cluster eu"; docs/doctor.md explains each
  Grade verdict = Grade::kUnknown;
  std::string evidence;  // what was seen
  std::string fix;       // what to do; empty: nothing
};

// Every check of one application, in the order in which one would go about them. Pure.
std::vector<Finding> Examine(const AppView& view, const LeaderView& leader, Instant now);

// What was found by asking around (survey/), which is done now and then.
struct Surveyed {
  std::vector<Finding> findings;  // an empty app: of the whole installation
  WallTime at;
};
// Answers the last survey, made anew if it is old; nullopt: there is none yet. May block for some seconds.
using Survey = std::function<std::optional<Surveyed>()>;

// {"checks":[...],"failed":N,"warnings":N,"surveyed":TIME}
std::string FindingsJson(const std::vector<Finding>& findings, std::optional<WallTime> surveyed = std::nullopt);

// For people: a line for each, what to do below it, and how many at the end.
std::string FindingsText(const std::vector<Finding>& findings);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_DOCTOR_H_
