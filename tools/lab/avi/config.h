// The fields that behaviour follows from, read once when an object is stored.
#ifndef SPILLWAY_TOOLS_LAB_AVI_CONFIG_H_
#define SPILLWAY_TOOLS_LAB_AVI_CONFIG_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/base/json.h"
#include "src/base/time.h"
#include "tools/lab/avi/federation.h"

namespace spillway::lab::avi {

struct MemberConfig {
  std::string ip, fqdn, cluster_uuid, vs_uuid;
  int ratio = 1;
  int preference_order = 1;
  bool enabled = true;
  // What health is known by: there is no uuid.
  const std::string& address() const { return ip.empty() ? fqdn : ip; }
};

struct PoolConfig {
  std::string name, algorithm;
  int priority = 10;
  bool enabled = true;
  bool manual_resume = false;
  std::optional<int> monitors_up_least;  // min_health_monitors_up
  std::vector<MemberConfig> members;
};

struct ServiceConfig {
  std::vector<std::string> domain_names;  // lower case, no dot at the end
  std::vector<std::string> monitors;      // uuids
  std::optional<int> ttl;
  int num_dns_ip = 0;
  bool enabled = true;
  bool controller_status = true;  // controller_health_status_enabled
  bool only_third_party = false;  // data-plane probes are for members without a virtual service only
  std::string pool_algorithm, down_response, fallback_ip, fallback_ip6, fallback_cname;
  std::vector<PoolConfig> pools;
};
ServiceConfig ReadService(const JsonValue& body);

struct GslbSiteConfig {
  std::string name, cluster_uuid;
  bool enabled = true;
  bool active = false;
  bool suspended = false;
  bool third_party = false;
  std::optional<int> ratio;
};

struct GslbConfig {
  std::string leader;  // cluster_uuid
  std::int64_t view_id = 0;
  bool maintenance = false;
  bool enable_by_members = false;   // enable_config_by_members
  bool manual_replication = false;  // what is beyond `checkpoint` waits at the leader
  std::string checkpoint;           // uuid of a federationcheckpoint; empty: none
  Duration send_interval = 15s;
  int clear_on_max_retries = 20;
  std::vector<std::string> dns_domains;
  std::vector<GslbSiteConfig> sites;  // third-party ones included

  const GslbSiteConfig* Find(const std::string& cluster_uuid) const;
};
GslbConfig ReadGslb(const JsonValue& body);

// The probe that a monitor asks for, without the member's address.
ProbeTarget ReadMonitor(const std::string& uuid, const JsonValue& body);

// A domain name as DNS compares it.
std::string CanonicalName(std::string name);

}  // namespace spillway::lab::avi

#endif  // SPILLWAY_TOOLS_LAB_AVI_CONFIG_H_
