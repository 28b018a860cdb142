// Findings as conditions of an application.
#ifndef SPILLWAY_SRC_DAEMON_SURVEY_ADVICE_H_
#define SPILLWAY_SRC_DAEMON_SURVEY_ADVICE_H_

#include <string>
#include <vector>

#include "src/daemon/app.h"
#include "src/daemon/doctor.h"

namespace spillway::daemon {

// What fails ("SetupFault") and what warns ("SetupDoubt"), of the application and of the whole installation.
inline std::vector<Advice> AdviceFor(const std::string& app, const std::vector<Finding>& findings, Instant now) {
  std::vector<Advice> advice;
  for (const Finding& finding : findings) {
    const bool failed = finding.verdict == Grade::kFailed;
    if ((!failed && finding.verdict != Grade::kWarning) || (!finding.app.empty() && finding.app != app)) continue;
    advice.push_back({failed ? "SetupFault" : "SetupDoubt", finding.check + ": " + finding.evidence, now});
  }
  return advice;
}

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_SURVEY_ADVICE_H_
