// Writes Kubernetes Events about a Deployment, for those who look there first. Best effort, and never in anybody's way.
#ifndef SPILLWAY_K8S_EVENT_RECORDER_H_
#define SPILLWAY_K8S_EVENT_RECORDER_H_

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "k8s/api.h"
#include "src/base/backoff.h"
#include "src/base/clock.h"
#include "src/base/rng.h"
#include "src/ports/feed.h"

namespace spillway::k8s {

// Record() only queues; the feed's own thread creates. What can't be created is tried again for a while and then
// dropped; a server that refuses (a right is missing) is told of in the log once, until it takes one again.
class EventRecorder final : public Feed {
 public:
  // Chosen: what happens in an hour of much trouble; a server that is away for longer has lost nothing that the
  // journal does not hold.
  static constexpr std::size_t kQueueCap = 32;
  // Chosen: later than this an Event tells of the past.
  static constexpr Duration kTryFor = 5min;

  EventRecorder(std::shared_ptr<Api> api, Clock& clock, Rng rng);

  // "Normal" Event on a Deployment of apps/v1. `reason`: a word in CamelCase; `note` is cut at 1024 bytes, which is
  // what the server takes. Safe from any thread; never blocks.
  void Record(const std::string& in_namespace, const std::string& deployment, const std::string& reason,
              const std::string& note);

  Instant Step() override;
  void Cancel() override { cancelled_ = true; }
  const std::string& name() const override { return name_; }

 private:
  struct Pending {
    std::string target, body;
    Instant since;
  };
  Instant Fail(const Pending& event, const Error& error);

  const std::shared_ptr<Api> api_;
  Clock& clock_;
  const std::string name_;
  Backoff backoff_;
  Instant next_try_{};
  bool refused_ = false;
  std::atomic<bool> cancelled_ = false;

  std::mutex mutex_;
  std::deque<Pending> queue_;
};

// The body of a POST to .../events. Pure.
std::string EventBody(const std::string& in_namespace, const std::string& deployment, const std::string& reason,
                      const std::string& note, WallTime at);

}  // namespace spillway::k8s

#endif  // SPILLWAY_K8S_EVENT_RECORDER_H_
