// What a run tells people and programs.
#ifndef SPILLWAY_TOOLS_SIMULATE_REPORT_H_
#define SPILLWAY_TOOLS_SIMULATE_REPORT_H_

#include <string>

#include "tools/simulate/run.h"

namespace spillway::sim {

// A what-if: overload seconds, failed requests, replica-hours, cost, writes, drains.
std::string ReportText(const Scenario& scenario, const Outcomes& outcomes);
std::string ReportJson(const Scenario& scenario, const Outcomes& outcomes);

// "weighted, home at most 4, 24:00:00 at a demand of up to 7.0"
std::string WhatWasPlayed(const Scenario& scenario);
// The same figures in one line.
std::string Summary(const Scenario& scenario, const Outcomes& outcomes);

// Every write with its time, a line each.
std::string StoryText(const Outcomes& outcomes);

// A violation: seed, invariant, the story that shows it, and how to see it again.
std::string FailureText(const Scenario& shortest, const Violation& violation, const std::string& commit,
                        const std::string& replay);

// What was built: SPILLWAY_COMMIT, or "unknown".
std::string Commit();

// "1:02:03"
std::string TimeText(Duration at);

}  // namespace spillway::sim

#endif  // SPILLWAY_TOOLS_SIMULATE_REPORT_H_
