// Makes a survey through the sessions that a federation has, so that it costs no login of its own: controllers lock an
// account after a few that fail.
#ifndef SPILLWAY_AVI_SURVEYOR_H_
#define SPILLWAY_AVI_SURVEYOR_H_

#include <vector>

#include "avi/avi.h"
#include "avi/federation.h"
#include "avi/survey.h"

namespace spillway::avi {

// Every question on the caller's thread; reads only. Safe beside feeds and writes.
FederationSeen MakeSurvey(Federation& federation, const std::vector<ServiceOptions>& services, Instant until);

// What a GslbService as /api/gslbservice answers it says. Pure. `verdict`: on its federation.
ServiceSeen SurveyService(const JsonValue& config, const ServiceOptions& options, const Verdict& verdict);

// The best access over roles, each as /api/role answers it, into `access`. Pure.
void AddRole(const JsonValue& role, std::map<std::string, std::string>& access);

}  // namespace spillway::avi

#endif  // SPILLWAY_AVI_SURVEYOR_H_
