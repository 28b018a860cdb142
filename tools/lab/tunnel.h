// The tunnel between the two sites. Whatever of the lab crosses it is led through relays here.
#ifndef SPILLWAY_TOOLS_LAB_TUNNEL_H_
#define SPILLWAY_TOOLS_LAB_TUNNEL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "tools/lab/fault_board.h"
#include "tools/lab/relay.h"

namespace spillway::lab {

// Slow, lossy or cut as the board's target "tunnel" says: latency in milliseconds each way, loss in percent,
// partition or down.
class Tunnel {
 public:
  Tunnel(const FaultBoard& faults, std::uint64_t seed) : faults_(faults), seed_(seed) {}

  // The port of the near end, at `near_ip`, of a way to `far_ip`:`far_port`. As Relay::Start otherwise.
  Result<int> Lead(const std::string& near_ip, int near_port, const std::string& far_ip, int far_port);

  PathState State() const;

 private:
  const FaultBoard& faults_;
  std::uint64_t seed_;
  std::vector<std::unique_ptr<Relay>> relays_;
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_TUNNEL_H_
