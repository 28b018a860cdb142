// The tables. Source: alb-sdk swagger 30.2.1 (GslbService, Gslb, HealthMonitor): fields, ranges, defaults, "since".
// Where the swagger is silent and the API is known to refuse (no group, no member, more than six monitors), the table
// says so.
#include "tools/lab/avi/schema.h"

namespace spillway::lab::avi {
namespace {

using enum Kind;

constexpr Field kUuid{.name = "uuid", .kind = kText};
constexpr Field kUrl{.name = "url", .kind = kText};
constexpr Field kModified{.name = "_last_modified", .kind = kText};
constexpr Field kTenant{.name = "tenant_ref", .kind = kRef};
constexpr Field kName{.name = "name", .kind = kText, .required = true};
constexpr Field kDescription{.name = "description", .kind = kText};
constexpr Field kConfigPb{.name = "configpb_attributes", .kind = kAny, .since = "21.1.1"};
constexpr Field kMarkers{.name = "markers", .kind = kAny, .since = "20.1.5"};
constexpr Field kOn{.name = "enabled", .kind = kBool, .fallback = "true"};

constexpr Field kIpFields[] = {
    {.name = "addr", .kind = kText, .required = true},
    {.name = "type", .kind = kChoice, .required = true, .choices = "V4 V6 DNS"},
};
constexpr Message kIp{.name = "IpAddr", .fields = kIpFields};
constexpr Field kPublicIpFields[] = {{.name = "ip", .kind = kMessage, .message = &kIp}};
constexpr Message kPublicIp{.name = "GslbIpAddr", .fields = kPublicIpFields};

constexpr std::string_view kAlgorithms =
    "GSLB_ALGORITHM_ROUND_ROBIN GSLB_ALGORITHM_CONSISTENT_HASH GSLB_ALGORITHM_GEO GSLB_ALGORITHM_TOPOLOGY "
    "GSLB_ALGORITHM_PREFERENCE_ORDER";

constexpr Field kMemberFields[] = {
    {.name = "ip", .kind = kMessage, .message = &kIp},
    {.name = "fqdn", .kind = kText},
    {.name = "cluster_uuid", .kind = kText},
    {.name = "vs_uuid", .kind = kText},
    {.name = "cloud_uuid", .kind = kText, .since = "17.1.2"},
    {.name = "ratio", .kind = kInt, .fallback = "1", .least = 1, .most = 20},
    kOn,
    {.name = "preference_order", .kind = kInt, .since = "22.1.1", .fallback = "1", .least = 1, .most = 128},
    {.name = "public_ip", .kind = kMessage, .since = "17.1.2", .message = &kPublicIp},
    {.name = "resolve_fqdn_to_v6", .kind = kBool, .since = "18.2.8 20.1.1"},
    {.name = "hostname", .kind = kText, .since = "18.2.5"},
    {.name = "location", .kind = kAny, .since = "17.1.1"},
    {.name = "description", .kind = kText, .since = "17.1.3"},
};
constexpr Message kMember{.name = "GslbPoolMember", .fields = kMemberFields, .key = "ip"};

constexpr Field kPoolFields[] = {
    kName,
    {.name = "algorithm",
     .kind = kChoice,
     .fallback = "\"GSLB_ALGORITHM_ROUND_ROBIN\"",
     .required = true,
     .choices = kAlgorithms},
    {.name = "fallback_algorithm", .kind = kChoice, .since = "18.2.3", .choices = kAlgorithms},
    {.name = "priority", .kind = kInt, .fallback = "10", .least = 0, .most = 100},
    {.name = "enabled", .kind = kBool, .since = "17.2.14 18.1.5 18.2.1", .fallback = "true"},
    {.name = "members", .kind = kMessages, .required = true, .message = &kMember},
    {.name = "consistent_hash_mask", .kind = kInt, .least = 1, .most = 31},
    {.name = "consistent_hash_mask6", .kind = kInt, .since = "18.2.8 20.1.1", .least = 1, .most = 127},
    {.name = "min_health_monitors_up", .kind = kInt, .since = "20.1.1"},
    {.name = "manual_resume", .kind = kBool, .since = "22.1.3"},
    {.name = "description", .kind = kText, .since = "17.1.3"},
};
constexpr Message kPool{.name = "GslbPool", .fields = kPoolFields, .key = "name"};

constexpr Field kDownFields[] = {
    {.name = "type",
     .kind = kChoice,
     .fallback = "\"GSLB_SERVICE_DOWN_RESPONSE_NONE\"",
     .required = true,
     .choices = "GSLB_SERVICE_DOWN_RESPONSE_NONE GSLB_SERVICE_DOWN_RESPONSE_ALL_RECORDS "
                "GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP GSLB_SERVICE_DOWN_RESPONSE_EMPTY "
                "GSLB_SERVICE_DOWN_RESPONSE_CNAME"},
    {.name = "fallback_ip", .kind = kMessage, .message = &kIp},
    {.name = "fallback_ip6", .kind = kMessage, .since = "18.2.8", .message = &kIp},
    {.name = "fallback_cname", .kind = kText, .since = "30.2.1 22.1.5"},
};
constexpr Message kDown{.name = "GslbServiceDownResponse", .fields = kDownFields};

constexpr Field kServiceFields[] = {
    kName,
    {.name = "domain_names", .kind = kTexts, .required = true},
    {.name = "groups", .kind = kMessages, .required = true, .message = &kPool},
    kOn,
    {.name = "pool_algorithm",
     .kind = kChoice,
     .since = "17.2.3",
     .fallback = "\"GSLB_SERVICE_ALGORITHM_PRIORITY\"",
     .choices = "GSLB_SERVICE_ALGORITHM_PRIORITY GSLB_SERVICE_ALGORITHM_GEO"},
    {.name = "num_dns_ip", .kind = kInt, .least = 1, .most = 20, .zero_too = true},
    {.name = "ttl", .kind = kInt, .least = 0, .most = 86400},
    {.name = "min_members", .kind = kInt, .since = "17.2.4", .least = 1, .most = 65535, .zero_too = true},
    {.name = "down_response",
     .kind = kMessage,
     .fallback = "{\"type\":\"GSLB_SERVICE_DOWN_RESPONSE_NONE\"}",
     .message = &kDown},
    {.name = "controller_health_status_enabled", .kind = kBool, .fallback = "true"},
    {.name = "health_monitor_refs", .kind = kRefs, .most = 6},
    {.name = "health_monitor_scope",
     .kind = kChoice,
     .fallback = "\"GSLB_SERVICE_HEALTH_MONITOR_ALL_MEMBERS\"",
     .choices = "GSLB_SERVICE_HEALTH_MONITOR_ALL_MEMBERS GSLB_SERVICE_HEALTH_MONITOR_ONLY_NON_AVI_MEMBERS"},
    {.name = "created_by", .kind = kText, .since = "17.1.2"},
    kDescription,
    {.name = "is_federated", .kind = kBool, .since = "17.1.3", .fallback = "true"},
    kMarkers,
    {.name = "site_persistence_enabled", .kind = kBool, .since = "17.2.1", .fallback = "false"},
    {.name = "application_persistence_profile_ref", .kind = kRef, .since = "17.2.1"},
    {.name = "pki_profile_ref", .kind = kRef, .since = "22.1.3"},
    {.name = "use_edns_client_subnet", .kind = kBool, .since = "17.1.1", .fallback = "true"},
    {.name = "wildcard_match", .kind = kBool, .since = "17.1.1", .fallback = "false"},
    {.name = "resolve_cname", .kind = kBool, .since = "18.2.5", .fallback = "false"},
    {.name = "topology_policy_enabled", .kind = kBool, .since = "22.1.1"},
    {.name = "hm_off", .kind = kBool, .since = "18.2.2"},
    kTenant,
    kConfigPb,
    kUuid,
    kUrl,
    kModified,
};
constexpr Message kService{.name = "GslbService", .fields = kServiceFields};

constexpr Field kSiteFields[] = {
    kName,
    {.name = "cluster_uuid", .kind = kText, .required = true},
    {.name = "username", .kind = kText, .required = true},
    {.name = "password", .kind = kText, .required = true},
    {.name = "ip_addresses", .kind = kMessages, .most = 3, .message = &kIp},
    {.name = "address", .kind = kText},
    {.name = "port", .kind = kInt, .fallback = "443", .least = 1, .most = 65535},
    {.name = "member_type",
     .kind = kChoice,
     .fallback = "\"GSLB_PASSIVE_MEMBER\"",
     .choices = "GSLB_ACTIVE_MEMBER GSLB_PASSIVE_MEMBER"},
    kOn,
    {.name = "dns_vses", .kind = kAny, .since = "17.2.3"},
    {.name = "hm_proxies", .kind = kAny, .since = "17.1.1"},
    {.name = "hm_shard_enabled", .kind = kBool, .since = "18.2.2"},
    {.name = "ratio", .kind = kInt, .since = "17.1.1", .least = 1, .most = 20},
    {.name = "suspend_mode", .kind = kBool, .since = "20.1.1", .fallback = "false"},
    {.name = "location", .kind = kAny, .since = "17.1.1"},
    {.name = "uuid", .kind = kText, .since = "17.2.5"},
};
constexpr Message kSite{.name = "GslbSite", .fields = kSiteFields, .key = "cluster_uuid"};

constexpr Field kThirdPartyFields[] = {
    kName,
    {.name = "cluster_uuid", .kind = kText},
    kOn,
    {.name = "ratio", .kind = kInt, .since = "17.1.1", .least = 1, .most = 20},
    {.name = "hm_proxies", .kind = kAny, .since = "17.1.1"},
    {.name = "location", .kind = kAny, .since = "17.1.1"},
    {.name = "uuid", .kind = kText, .since = "17.2.5"},
};
constexpr Message kThirdParty{.name = "GslbThirdPartySite", .fields = kThirdPartyFields, .key = "name"};

constexpr Field kDnsFields[] = {{.name = "domain_name", .kind = kText, .required = true}};
constexpr Message kDns{.name = "DNSConfig", .fields = kDnsFields, .key = "domain_name"};

constexpr Field kReplicationFields[] = {
    {.name = "replication_mode",
     .kind = kChoice,
     .since = "20.1.1",
     .fallback = "\"REPLICATION_MODE_CONTINUOUS\"",
     .choices = "REPLICATION_MODE_CONTINUOUS REPLICATION_MODE_MANUAL REPLICATION_MODE_ADAPTIVE"},
    {.name = "checkpoint_ref", .kind = kRef, .since = "20.1.1"},
};
constexpr Message kReplication{.name = "ReplicationPolicy", .fields = kReplicationFields};

constexpr Field kGslbFields[] = {
    kName,
    {.name = "leader_cluster_uuid", .kind = kText, .required = true},
    {.name = "sites", .kind = kMessages, .required = true, .message = &kSite},
    {.name = "third_party_sites", .kind = kMessages, .since = "17.1.1", .message = &kThirdParty},
    {.name = "dns_configs", .kind = kMessages, .message = &kDns},
    {.name = "maintenance_mode", .kind = kBool, .since = "17.2.1", .fallback = "false"},
    {.name = "send_interval", .kind = kInt, .fallback = "15", .least = 1, .most = 3600},
    {.name = "send_interval_prior_to_maintenance_mode", .kind = kInt, .since = "18.2.3"},
    {.name = "clear_on_max_retries", .kind = kInt, .fallback = "20", .least = 1, .most = 1024},
    {.name = "error_resync_interval",
     .kind = kInt,
     .since = "18.2.3",
     .fallback = "300",
     .least = 60,
     .most = 3600,
     .zero_too = true},
    {.name = "async_interval", .kind = kInt, .since = "18.2.3", .least = 0, .most = 5},
    {.name = "view_id", .kind = kInt},
    {.name = "replication_policy",
     .kind = kMessage,
     .since = "20.1.1",
     .fallback = "{\"replication_mode\":\"REPLICATION_MODE_CONTINUOUS\"}",
     .message = &kReplication},
    {.name = "tenant_scoped", .kind = kBool, .since = "18.2.12 20.1.4", .fallback = "true"},
    {.name = "is_federated", .kind = kBool, .since = "17.1.3", .fallback = "true"},
    {.name = "enable_config_by_members", .kind = kBool, .since = "20.1.5", .fallback = "false"},
    {.name = "client_ip_addr_group", .kind = kAny, .since = "17.1.2"},
    kDescription,
    kTenant,
    kConfigPb,
    kUuid,
    kUrl,
    kModified,
};
constexpr Message kGslb{.name = "Gslb", .fields = kGslbFields};

constexpr Field kHttpFields[] = {
    {.name = "http_request", .kind = kText, .fallback = "\"GET / HTTP/1.0\""},
    {.name = "http_response_code", .kind = kTexts},
};
constexpr Message kHttp{.name = "HealthMonitorHttp", .fields = kHttpFields, .open = true};

constexpr Field kMonitorFields[] = {
    kName,
    {.name = "type",
     .kind = kChoice,
     .required = true,
     .choices = "HEALTH_MONITOR_PING HEALTH_MONITOR_TCP HEALTH_MONITOR_HTTP HEALTH_MONITOR_HTTPS "
                "HEALTH_MONITOR_EXTERNAL HEALTH_MONITOR_UDP HEALTH_MONITOR_DNS HEALTH_MONITOR_GSLB "
                "HEALTH_MONITOR_SIP HEALTH_MONITOR_RADIUS HEALTH_MONITOR_SMTP HEALTH_MONITOR_SMTPS HEALTH_MONITOR_POP3 "
                "HEALTH_MONITOR_POP3S HEALTH_MONITOR_IMAP HEALTH_MONITOR_IMAPS HEALTH_MONITOR_FTP HEALTH_MONITOR_FTPS "
                "HEALTH_MONITOR_LDAP HEALTH_MONITOR_LDAPS HEALTH_MONITOR_SCTP"},
    {.name = "send_interval", .kind = kInt, .fallback = "10", .least = 1, .most = 3600},
    {.name = "receive_timeout", .kind = kInt, .fallback = "4", .least = 1, .most = 2400},
    {.name = "successful_checks", .kind = kInt, .fallback = "2", .least = 1, .most = 50},
    {.name = "failed_checks", .kind = kInt, .fallback = "2", .least = 1, .most = 50},
    {.name = "monitor_port", .kind = kInt, .least = 1, .most = 65535, .zero_too = true},
    {.name = "is_federated", .kind = kBool, .since = "17.1.3", .fallback = "false"},
    {.name = "http_monitor", .kind = kMessage, .message = &kHttp},
    {.name = "https_monitor", .kind = kMessage, .message = &kHttp},
    {.name = "tcp_monitor", .kind = kAny},
    {.name = "udp_monitor", .kind = kAny},
    {.name = "dns_monitor", .kind = kAny},
    {.name = "external_monitor", .kind = kAny},
    {.name = "sip_monitor", .kind = kAny, .since = "17.2.8 18.1.3 18.2.1"},
    {.name = "radius_monitor", .kind = kAny, .since = "18.2.3"},
    {.name = "smtp_monitor", .kind = kAny, .since = "21.1.1"},
    {.name = "smtps_monitor", .kind = kAny, .since = "21.1.1"},
    {.name = "pop3_monitor", .kind = kAny, .since = "21.1.1"},
    {.name = "pop3s_monitor", .kind = kAny, .since = "21.1.1"},
    {.name = "imap_monitor", .kind = kAny, .since = "21.1.1"},
    {.name = "imaps_monitor", .kind = kAny, .since = "21.1.1"},
    {.name = "ftp_monitor", .kind = kAny, .since = "21.1.3"},
    {.name = "ftps_monitor", .kind = kAny, .since = "21.1.3"},
    {.name = "ldap_monitor", .kind = kAny, .since = "21.1.3"},
    {.name = "ldaps_monitor", .kind = kAny, .since = "21.1.3"},
    {.name = "sctp_monitor", .kind = kAny, .since = "22.1.3"},
    {.name = "authentication", .kind = kAny, .since = "20.1.1"},
    {.name = "disable_quickstart", .kind = kBool, .since = "18.2.7"},
    {.name = "allow_duplicate_monitors", .kind = kBool, .since = "18.2.8", .fallback = "true"},
    kMarkers,
    kDescription,
    kTenant,
    kConfigPb,
    kUuid,
    kUrl,
    kModified,
};
constexpr Message kMonitor{.name = "HealthMonitor", .fields = kMonitorFields};

// Types of which only the name matters here.
constexpr Field kPlainFields[] = {kName, kUuid, kUrl, kModified, kTenant, kDescription};
constexpr Message kTenantMessage{.name = "Tenant", .fields = kPlainFields, .open = true};
constexpr Message kVirtualService{.name = "VirtualService", .fields = kPlainFields, .open = true};
constexpr Message kCloud{.name = "Cloud", .fields = kPlainFields, .open = true};

constexpr Field kCheckpointFields[] = {
    kName,
    {.name = "date", .kind = kText},
    {.name = "enabled", .kind = kBool, .fallback = "true"},
    {.name = "is_federated", .kind = kBool, .fallback = "true"},
    kMarkers,
    kDescription,
    kTenant,
    kConfigPb,
    kUuid,
    kUrl,
    kModified,
};
constexpr Message kCheckpoint{.name = "FederationCheckpoint", .fields = kCheckpointFields};

// Source: alb-sdk go/models: Role, User, UserAccountProfile; the fields that say what an account may do.
constexpr Field kRoleFields[] = {kUuid, kUrl, kModified, kName, {.name = "privileges", .kind = kAny}};
constexpr Message kRole{.name = "Role", .fields = kRoleFields};
constexpr Field kProfileFields[] = {
    kUuid,
    kUrl,
    kModified,
    kName,
    {.name = "credentials_timeout_threshold", .kind = kInt, .fallback = "180", .least = 0, .most = 100000},
};
constexpr Message kProfile{.name = "UserAccountProfile", .fields = kProfileFields};
constexpr Field kUserFields[] = {
    kUuid,
    kUrl,
    kModified,
    kName,
    {.name = "username", .kind = kText},
    {.name = "is_superuser", .kind = kBool},
    {.name = "access", .kind = kAny},
    {.name = "user_profile_ref", .kind = kText},
};
constexpr Message kUser{.name = "User", .fields = kUserFields};

constexpr Type kTypes[] = {
    {.path = "gslb", .title = "Gslb", .spoken = "Gslb", .message = &kGslb, .federated = true},
    {.path = "gslbservice", .title = "GslbService", .spoken = "Gslb service", .message = &kService, .federated = true},
    {.path = "healthmonitor", .title = "HealthMonitor", .spoken = "Health monitor", .message = &kMonitor},
    {.path = "federationcheckpoint",
     .title = "FederationCheckpoint",
     .spoken = "Federation checkpoint",
     .message = &kCheckpoint,
     .federated = true},
    {.path = "tenant", .title = "Tenant", .spoken = "Tenant", .message = &kTenantMessage, .without_tenant = true},
    {.path = "virtualservice", .title = "VirtualService", .spoken = "Virtual service", .message = &kVirtualService},
    {.path = "cloud", .title = "Cloud", .spoken = "Cloud", .message = &kCloud},
    {.path = "role", .title = "Role", .spoken = "Role", .message = &kRole, .without_tenant = true},
    {.path = "useraccountprofile",
     .title = "UserAccountProfile",
     .spoken = "User account profile",
     .message = &kProfile,
     .without_tenant = true},
    {.path = "user", .title = "User", .spoken = "User", .message = &kUser, .without_tenant = true},
};

}  // namespace

const Type* FindType(std::string_view path) {
  for (const Type& type : kTypes) {
    if (type.path == path) return &type;
  }
  return nullptr;
}

std::span<const Type> AllTypes() { return kTypes; }

}  // namespace spillway::lab::avi
