// Asks metrics.k8s.io, again and again, what the pods of one Deployment use: that API has no watch.
#ifndef SPILLWAY_K8S_USAGE_POLL_H_
#define SPILLWAY_K8S_USAGE_POLL_H_

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "k8s/api.h"
#include "k8s/list_watch.h"
#include "k8s/picture.h"
#include "k8s/pod_metrics.h"
#include "k8s/scaled_pods.h"
#include "src/base/backoff.h"
#include "src/base/clock.h"
#include "src/base/rng.h"
#include "src/ports/feed.h"
#include "src/ports/usage_meter.h"

namespace spillway::k8s {

// A server may go on answering with figures that it no longer renews. So a pod's figure is as old as the first answer
// that had its timestamp, by our own clock (the server's may go wrong), and after `figure_life` it is none.
class UsagePoll final : public Feed, public UsageMeter {
 public:
  struct Times {
    // Source of 15 s: kubernetes-sigs/metrics-server, --metric-resolution: figures are not renewed more often.
    Duration while_pods = 15s;
    // Chosen: at rest a look proves that the right and the server are there; and it stays fresh.
    Duration without_pods = 30s;
    Duration call_deadline = 10s;
    // Chosen: the default staleAfter; long enough for adapters that renew once a minute.
    Duration figure_life = 90s;
  };

  UsagePoll(std::shared_ptr<Api> api, Clock& clock, Rng rng, std::shared_ptr<ListWatch> deployments,
            const std::string& deployment, Times times);

  Instant Step() override;
  void Cancel() override { cancelled_ = true; }
  const std::string& name() const override { return name_; }

  Reading<PodUsage> Read() const override;

 private:
  struct Figure {
    std::string timestamp;
    double cpu = 0;
    Instant since;  // of the first answer with this timestamp
  };
  Reading<ScaledPods> Pods() const;
  Instant Take(const std::vector<PodSample>& samples, Instant asked);
  Instant Fail(Error error, std::optional<Duration> retry_after = std::nullopt);

  const std::shared_ptr<Api> api_;
  Clock& clock_;
  const Times times_;
  const std::shared_ptr<ListWatch> deployments_;
  const std::shared_ptr<View<ScaledPods>> pods_;
  const std::string in_namespace_, name_;
  Backoff backoff_;
  std::map<std::string, Figure> figures_;  // by pod; of the stepping thread
  Instant next_{};
  std::atomic<bool> cancelled_ = false;

  mutable std::mutex mutex_;
  std::optional<Seen<PodUsage>> seen_;  // pods_ready is filled in by Read
  std::optional<Failure> failure_;
};

}  // namespace spillway::k8s

#endif  // SPILLWAY_K8S_USAGE_POLL_H_
