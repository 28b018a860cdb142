// Memory in a ConfigMap of a cluster that is opened when it is first needed, so that credentials that can't be read are
// a failure with a sentence of its own, and mended without a restart.
#ifndef SPILLWAY_SRC_DAEMON_LATE_STORE_H_
#define SPILLWAY_SRC_DAEMON_LATE_STORE_H_

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "src/base/clock.h"
#include "src/daemon/config.h"
#include "src/daemon/open_cluster.h"
#include "src/ports/leadership.h"
#include "src/ports/state_store.h"

namespace spillway::daemon {

// Safe from any thread. The clock and the leadership outlive it.
class LateStore final : public StateStore {
 public:
  LateStore(ObjectConfig object, ClusterConfig cluster, std::string identity, Clock& clock,
            const Leadership& leadership)
      : object_(std::move(object)),
        cluster_(std::move(cluster)),
        identity_(std::move(identity)),
        clock_(clock),
        leadership_(leadership) {}

  Result<std::optional<std::string>> Load(const std::string& app) override {
    const auto store = Store();
    if (!store) return store.error();
    return (*store)->Load(app);
  }
  Result<std::optional<std::string>> Peek(const std::string& app) override {
    const auto store = Store();
    if (!store) return store.error();
    return (*store)->Peek(app);
  }
  Status Save(const std::string& app, const std::string& text) override {
    const auto store = Store();
    if (!store) return store.error();
    return (*store)->Save(app, text);
  }
  Result<std::string> SetAside(const std::string& app) override {
    const auto store = Store();
    if (!store) return store.error();
    return (*store)->SetAside(app);
  }

 private:
  Result<std::shared_ptr<StateStore>> Store() {
    const std::scoped_lock lock(mutex_);
    if (store_) return store_;
    auto opened = OpenCluster(object_.cluster, cluster_, clock_);
    if (!opened) return Error{opened.error().code, "cluster \"" + object_.cluster + "\": " + opened.error().what};
    opened_ = std::move(*opened);
    store_ = opened_->cluster->KeepIn({object_.name_space, object_.name, identity_}, leadership_);
    return store_;
  }

  const ObjectConfig object_;
  const ClusterConfig cluster_;
  const std::string identity_;
  Clock& clock_;
  const Leadership& leadership_;
  std::mutex mutex_;
  std::optional<OpenedCluster> opened_;
  std::shared_ptr<StateStore> store_;
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_LATE_STORE_H_
