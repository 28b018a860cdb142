#include "tools/lab/kubernetes_setup.h"

#include <tuple>
#include <utility>
#include <vector>

#include "tools/lab/site.h"

namespace spillway::lab {
namespace {

std::string Text(std::string_view view) { return std::string(view); }

std::string DeploymentJson(int replicas) {
  const std::string name = Text(kDeployment);
  return R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":")" + name + R"(","namespace":")" +
         Text(kNamespace) + R"(","labels":{"app":")" + name + R"("}},"spec":{"replicas":)" + std::to_string(replicas) +
         R"(,"selector":{"matchLabels":{"app":")" + name + R"("}},"template":{"metadata":{"labels":{"app":")" + name +
         R"("}},"spec":{"containers":[{"name":"shop","image":"registry.lab.test/shop:1.0",
              "resources":{"requests":{"cpu":")" +
         std::to_string(kMillicoresUp) + R"(m"}}}]}}}})";
}

std::string DefinitionJson() {
  return R"({"apiVersion":"autoscaling.tsm.tanzu.vmware.com/v1alpha1","kind":"Definition","metadata":{"name":")" +
         Text(kDefinition) + R"(","namespace":")" + Text(kNamespace) + R"(","labels":{"app":")" + Text(kDeployment) +
         R"("}},"spec":{"scaleTargetRef":{"kubernetes":{"apiVersion":"apps/v1","kind":"Deployment","name":")" +
         Text(kDeployment) + R"("}},"scaleRule":{"mode":"EFFICIENCY","enabled":true,"instances":{"min":1,"max":)" +
         std::to_string(kHomeReplicasMax) +
         R"(},"trigger":{"gracePeriodSeconds":10,"metric":{"name":"CPUUsageMillicores","scaleUp":)" +
         std::to_string(kMillicoresUp) + R"(,"scaleDown":)" + std::to_string(kMillicoresDown) + R"(,"windowSeconds":)" +
         std::to_string(kAutoscalerWindowStatedSeconds) + "}}}}}";
}

AccessRule Rule(std::string group, std::vector<std::string> resources, std::vector<std::string> verbs) {
  AccessRule rule;
  rule.groups = {std::move(group)};
  rule.resources = std::move(resources);
  rule.verbs = std::move(verbs);
  rule.in_namespace = Text(kNamespace);
  return rule;
}

std::vector<AccessRule> SpillwayRules(std::size_t site) {
  const std::vector<std::string> read = {"get", "list", "watch"};
  std::vector<AccessRule> rules = {
      Rule("apps", {"deployments"}, read),
      Rule("", {"pods"}, read),
      Rule("discovery.k8s.io", {"endpointslices"}, read),
      Rule("events.k8s.io", {"events"}, {"create", "patch"}),
      Rule("autoscaling.tsm.tanzu.vmware.com", {"definitions"}, read),
      Rule("autoscaling", {"horizontalpodautoscalers"}, read),
  };
  if (site == kOverflow) {
    rules.push_back(Rule("metrics.k8s.io", {"pods"}, {"list"}));
    rules.push_back(Rule("apps", {"deployments/scale"}, {"get", "patch", "update"}));
    rules.back().names = {Text(kDeployment)};
    return rules;
  }
  for (const auto& [group, resource, name, change] : {std::tuple{"coordination.k8s.io", "leases", "spillway", "update"},
                                                      std::tuple{"", "configmaps", "spillway-state", "patch"}}) {
    AccessRule own = Rule(group, {resource}, {"get", "create", change});
    own.names = {name};
    own.in_namespace = "spillway";
    rules.push_back(own);
  }
  return rules;
}

}  // namespace

AutoscalerOptions HomeAutoscaler() {
  AutoscalerOptions options;
  options.window = std::chrono::seconds{kAutoscalerWindowSeconds};
  return options;
}

Result<std::unique_ptr<Cluster>> MakeCluster(std::size_t site, const KubernetesSetup& setup, const Clock& clock) {
  ClusterOptions options;
  options.name = Text(kSites.at(site).key);
  options.seed = setup.seed + site;
  options.pods = {.to_running = Duration{}, .to_ready = Duration{}};
  options.autoscaler = HomeAutoscaler();
  options.metrics = {.available = true, .reading = true, .resolution = std::chrono::seconds{kMetricsSeconds}};
  options.api.bookmark_period = std::chrono::seconds{kBookmarkSeconds};
  auto cluster = std::make_unique<Cluster>(clock, options);
  std::vector<std::string> objects = {DeploymentJson(site == kHome ? 1 : 0)};
  if (site == kHome) {
    objects.push_back(R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"spillway"}})");
    objects.push_back(DefinitionJson());
  }
  for (const std::string& object : objects) {
    if (const std::string refusal = cluster->Create(object); !refusal.empty()) {
      return Error{Code::kRejected, "the lab's own object in cluster " + options.name + ": " + refusal};
    }
  }
  User admin;
  admin.name = "admin";
  admin.token = setup.admin_token;
  admin.admin = true;
  cluster->AddUser(admin);
  User spillway;
  spillway.name = Text(kUser);
  spillway.token = setup.user_token;
  spillway.rules = SpillwayRules(site);
  cluster->AddUser(spillway);
  return cluster;
}

}  // namespace spillway::lab
