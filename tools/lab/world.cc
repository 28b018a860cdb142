#include "tools/lab/world.h"

#include <utility>

#include "src/base/log.h"
#include "tools/lab/avi_setup.h"
#include "tools/lab/kubernetes_setup.h"

namespace spillway::lab {
namespace {

// Over what the load is averaged; the autoscaler averages over its own window on top.
constexpr Duration kLoadWindow = 1s;

std::string Text(std::string_view view) { return std::string(view); }
std::string Target(const char* kind, std::size_t site) { return kind + Text(kSites.at(site).key); }

}  // namespace

World::World(const WorldOptions& options, const Clock& clock)
    : options_(options), clock_(clock), faults_(clock), tunnel_(faults_, options.seed) {
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
  if (options.clients && !options.dns && options.name_servers.empty()) {
    return Error{Code::kRejected, "clients ask the DNS: name another, or leave out clients as well"};
  }
  std::unique_ptr<World> world(new World(options, clock));
  if (Status started = world->StartFrontEnds(); !started) return started.error();
  if (Status started = world->StartKubernetes(credentials); !started) return started.error();
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
    Result<std::unique_ptr<FrontEndServer>> first = FrontEndServer::Start(*front_ends_[kHome], Text(kSites[kHome].vip),
                                                                          Port(7), [this] { return TroubleAt(kHome); });
    if (!first) return first.error();
    Result<std::unique_ptr<FrontEndServer>> second =
        FrontEndServer::Start(*front_ends_[kOverflow], Text(kSites[kOverflow].vip), (*first)->port(),
                              [this] { return TroubleAt(kOverflow); });
    if (!second && (options_.port_base != 0 || tries > 20)) return second.error();
    if (!second) continue;
    ports_.app = (*first)->port();
    front_end_servers_ = {std::move(*first), std::move(*second)};
    return Ok();
  }
}

Result<std::unique_ptr<ServedFake>> World::ServeApi(Fake& fake, std::size_t site, int offset,
                                                    const Credentials& credentials) const {
  ServerOptions options;
  options.host = options_.addresses.at(site);
  options.port = Port(offset + static_cast<int>(site));
  options.cert_pem = credentials.server.cert_pem;
  options.key_pem = credentials.server.key_pem;
  options.client_ca_pem = credentials.ca_pem;
  return ServedFake::Start(fake, options);
}

Result<int> World::LeadThroughTunnel(int offset, int port) {
  return tunnel_.Lead(options_.addresses[kHome], Port(offset), options_.addresses[kOverflow], port);
}

Status World::StartKubernetes(const Credentials& credentials) {
  for (std::size_t site = 0; site < kSites.size(); ++site) {
    if (!options_.kubernetes.at(site)) continue;
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
    faulty_kubernetes_.at(site) =
        std::make_unique<FaultyFake>(*clusters_.at(site), faults_, Target("k8s-", site),
                                     [this, site, credentials](const auto&) { TouchDeployment(site, credentials); });
    auto server = ServeApi(*faulty_kubernetes_.at(site), site, 5, credentials);
    if (!server) return server.error();
    ports_.kubernetes.at(site) = (*server)->port();
    kubernetes_servers_.at(site) = std::move(*server);
  }
  if (!options_.kubernetes[kOverflow]) return Ok();
  const Result<int> near = LeadThroughTunnel(10, ports_.kubernetes[kOverflow]);
  if (!near) return near.error();
  ports_.tunnel_kubernetes = *near;
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
    faulty_avi_.at(site) =
        std::make_unique<FaultyFake>(controller, faults_, Target("avi-", site),
                                     [this, site, credentials](const auto&) { TouchService(site, credentials); });
    auto server = ServeApi(*faulty_avi_.at(site), site, 3, credentials);
    if (!server) return server.error();
    ports_.avi.at(site) = (*server)->port();
    federation_->SetUrl(kSites.at(site).key,
                        "https://" + options_.addresses.at(site) + ':' + std::to_string(ports_.avi.at(site)));
    avi_servers_.at(site) = std::move(*server);
  }
  const Result<int> near = LeadThroughTunnel(9, ports_.avi[kOverflow]);
  if (!near) return near.error();
  ports_.tunnel_avi = *near;
  return LeadProbes();
}

// Each site's DNS service probes the other site's virtual service through the tunnel.
Status World::LeadProbes() {
  for (std::size_t site = 0; site < kSites.size(); ++site) {
    const Result<int> near = tunnel_.Lead("127.0.0.1", 0, Text(kSites.at(1 - site).vip), ports_.app);
    if (!near) return near.error();
    probe_ports_.at(site) = *near;
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
    for (const std::unique_ptr<Cluster>& cluster : clusters_) {
      if (cluster) cluster->SetPodTimes(PodTimes{});
    }
  }
  if (!federation_) return Ok();
  for (std::size_t site = 0; site < kSites.size(); ++site) {
    const auto route = [this, site](avi::ProbeTarget target) {
      if (target.ip != kSites.at(1 - site).vip || target.port != ports_.app) return target;
      target.ip = "127.0.0.1";
      target.port = probe_ports_.at(site);
      return target;
    };
    probers_.at(site) = std::make_unique<Prober>(*federation_, Text(kSites.at(site).key), route, clock_);
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
  for (std::size_t site = 0; site < kSites.size(); ++site) {
    const Zone zone{.apex = Text(kZoneApex), .address = options_.addresses.at(site)};
    dns_.at(site) = std::make_unique<DnsService>(*federation_, Text(kSites.at(site).key), zone, options_.seed + site);
    auto server = DnsServer::Start(options_.addresses.at(site), Port(1 + static_cast<int>(site)),
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
  options.name_servers = options_.name_servers;
  for (std::size_t site = 0; site < kSites.size() && options_.name_servers.empty(); ++site) {
    options.name_servers.push_back({options_.addresses.at(site), ports_.dns.at(site)});
  }
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

}  // namespace spillway::lab
