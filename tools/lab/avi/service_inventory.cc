// gslbservice-inventory and a service's runtime.
#include <algorithm>

#include "tools/lab/avi/inventory.h"
#include "tools/lab/avi/objects.h"
#include "tools/lab/avi/verdict.h"

namespace spillway::lab::avi {
namespace {

// GslbServiceConfig: the part of a service that the inventory repeats. Neither ttl, num_dns_ip, created_by nor the
// monitors are in it.
constexpr std::string_view kConfigFields[] = {"name",
                                              "uuid",
                                              "url",
                                              "tenant_ref",
                                              "domain_names",
                                              "groups",
                                              "enabled",
                                              "pool_algorithm",
                                              "min_members",
                                              "down_response",
                                              "controller_health_status_enabled",
                                              "health_monitor_scope",
                                              "is_federated",
                                              "site_persistence_enabled",
                                              "use_edns_client_subnet",
                                              "wildcard_match",
                                              "resolve_cname"};

std::string_view AddressType(std::string_view address) {
  return address.find(':') == std::string_view::npos ? "V4" : "V6";
}

JsonValue IpJson(const std::string& address, Pen& pen) {
  JsonValue ip = Pen::Object();
  pen.Put(ip, "addr", address);
  pen.Put(ip, "type", AddressType(address));
  return ip;
}

// vserver_l4_metrics and vserver_l7_metrics; every lab request has a connection of its own.
void PutMetrics(const Exchange& exchange, const MemberConfig& member, JsonValue& value, Pen& pen) {
  const auto traffic = exchange.state.traffic.find(member.address());
  if (traffic == exchange.state.traffic.end() || member.vs_uuid.empty()) return;
  JsonValue l4 = Pen::Object();
  pen.Put(l4, "node_obj_id", member.vs_uuid);
  pen.Put(l4, "avg_complete_conns", traffic->second.requests_per_second);
  pen.Put(l4, "max_open_conns", traffic->second.open_connections);
  pen.Put(value, "vserver_l4_metrics", std::move(l4));
  JsonValue l7 = Pen::Object();
  pen.Put(l7, "node_obj_id", member.vs_uuid);
  pen.Put(l7, "avg_complete_responses", traffic->second.requests_per_second);
  pen.Put(value, "vserver_l7_metrics", std::move(l7));
}

// GslbPoolMemberRuntimeInfo
JsonValue MemberRuntime(const Exchange& exchange, const Object& service, const MemberConfig& member,
                        const MemberHealth& health, Pen& pen) {
  JsonValue value = Pen::Object();
  if (!member.ip.empty()) pen.Put(value, "ip", IpJson(member.ip, pen));
  if (!member.fqdn.empty()) pen.Put(value, "fqdn", member.fqdn);
  if (!member.cluster_uuid.empty()) pen.Put(value, "cluster_uuid", member.cluster_uuid);
  if (const GslbSiteConfig* site = exchange.site.gslb.Find(member.cluster_uuid))
    pen.Put(value, "site_name", site->name);
  if (!member.vs_uuid.empty()) {
    pen.Put(value, "vs_uuid", member.vs_uuid);
    const ObjectPtr vs = exchange.site.store.Find("virtualservice", member.vs_uuid);
    if (vs != nullptr) pen.Put(value, "vs_name", vs->name);
  }
  pen.Put(value, "vip_type", member.vs_uuid.empty() ? "NON_AVI_VIP" : "AVI_VIP");
  pen.Put(value, "gs_uuid", service.uuid);
  pen.Put(value, "gs_name", service.name);
  pen.Put(value, "oper_status", StatusJson(health.oper, pen));
  if (health.controller) pen.Put(value, "controller_status", StatusJson(*health.controller, pen));
  JsonValue datapath = Pen::List();
  for (const auto& [site, status] : health.datapath) {
    JsonValue entry = Pen::Object();
    pen.Put(entry, "site_uuid", exchange.state.sites[site]->options.cluster_uuid);
    pen.Put(entry, "oper_status", StatusJson(status, pen));
    pen.Add(datapath, std::move(entry));
  }
  if (!datapath.Empty()) pen.Put(value, "datapath_status", std::move(datapath));
  if (!member.ip.empty()) {
    const std::string other = OtherVip(exchange.state, exchange.site, member);
    JsonValue ips = Pen::List();
    pen.Add(ips, IpJson(other.empty() ? member.ip : other, pen));
    pen.Put(value, "oper_ips", std::move(ips));
  }
  PutMetrics(exchange, member, value, pen);
  return value;
}

// As an object or, if so switched, as a list of one.
JsonValue RuntimeInItsShape(const Exchange& exchange, const Object& service, Pen& pen) {
  JsonValue runtime = ServiceRuntime(exchange, service, pen);
  if (!exchange.state.options.runtime_as_list) return runtime;
  JsonValue list = Pen::List();
  pen.Add(list, std::move(runtime));
  return list;
}

JsonDocument Inventory(const Exchange& exchange, const Object& service) {
  const bool named = exchange.Query("include_name").has_value();
  JsonDocument whole = Render(exchange, service, named);
  JsonDocument body(rapidjson::kObjectType);
  Pen pen(body.GetAllocator());
  pen.Put(body, "uuid", service.uuid);
  pen.Put(body, "url", exchange.base_url + "/api/gslbservice-inventory/" + service.uuid);
  pen.Put(body, "_last_modified", std::to_string(service.modified));
  JsonValue config = Pen::Object();
  for (const std::string_view field : kConfigFields) {
    if (const JsonValue* value = Find(whole, field)) pen.Put(config, field, pen.Copy(*value));
  }
  pen.Put(body, "config", std::move(config));
  pen.Put(body, "runtime", RuntimeInItsShape(exchange, service, pen));
  return body;
}

}  // namespace

JsonValue StatusJson(const Status& status, Pen& pen) {
  JsonValue value = Pen::Object();
  pen.Put(value, "state", Text(status.oper));
  const auto micros = status.since.time_since_epoch().count();
  JsonValue changed = Pen::Object();
  pen.Put(changed, "secs", micros / 1'000'000);
  pen.Put(changed, "usecs", micros % 1'000'000);
  pen.Put(value, "last_changed_time", std::move(changed));
  if (!status.reason.empty()) {
    JsonValue reasons = Pen::List();
    pen.Add(reasons, pen.Text(status.reason));
    pen.Put(value, "reason", std::move(reasons));
  }
  return value;
}

JsonValue ServiceRuntime(const Exchange& exchange, const Object& service, Pen& pen) {
  JsonValue value = Pen::Object();
  pen.Put(value, "uuid", service.uuid);
  pen.Put(value, "name", service.name);
  if (ParseVersion("31.1.1") <= ParseVersion(exchange.state.options.version)) {
    // Source: alb-sdk 31.x go/models/gslb_service_runtime.go: the runtime says whose it is.
    pen.Put(value, "cluster_uuid", exchange.site.options.cluster_uuid);
    pen.Put(value, "obj_uuid", service.uuid);
    pen.Put(value, "tenant_ref", exchange.base_url + "/api/tenant/" + service.tenant);
  }
  const auto found = exchange.site.health.services.find(service.uuid);
  if (found == exchange.site.health.services.end()) return value;
  const ServiceHealth& health = found->second;
  pen.Put(value, "oper_status", StatusJson(health.oper, pen));
  JsonValue names = Pen::List();
  for (const std::string& name : service.service.domain_names) pen.Add(names, pen.Text(name));
  pen.Put(value, "domain_names", std::move(names));
  if (const ObjectPtr tenant = exchange.site.store.Find("tenant", service.tenant)) {
    pen.Put(value, "tenant_name", tenant->name);
  }
  JsonValue pools = Pen::List();
  for (std::size_t p = 0; p < health.pools.size(); ++p) {
    const PoolConfig& config = health.of->service.pools[p];
    JsonValue pool = Pen::Object();
    pen.Put(pool, "name", config.name);
    pen.Put(pool, "oper_status", StatusJson(health.pools[p].oper, pen));
    JsonValue members = Pen::List();
    for (std::size_t m = 0; m < config.members.size(); ++m) {
      pen.Add(members, MemberRuntime(exchange, service, config.members[m], health.pools[p].members[m], pen));
    }
    pen.Put(pool, "members", std::move(members));
    pen.Add(pools, std::move(pool));
  }
  pen.Put(value, "groups", std::move(pools));
  return value;
}

HttpResponse GetServiceInventory(const Exchange& exchange) {
  return InventoryAnswer(exchange, *FindType("gslbservice"),
                         [](const Exchange& e, const ObjectPtr& service) { return Inventory(e, *service); });
}

HttpResponse GetServiceRuntime(const Exchange& exchange) {
  const Type& type = *FindType("gslbservice");
  const ObjectPtr service = Named(exchange, type);
  if (service == nullptr) return NotFound(type.title);
  JsonDocument body;
  Pen pen(body.GetAllocator());
  return JsonAnswer(200, RuntimeInItsShape(exchange, *service, pen));
}

}  // namespace spillway::lab::avi
