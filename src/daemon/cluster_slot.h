// One configured cluster: opened as soon as its credentials can be read.
#ifndef SPILLWAY_SRC_DAEMON_CLUSTER_SLOT_H_
#define SPILLWAY_SRC_DAEMON_CLUSTER_SLOT_H_

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "k8s/cluster.h"
#include "src/base/backoff.h"
#include "src/base/clock.h"
#include "src/daemon/config.h"
#include "src/daemon/late_ports.h"
#include "src/daemon/open_cluster.h"
#include "src/ports/feed.h"

namespace spillway::daemon {

// A Feed itself: its steps try to open the cluster, and once that is done it has nothing to do any more. The feeds of
// the opened cluster are handed out by then.
class ClusterSlot final : public Feed {
 public:
  using Wake = std::function<void(const std::string& app)>;
  using StartFeed = std::function<void(Feed& feed)>;

  ClusterSlot(std::string name, ClusterConfig config, Clock& clock);
  ~ClusterSlot() override;

  // Build-up: before the first Step(), by one thread. The ports live as long as this.
  Workload* Deployment(const std::string& in_namespace, const std::string& object, const std::string& app);
  // `deployment`: what the autoscaler scales.
  DemandSource* Autoscaler(const AutoscalerConfig& autoscaler, const std::string& in_namespace,
                           const std::string& deployment, const std::string& app);
  UsageMeter* Meter(const std::string& in_namespace, const std::string& deployment, Duration poll_interval,
                    const std::string& app);
  // Events are to be written there.
  void Announces() { announces_ = true; }
  void Connect(Wake wake, StartFeed start_feed);

  // An Event about a Deployment; dropped while the cluster is not opened. Never waits for the server. Safe from any
  // thread.
  void Announce(const std::string& in_namespace, const std::string& deployment, const std::string& reason,
                const std::string& note);

  Instant Step() override;
  // Also ends every exchange and every watch of the opened cluster.
  void Cancel() override;
  const std::string& name() const override { return title_; }

 private:
  using Object = std::pair<std::string, std::string>;  // namespace, name
  template <class Port>
  struct Late {
    Port port;
    std::set<std::string> apps;  // those it concerns
  };
  struct LateAutoscaler : Late<LateDemand> {
    std::string deployment;
  };
  struct LatePods : Late<LateMeter> {
    Duration poll_interval{};
  };

  void Fail(const Error& error);
  void Open(OpenedCluster opened);
  void Bind();
  void Wire(std::size_t before, const std::set<std::string>& apps);
  // Calls visit(late) for everything that was asked for.
  template <class Visit>
  void ForAll(Visit visit) {
    for (auto& [object, late] : deployments_) visit(late);
    for (auto& [object, late] : autoscalers_) visit(late);
    for (auto& [object, late] : meters_) visit(late);
  }

  const std::string name_, title_;
  const ClusterConfig config_;
  Clock& clock_;
  Backoff backoff_;
  Instant next_try_{};
  Wake wake_;
  StartFeed start_feed_;
  std::map<Object, Late<LateWorkload>> deployments_;
  std::map<std::pair<DemandKind, Object>, LateAutoscaler> autoscalers_;
  std::map<Object, LatePods> meters_;  // by Deployment
  std::optional<Failure> failure_;
  bool announces_ = false;

  std::mutex mutex_;  // what Cancel shares with Step
  bool cancelled_ = false;
  std::shared_ptr<HttpClient> client_;
  std::unique_ptr<k8s::Cluster> cluster_;
  std::shared_ptr<k8s::EventRecorder> events_;
  std::vector<std::shared_ptr<Feed>> feeds_;
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_CLUSTER_SLOT_H_
