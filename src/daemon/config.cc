#include "src/daemon/config.h"

#include <algorithm>

#include "k8s/quantity.h"
#include "src/base/file.h"
#include "src/daemon/config_check.h"
#include "src/daemon/config_policy.h"
#include "src/daemon/config_section.h"

namespace spillway::daemon {
namespace {

// Chosen: hundreds of applications fit; a file beyond it is not a configuration.
constexpr std::size_t kBytesCap = 1U << 20U;

void ReadTls(Section in, std::optional<TlsConfig>& out) {
  TlsConfig tls;
  in.Text("certFile", tls.cert_file, kFilePath, Need::kRequired);
  in.Text("keyFile", tls.key_file, kFilePath, Need::kRequired);
  in.Text("clientCaFile", tls.client_ca_file, kFilePath);
  in.Done();
  out = tls;
}

void ReadObjectName(Section& in, ObjectConfig& out) {
  in.Text("cluster", out.cluster, kLabel, Need::kRequired);
  in.Text("namespace", out.name_space, kLabel, Need::kRequired);
  in.Text("name", out.name, kObjectName, Need::kRequired);
}

void ReadState(Section in, ControllerConfig& out) {
  in.Text("dir", out.state_dir, kFilePath);
  if (auto config_map = in.Below("configMap")) {
    ReadObjectName(*config_map, out.config_map.emplace());
    config_map->Done();
    // Where a pod may not write, nothing must be written.
    if (!in.Has("dir")) out.state_dir.clear();
  }
  in.Done();
}

void ReadElection(Section in, ElectionConfig& out) {
  ReadObjectName(in, out.object);
  in.Text("url", out.url, kHttpUrl);
  in.Done();
}

void ReadController(Section in, ControllerConfig& out) {
  std::string listen = out.host + ":" + std::to_string(out.port);
  in.Text("listen", listen, kListen);
  const auto address = ParseListen(listen);
  out.host = address->host;
  out.port = address->port;
  if (auto tls = in.Below("tls")) ReadTls(std::move(*tls), out.tls);
  if (auto auth = in.Below("auth")) {
    auth->Text("tokensFile", out.tokens_file, kFilePath, Need::kRequired);
    auth->Choice<bool>("metrics", out.metrics_open, {{"open", true}, {"viewer", false}});
    auth->Done();
  }
  if (auto state = in.Below("state")) ReadState(std::move(*state), out);
  if (auto election = in.Below("leaderElection")) ReadElection(std::move(*election), out.election.emplace());
  std::string resolver;
  in.Text("resolver", resolver, kListen);
  if (const auto server = ParseListen(resolver)) out.resolver = {server->host, server->port};
  in.Done();
}

void ReadAvi(Section in, AviConfig& out) {
  in.Texts("controllers", out.controllers, kHttpsUrl, Need::kRequired);
  in.Text("username", out.username, kAnyText, Need::kRequired);
  in.Text("passwordFile", out.password_file, kFilePath, Need::kRequired);
  in.Text("tenant", out.tenant, kAnyText);
  in.Text("caFile", out.ca_file, kFilePath);
  in.Time("pollInterval", out.poll_interval, {1s, 5min});
  in.Done();
}

void ReadCluster(Section in, ClusterConfig& out) {
  in.Text("kubeconfig", out.kubeconfig, kFilePath);
  in.Text("context", out.context, kAnyText);
  in.Flag("inCluster", out.in_cluster);
  if (in.readable() && in.Has("kubeconfig") == out.in_cluster) {
    in.Wrong(in.Has("kubeconfig") ? "inCluster" : "kubeconfig",
             "must be given either as kubeconfig or as inCluster: true, allowed is exactly one of them");
  }
  if (out.in_cluster && in.Has("context")) {
    in.Wrong("context", "belongs to a kubeconfig, allowed with inCluster is none");
  }
  in.Done();
}

void ReadMember(Section in, MemberConfig& out) {
  in.Text("ip", out.ip, kIpAddress);
  in.Text("fqdn", out.fqdn, kHostName);
  in.Text("vsUuid", out.vs_uuid, kAnyText);
  const int given = (in.Has("ip") ? 1 : 0) + (in.Has("fqdn") ? 1 : 0) + (in.Has("vsUuid") ? 1 : 0);
  if (in.readable() && given != 1) {
    in.Wrong("ip", "one way to find the member is needed, allowed is exactly one of ip, fqdn, vsUuid");
  }
  in.Done();
}

void ReadSite(Section& in, SiteConfig& out) {
  in.Text("site", out.site, kLabel, Need::kRequired);
  in.Text("cluster", out.cluster, kLabel, Need::kRequired);
  in.Text("namespace", out.name_space, kLabel, Need::kRequired);
  in.Text("deployment", out.deployment, kObjectName, Need::kRequired);
  if (auto member = in.Below("member", Need::kRequired)) ReadMember(std::move(*member), out.member);
}

void ReadAutoscaler(Section& in, AutoscalerConfig& out) {
  in.Choice<DemandKind>("kind", out.kind,
                        {{"TsmDefinition", DemandKind::kTsmDefinition},
                         {"HorizontalPodAutoscaler", DemandKind::kHorizontalPodAutoscaler}});
  in.Text("name", out.name, kObjectName, Need::kRequired);
}

// Where the file says nothing, the best source that needs nothing else to be set up, and one that is always there.
void ReadUsage(std::optional<Section> in, UsageConfig& out, OverflowPolicy& policy) {
  policy.usage = {UsageSource::kMetrics, UsageSource::kShare};
  if (!in) return;
  in->Order<UsageSource>(
      "from", policy.usage,
      {{"metrics", UsageSource::kMetrics}, {"autoscaler", UsageSource::kAutoscaler}, {"share", UsageSource::kShare}});
  const auto uses = [&](UsageSource source) {
    return std::find(policy.usage.begin(), policy.usage.end(), source) != policy.usage.end();
  };
  std::string cpu;
  in->Text("cpuPerReplica", cpu, kCpu);
  policy.cpu_per_replica = cpu.empty() ? 0 : k8s::ParseQuantity(cpu).value_or(0);
  in->Time("pollInterval", out.poll_interval, {1s, 30s});
  if (auto autoscaler = in->Below("autoscaler")) {
    ReadAutoscaler(*autoscaler, out.observer.emplace());
    autoscaler->Done();
  }
  if (in->readable() && uses(UsageSource::kAutoscaler) != in->Has("autoscaler")) {
    in->Wrong(in->Has("autoscaler") ? "from" : "autoscaler",
              in->Has("autoscaler") ? "does not name autoscaler, allowed with usage.autoscaler is a list that does"
                                    : "is missing, it is required where from names autoscaler");
  }
  in->Done();
}

void ReadHome(Section in, AppConfig& out) {
  ReadSite(in, out.home);
  if (auto demand = in.Below("demand", Need::kRequired)) {
    ReadAutoscaler(*demand, out.demand);
    demand->Time("averagedOver", out.policy.averaged_over, {0s, 1h});
    demand->Done();
  }
  in.Done();
}

void ReadOverflow(Section in, AppConfig& out) {
  SiteConfig site;
  OverflowPolicy policy;
  ReadSite(in, site);
  in.Count("minReplicas", policy.replicas_min, {0, 10000});
  in.Count("maxReplicas", policy.replicas_max, {1, 10000});
  in.Number("capacityFactor", policy.capacity_factor, {0.01, 100});
  in.Number("pricePerReplicaHour", policy.price, {0, 10000});
  ReadUsage(in.Below("usage"), site.usage, policy);
  if (policy.replicas_min > policy.replicas_max) {
    in.Wrong("minReplicas", std::to_string(policy.replicas_min) + " is more than maxReplicas, allowed is at most " +
                                std::to_string(policy.replicas_max));
  }
  in.Done();
  policy.site = site.site;
  out.overflow.push_back(std::move(site));
  out.policy.overflow.push_back(std::move(policy));
}

void ReadApp(Section in, AppConfig& out) {
  in.Text("name", out.name, kLabel, Need::kRequired);
  in.Text("gslbService", out.gslb_service, kAnyText, Need::kRequired);
  in.Choice<Mode>("mode", out.policy.mode,
                  {{"round-robin", Mode::kRoundRobin},
                   {"weighted", Mode::kWeighted},
                   {"active-passive", Mode::kActivePassive},
                   {"auto", Mode::kAuto}});
  if (auto home = in.Below("home", Need::kRequired)) ReadHome(std::move(*home), out);
  for (Section& site : in.Items("overflow")) ReadOverflow(std::move(site), out);
  if (auto policy = in.Below("policy")) ReadPolicy(std::move(*policy), out.policy, out.changes);
  in.Done();
  out.policy.app = out.name;
  out.policy.home = out.home.site;
}

Config ReadAll(ReadContext& context, const YAML::Node& root) {
  Config config;
  Section in(context, "", root, 1);
  std::string version;
  in.Text("apiVersion", version, kOnlyVersion, Need::kRequired);
  if (auto controller = in.Below("controller")) ReadController(std::move(*controller), config.controller);
  if (auto avi = in.Below("avi", Need::kRequired)) ReadAvi(std::move(*avi), config.avi);
  for (auto& [name, cluster] : in.Named("clusters", kLabel)) ReadCluster(std::move(cluster), config.clusters[name]);
  for (Section& app : in.Items("apps")) ReadApp(std::move(app), config.apps.emplace_back());
  in.Done();
  return config;
}

}  // namespace

std::variant<Config, Mistakes> ParseConfig(const std::string& text) {
  ReadContext context;
  Config config;
  try {
    config = ReadAll(context, YAML::Load(text));
  } catch (const YAML::Exception& e) {
    const int line = e.mark.is_null() ? 1 : e.mark.line + 1;
    return Mistakes{{line, "", "is not YAML: " + e.msg}};
  }
  CheckRelations(config, context);
  if (context.mistakes.empty()) return config;
  std::stable_sort(context.mistakes.begin(), context.mistakes.end(),
                   [](const Mistake& a, const Mistake& b) { return a.line < b.line; });
  return context.mistakes;
}

std::variant<Config, Mistakes> LoadConfig(const std::string& path) {
  const auto text = ReadFile(path, kBytesCap);
  if (!text) return Mistakes{{0, "", text.error().what}};
  return ParseConfig(*text);
}

std::string MistakesText(const std::string& path, const Mistakes& mistakes) {
  std::string text;
  for (const Mistake& mistake : mistakes) {
    text += path + ":" + std::to_string(mistake.line) + ": " + (mistake.key.empty() ? "" : mistake.key + ": ") +
            mistake.what + "\n";
  }
  return text;
}

std::vector<ConfigKey> ConfigKeys() {
  ReadContext context;
  context.describing = true;
  ReadAll(context, YAML::Node());
  return context.keys;
}

}  // namespace spillway::daemon
