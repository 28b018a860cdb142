// What a run tells people and programs.
#ifndef SPILLWAY_TOOLS_SIMULATE_REPORT_H_
#define SPILLWAY_TOOLS_SIMULATE_REPORT_H_

#include <string>

#include "tools/simulate/run.h"

namespace spillway::sim {

// A what-if: overload seconds, failed requests, replica-hours, cost, writes, drains.
std::string ReportText(const Scenario& scenario, const Outcomes& outcomes);
std::string ReportJson(const Scenario& scenario, const Outcomes& outcomes);

// Demand, load and ready replicas of each site over time.
std::string PictureSvg(const Scenario& scenario, const Outcomes& outcomes);

// A violation: seed, invariant, the story that shows it, and how to see it again.
std::string FailureText(const Scenario& shortest, const Violation& violation, const std::string& commit,
                        const std::string& replay);

// "1:02:03"
std::string TimeText(Duration at);

}  // namespace spillway::sim

#endif  // SPILLWAY_TOOLS_SIMULATE_REPORT_H_
