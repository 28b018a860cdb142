#include "src/daemon/picture.h"

#include <utility>

namespace spillway::daemon {
namespace {

template <class T>
InputState StateOf(std::string name, const Reading<T>& reading) {
  InputState state{std::move(name), std::nullopt, reading.failure};
  if (reading.seen) state.seen = reading.seen->as_of;
  return state;
}

InputState StateOfObserver(const SiteName& site, const SiteObservation& seen) {
  InputState state = StateOf("autoscaler " + site, seen.observer);
  const auto& workload = seen.workload.seen;
  const bool no_pods = workload && workload->value.replicas_total == 0;
  if (no_pods && state.failure && state.failure->code == Code::kRetry) {
    state.failure.reset();
    state.seen = workload->as_of;
  }
  return state;
}

}  // namespace

Observation Observe(const AppPorts& ports) {
  Observation seen;
  seen.home_demand = ports.demand->Read();
  for (const auto& [site, workload] : ports.sites) seen.sites[site].workload = workload->Read();
  for (const auto& [site, meter] : ports.meters) seen.sites[site].usage = meter->Read();
  for (const auto& [site, observer] : ports.observers) seen.sites[site].observer = observer->Read();
  seen.traffic = ports.traffic->Read();
  return seen;
}

std::vector<InputState> Inputs(const Policy& policy, const Observation& observation) {
  std::vector<InputState> inputs;
  inputs.push_back(StateOf("demand", observation.home_demand));
  for (const auto& [site, seen] : observation.sites) inputs.push_back(StateOf("workload " + site, seen.workload));
  inputs.push_back(StateOf("gslb", observation.traffic));
  static const SiteObservation kUnseen;
  for (const OverflowPolicy& site : policy.overflow) {
    const auto at = observation.sites.find(site.site);
    const SiteObservation& seen = at == observation.sites.end() ? kUnseen : at->second;
    for (const UsageSource source : site.usage) {
      if (source == UsageSource::kMetrics) inputs.push_back(StateOf("metrics " + site.site, seen.usage));
      if (source == UsageSource::kAutoscaler) inputs.push_back(StateOfObserver(site.site, seen));
    }
  }
  return inputs;
}

}  // namespace spillway::daemon
