#include "tools/lab/tunnel.h"

#include <utility>

namespace spillway::lab {

Result<int> Tunnel::Lead(const std::string& near_ip, int near_port, const std::string& far_ip, int far_port) {
  Result<std::unique_ptr<Relay>> relay = Relay::Start(
      near_ip, near_port, far_ip, far_port, [this] { return State(); }, ++seed_);
  if (!relay) return relay.error();
  relays_.push_back(std::move(*relay));
  return relays_.back()->port();
}

PathState Tunnel::State() const {
  PathState state;
  state.cut = faults_.Is("tunnel", "partition") || faults_.Is("tunnel", "down");
  state.latency = FromSeconds(faults_.Value("tunnel", "latency").value_or(0) / 1000);
  state.loss = faults_.Value("tunnel", "loss").value_or(0) / 100;
  return state;
}

}  // namespace spillway::lab
