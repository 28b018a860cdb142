#include "tools/lab/avi/config.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace spillway::lab::avi {
namespace {

std::string Text(const JsonValue& value, std::string_view path) { return StringAt(value, path).value_or(""); }

std::optional<int> Number(const JsonValue& value, std::string_view path) {
  const auto n = IntAt(value, path);
  return n ? std::optional<int>(static_cast<int>(*n)) : std::nullopt;
}

template <class Each>
void ForEach(const JsonValue& value, std::string_view name, const Each& each) {
  const JsonValue* list = Find(value, name);
  if (list == nullptr || !list->IsArray()) return;
  for (const JsonValue& entry : list->GetArray()) each(entry);
}

MemberConfig ReadMember(const JsonValue& body) {
  MemberConfig member;
  member.ip = Text(body, "ip.addr");
  member.fqdn = Text(body, "fqdn");
  member.cluster_uuid = Text(body, "cluster_uuid");
  member.vs_uuid = Text(body, "vs_uuid");
  member.ratio = Number(body, "ratio").value_or(1);
  member.preference_order = Number(body, "preference_order").value_or(1);
  member.enabled = BoolAt(body, "enabled").value_or(true);
  return member;
}

PoolConfig ReadPool(const JsonValue& body) {
  PoolConfig pool;
  pool.name = Text(body, "name");
  pool.algorithm = Text(body, "algorithm");
  pool.priority = Number(body, "priority").value_or(10);
  pool.enabled = BoolAt(body, "enabled").value_or(true);
  pool.manual_resume = BoolAt(body, "manual_resume").value_or(false);
  pool.monitors_up_least = Number(body, "min_health_monitors_up");
  ForEach(body, "members", [&](const JsonValue& member) { pool.members.push_back(ReadMember(member)); });
  return pool;
}

GslbSiteConfig ReadSite(const JsonValue& body, bool third_party) {
  GslbSiteConfig site;
  site.name = Text(body, "name");
  site.cluster_uuid = Text(body, "cluster_uuid");
  site.enabled = BoolAt(body, "enabled").value_or(true);
  site.active = Text(body, "member_type") == "GSLB_ACTIVE_MEMBER";
  site.suspended = BoolAt(body, "suspend_mode").value_or(false);
  site.ratio = Number(body, "ratio");
  site.third_party = third_party;
  return site;
}

ProbeTarget::Kind ReadKind(std::string_view type) {
  using enum ProbeTarget::Kind;
  if (type == "HEALTH_MONITOR_PING") return kPing;
  if (type == "HEALTH_MONITOR_TCP") return kTcp;
  if (type == "HEALTH_MONITOR_UDP") return kUdp;
  if (type == "HEALTH_MONITOR_HTTP") return kHttp;
  if (type == "HEALTH_MONITOR_HTTPS") return kHttps;
  return kOther;
}

// "GET /healthz HTTP/1.1\r\n..." -> method and path.
void ReadRequestLine(const std::string& line, ProbeTarget& target) {
  const std::size_t first = line.find(' ');
  if (first == std::string::npos) return;
  const std::size_t second = std::min(line.find_first_of(" \r\n", first + 1), line.size());
  target.method = line.substr(0, first);
  target.path = line.substr(first + 1, second - first - 1);
}

}  // namespace

std::string CanonicalName(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  if (name.ends_with('.')) name.pop_back();
  return name;
}

ServiceConfig ReadService(const JsonValue& body) {
  ServiceConfig service;
  ForEach(body, "domain_names", [&](const JsonValue& name) {
    if (name.IsString()) service.domain_names.push_back(CanonicalName(name.GetString()));
  });
  ForEach(body, "health_monitor_refs", [&](const JsonValue& ref) {
    const std::string_view text = ref.GetString();
    service.monitors.emplace_back(text.substr(text.rfind('/') + 1));
  });
  service.ttl = Number(body, "ttl");
  service.num_dns_ip = Number(body, "num_dns_ip").value_or(0);
  service.enabled = BoolAt(body, "enabled").value_or(true);
  service.controller_status = BoolAt(body, "controller_health_status_enabled").value_or(true);
  service.only_third_party = Text(body, "health_monitor_scope") == "GSLB_SERVICE_HEALTH_MONITOR_ONLY_NON_AVI_MEMBERS";
  service.pool_algorithm = Text(body, "pool_algorithm");
  service.down_response = Text(body, "down_response.type");
  service.fallback_ip = Text(body, "down_response.fallback_ip.addr");
  service.fallback_ip6 = Text(body, "down_response.fallback_ip6.addr");
  service.fallback_cname = Text(body, "down_response.fallback_cname");
  ForEach(body, "groups", [&](const JsonValue& pool) { service.pools.push_back(ReadPool(pool)); });
  return service;
}

const GslbSiteConfig* GslbConfig::Find(const std::string& cluster_uuid) const {
  for (const GslbSiteConfig& site : sites) {
    if (site.cluster_uuid == cluster_uuid) return &site;
  }
  return nullptr;
}

GslbConfig ReadGslb(const JsonValue& body) {
  GslbConfig gslb;
  gslb.leader = Text(body, "leader_cluster_uuid");
  gslb.view_id = IntAt(body, "view_id").value_or(0);
  gslb.maintenance = BoolAt(body, "maintenance_mode").value_or(false);
  gslb.enable_by_members = BoolAt(body, "enable_config_by_members").value_or(false);
  gslb.manual_replication = Text(body, "replication_policy.replication_mode") == "REPLICATION_MODE_MANUAL";
  const std::string checkpoint = Text(body, "replication_policy.checkpoint_ref");
  gslb.checkpoint = checkpoint.substr(checkpoint.rfind('/') + 1);
  gslb.send_interval = std::chrono::seconds(Number(body, "send_interval").value_or(15));
  gslb.clear_on_max_retries = Number(body, "clear_on_max_retries").value_or(20);
  ForEach(body, "dns_configs",
          [&](const JsonValue& dns) { gslb.dns_domains.push_back(CanonicalName(Text(dns, "domain_name"))); });
  ForEach(body, "sites", [&](const JsonValue& site) { gslb.sites.push_back(ReadSite(site, false)); });
  ForEach(body, "third_party_sites", [&](const JsonValue& site) { gslb.sites.push_back(ReadSite(site, true)); });
  return gslb;
}

ProbeTarget ReadMonitor(const std::string& uuid, const JsonValue& body) {
  ProbeTarget target;
  target.monitor = uuid;
  target.kind = ReadKind(Text(body, "type"));
  const bool https = target.kind == ProbeTarget::Kind::kHttps;
  const int port = Number(body, "monitor_port").value_or(0);
  target.port = port != 0 ? port : (https ? 443 : 80);
  target.send_interval = std::chrono::seconds(Number(body, "send_interval").value_or(10));
  target.receive_timeout = std::chrono::seconds(Number(body, "receive_timeout").value_or(4));
  target.successful_checks = Number(body, "successful_checks").value_or(2);
  target.failed_checks = Number(body, "failed_checks").value_or(2);
  if (https || target.kind == ProbeTarget::Kind::kHttp) {
    const JsonValue* http = Find(body, https ? "https_monitor" : "http_monitor");
    if (http != nullptr) {
      ReadRequestLine(Text(*http, "http_request"), target);
      ForEach(*http, "http_response_code",
              [&](const JsonValue& code) { target.response_codes.emplace_back(code.GetString()); });
    }
    if (target.response_codes.empty()) target.response_codes = {"HTTP_2XX", "HTTP_3XX"};
  }
  return target;
}

}  // namespace spillway::lab::avi
