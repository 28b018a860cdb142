// Gathers the facts: the thin shell around the judge. Reads only.
#ifndef SPILLWAY_SRC_DAEMON_SURVEY_LOOK_H_
#define SPILLWAY_SRC_DAEMON_SURVEY_LOOK_H_

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "k8s/survey.h"
#include "src/base/clock.h"
#include "src/base/http_client.h"
#include "src/daemon/config.h"
#include "src/daemon/survey/facts.h"

namespace spillway::daemon {

// Asks Avi, through the sessions that there are.
using AviSurvey = std::function<avi::FederationSeen(Instant until)>;

class SetupLook {
 public:
  // The clock outlives it, and whatever `survey_avi` uses outlives the last Gather().
  SetupLook(Config config, AviSurvey survey_avi, Clock& clock);

  // Blocks for as long as the slowest of those asked, tens of seconds at worst. One thread at
  // a time.
  Facts Gather(bool before_start);

  // Ends what is under way with the clusters; from any thread. Sticky.
  void Cancel();

 private:
  using Surveys = std::map<std::string, std::unique_ptr<k8s::Survey>>;

  ClusterFacts LookAt(const std::string& name, Surveys& surveys);
  Result<std::unique_ptr<k8s::Survey>> Open(const std::string& name);
  AppFacts LookAt(const AppConfig& app, const Surveys& surveys) const;
  bool cancelled() const;

  const Config config_;
  const AviSurvey survey_avi_;
  Clock& clock_;
  mutable std::mutex mutex_;
  bool cancelled_ = false;
  std::vector<std::shared_ptr<HttpClient>> clients_;
};

// What spillwayd does in one cluster, as far as a role must allow it. Pure.
std::vector<RightFact> RightsIn(const std::string& cluster, const Config& config);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_SURVEY_LOOK_H_
