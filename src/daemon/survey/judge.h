// From facts to findings. Pure.
#ifndef SPILLWAY_SRC_DAEMON_SURVEY_JUDGE_H_
#define SPILLWAY_SRC_DAEMON_SURVEY_JUDGE_H_

#include "src/daemon/doctor.h"
#include "src/daemon/survey/facts.h"

namespace spillway::daemon {

// Chosen: a healthy NTP stays within milliseconds; Date has whole seconds and the way there takes some.
constexpr Duration kClockOff = 5s;
// Chosen: certificates and tokens begin and end by the clock; a minute is what they commonly leave as slack.
constexpr Duration kClockWrong = 1min;

// Every check, in the order in which one would mend things: the clusters, Avi, then each application.
std::vector<Finding> JudgeSetup(const Facts& facts);

// The parts of it.
void JudgeClusters(const Facts& facts, std::vector<Finding>& out);
void JudgeAvi(const Facts& facts, std::vector<Finding>& out);
void JudgeApp(const AppFacts& app, bool before_start, std::vector<Finding>& out);

// How far the clock of `whose` is off.
Finding JudgeClock(const std::string& whose, const std::optional<Duration>& by);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_SURVEY_JUDGE_H_
