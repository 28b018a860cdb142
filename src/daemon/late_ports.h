// Ports of a cluster that may not be reachable yet because its credentials can't be read: a Failure until they can.
#ifndef SPILLWAY_SRC_DAEMON_LATE_PORTS_H_
#define SPILLWAY_SRC_DAEMON_LATE_PORTS_H_

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "src/ports/demand_source.h"
#include "src/ports/usage_meter.h"
#include "src/ports/workload.h"

namespace spillway::daemon {

// What stands behind a port: nothing yet, a failure, or the real one. Safe from any thread.
template <class Port>
class Behind {
 public:
  void Fail(Failure failure) {
    const std::lock_guard lock(mutex_);
    failure_ = std::move(failure);
  }
  void Bind(std::shared_ptr<Port> real) {
    const std::lock_guard lock(mutex_);
    real_ = std::move(real);
  }
  std::shared_ptr<Port> real() const {
    const std::lock_guard lock(mutex_);
    return real_;
  }
  std::optional<Failure> failure() const {
    const std::lock_guard lock(mutex_);
    return failure_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<Port> real_;
  std::optional<Failure> failure_;
};

class LateDemand final : public DemandSource {
 public:
  Reading<HomeDemand> Read() const override {
    if (const auto real = behind.real()) return real->Read();
    return {std::nullopt, behind.failure()};
  }
  Behind<DemandSource> behind;
};

class LateMeter final : public UsageMeter {
 public:
  Reading<PodUsage> Read() const override {
    if (const auto real = behind.real()) return real->Read();
    return {std::nullopt, behind.failure()};
  }
  Behind<UsageMeter> behind;
};

class LateWorkload final : public Workload {
 public:
  Reading<WorkloadState> Read() const override {
    if (const auto real = behind.real()) return real->Read();
    return {std::nullopt, behind.failure()};
  }
  Result<WorkloadState> Scale(int replicas, const std::string& revision, Duration deadline) override {
    if (const auto real = behind.real()) return real->Scale(replicas, revision, deadline);
    const auto failure = behind.failure();
    return failure ? Error{failure->code, failure->what} : Error{Code::kRetry, "the cluster is being opened"};
  }
  Behind<Workload> behind;
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_LATE_PORTS_H_
