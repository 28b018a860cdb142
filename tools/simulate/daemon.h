// One running spillwayd, without its threads and its API: the real clients, feeds, loop and application on simulated
// wires.
#ifndef SPILLWAY_TOOLS_SIMULATE_DAEMON_H_
#define SPILLWAY_TOOLS_SIMULATE_DAEMON_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "avi/avi.h"
#include "k8s/cluster.h"
#include "k8s/lease.h"
#include "src/daemon/app.h"
#include "src/daemon/loop.h"
#include "src/daemon/metrics.h"
#include "tools/simulate/keeper.h"
#include "tools/simulate/wire.h"
#include "tools/simulate/world.h"

namespace spillway::sim {

// The daemon's clocks: virtual time, and a wall clock of its own that may jump.
class DaemonClock final : public Clock {
 public:
  DaemonClock(Timeline& timeline, Timeline::Lane lane, const bool& dead)
      : timeline_(timeline), lane_(lane), dead_(dead) {}
  Instant Now() const override { return timeline_.Now(); }
  WallTime WallNow() const override { return timeline_.WallNow() + step_; }
  // Only Avi's session sleeps, so its lane is held. Throws Killed.
  void SleepUntil(Instant until) override;
  void Step(Duration by) { step_ += by; }

 private:
  Timeline& timeline_;
  const Timeline::Lane lane_;
  const bool& dead_;
  Duration step_{};
};

// Who hears of requests that a daemon makes.
struct DaemonHooks {
  // `wire`: 0.. clusters of the sites, 100.. their controllers.
  std::function<void(int wire, const HttpRequest&)> before;
  std::function<void(int wire, const HttpRequest&, const HttpResponse&)> after;
  std::function<void(int wire)> heard;
  std::function<void(int wire, HttpRequest&)> tamper;
  std::function<decltype(Decide)> decide = Decide;
  bool ignores_lease = false;  // a planted defect
};

inline constexpr char kLease[] = "spillway";  // in kNamespace of home's cluster

inline constexpr int kControllers = 100;  // where the wires of controllers begin

class Daemon {
 public:
  Daemon(World& world, Keeper& keeper, Journal& journal, Timeline::Lane lane, std::uint64_t seed, DaemonHooks hooks,
         Duration wall_step);
  // Not while one of its actors acts.
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // From now on every call under way throws, and nothing of it acts any more.
  void Kill();
  // None of its actors acts: it may be destroyed.
  bool still() const { return acting_ == 0; }
  bool dead() const { return dead_; }

  Wire& wire(int wire);
  std::vector<int> wires() const;
  void Poke(std::size_t site) { clusters_[site].wire->Poke(); }
  void StepWall(Duration by) { clock_.Step(by); }
  daemon::App& app() { return *app_; }
  bool leads() const { return lease_ == nullptr || lease_->Lead().has_value(); }
  // Conditions, reasons and problems of its last decision, and what is not written yet.
  std::string WaitsFor() const;
  // As the Lease names it.
  const std::string& identity() const { return identity_; }

 private:
  struct ClusterEnd {
    std::shared_ptr<Wire> wire;
    std::unique_ptr<k8s::Cluster> cluster;
  };
  WireHooks HooksOf(int wire) const;
  void AddActor(const std::string& name, Timeline::Lane lane, std::function<Instant()> step);
  void WatchFeed(const std::shared_ptr<Feed>& feed, Timeline::Lane lane);
  void Connect(std::uint64_t seed);

  World& world_;
  Timeline& timeline_;
  const Timeline::Lane lane_;
  const DaemonHooks hooks_;
  const std::string identity_;
  bool dead_ = false;
  int acting_ = 0;
  DaemonClock clock_;
  daemon::Metrics metrics_;
  std::vector<ClusterEnd> clusters_;
  std::vector<std::shared_ptr<Wire>> controllers_;
  std::unique_ptr<avi::Avi> avi_;
  std::shared_ptr<k8s::Lease> lease_;  // null: there is no election
  std::shared_ptr<DemandSource> demand_;
  std::map<std::string, std::shared_ptr<UsageMeter>> meters_;       // by site
  std::map<std::string, std::shared_ptr<DemandSource>> observers_;  // by site
  std::vector<std::shared_ptr<Workload>> workloads_;
  std::shared_ptr<TrafficDirector> director_;
  std::unique_ptr<daemon::Loop> loop_;
  daemon::App* app_ = nullptr;
  std::vector<std::shared_ptr<Feed>> feeds_;
  std::vector<Timeline::Id> actors_;
  Timeline::Id loop_actor_ = 0;
};

}  // namespace spillway::sim

#endif  // SPILLWAY_TOOLS_SIMULATE_DAEMON_H_
