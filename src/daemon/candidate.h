// This process' part in the election of the one that writes.
#ifndef SPILLWAY_SRC_DAEMON_CANDIDATE_H_
#define SPILLWAY_SRC_DAEMON_CANDIDATE_H_

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "k8s/lease.h"
#include "src/base/backoff.h"
#include "src/base/clock.h"
#include "src/daemon/config.h"
#include "src/daemon/loop.h"
#include "src/daemon/open_cluster.h"
#include "src/daemon/runner.h"
#include "src/ports/feed.h"
#include "src/ports/leadership.h"

namespace spillway::daemon {

// As the machine calls itself; in a pod, the pod's name.
std::string HostName();

// "HOST_16 hexadecimal digits": another one in each process.
std::string NewIdentity();

// Has a thread and a connection of its own, so that nothing else that hangs keeps it from renewing, and outlives
// reloads. Leads nothing before Start() and after Stop(). The clock outlives it.
class Candidate final : public Leadership {
 public:
  // `election.cluster` is the name of `cluster`.
  Candidate(ElectionConfig election, ClusterConfig cluster, std::string identity, Clock& clock);
  ~Candidate() override;
  Candidate(const Candidate&) = delete;
  Candidate& operator=(const Candidate&) = delete;

  // `url`: of this process' API, unless the configuration names one. `changed` is called from the candidate's thread
  // when who leads has changed, or whether that can be seen. Once.
  void Start(const std::string& url, std::function<void()> changed);

  // Stops leading and tells the others that they need not wait. What must be written first comes before. Idempotent.
  void Stop();

  std::optional<Term> Lead() const override;
  LeaderView View() const override;

 private:
  // Opens the cluster, then hands each step to the Lease.
  class Steps final : public Feed {
   public:
    explicit Steps(Candidate& candidate) : candidate_(candidate), title_("leader election") {}
    Instant Step() override { return candidate_.Step(); }
    void Cancel() override;
    const std::string& name() const override { return title_; }
    void Changed() const { NotifyChange(); }

   private:
    Candidate& candidate_;
    const std::string title_;
  };

  Instant Step();
  std::shared_ptr<k8s::Lease> lease() const;

  const ElectionConfig election_;
  const ClusterConfig cluster_;
  const std::string identity_;
  std::string url_;
  Clock& clock_;
  Backoff backoff_;
  Steps steps_{*this};
  Loop no_apps_;
  std::unique_ptr<Runner> runner_;

  mutable std::mutex mutex_;
  std::optional<OpenedCluster> opened_;
  std::shared_ptr<k8s::Lease> lease_;
  std::optional<Failure> failure_;  // why it is not opened
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_CANDIDATE_H_
