// The objects that the world begins with.
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "tools/simulate/world.h"

namespace spillway::sim {
namespace {

// What one replica's worth of work costs. Chosen: large, because TSM reports whole numbers.
constexpr int kMillicores = 1000;

std::string Quoted(const std::string& text) { return '"' + text + '"'; }

// The pods request twice of what they are meant to use.
std::string DeploymentJson(int replicas, double factor) {
  return R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"shop","namespace":"acme",
             "labels":{"app":"shop"}},"spec":{"replicas":)" +
         std::to_string(replicas) +
         R"(,"selector":{"matchLabels":{"app":"shop"}},"template":{"metadata":{"labels":{"app":"shop"}},
             "spec":{"containers":[{"name":"shop","image":"registry.test/shop:1.0","resources":{"requests":{"cpu":")" +
         std::to_string(std::lround(2 * kMillicores * factor)) + R"(m"}}}]}}}})";
}

struct Bounds {
  int min = 1, max = 1;
  double factor = 1;      // what a replica carries, in replicas of home
  bool observes = false;  // it does not scale
};

std::string DefinitionJson(const Bounds& bounds, const Scenario& scenario) {
  const long up = std::lround(kMillicores * bounds.factor);
  return R"({"apiVersion":"autoscaling.tsm.tanzu.vmware.com/v1alpha1","kind":"Definition","metadata":{"name":)" +
         Quoted(kAutoscaler) + R"(,"namespace":"acme","labels":{"app":"shop"}},"spec":{"scaleTargetRef":{"kubernetes":{
             "apiVersion":"apps/v1","kind":"Deployment","name":"shop"}},"scaleRule":{"mode":"EFFICIENCY","enabled":)" +
         (bounds.observes ? "false" : "true") + R"(,"instances":{"min":)" + std::to_string(bounds.min) + R"(,"max":)" +
         std::to_string(bounds.max) + R"(},"trigger":{"gracePeriodSeconds":)" +
         std::to_string(static_cast<int>(Seconds(scenario.autoscaler_grace))) +
         R"(,"metric":{"name":"CPUUsageMillicores","scaleUp":)" + std::to_string(up) + R"(,"scaleDown":)" +
         std::to_string(up / 2) + R"(,"windowSeconds":)" +
         std::to_string(static_cast<int>(Seconds(scenario.autoscaler_window))) + "}}}}}";
}

std::string HpaJson(const Bounds& bounds) {
  const char* still = R"({"scaleUp":{"selectPolicy":"Disabled"},"scaleDown":{"selectPolicy":"Disabled"}})";
  return R"({"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":)" +
         Quoted(kAutoscaler) + R"(,"namespace":"acme"},"spec":{"scaleTargetRef":{"apiVersion":"apps/v1",
             "kind":"Deployment","name":"shop"},"minReplicas":)" +
         std::to_string(bounds.min) + R"(,"maxReplicas":)" + std::to_string(bounds.max) +
         R"(,"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization",
             "averageUtilization":50}}}])" +
         (bounds.observes ? R"(,"behavior":)" + std::string(still) : "") + "}}";
}

std::string MonitorJson(const Scenario& scenario) {
  return R"({"name":"shop-http","type":"HEALTH_MONITOR_HTTP","is_federated":true,"send_interval":)" +
         std::to_string(static_cast<int>(Seconds(scenario.probe_interval))) +
         R"(,"receive_timeout":2,"successful_checks":)" + std::to_string(scenario.probes_up) + R"(,"failed_checks":)" +
         std::to_string(scenario.probes_down) + R"(,"monitor_port":80,
             "http_monitor":{"http_request":"GET /healthz HTTP/1.1","http_response_code":["HTTP_2XX"]}})";
}

std::string MemberJson(const std::string& name, const std::string& vip) {
  return R"({"ip":{"addr":")" + vip + R"(","type":"V4"},"cluster_uuid":"cluster-)" + name +
         R"(","vs_uuid":"virtualservice-)" + name + R"(","ratio":1,"enabled":true})";
}

std::string PoolJson(const std::string& name, int priority, const std::string& members) {
  return R"({"name":")" + name + R"(","priority":)" + std::to_string(priority) +
         R"(,"enabled":true,"algorithm":"GSLB_ALGORITHM_ROUND_ROBIN","members":[)" + members + "]}";
}

std::string ServiceJson(const Scenario& scenario) {
  std::string parked;
  for (std::size_t site = 1; site < scenario.sites(); ++site) {
    parked += (site == 1 ? "" : ",") + MemberJson(scenario.app.overflow[site - 1].site, World::Vip(site));
  }
  return R"({"name":)" + Quoted(kGslbService) + R"(,"domain_names":["shop.gslb.test"],"enabled":true,"num_dns_ip":1,
             "ttl":)" +
         std::to_string(static_cast<int>(Seconds(scenario.ttl))) +
         R"(,"pool_algorithm":"GSLB_SERVICE_ALGORITHM_PRIORITY","controller_health_status_enabled":true,
             "health_monitor_refs":["/api/healthmonitor?name=shop-http"],
             "down_response":{"type":"GSLB_SERVICE_DOWN_RESPONSE_ALL_RECORDS"},"description":"theirs","groups":[)" +
         PoolJson("live", 20, MemberJson(scenario.app.home.site, World::Vip(0))) + "," + PoolJson("parked", 0, parked) +
         "]}";
}

void Check(const std::string& refusal) {
  if (!refusal.empty()) throw std::logic_error("the simulator's own object was refused: " + refusal);
}

}  // namespace

std::string World::Vip(std::size_t site) { return "10.1." + std::to_string(site) + ".10"; }

