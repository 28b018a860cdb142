#include "tools/lab/avi/cluster.h"

#include "tools/lab/avi/pen.h"

namespace spillway::lab::avi {
namespace {

// Chosen: any fixed day before the lab's; clients compare it with what they saw before.
constexpr std::string_view kUpSince = "2025-12-01 04:58:48";

std::string HostOf(std::string_view url) {
  const std::size_t start = url.find("://");
  if (start != std::string_view::npos) url.remove_prefix(start + 3);
  return std::string(url.substr(0, url.find_first_of(":/")));
}

JsonValue ClusterState(Pen& pen) {
  JsonValue state = Pen::Object();
  pen.Put(state, "state", "CLUSTER_UP_NO_HA");
  pen.Put(state, "progress", 100);
  pen.Put(state, "up_since", kUpSince);
  return state;
}

}  // namespace

HttpResponse GetClusterStatus(const Exchange& /*exchange*/) {
  JsonDocument body(rapidjson::kObjectType);
  Pen pen(body.GetAllocator());
  pen.Put(body, "cluster_state", ClusterState(pen));
  return JsonAnswer(200, body);
}

HttpResponse GetInitialData(const Exchange& exchange) {
  JsonDocument body(rapidjson::kObjectType);
  Pen pen(body.GetAllocator());
  JsonValue version = Pen::Object();
  pen.Put(version, "Version", exchange.state.options.version);
  pen.Put(version, "Product", "controller");
  pen.Put(version, "ProductName", "Avi Cloud Controller");
  pen.Put(body, "version", std::move(version));
  pen.Put(body, "user_initialized", true);
  return JsonAnswer(200, body);
}

HttpResponse GetCluster(const Exchange& exchange) {
  JsonDocument body(rapidjson::kObjectType);
  Pen pen(body.GetAllocator());
  const SiteOptions& site = exchange.site.options;
  pen.Put(body, "uuid", site.cluster_uuid);
  pen.Put(body, "url", exchange.base_url + "/api/cluster");
  pen.Put(body, "name", "cluster-" + site.name);
  pen.Put(body, "tenant_ref", exchange.base_url + "/api/tenant/admin");
  JsonValue address = Pen::Object();
  pen.Put(address, "addr", HostOf(exchange.base_url));
  pen.Put(address, "type", "V4");
  JsonValue node = Pen::Object();
  pen.Put(node, "name", site.name + "-node1");
  pen.Put(node, "ip", std::move(address));
  pen.Put(node, "vm_uuid", site.cluster_uuid + "-vm1");
  pen.Put(node, "vm_hostname", site.name + "-node1");
  JsonValue nodes = Pen::List();
  pen.Add(nodes, std::move(node));
  pen.Put(body, "nodes", std::move(nodes));
  return JsonAnswer(200, body);
}

HttpResponse GetClusterRuntime(const Exchange& exchange) {
  JsonDocument body(rapidjson::kObjectType);
  Pen pen(body.GetAllocator());
  JsonValue node = Pen::Object();
  pen.Put(node, "name", exchange.site.options.name + "-node1");
  pen.Put(node, "role", "CLUSTER_LEADER");
  pen.Put(node, "state", "CLUSTER_ACTIVE");
  pen.Put(node, "up_since", kUpSince);
  pen.Put(node, "mgmt_ip", HostOf(exchange.base_url));
  JsonValue nodes = Pen::List();
  pen.Add(nodes, std::move(node));
  pen.Put(body, "node_states", std::move(nodes));
  pen.Put(body, "cluster_state", ClusterState(pen));
  return JsonAnswer(200, body);
}

HttpResponse GetClusterVersion(const Exchange& exchange) {
  JsonDocument body(rapidjson::kObjectType);
  Pen(body.GetAllocator()).Put(body, "Version", exchange.state.options.version);
  return JsonAnswer(200, body);
}

}  // namespace spillway::lab::avi
