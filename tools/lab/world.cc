#include "tools/lab/world.h"

#include <utility>

#include "src/base/log.h"
#include "tools/lab/avi_setup.h"
#include "tools/lab/kubernetes_setup.h"

namespace spillway::lab {
namespace {

// How often the world moves on. Chosen: far below anything the story measures, and idle at half a percent of a core.
constexpr Duration kTick = 20ms;
// Over what the load and the traffic figures are averaged; the autoscaler averages over its own window on top.
constexpr Duration kLoadWindow = 1s;

std::string Text(std::string_view view) { return std::string(view); }
std::string Target(const char* kind, std::size_t site) { return kind + Text(kSites.at(site).key); }

}  // namespace

World::World(const WorldOptions& options, const Clock& clock) : options_(options), clock_(clock), faults_(clock) {
  faults_.OnAdd([this](const ActiveFault& fault) { HappenOnce(fault); });
}

World::~World() {
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (ticker_.joinable()) ticker_.join();
}

Result<std::unique_ptr<World>> World::Start(const WorldOptions& options, const Credentials& credentials,
                                            const Clock& clock) {
  if (options.dns && !options.avi) return Error{Code::kRejected, "DNS answers from Avi: leave out dns as well"};
  if (options.clients && !options.dns) return Error{Code::kRejected, "clients ask the DNS: leave out clients as well"};
  std::unique_ptr<World> world(new World(options, clock));
  if (Status started = world->StartFrontEnds(); !started) return started.error();
  if (options.kubernetes) {
    if (Status started = world->StartKubernetes(credentials); !started) return started.error();
  }
  if (options.avi) {
    if (Status started = world->StartAvi(credentials); !started) return started.error();
  }
  if (options.dns) {
    if (Status started = world->StartDns(); !started) return started.error();
  }
  if (options.clients) world->StartClients();
  world->Reset();
  world->ticker_ = std::thread([raw = world.get()] { raw->Run(); });
  if (Status started = world->StartProbes(); !started) return started.error();
  return world;
}

Status World::StartFrontEnds() {
  for (std::size_t site = 0; site < kSites.size(); ++site) {
    front_ends_.at(site) = std::make_unique<FrontEnd>(Text(kSites.at(site).name), clock_);
  }
  // One port at both addresses: what is free at the first may be taken at the second.
  for (int tries = 0;; ++tries) {
    Result<std::unique_ptr<FrontEndServer>> first =
        FrontEndServer::Start(*front_ends_[kHome], Text(kSites[kHome].vip), Port(7));
    if (!first) return first.error();
    Result<std::unique_ptr<FrontEndServer>> second =
        FrontEndServer::Start(*front_ends_[kOverflow], Text(kSites[kOverflow].vip), (*first)->port());
    if (!second && (options_.port_base != 0 || tries > 20)) return second.error();
    if (!second) continue;
    ports_.app = (*first)->port();
    front_end_servers_ = {std::move(*first), std::move(*second)};
    return Ok();
  }
}

Result<std::unique_ptr<ServedFake>> World::ServeApi(Fake& fake, int offset, const Credentials& credentials) const {
  ServerOptions options;
  options.port = Port(offset);
  options.cert_pem = credentials.server.cert_pem;
  options.key_pem = credentials.server.key_pem;
  options.client_ca_pem = credentials.ca_pem;
  return ServedFake::Start(fake, options);
}

Status World::StartKubernetes(const Credentials& credentials) {
  for (std::size_t site = 0; site < kSites.size(); ++site) {
    KubernetesSetup setup;
    setup.seed = options_.seed;
    setup.admin_token = credentials.admin_token;
    setup.user_token = site == kHome ? "" : credentials.spillway_token;
    Result<std::unique_ptr<Cluster>> cluster = MakeCluster(site, setup, clock_);
    if (!cluster) return cluster.error();
    clusters_.at(site) = std::move(*cluster);
    const FrontEnd* shop = front_ends_.at(site).get();
    clusters_.at(site)->SetLoad([shop](const std::string& in_namespace, const std::string& deployment) {
      if (in_namespace != kNamespace || deployment != kDeployment) return -1.0;
      return shop->ArrivingPerSecond(kLoadWindow) * kMillicoresPerRequest;
    });
    faulty_kubernetes_.at(site) = std::make_unique<FaultyFake>(*clusters_.at(site), faults_, Target("k8s-", site));
    auto server = ServeApi(*faulty_kubernetes_.at(site), 5 + static_cast<int>(site), credentials);
    if (!server) return server.error();
    ports_.kubernetes.at(site) = (*server)->port();
    kubernetes_servers_.at(site) = std::move(*server);
  }
  return Ok();
}

Status World::StartAvi(const Credentials& credentials) {
  AviSetup setup;
  setup.app_port = ports_.app;
  setup.password = credentials.avi_password;
  setup.admin_password = credentials.avi_admin_password;
  setup.seed = options_.seed;
  Result<std::unique_ptr<avi::Federation>> federation = MakeFederation(setup, clock_);
  if (!federation) return federation.error();
  federation_ = std::move(*federation);
  for (std::size_t site = 0; site < kSites.size(); ++site) {
    avi::Controller& controller = federation_->controller(kSites.at(site).key);
    faulty_avi_.at(site) = std::make_unique<FaultyFake>(controller, faults_, Target("avi-", site));
    auto server = ServeApi(*faulty_avi_.at(site), 3 + static_cast<int>(site), credentials);
    if (!server) return server.error();
    ports_.avi.at(site) = (*server)->port();
    federation_->SetUrl(kSites.at(site).key, "https://127.0.0.1:" + std::to_string(ports_.avi.at(site)));
    avi_servers_.at(site) = std::move(*server);
  }
  return Ok();
}

bool World::Within(Duration most, const std::function<bool()>& holds) const {
  for (const Instant end = clock_.Now() + most; !holds();) {
    if (clock_.Now() > end) return false;
    std::this_thread::sleep_for(kTick);
  }
  return true;
}

Status World::StartProbes() {
  if (clusters_[kHome]) {
    if (!Within(10s, [this] { return front_ends_[kHome]->Healthy(); })) {
      return Error{Code::kRetry, "the home site's first replica did not become ready"};
    }
    for (const std::unique_ptr<Cluster>& cluster : clusters_) cluster->SetPodTimes(PodTimes{});
  }
  if (!federation_) return Ok();
  for (std::size_t site = 0; site < kSites.size(); ++site) {
    probers_.at(site) = std::make_unique<Prober>(*federation_, Text(kSites.at(site).key), clock_);
  }
  const auto answered = [this] {
    for (const LabSite& from : kSites) {
      for (const avi::ServiceView& service : federation_->DnsView(from.key)) {
        if (!service.pools.front().members.front().up) return false;
      }
    }
    return true;
  };
  if (clusters_[kHome] && !Within(20s, answered)) {
    return Error{Code::kRetry, "the home site did not become healthy in GSLB"};
  }
  return Ok();
}

Status World::StartDns() {
  const Zone zone{.apex = Text(kZoneApex)};
  for (std::size_t site = 0; site < kSites.size(); ++site) {
    dns_.at(site) = std::make_unique<DnsService>(*federation_, Text(kSites.at(site).key), zone, options_.seed + site);
    auto server = DnsServer::Start("127.0.0.1", Port(1 + static_cast<int>(site)),
                                   [this, service = dns_.at(site).get()](std::string_view packet, bool tcp) {
                                     return faults_.Is("dns", "down") ? "" : service->Handle(packet, tcp);
                                   });
    if (!server) return server.error();
    ports_.dns.at(site) = (*server)->port();
    dns_servers_.at(site) = std::move(*server);
  }
  return Ok();
}

void World::StartClients() {
  ClientsOptions options;
  options.fqdn = Text(kFqdn);
  options.dns_ports.assign(ports_.dns.begin(), ports_.dns.end());
  options.app_port = ports_.app;
  options.seed = options_.seed;
  clients_ = std::make_unique<Clients>(options, clock_);
}

void World::SetDemand(double replicas) {
  {
    const std::scoped_lock lock(mutex_);
    demand_ = replicas;
  }
  if (clients_) clients_->SetRate(replicas * kRequestsPerReplica);
}

double World::demand() const {
  const std::scoped_lock lock(mutex_);
  return demand_;
}

void World::SetReplicas(std::size_t site, int ready) { front_ends_.at(site)->SetReplicas(ready, 0); }

std::uint64_t World::DnsAnswers(std::size_t site) const {
  std::uint64_t sum = 0;
  for (const std::unique_ptr<DnsService>& service : dns_) {
    if (!service) continue;
    const std::map<std::string, std::uint64_t> answers = service->Answers();
    if (const auto found = answers.find(Text(kSites.at(site).vip)); found != answers.end()) sum += found->second;
  }
  return sum;
}

void World::Reset() {
  Baseline now;
  now.at = clock_.Now();
  if (clients_) now.clients = clients_->Total();
  for (std::size_t site = 0; site < kSites.size(); ++site) {
    now.front_ends.at(site) = front_ends_.at(site)->Totals();
    now.dns_answers.at(site) = DnsAnswers(site);
  }
  const std::scoped_lock lock(mutex_);
  baseline_ = now;
}

Baseline World::baseline() const {
  const std::scoped_lock lock(mutex_);
  return baseline_;
}

void World::HappenOnce(const ActiveFault& fault) {
  for (std::size_t site = 0; site < kSites.size(); ++site) {
    if (federation_ && fault.target == Target("avi-", site)) {
      if (fault.kind == "expire-sessions") federation_->ExpireSessions(kSites.at(site).key);
      if (fault.kind == "leader-change") federation_->ChangeLeader(kSites.at(site).key);
    }
    if (clusters_.at(site) && fault.target == Target("k8s-", site)) {
      if (fault.kind == "gone") clusters_.at(site)->ForgetHistory();
      if (fault.kind != "latency") clusters_.at(site)->CutWatches();
    }
  }
  for (const char* once : {"expire-sessions", "leader-change", "gone", "drop-watch"}) {
    if (fault.kind == once) faults_.Remove(fault.id);
  }
}

void World::Run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kTick, [this] { return stop_; })) {
    lock.unlock();
    Tick();
    lock.lock();
  }
}

