#include "tools/lab/avi_setup.h"

#include "tools/lab/site.h"

namespace spillway::lab {
namespace {

std::string Text(std::string_view view) { return std::string(view); }

std::string MonitorJson(int app_port) {
  return R"({"name":"shop-http","type":"HEALTH_MONITOR_HTTP","is_federated":true,
             "send_interval":2,"receive_timeout":1,"successful_checks":2,"failed_checks":2,"monitor_port":)" +
         std::to_string(app_port) +
         R"(,"http_monitor":{"http_request":"GET /healthz HTTP/1.1","http_response_code":["HTTP_2XX"]}})";
}

std::string VirtualServiceJson(const LabSite& site, int app_port) {
  return R"({"name":"shop-)" + Text(site.key) + R"(","uuid":"virtualservice-)" + Text(site.key) +
         R"(","services":[{"port":)" + std::to_string(app_port) + R"(}],"vip":[{"ip_address":{"addr":")" +
         Text(site.vip) + R"(","type":"V4"}}]})";
}

std::string MemberJson(const LabSite& site) {
  return R"({"ip":{"addr":")" + Text(site.vip) + R"(","type":"V4"},"cluster_uuid":"cluster-)" + Text(site.key) +
         R"(","vs_uuid":"virtualservice-)" + Text(site.key) + R"(","ratio":1,"enabled":true})";
}

std::string PoolJson(const std::string& name, int priority, const LabSite& site) {
  return R"({"name":")" + name + R"(","priority":)" + std::to_string(priority) +
         R"(,"enabled":true,"algorithm":"GSLB_ALGORITHM_ROUND_ROBIN","members":[)" + MemberJson(site) + "]}";
}

std::string ServiceJson() {
  return R"({"name":")" + Text(kGslbService) + R"(","domain_names":[")" + Text(kFqdn) +
         R"("],"enabled":true,"num_dns_ip":1,"ttl":)" + std::to_string(kTtlSeconds) +
         R"(,"pool_algorithm":"GSLB_SERVICE_ALGORITHM_PRIORITY","controller_health_status_enabled":true,
            "health_monitor_refs":["/api/healthmonitor?name=shop-http"],
            "down_response":{"type":"GSLB_SERVICE_DOWN_RESPONSE_ALL_RECORDS"},"description":"the lab's shop",
            "groups":[)" +
         PoolJson("live", 20, kSites[kHome]) + ',' + PoolJson("parked", 0, kSites[kOverflow]) + "]}";
}

// Spillway's account: the rights that avi/README.md names, and a password that stays.
constexpr std::string_view kRole =
    R"({"name":"Spillway","uuid":"role-spillway","privileges":[)"
    R"({"resource":"PERMISSION_GSLBSERVICE","type":"WRITE_ACCESS"},{"resource":"PERMISSION_GSLB","type":"READ_ACCESS"},)"
    R"({"resource":"PERMISSION_CONTROLLER","type":"READ_ACCESS"}]})";
constexpr std::string_view kProfile =
    R"({"name":"No-Lockout-Profile","uuid":"useraccountprofile-1","credentials_timeout_threshold":0})";

std::string UserJson() {
  return R"({"name":")" + Text(kUser) + R"(","username":")" + Text(kUser) +
         R"(","is_superuser":false,"user_profile_ref":"/api/useraccountprofile/useraccountprofile-1",)"
         R"("access":[{"role_ref":"/api/role/role-spillway","all_tenants":true}]})";
}

}  // namespace

Result<std::unique_ptr<avi::Federation>> MakeFederation(const AviSetup& setup, const Clock& clock) {
  avi::FederationOptions options;
  for (const LabSite& site : kSites) {
    avi::SiteOptions one;
    one.name = Text(site.key);
    one.leader = &site == &kSites[kHome];
    options.sites.push_back(one);
  }
  options.users = {{Text(kUser), setup.password}, {"admin", setup.admin_password}};
  options.dns_domains = {Text(kZoneApex)};
  options.seed = setup.seed;
  // Chosen: the shortest there is, so that one site hears of the other's health within a second.
  options.send_interval = 1s;
  auto federation = std::make_unique<avi::Federation>(clock, options);

  const auto create = [&](const std::string& type, const std::string& json) -> Status {
    const Result<std::string> made = federation->Create(type, json);
    if (!made) return Error{made.error().code, "the lab's own " + type + ": " + made.error().what};
    return Ok();
  };
  if (Status made = create("healthmonitor", MonitorJson(setup.app_port)); !made) return made.error();
  for (const LabSite& site : kSites) {
    if (Status made = create("virtualservice", VirtualServiceJson(site, setup.app_port)); !made) return made.error();
  }
  if (Status made = create("gslbservice", ServiceJson()); !made) return made.error();
  if (Status made = create("role", Text(kRole)); !made) return made.error();
  if (Status made = create("useraccountprofile", Text(kProfile)); !made) return made.error();
  if (Status made = create("user", UserJson()); !made) return made.error();
  return federation;
}

}  // namespace spillway::lab
