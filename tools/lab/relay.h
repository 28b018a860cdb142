// One TCP port that leads to another, over a path that can be slow, lossy or cut.
#ifndef SPILLWAY_TOOLS_LAB_RELAY_H_
#define SPILLWAY_TOOLS_LAB_RELAY_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "src/base/result.h"
#include "src/base/time.h"

namespace spillway::lab {

// How a path is now.
struct PathState {
  bool cut = false;    // nothing passes, and nobody is told
  Duration latency{};  // each way
  double loss = 0;     // of packets, 0..1
};

// Copies bytes both ways on one thread. TCP never shows a lost packet, only that its bytes come later: each piece of
// up to a packet that is lost waits for its retransmission, and what follows waits behind it. While the path is cut,
// connections are taken and bytes are kept, but nothing passes; open connections outlive a cut, as TCP's do.
class Relay {
 public:
  // Listens on `near_ip`:`near_port` (0: any free one) and leads to `far_ip`:`far_port`. `path` is asked often, on the
  // relay's thread. kRejected: the address is taken.
  static Result<std::unique_ptr<Relay>> Start(const std::string& near_ip, int near_port, const std::string& far_ip,
                                              int far_port, std::function<PathState()> path, std::uint64_t seed);
  // Cuts what is open.
  ~Relay();
  int port() const;

 private:
  struct Impl;
  explicit Relay(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_RELAY_H_
