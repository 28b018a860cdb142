#include "src/daemon/cluster_slot.h"

#include "src/base/log.h"

namespace spillway::daemon {

ClusterSlot::ClusterSlot(std::string name, ClusterConfig config, Clock& clock)
    : name_(std::move(name)),
      title_("cluster " + name_),
      config_(std::move(config)),
      clock_(clock),
      backoff_(Rng(SeedOf(name_))) {}

ClusterSlot::~ClusterSlot() = default;

Workload* ClusterSlot::Deployment(const std::string& in_namespace, const std::string& object, const std::string& app) {
  auto& late = deployments_[{in_namespace, object}];
  late.apps.insert(app);
  return &late.port;
}

DemandSource* ClusterSlot::Autoscaler(const AutoscalerConfig& autoscaler, const std::string& in_namespace,
                                      const std::string& deployment, const std::string& app) {
  auto& late = autoscalers_[{autoscaler.kind, {in_namespace, autoscaler.name}}];
  late.deployment = deployment;
  late.apps.insert(app);
  return &late.port;
}

UsageMeter* ClusterSlot::Meter(const std::string& in_namespace, const std::string& deployment, Duration poll_interval,
                               const std::string& app) {
  auto& late = meters_[{in_namespace, deployment}];
  late.poll_interval = poll_interval;
  late.apps.insert(app);
  return &late.port;
}

void ClusterSlot::Connect(Wake wake, StartFeed start_feed) {
  wake_ = std::move(wake);
  start_feed_ = std::move(start_feed);
}

void ClusterSlot::Fail(const Error& error) {
  const std::string what = title_ + ": " + error.what;
  if (failure_ && failure_->what == what) return;
  failure_ = Failure{error.code, what, failure_ ? failure_->since : clock_.Now()};
  Log(LogLevel::kError, "a cluster can't be opened", {{"cluster", name_}, {"why", error.what}});
  std::set<std::string> apps;
  ForAll([&](auto& late) {
    late.port.behind.Fail(*failure_);
    apps.insert(late.apps.begin(), late.apps.end());
  });
  for (const std::string& app : apps) wake_(app);
}

// Every feed beyond the first `before` concerns `apps`.
void ClusterSlot::Wire(std::size_t before, const std::set<std::string>& apps) {
  const auto feeds = cluster_->feeds();
  for (std::size_t i = before; i < feeds.size(); ++i) {
    feeds[i]->OnChange([this, apps] {
      for (const std::string& app : apps) wake_(app);
    });
  }
}

// Deployments first: what others need of them is then heard of by the same applications.
void ClusterSlot::Bind() {
  for (auto& [object, late] : deployments_) {
    const std::size_t before = cluster_->feeds().size();
    late.port.behind.Bind(cluster_->WatchDeployment(object.first, object.second));
    Wire(before, late.apps);
  }
  for (auto& [autoscaler, late] : autoscalers_) {
    const std::size_t before = cluster_->feeds().size();
    const auto& [in_namespace, name] = autoscaler.second;
    late.port.behind.Bind(autoscaler.first == DemandKind::kTsmDefinition
                              ? cluster_->WatchDefinition(in_namespace, name)
                              : cluster_->WatchHpa(in_namespace, name, late.deployment));
    Wire(before, late.apps);
  }
  for (auto& [object, late] : meters_) {
    const std::size_t before = cluster_->feeds().size();
    late.port.behind.Bind(cluster_->MeterPods(object.first, object.second, late.poll_interval));
    Wire(before, late.apps);
  }
}

void ClusterSlot::Open(OpenedCluster opened) {
  client_ = std::move(opened.client);
  cluster_ = std::move(opened.cluster);
  Bind();
  if (announces_) events_ = cluster_->RecordEvents();
  feeds_ = cluster_->feeds();
  Log(LogLevel::kInfo, "cluster opened", {{"cluster", name_}, {"server", opened.server}});
}

void ClusterSlot::Announce(const std::string& in_namespace, const std::string& deployment, const std::string& reason,
                           const std::string& note) {
  std::shared_ptr<k8s::EventRecorder> events;
  {
    const std::lock_guard lock(mutex_);
    events = events_;
  }
  if (events) events->Record(in_namespace, deployment, reason, note);
}

Instant ClusterSlot::Step() {
  const Instant now = clock_.Now();
  if (now < next_try_) return next_try_;
  std::vector<std::shared_ptr<Feed>> feeds;
  {
    const std::lock_guard lock(mutex_);
    if (cancelled_ || cluster_) return next_try_ = Instant::max();
    auto opened = OpenCluster(name_, config_, clock_);
    if (!opened) {
      Fail(opened.error());
      return next_try_ = now + backoff_.Failed(now);
    }
    Open(std::move(*opened));
    feeds = feeds_;
  }
  for (const auto& feed : feeds) start_feed_(*feed);
  return next_try_ = Instant::max();
}

void ClusterSlot::Cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  for (const auto& feed : feeds_) feed->Cancel();
  if (client_) client_->Cancel();
}

}  // namespace spillway::daemon
