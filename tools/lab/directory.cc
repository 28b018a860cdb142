#include "tools/lab/directory.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "src/base/file.h"
#include "tools/lab/json_out.h"

namespace spillway::lab {
namespace {

std::string Text(std::string_view view) { return std::string(view); }
std::string Url(const char* scheme, const std::string& address, int port) {
  return std::string(scheme) + "://" + address + ':' + std::to_string(port);
}

// `credential`: the lines of one user, two spaces below "user:".
std::string Kubeconfig(const std::string& server, const std::string& ca_pem, const std::string& user,
                       const std::string& credential) {
  return "apiVersion: v1\nkind: Config\ncurrent-context: lab\nclusters:\n- name: lab\n  cluster:\n    server: " +
         server + "\n    certificate-authority-data: " + Base64(ca_pem) + "\nusers:\n- name: " + user + "\n  user:\n" +
         credential + "contexts:\n- name: lab\n  context: {cluster: lab, user: " + user +
         ", namespace: " + Text(kNamespace) + "}\n";
}

std::string ByCertificate(const Identity& identity) {
  return "    client-certificate-data: " + Base64(identity.cert_pem) +
         "\n    client-key-data: " + Base64(identity.key_pem) + "\n";
}

std::string ByToken(const std::string& token) { return "    token: " + token + "\n"; }

// Tuned so that a whole story fits into two and a half minutes; production keeps the defaults.
constexpr std::string_view kPolicy = R"(  policy:
    headroom: 10%
    downStabilization: 15s
    staleAfter: 60s
    gate: { readyFor: 2s, healthyFor: 3s }
    failover: { after: 5s, failbackAfter: 10s, failbackStep: 25% }
    drain: { minDrain: 10s, maxDrain: 40s, quietFor: 5s, tailFor: 10s, keepers: 1 }
)";

std::string SiteYaml(const LabSite& site) {
  return "site: " + Text(site.name) + "\n    cluster: " + Text(site.name) + "\n    namespace: " + Text(kNamespace) +
         "\n    deployment: " + Text(kDeployment) + "\n    member: { ip: " + Text(site.vip) + " }\n";
}

// `state`: what stands between the braces of controller.state. `election`: more lines of controller.
std::string SpillwayYaml(const DirectoryFacts& facts, int listen_port, const std::string& state,
                         const std::string& election) {
  const std::string& dir = facts.dir;
  const WorldOptions& options = facts.options;
  const WorldPorts& ports = facts.ports;
  std::string yaml =
      "# Written by spillway-lab: `spillwayd --config` runs with it as it is.\napiVersion: spillway/v1\n";
  yaml += "controller:\n  listen: 127.0.0.1:" + std::to_string(listen_port) + "\n  auth: { tokensFile: " + dir +
          "/tokens }\n  state: { " + state + " }\n" + election;
  if (!options.name_servers.empty()) {
    yaml += "  resolver: " + options.name_servers[0].ip + ":" + std::to_string(options.name_servers[0].port) + "\n";
  } else if (ports.dns[kHome] != 0) {
    yaml += "  resolver: " + options.addresses[kHome] + ":" + std::to_string(ports.dns[kHome]) + "\n";
  }
  yaml += "avi:\n  controllers: [" + Url("https", options.addresses[kHome], ports.avi[kHome]) + ", " +
          Url("https", options.addresses[kHome], ports.tunnel_avi) + "]\n  username: " + Text(kUser) +
          "\n  passwordFile: " + dir + "/avi.password\n  tenant: admin\n  caFile: " + dir +
          "/avi-ca.pem\n  pollInterval: 1s\n";
  yaml += "clusters:\n";
  for (const LabSite& site : kSites) {
    yaml += "  " + Text(site.name) + ": { kubeconfig: " + dir + "/" + Text(site.key) + ".kubeconfig }\n";
  }
  yaml += "apps:\n- name: shopping\n  gslbService: " + Text(kGslbService) + "\n  mode: weighted\n  home:\n    " +
          SiteYaml(kSites[kHome]) + "    demand: { kind: TsmDefinition, name: " + Text(kDefinition) +
          ", averagedOver: " + std::to_string(kAutoscalerWindowSeconds) + "s }\n";
  yaml += "  overflow:\n  - " + SiteYaml(kSites[kOverflow]) +
          "    minReplicas: 0\n    maxReplicas: 20\n    capacityFactor: 1.0\n    pricePerReplicaHour: 0.12\n";
  // The pods of a cluster that takes the lab's place are idle: its crowd goes to the lab's own VIP.
  yaml += options.kubernetes[kOverflow] ? "    usage: { from: [metrics, share], pollInterval: 1s }\n"
                                        : "    usage: { from: [share] }\n";
  return yaml + Text(kPolicy);
}

// One of two that may run at once: one leads, the other stands by.
std::string PairYaml(const DirectoryFacts& facts, int listen_port, const std::string& folder) {
  const std::string where = "{ cluster: " + Text(kSites[kHome].name) + ", namespace: spillway, name: ";
  return SpillwayYaml(facts, listen_port,
                      "dir: " + facts.dir + "/" + folder + ", configMap: " + where + "spillway-state }",
                      "  leaderElection: " + where + "spillway }\n");
}

void PutUrls(JsonOut& out, std::string_view key, const WorldOptions& options, const PerSite<int>& ports) {
  if (std::all_of(ports.begin(), ports.end(), [](int port) { return port == 0; })) return;
  out.Open(key);
  for (std::size_t site = 0; site < kSites.size(); ++site) {
    if (ports.at(site) == 0) continue;
    out.Put(kSites.at(site).key, Url("https", options.addresses.at(site), ports.at(site)));
  }
  out.Close();
}

}  // namespace

