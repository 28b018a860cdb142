// One DNS service's health checks, really made.
#ifndef SPILLWAY_TOOLS_LAB_PROBE_H_
#define SPILLWAY_TOOLS_LAB_PROBE_H_

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "src/base/clock.h"
#include "tools/lab/avi/federation.h"

namespace spillway::lab {

// One probe over the network, new connection included, within the target's receive_timeout. HTTP passes by the status
// class; every other kind passes if a TCP connection to its port can be made (a ping to a loopback address would
// always pass, and TLS is not served by the lab's front ends).
bool RunProbe(const avi::ProbeTarget& target);

// Where to connect for a target: the same, or the near end of a tunnel that leads to it.
using Route = std::function<avi::ProbeTarget(avi::ProbeTarget)>;

// Probes what the federation wants probed from `site`, each at its own interval, and hands the verdicts back. One
// thread; the federation and the clock (a real one) must outlive it.
class Prober {
 public:
  Prober(avi::Federation& federation, std::string site, Route route, const Clock& clock);
  ~Prober();
  Prober(const Prober&) = delete;
  Prober& operator=(const Prober&) = delete;

  // By address: what all of its monitors said last. An address without a verdict yet is absent.
  std::map<std::string, bool> Verdicts() const;

 private:
  void Run();

  avi::Federation& federation_;
  const std::string site_;
  const Route route_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::map<std::string, bool> verdicts_;
  std::thread thread_;
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_PROBE_H_
