#include "src/daemon/readiness.h"

#include "src/daemon/json_out.h"
#include "src/daemon/state_json.h"

namespace spillway::daemon {
namespace {

std::string InputText(const std::string& name) {
  if (name == "demand") return "home's autoscaler";
  if (name == "gslb") return "the GSLB service";
  const std::string site = name.substr(name.find(' ') + 1);
  if (name.starts_with("metrics ")) return "the pod metrics of site " + site;
  if (name.starts_with("autoscaler ")) return "the observing autoscaler of site " + site;
  return "the Deployment of site " + site;
}

}  // namespace

Readiness Judge(const std::vector<AppView>& apps, const std::vector<std::string>& notices, const LeaderView& leader) {
  Readiness readiness;
  readiness.problems = notices;
  readiness.leader = leader;
  if (leader.failure)
    readiness.problems.push_back("The leader election can't be followed: " + leader.failure->what +
                                 (leader.leads ? "." : ". This process writes nothing."));
  for (const AppView& view : apps) {
    const std::string& app = view.config->name;
    for (const InputState& input : Inputs(view.config->policy, view.observation)) {
      if (input.waiting()) readiness.waiting.push_back(app + ": " + InputText(input.name) + " has not been read yet.");
      if (!input.failure) continue;
      readiness.problems.push_back(app + ": " + InputText(input.name) + " can't be read: " + input.failure->what + ".");
    }
    for (const Problem& problem : view.problems) {
      readiness.problems.push_back(app + ": " + problem.about + ": " + problem.detail);
    }
  }
  readiness.ready = readiness.waiting.empty();
  readiness.degraded = !readiness.problems.empty();
  return readiness;
}

std::string ReadinessJson(const Readiness& readiness, Moment at) {
  JsonOut out;
  out.Begin().Put("ready", readiness.ready).Put("degraded", readiness.degraded).BeginList("waiting");
  for (const std::string& sentence : readiness.waiting) out.Text(sentence);
  out.EndList().BeginList("problems");
  for (const std::string& sentence : readiness.problems) out.Text(sentence);
  out.EndList();
  PutLeader(out, readiness.leader, at);
  out.End();
  return out.Take();
}

}  // namespace spillway::daemon