void World::Tick() {
  for (std::size_t site = 0; site < kSites.size(); ++site) {
    const Status listening = front_end_servers_.at(site)->SetListening(!faults_.Is(Target("site-", site), "down"));
    if (!listening) Log(LogLevel::kWarn, "front end can't listen again", {{"why", listening.error().what}});
    if (clusters_.at(site)) TellReplicas(site);
    if (federation_) TellFederation(site);
  }
  if (!federation_) return;
  federation_->SetMaintenance(faults_.Is("avi-us", "maintenance") || faults_.Is("avi-eu", "maintenance"));
  federation_->controller(kSites[kHome].key).Advance();
}

void World::TellReplicas(std::size_t site) {
  clusters_.at(site)->Advance();
  int ready = 0;
  int terminating = 0;
  for (const PodView& pod : clusters_.at(site)->Pods(Text(kNamespace), Text(kDeployment))) {
    if (pod.terminating && pod.phase == "Running") ++terminating;
    if (pod.ready && !pod.terminating) ++ready;
  }
  front_ends_.at(site)->SetReplicas(ready, terminating);
}

void World::TellFederation(std::size_t site) {
  const std::string vip = Text(kSites.at(site).vip);
  const FrontEnd& shop = *front_ends_.at(site);
  federation_->SetControllerStatus(vip, shop.Healthy() && listening(site));
  const double rate = shop.ServedPerSecond(kLoadWindow);
  // Nearly every request opens a connection that is then kept for a while (Little's law).
  federation_->SetTraffic(vip, rate, rate * Seconds(PopulationOptions{}.keep_alive));
}

}  // namespace spillway::lab
