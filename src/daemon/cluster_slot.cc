#include "src/daemon/cluster_slot.h"

#include <cstdlib>

#include "k8s/kubeconfig.h"
#include "src/base/file.h"
#include "src/base/http_client.h"
#include "src/base/log.h"

namespace spillway::daemon {
namespace {

std::uint64_t SeedOf(const std::string& name) {
  std::uint64_t seed = 17;
  for (const unsigned char c : name) seed = seed * 131 + c;
  return seed;
}

// Of what a kubeconfig names, only what holds a key must be closed to others: CAs are no secret, and Kubernetes itself
// decides on the mode of the tokens that it mounts.
Result<std::string> ReadWhole(const std::string& path) {
  auto text = ReadFile(path);
  return text && text->find("PRIVATE KEY-----") != std::string::npos ? ReadSecretFile(path) : std::move(text);
}

std::optional<std::string> Environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): nothing sets it
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace

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

DemandSource* ClusterSlot::Definition(const std::string& in_namespace, const std::string& object,
                                      const std::string& app) {
  auto& late = definitions_[{in_namespace, object}];
  late.apps.insert(app);
  return &late.port;
}

void ClusterSlot::Connect(Wake wake, StartFeed start_feed) {
  wake_ = std::move(wake);
  start_feed_ = std::move(start_feed);
}

Result<k8s::ClusterAccess> ClusterSlot::Access() const {
  if (config_.in_cluster) return k8s::AccessInCluster(Environment, ReadWhole);
  return k8s::AccessFromKubeconfig(config_.kubeconfig, config_.context, [this](const std::string& path) {
    return path == config_.kubeconfig ? ReadSecretFile(path) : ReadWhole(path);
  });
}

std::set<std::string> ClusterSlot::Apps() const {
  std::set<std::string> apps;
  for (const auto& [object, late] : deployments_) apps.insert(late.apps.begin(), late.apps.end());
  for (const auto& [object, late] : definitions_) apps.insert(late.apps.begin(), late.apps.end());
  return apps;
}

void ClusterSlot::Fail(const Error& error) {
  const std::string what = title_ + ": " + error.what;
  if (failure_ && failure_->what == what) return;
  failure_ = Failure{error.code, what, failure_ ? failure_->since : clock_.Now()};
  Log(LogLevel::kError, "a cluster can't be opened", {{"cluster", name_}, {"why", error.what}});
  for (auto& [object, late] : deployments_) late.port.behind.Fail(*failure_);
  for (auto& [object, late] : definitions_) late.port.behind.Fail(*failure_);
  for (const std::string& app : Apps()) wake_(app);
}

void ClusterSlot::Wire(const std::vector<std::shared_ptr<Feed>>& before, const std::set<std::string>& apps) {
  const auto feeds = cluster_->feeds();
  for (std::size_t i = before.size(); i < feeds.size(); ++i) {
    feeds[i]->OnChange([this, apps] {
      for (const std::string& app : apps) wake_(app);
    });
  }
}

void ClusterSlot::Open(k8s::ClusterAccess access) {
  const std::string server = k8s::ServerUrl(access);
  client_ = std::make_shared<HttpClient>(access.endpoint);
  cluster_ = std::make_unique<k8s::Cluster>(name_, std::move(access), clock_, client_, client_, SeedOf(name_));
  for (auto& [object, late] : deployments_) {
    const auto before = cluster_->feeds();
    late.port.behind.Bind(cluster_->WatchDeployment(object.first, object.second));
    Wire(before, late.apps);
  }
  for (auto& [object, late] : definitions_) {
    const auto before = cluster_->feeds();
    late.port.behind.Bind(cluster_->WatchDefinition(object.first, object.second));
    Wire(before, late.apps);
  }
  feeds_ = cluster_->feeds();
  Log(LogLevel::kInfo, "cluster opened", {{"cluster", name_}, {"server", server}});
}

Instant ClusterSlot::Step() {
  const Instant now = clock_.Now();
  if (now < next_try_) return next_try_;
  std::vector<std::shared_ptr<Feed>> feeds;
  {
    const std::lock_guard lock(mutex_);
    if (cancelled_ || cluster_) return next_try_ = Instant::max();
    auto access = Access();
    if (!access) {
      Fail(access.error());
      return next_try_ = now + backoff_.Failed(now);
    }
    Open(std::move(*access));
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
