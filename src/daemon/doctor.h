// Proves the set-up before anything moves: what is seen now, judged against what a burst will need.
#ifndef SPILLWAY_SRC_DAEMON_DOCTOR_H_
#define SPILLWAY_SRC_DAEMON_DOCTOR_H_

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "src/daemon/app.h"
#include "src/ports/leadership.h"

namespace spillway::daemon {

enum class Verdict {
  kOk,
  kWarning,  // it works, and will surprise somebody
  kFailed,   // a burst, or the way back, will not work
  kUnknown,  // can't be told now
};
inline constexpr std::array<std::string_view, 4> kVerdictTokens = {"ok", "warning", "failed", "unknown"};
constexpr std::string_view Word(Verdict verdict) { return kVerdictTokens.at(static_cast<std::size_t>(verdict)); }

struct Finding {
  std::string app;
  std::string check;  // "TTL", "cluster eu"; docs/doctor.md explains each
  Verdict verdict = Verdict::kUnknown;
  std::string evidence;  // what was seen
  std::string fix;       // what to do; empty: nothing
};

// Every check of one application, in the order in which one would go about them. Pure.
std::vector<Finding> Examine(const AppView& view, const LeaderView& leader, Instant now);

// {"checks":[...],"failed":N,"warnings":N}
std::string FindingsJson(const std::vector<Finding>& findings);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_DOCTOR_H_