lab::AutoscalerOptions World::Autoscaler(bool running, bool has_metrics) const {
  lab::AutoscalerOptions options;
  options.running = running;
  options.has_metrics = has_metrics;
  options.period = scenario_.autoscaler_period;
  options.window = scenario_.autoscaler_window;
  return options;
}

std::string World::AutoscalerJson(std::size_t site) const {
  using Kind = daemon::DemandKind;
  if (site == 0) {
    const Bounds bounds{scenario_.home_min, scenario_.home_max, 1, false};
    return scenario_.app.demand.kind == Kind::kTsmDefinition ? DefinitionJson(bounds, scenario_) : HpaJson(bounds);
  }
  const auto& observer = scenario_.app.overflow[site - 1].usage.observer;
  if (!observer) return "";
  const Bounds bounds{1, scenario_.app.policy.overflow[site - 1].replicas_max, sites_[site].factor, true};
  return observer->kind == Kind::kTsmDefinition ? DefinitionJson(bounds, scenario_) : HpaJson(bounds);
}

// Whether somebody reads metrics.k8s.io there.
bool World::Meters(std::size_t site) const {
  using Kind = daemon::DemandKind;
  if (site == 0) return scenario_.app.demand.kind == Kind::kHorizontalPodAutoscaler;
  const auto& observer = scenario_.app.overflow[site - 1].usage.observer;
  if (observer && observer->kind == Kind::kHorizontalPodAutoscaler) return true;
  const auto& sources = scenario_.app.policy.overflow[site - 1].usage;
  return std::find(sources.begin(), sources.end(), UsageSource::kMetrics) != sources.end();
}

void World::MakeCluster(std::size_t site, int replicas) {
  lab::ClusterOptions options;
  options.name = sites_[site].name;
  options.seed = scenario_.seed * 16 + site;
  options.pods = scenario_.pods;
  options.autoscaler = Autoscaler(true, true);
  options.metrics.available = Meters(site);
  sites_[site].cluster = std::make_unique<lab::Cluster>(timeline_, options);
  lab::Cluster& cluster = *sites_[site].cluster;
  Check(cluster.Create(DeploymentJson(replicas, sites_[site].factor)));
  const double said = site == 0 ? 0 : scenario_.app.policy.overflow[site - 1].cpu_per_replica;
  const double each = said > 0 ? said * 1000 : kMillicores;  // millicores for the work of one home replica
  cluster.SetLoad([this, site, each](const std::string&, const std::string&) {
    // A replica can't burn more than it has, so work that is turned away does not show.
    const Site& of = sites_[site];
    return std::min(books_.sites[site].load, of.serving * of.factor * scenario_.limit) * each;
  });
  if (const std::string json = AutoscalerJson(site); !json.empty()) Check(cluster.Create(json));
  sites_[site].actor = timeline_.Add("cluster " + sites_[site].name, Timeline::kNoLane, timeline_.Now(), [this, site] {
    Stir(site);
    return sites_[site].cluster->NextDue().value_or(Instant::max());
  });
}

void World::MakeFederation() {
  lab::avi::FederationOptions options;
  for (std::size_t site = 0; site < sites_.size(); ++site) {
    lab::avi::SiteOptions one;
    one.name = sites_[site].name;
    one.leader = site == 0;
    one.url = "https://avi-" + one.name;
    options.sites.push_back(one);
  }
  options.basic_auth = true;  // for those who write beside Spillway
  options.users = {{kAviUser, kAviPassword}, {"terraform", "t"}};
  options.seed = scenario_.seed;
  options.replication_lag = scenario_.replication_lag;
  federation_ = std::make_unique<lab::avi::Federation>(timeline_, options);
  const auto create = [&](const char* type, const std::string& json) {
    const auto made = federation_->Create(type, json);
    Check(made ? "" : made.error().what);
  };
  create("healthmonitor", MonitorJson(scenario_));
  for (std::size_t site = 0; site < sites_.size(); ++site) {
    create("virtualservice", R"({"name":"shop-)" + sites_[site].name + R"(","uuid":"virtualservice-)" +
                                 sites_[site].name + R"(","services":[{"port":80}],"vip":[{"ip_address":{"addr":")" +
                                 Vip(site) + R"(","type":"V4"}}]})");
  }
  first_service_ = ServiceJson(scenario_);
  create("gslbservice", first_service_);
}

World::World(const Scenario& scenario, Timeline& timeline)
    : scenario_(scenario),
      timeline_(timeline),
      began_(timeline.Now()),
      crowd_(scenario.crowd, scenario.sites(), scenario.seed * 7 + 3),
      ticked_at_(timeline.Now()) {
  demand_ = scenario_.demand.At({});
  const std::vector<std::string> names = scenario_.site_names();
  sites_.resize(names.size());
  dns_.resize(names.size());
  choices_.resize(names.size());
  books_.sites.resize(names.size());
  books_.sites[0].load = demand_;
  for (std::size_t site = 0; site < names.size(); ++site) {
    sites_[site].name = names[site];
    sites_[site].vip = Vip(site);
    dns_[site].shares.resize(names.size());
    dns_[site].places.resize(names.size(), Place::kDisabled);
    dns_[site].up.resize(names.size());
    if (site > 0) {
      sites_[site].factor = scenario_.app.policy.overflow[site - 1].capacity_factor;
      sites_[site].price = scenario_.app.policy.overflow[site - 1].price;
    }
    const int needed = static_cast<int>(std::ceil(demand_));
    const int replicas = site == 0 ? std::clamp(needed, scenario_.home_min, scenario_.home_max)
                                   : scenario_.app.policy.overflow[site - 1].replicas_min;
    MakeCluster(site, replicas);
  }
  MakeFederation();
  timeline_.Add("world", Timeline::kNoLane, timeline_.Now(), [this] { return Tick(); });
}

}  // namespace spillway::sim
