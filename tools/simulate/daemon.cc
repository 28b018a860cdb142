#include "tools/simulate/daemon.h"

#include <utility>

#include "src/base/join.h"

namespace spillway::sim {

void DaemonClock::SleepUntil(Instant until) {
  {
    const Timeline::Hold hold(timeline_, lane_);
    timeline_.SleepUntil(until);
  }
  if (dead_) throw Killed{};
}

Daemon::Daemon(World& world, Keeper& keeper, Journal& journal, Timeline::Lane lane, std::uint64_t seed,
               DaemonHooks hooks, Duration wall_step)
    : world_(world),
      timeline_(world.timeline()),
      lane_(lane),
      hooks_(std::move(hooks)),
      identity_("daemon-" + std::to_string(lane) + "-" + std::to_string(seed)),
      clock_(timeline_, lane, dead_) {
  clock_.Step(wall_step);
  Connect(seed);
  loop_ = std::make_unique<daemon::Loop>(clock_);
  const daemon::AppConfig& config = world_.scenario().app;
  daemon::AppPorts ports;
  ports.demand = demand_.get();
  ports.traffic = director_.get();
  for (std::size_t site = 0; site < workloads_.size(); ++site) ports.sites[world_.name(site)] = workloads_[site].get();
  for (const auto& [site, meter] : meters_) ports.meters[site] = meter.get();
  for (const auto& [site, observer] : observers_) ports.observers[site] = observer.get();
  const bool free = lease_ == nullptr || hooks_.ignores_lease;
  const Leadership& leadership = free ? daemon::AppRoom::OnlyOne() : *lease_;
  auto app = std::make_unique<daemon::App>(
      config, ports, daemon::AppRoom{clock_, keeper, journal, metrics_, false, hooks_.decide, leadership});
  app_ = app.get();
  loop_->Add(std::move(app));
  AddActor("app", lane_, [this] {
    loop_->RunDue(timeline_.Now());
    return loop_->NextDue();
  });
  loop_actor_ = actors_.back();
  for (const auto& end : clusters_) {
    for (const auto& feed : end.cluster->feeds()) WatchFeed(feed, Timeline::kNoLane);
  }
  for (const auto& feed : avi_->feeds()) WatchFeed(feed, lane_);
  if (lease_) WatchFeed(lease_, Timeline::kNoLane);
}

void Daemon::Connect(std::uint64_t seed) {
  Rng rng(seed);
  const Scenario& scenario = world_.scenario();
  avi::Options options;
  avi::ServiceOptions service{scenario.app.name, kGslbService, {}};
  for (std::size_t site = 0; site < scenario.sites(); ++site) {
    const int number = static_cast<int>(site);
    ClusterEnd end;
    end.wire = std::make_shared<Wire>(timeline_, world_.cluster(site), Timeline::kNoLane, rng.Split(), HooksOf(number));
    end.cluster =
        std::make_unique<k8s::Cluster>(world_.name(site), k8s::ClusterAccess{}, clock_, end.wire, end.wire, rng.Next());
    workloads_.push_back(end.cluster->WatchDeployment(kNamespace, kDeployment));
    if (site == 0 && scenario.elected) {
      lease_ = end.cluster->StandFor({kNamespace, kLease, identity_, "http://" + identity_, {}}, rng.Next());
    }
    const auto autoscaler = [&](daemon::DemandKind kind) {
      return kind == daemon::DemandKind::kTsmDefinition ? end.cluster->WatchDefinition(kNamespace, kAutoscaler)
                                                        : end.cluster->WatchHpa(kNamespace, kAutoscaler, kDeployment);
    };
    if (site == 0) demand_ = autoscaler(scenario.app.demand.kind);
    if (site > 0) {
      const daemon::UsageConfig& usage = scenario.app.overflow[site - 1].usage;
      for (const UsageSource source : scenario.app.policy.overflow[site - 1].usage) {
        if (source == UsageSource::kMetrics) {
          meters_[world_.name(site)] = end.cluster->MeterPods(kNamespace, kDeployment, usage.poll_interval);
        } else if (source == UsageSource::kAutoscaler && usage.observer) {
          observers_[world_.name(site)] = autoscaler(usage.observer->kind);
        }
      }
    }
    clusters_.push_back(std::move(end));
    service.members[world_.name(site)] = {World::Vip(site), "", ""};
    options.controllers.push_back("https://avi-" + world_.name(site));
  }
  options.username = kAviUser;
  options.password = [] { return Result<std::string>(std::string(kAviPassword)); };
  options.poll_interval = scenario.avi_poll;
  options.seed = rng.Next();
  avi_ = std::make_unique<avi::Avi>(options, clock_, [&](const std::string&) {
    const std::size_t site = controllers_.size();
    return controllers_.emplace_back(
        std::make_shared<Wire>(timeline_, world_.federation().controller(world_.name(site)), lane_, rng.Split(),
                               HooksOf(kControllers + static_cast<int>(site))));
  });
  director_ = avi_->Direct(service);
}

Daemon::~Daemon() {
  for (const Timeline::Id actor : actors_) timeline_.Remove(actor);
}

void Daemon::Kill() {
  dead_ = true;
  for (const Timeline::Id actor : actors_) timeline_.Remove(actor);
}

WireHooks Daemon::HooksOf(int wire) const {
  WireHooks hooks;
  hooks.alive = [this] {
    if (dead_) throw Killed{};
  };
  if (hooks_.before) hooks.before = [this, wire](const HttpRequest& request) { hooks_.before(wire, request); };
  const std::size_t site = static_cast<std::size_t>(wire % kControllers);
  hooks.after = [this, wire, site](const HttpRequest& request, const HttpResponse& response) {
    if (wire < kControllers) world_.Stir(site);
    if (hooks_.after) hooks_.after(wire, request, response);
  };
  if (hooks_.heard) hooks.heard = [this, wire] { hooks_.heard(wire); };
  if (hooks_.tamper) hooks.tamper = [this, wire](HttpRequest& request) { hooks_.tamper(wire, request); };
  return hooks;
}

void Daemon::AddActor(const std::string& name, Timeline::Lane lane, std::function<Instant()> step) {
  actors_.push_back(timeline_.Add(name, lane, timeline_.Now(), [this, step = std::move(step)] {
    ++acting_;
    Instant next = Instant::max();
    try {
      next = step();
    } catch (const Killed&) {  // the rest of the step never happens
      dead_ = true;
    }
    --acting_;
    return next;
  }));
}

void Daemon::WatchFeed(const std::shared_ptr<Feed>& feed, Timeline::Lane lane) {
  feed->OnChange([this] {
    loop_->Wake(app_->name());
    timeline_.Wake(loop_actor_, timeline_.Now());
  });
  feeds_.push_back(feed);
  AddActor(feed->name(), lane, [feed] { return feed->Step(); });
}

Wire& Daemon::wire(int wire) {
  const auto site = static_cast<std::size_t>(wire % kControllers);
  return wire < kControllers ? *clusters_.at(site).wire : *controllers_.at(site);
}

std::vector<int> Daemon::wires() const {
  std::vector<int> wires;
  for (std::size_t site = 0; site < clusters_.size(); ++site) {
    wires.push_back(static_cast<int>(site));
    wires.push_back(kControllers + static_cast<int>(site));
  }
  return wires;
}

std::string Daemon::WaitsFor() const {
  const daemon::AppView view = app_->View();
  if (!view.decision) return "the daemon has not decided anything yet";
  std::string text;
  for (const ConditionState& condition : view.decision->conditions) {
    Join(text, std::string(Token(condition.name)) + " (" + condition.detail + ")");
  }
  for (const Reason& reason : view.decision->reasons) {
    Join(text, std::string(Text(reason.code).token) + (reason.about.empty() ? "" : " " + reason.about));
  }
  for (const daemon::Problem& problem : view.problems) Join(text, problem.about + ": " + problem.detail);
  if (!view.pending.empty()) Join(text, "pending: " + view.pending);
  return text;
}

}  // namespace spillway::sim
