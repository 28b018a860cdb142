// The daemon's configuration: one YAML file, read whole or refused whole. Every key, type, default and range is in
// docs/configuration.md, which a test holds against ConfigKeys().
#ifndef SPILLWAY_SRC_DAEMON_CONFIG_H_
#define SPILLWAY_SRC_DAEMON_CONFIG_H_

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "src/base/resolver.h"
#include "src/base/time.h"
#include "src/core/policy.h"
#include "src/daemon/change_rules.h"

namespace spillway::daemon {

struct TlsConfig {
  std::string cert_file, key_file;
  std::string client_ca_file;  // empty: client certificates are not asked for
};

// An object of a configured cluster.
struct ObjectConfig {
  std::string cluster, name_space, name;
  bool operator==(const ObjectConfig&) const = default;
};

struct ElectionConfig {
  ObjectConfig object;  // the Lease
  std::string url;      // of this process' API for the others; empty: made of the address it listens on
  bool operator==(const ElectionConfig&) const = default;
};

struct ControllerConfig {
  std::string host = "127.0.0.1";  // an IP address
  int port = 9440;                 // 0: any free one
  std::optional<TlsConfig> tls;
  std::string tokens_file;                      // empty: no authentication (loopback only)
  bool metrics_open = true;                     // GET /metrics needs no token
  std::string state_dir = "/var/lib/spillway";  // empty: the memory is in `config_map` and no journal is kept
  std::optional<ObjectConfig> config_map;       // of the memory; absent: it is in state_dir
  std::optional<ElectionConfig> election;       // absent: this is the only process
  NameServer resolver;                          // that the doctor asks for names
};

struct AviConfig {
  std::vector<std::string> controllers;  // https URLs, at least one
  std::string username, password_file;
  std::string tenant = "admin";
  std::string ca_file;  // empty: the system's store
  // Chosen: health and foreign edits are seen within 5 s at 12 reads a minute, far below what a controller refuses.
  Duration poll_interval = 5s;
};

struct ClusterConfig {
  std::string kubeconfig;  // empty if and only if in_cluster
  std::string context;     // empty: the file's current one
  bool in_cluster = false;
  bool operator==(const ClusterConfig&) const = default;
};

// How a site's member is found in the GSLB service: exactly one is set.
struct MemberConfig {
  std::string ip, fqdn, vs_uuid;
};

enum class DemandKind { kTsmDefinition, kHorizontalPodAutoscaler };

// An autoscaler that is watched.
struct AutoscalerConfig {
  DemandKind kind = DemandKind::kTsmDefinition;
  std::string name;  // in the namespace of its site
};

// How what an overflow site serves is told; in which order: OverflowPolicy::usage.
struct UsageConfig {
  // Source: kubernetes-sigs/metrics-server renews its figures every 15 s.
  Duration poll_interval = 15s;
  std::optional<AutoscalerConfig> observer;  // of UsageSource::kAutoscaler
};

struct SiteConfig {
  SiteName site;
  std::string cluster, name_space, deployment;
  MemberConfig member;
  UsageConfig usage{};  // of overflow sites
};

struct AppConfig {
  std::string name;
  std::string gslb_service;
  SiteConfig home;
  AutoscalerConfig demand;
  std::vector<SiteConfig> overflow;  // in order of preference, as in policy.overflow
  Policy policy;
  ChangeRules changes;  // policy.safety, as far as it looks at the clock
};

struct Config {
  ControllerConfig controller;
  AviConfig avi;
  std::map<std::string, ClusterConfig> clusters;
  std::vector<AppConfig> apps;
};

struct Mistake {
  int line = 0;      // 1 is the first
  std::string key;   // "apps[0].policy.headroom"; empty: the file as a whole
  std::string what;  // what is wrong, what is allowed
};

// All that is wrong with a file, by line. Never empty where it stands for a refusal.
using Mistakes = std::vector<Mistake>;

// Reads `text` (the file's content). Either the whole configuration, valid, or every mistake in it.
std::variant<Config, Mistakes> ParseConfig(const std::string& text);

// ReadFile and ParseConfig; a file that can't be read is one mistake on line 0.
std::variant<Config, Mistakes> LoadConfig(const std::string& path);

// "FILE:LINE: key: what" for each, one a line; ends with a newline.
std::string MistakesText(const std::string& path, const Mistakes& mistakes);

// One key as the reader knows it.
struct ConfigKey {
  std::string path;      // "apps[].policy.gate.readyFor"; clusters are "clusters.NAME.kubeconfig"
  std::string type;      // "duration"
  std::string standard;  // its default as one would write it; "required"; "none"
  std::string allowed;   // "0s to 1h"
};

// Every key in the order in which it is read, taken from the very code that reads the file.
std::vector<ConfigKey> ConfigKeys();

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_CONFIG_H_
