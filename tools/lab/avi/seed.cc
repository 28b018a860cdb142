#include "tools/lab/avi/seed.h"

#include <charconv>
#include <stdexcept>

#include "tools/lab/avi/objects.h"

namespace spillway::lab::avi {
namespace {

// Source: the monitors that a controller has from the start, as AMKO's recorded objects show them.
constexpr std::string_view kMonitors[] = {
    R"({"name":"System-GSLB-Ping","type":"HEALTH_MONITOR_PING","is_federated":true})",
    R"({"name":"System-GSLB-TCP","type":"HEALTH_MONITOR_TCP","is_federated":true,"send_interval":10,)"
    R"("receive_timeout":4,"successful_checks":2,"failed_checks":2,"monitor_port":80})",
    R"({"name":"System-GSLB-HTTP","type":"HEALTH_MONITOR_HTTP","is_federated":true,"send_interval":10,)"
    R"("receive_timeout":4,"successful_checks":3,"failed_checks":3,"monitor_port":80,"http_monitor":)"
    R"({"http_request":"HEAD / HTTP/1.0","http_response_code":["HTTP_2XX","HTTP_3XX"]}})",
    R"({"name":"System-GSLB-HTTPS","type":"HEALTH_MONITOR_HTTPS","is_federated":true,"send_interval":10,)"
    R"("receive_timeout":4,"successful_checks":3,"failed_checks":3,"monitor_port":443,"https_monitor":)"
    R"({"http_request":"HEAD / HTTP/1.0","http_response_code":["HTTP_2XX","HTTP_3XX"]}})",
    R"({"name":"System-GSLB-UDP","type":"HEALTH_MONITOR_UDP","is_federated":true,"send_interval":4,)"
    R"("receive_timeout":2,"successful_checks":2,"failed_checks":2})",
};

struct Address {
  std::string host;
  int port = 443;
};
Address AddressOf(std::string_view url) {
  const std::size_t start = url.find("://");
  if (start != std::string_view::npos) url.remove_prefix(start + 3);
  Address address;
  address.host = std::string(url.substr(0, url.find_first_of(":/")));
  const std::size_t colon = url.find(':');
  if (colon != std::string_view::npos) {
    std::from_chars(url.data() + colon + 1, url.data() + url.size(), address.port);
  }
  return address;
}

// GslbSite of one of our sites.
JsonValue SiteJson(const SiteOptions& site, const std::string& domain, Pen& pen) {
  JsonValue value = Pen::Object();
  pen.Put(value, "name", site.name);
  pen.Put(value, "cluster_uuid", site.cluster_uuid);
  pen.Put(value, "username", "gslb-admin");
  pen.Put(value, "password", "<sensitive>");
  pen.Put(value, "member_type", site.active ? "GSLB_ACTIVE_MEMBER" : "GSLB_PASSIVE_MEMBER");
  const Address address = AddressOf(site.url);
  JsonValue ip = Pen::Object();
  pen.Put(ip, "addr", address.host.empty() ? site.name : address.host);
  pen.Put(ip, "type", "V4");
  JsonValue ips = Pen::List();
  pen.Add(ips, std::move(ip));
  pen.Put(value, "ip_addresses", std::move(ips));
  pen.Put(value, "port", address.port);
  if (site.ratio) pen.Put(value, "ratio", *site.ratio);
  if (site.active) {
    JsonValue dns = Pen::Object();
    pen.Put(dns, "dns_vs_uuid", "virtualservice-dns-" + site.name);
    JsonValue names = Pen::List();
    if (!domain.empty()) pen.Add(names, pen.Text(domain));
    pen.Put(dns, "domain_names", std::move(names));
    JsonValue list = Pen::List();
    pen.Add(list, std::move(dns));
    pen.Put(value, "dns_vses", std::move(list));
  }
  return value;
}

std::string GslbJson(const State& state) {
  JsonDocument body(rapidjson::kObjectType);
  Pen pen(body.GetAllocator());
  pen.Put(body, "name", "Default");
  pen.Put(body, "view_id", 1);
  pen.Put(body, "send_interval", std::max<std::int64_t>(1, state.options.send_interval / 1s));
  pen.Put(body, "clear_on_max_retries", state.options.clear_on_max_retries);
  JsonValue dns = Pen::List();
  for (const std::string& domain : state.options.dns_domains) {
    JsonValue entry = Pen::Object();
    pen.Put(entry, "domain_name", domain);
    pen.Add(dns, std::move(entry));
  }
  pen.Put(body, "dns_configs", std::move(dns));
  const std::string domain = state.options.dns_domains.empty() ? "" : state.options.dns_domains.front();
  std::string leader = state.sites.front()->options.cluster_uuid;
  JsonValue sites = Pen::List();
  for (const auto& site : state.sites) {
    pen.Add(sites, SiteJson(site->options, domain, pen));
    if (site->options.leader) leader = site->options.cluster_uuid;
  }
  pen.Put(body, "sites", std::move(sites));
  pen.Put(body, "leader_cluster_uuid", leader);
  JsonValue third_party = Pen::List();
  for (const SiteOptions& site : state.options.third_party_sites) {
    JsonValue entry = Pen::Object();
    pen.Put(entry, "name", site.name);
    pen.Put(entry, "cluster_uuid", site.cluster_uuid.empty() ? "tp_cluster-" + site.name : site.cluster_uuid);
    if (site.ratio) pen.Put(entry, "ratio", *site.ratio);
    pen.Add(third_party, std::move(entry));
  }
  if (!third_party.Empty()) pen.Put(body, "third_party_sites", std::move(third_party));
  return JsonText(body);
}

void MustSeed(State& state, const std::string& type, std::string_view json, const std::string& uuid = "") {
  const auto seeded = Seed(state, type, json, uuid);
  if (!seeded) throw std::invalid_argument("Avi federation options: " + seeded.error().what);
}

}  // namespace

Result<std::string> Seed(State& state, const std::string& type_path, std::string_view json, const std::string& uuid) {
  const Type* type = FindType(type_path);
  if (type == nullptr) return Error{Code::kMissing, "no type of object named " + type_path};
  auto body = ParseJson(json);
  if (!body) return body.error();
  if (!body->IsObject()) return Error{Code::kRejected, "a JSON object is required"};
  const auto own = ParseVersion(state.options.version).value_or(Version{});
  if (auto wrong = Check(*type->message, *body, own)) return Error{Code::kRejected, *wrong};
  const Call call;
  Exchange exchange = Open(state, *state.sites.front(), call);
  const std::string id = uuid.empty() ? StringAt(*body, "uuid").value_or(state.NewUuid(type->path)) : uuid;
  Prepared prepared = Prepare(exchange, *type, std::move(*body), nullptr, id);
  if (const auto* failed = std::get_if<HttpResponse>(&prepared)) return Error{Code::kRejected, failed->body};
  const ObjectPtr object = std::get<ObjectPtr>(prepared);
  for (const auto& site : state.sites) Keep(state, *site, object);
  return object->uuid;
}

void SeedAll(State& state) {
  MustSeed(state, "tenant", R"({"name":"admin"})", "admin");
  for (const std::string& tenant : state.options.tenants) {
    JsonDocument body(rapidjson::kObjectType);
    Pen(body.GetAllocator()).Put(body, "name", tenant);
    MustSeed(state, "tenant", JsonText(body));
  }
  MustSeed(state, "gslb", GslbJson(state));
  MustSeed(state, "cloud", R"({"name":"Default-Cloud"})");
  for (const std::string_view monitor : kMonitors) MustSeed(state, "healthmonitor", monitor);
}

ObjectPtr EditGslb(State& state, SiteState& site, const std::function<void(JsonDocument&, Pen&)>& edit) {
  const ObjectPtr old = site.store.List("gslb").at(0);
  JsonDocument body;
  body.CopyFrom(old->body, body.GetAllocator());
  Pen pen(body.GetAllocator());
  edit(body, pen);
  const Call call;
  Exchange exchange = Open(state, site, call);
  Prepared prepared = Prepare(exchange, *old->type, std::move(body), old);
  const ObjectPtr gslb = std::get<ObjectPtr>(prepared);
  Keep(state, site, gslb);
  return gslb;
}

SiteState& CurrentLeader(State& state) {
  SiteState* leader = state.sites.front().get();
  for (const auto& site : state.sites) {
    if (!site->leads()) continue;
    if (!leader->leads() || site->gslb.view_id > leader->gslb.view_id) leader = site.get();
  }
  return *leader;
}

}  // namespace spillway::lab::avi