std::string LabJson(const DirectoryFacts& facts) {
  const WorldPorts& ports = facts.ports;
  JsonOut out;
  out.Open().Put("control", Url("http", facts.options.addresses[kHome], facts.control_port));
  if (facts.options.dns) {
    out.Put("dns", facts.options.addresses[kHome] + ':' + std::to_string(ports.dns[kHome])).Open("dnsServices");
    for (std::size_t site = 0; site < kSites.size(); ++site) {
      out.Put(kSites.at(site).key, facts.options.addresses.at(site) + ':' + std::to_string(ports.dns.at(site)));
    }
    out.Close();
  }
  out.Put("appPort", ports.app).Put("fqdn", kFqdn);
  PutUrls(out, "avi", facts.options, ports.avi);
  PutUrls(out, "kubernetes", facts.options, ports.kubernetes);
  out.Open("vips");
  for (const LabSite& site : kSites) out.Put(site.name, site.vip);
  out.Close();
  out.Put("spillwayd", Url("http", "127.0.0.1", facts.listen_port)).Put("requestsPerReplica", kRequestsPerReplica);
  return out.Close().Text() + '\n';
}

std::map<std::string, std::string> DirectoryFiles(const DirectoryFacts& facts, const Credentials& credentials) {
  std::map<std::string, std::string> files;
  for (std::size_t site = 0; site < kSites.size(); ++site) {
    if (!facts.options.kubernetes.at(site)) continue;
    // Spillway stands at home: what it has to do with the other site goes through the tunnel.
    const std::string& address = facts.options.addresses.at(site);
    const std::string server = Url("https", address, facts.ports.kubernetes.at(site));
    const std::string user_server =
        site == kHome ? server : Url("https", facts.options.addresses[kHome], facts.ports.tunnel_kubernetes);
    const std::string key = Text(kSites.at(site).key);
    // One cluster by certificate and one by token: both ways are in use wherever there are two clusters.
    files[key + ".kubeconfig"] =
        Kubeconfig(user_server, credentials.ca_pem, Text(kUser),
                   site == kHome ? ByCertificate(credentials.spillway) : ByToken(credentials.spillway_token));
    files[key + "-admin.kubeconfig"] =
        Kubeconfig(server, credentials.ca_pem, "admin", ByCertificate(credentials.admin));
  }
  files["avi-ca.pem"] = credentials.ca_pem;
  if (facts.options.avi) {
    files["avi.password"] = credentials.avi_password + '\n';
    files["avi-admin.password"] = credentials.avi_admin_password + '\n';
  }
  files["tokens"] = "# NAME ROLE sha256:HEX\nadmin admin sha256:" + Sha256Hex(credentials.api_token) + '\n';
  files["admin.token"] = credentials.api_token + '\n';
  // For shells: `. DIR/lab.env`, and spillwayctl finds the lab's spillwayd from any folder.
  files["lab.env"] =
      "export SPILLWAY_SERVER=" + Url("http", "127.0.0.1", facts.listen_port) + " SPILLWAY_TOKEN_FILE='" + facts.dir +
      "/admin.token' SPILLWAY_LAB=" + Url("http", facts.options.addresses[kHome], facts.control_port) + "\n";
  files["spillway.yaml"] = SpillwayYaml(facts, facts.listen_port, "dir: " + facts.dir + "/state", "");
  files["pair-1.yaml"] = PairYaml(facts, facts.listen_port, "state-1");
  files["pair-2.yaml"] = PairYaml(facts, facts.second_port, "state-2");
  files["lab.json"] = LabJson(facts);
  return files;
}

Status WriteDirectory(const DirectoryFacts& facts, const Credentials& credentials) {
  std::error_code failure;
  std::filesystem::create_directories(facts.dir + "/state", failure);
  if (failure) return Error{Code::kDenied, facts.dir + ": " + failure.message()};
  std::map<std::string, std::string> files = DirectoryFiles(facts, credentials);
  const auto last = files.extract("lab.json");
  for (const auto& [name, content] : files) {
    if (Status written = WriteFileAtomically(facts.dir + '/' + name, content, 0600); !written) return written;
  }
  return WriteFileAtomically(facts.dir + "/lab.json", last.mapped(), 0600);
}

}  // namespace spillway::lab
