// Prometheus text: counters and histograms that live as long as the process, and gauges made from the applications'
// states when they are asked for.
#ifndef SPILLWAY_SRC_DAEMON_METRICS_H_
#define SPILLWAY_SRC_DAEMON_METRICS_H_

#include <memory>
#include <string>
#include <vector>

#include "src/base/time.h"
#include "src/core/decision.h"
#include "src/daemon/apply.h"
#include "src/daemon/config.h"
#include "src/daemon/invariants.h"
#include "src/ports/leadership.h"

namespace spillway::daemon {

struct AppView;

// Safe from any thread.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // Makes every counter of an application, at zero. To be called before its first decision; repeating it is fine.
  void Declare(const AppConfig& app);

  // One decision: each of its reasons counts once.
  void Decided(const std::string& app, const std::vector<Reason>& reasons);
  // A decision broke it.
  void Violated(Invariant invariant);
  void Wrote(const WriteOutcome& write, bool enforced);
  // From the signal that woke an application to the last acknowledged write of what was decided.
  void Reacted(Duration after);
  void BurstUsed(const std::string& app, const SiteName& site, double replica_seconds, double cost);

  // Everything, the gauges of `apps` and of who leads included.
  std::string Text(const std::vector<AppView>& apps, const LeaderView& leader, Instant now) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_METRICS_H_
