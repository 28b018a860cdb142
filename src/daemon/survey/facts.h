// All that the doctor judges by, gathered at about one instant.
#ifndef SPILLWAY_SRC_DAEMON_SURVEY_FACTS_H_
#define SPILLWAY_SRC_DAEMON_SURVEY_FACTS_H_

#include <optional>
#include <string>
#include <vector>

#include "avi/survey.h"
#include "k8s/survey.h"
#include "src/base/result.h"
#include "src/base/time.h"

namespace spillway::daemon {

struct RightFact {
  k8s::Right right;
  bool only_at_first = false;    // what it makes may be there already
  std::optional<Error> failure;  // it could not be asked for
  bool allowed = false;
};

struct ClusterFacts {
  std::string name;
  std::optional<Error> failure;      // why it can't be reached; kDenied: TLS or credentials; kMissing: a file
  std::optional<Duration> clock_by;  // how far its Date is ahead of our clock
  std::vector<RightFact> rights;     // empty if it can't be reached
};

struct SiteFacts {
  std::string site, cluster, deployment;
  bool overflow = false;
  std::optional<Error> deployment_failure;  // kMissing: it is not there
  std::optional<Error> scalers_failure;
  std::vector<std::string> scalers;  // other autoscalers that act on it; of overflow sites
};

// A name of the GSLB service, as the user's resolver has it.
struct NameFacts {
  std::string name;
  std::optional<Error> failure;
  std::vector<std::string> addresses;
};

struct AppFacts {
  std::string app;
  std::string autoscaler;  // "Definition frontend-asd", for sentences
  std::optional<Error> autoscaler_failure;
  std::vector<SiteFacts> sites;             // of clusters that can be reached
  std::vector<std::string> member_ips;      // as configured; empty: members are known by something else
  std::optional<avi::ServiceSeen> service;  // nullopt: there was nobody to ask
  std::vector<NameFacts> names;
};

struct Facts {
  std::vector<ClusterFacts> clusters;
  avi::FederationSeen avi;
  std::string avi_username;
  bool before_start = false;  // no daemon watches: what it would see is judged here too
  std::vector<AppFacts> apps;
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_SURVEY_FACTS_H_
