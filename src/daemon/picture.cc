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

}  // namespace

Observation Observe(const AppPorts& ports) {
  Observation seen;
  seen.home_demand = ports.demand->Read();
  for (const auto& [site, workload] : ports.sites) seen.sites[site].workload = workload->Read();
  seen.traffic = ports.traffic->Read();
  return seen;
}

std::vector<InputState> Inputs(const Observation& observation) {
  std::vector<InputState> inputs;
  inputs.push_back(StateOf("demand", observation.home_demand));
  for (const auto& [site, seen] : observation.sites) inputs.push_back(StateOf("workload " + site, seen.workload));
  inputs.push_back(StateOf("gslb", observation.traffic));
  return inputs;
}

}  // namespace spillway::daemon
