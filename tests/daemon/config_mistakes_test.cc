#include <gtest/gtest.h>

#include <cstddef>
#include <set>
#include <string>
#include <variant>

#include "src/daemon/config.h"
#include "tests/daemon/config_sample.h"

namespace spillway::daemon {
namespace {

struct Row {
  const char* name;
  const char* from;  // in kWhole
  const char* to;
  const char* says;  // in the complaint
};

// Each key wrong once. The coverage test below reads the keys out of `says`.
const Row kWrongValues[] = {
    {"capitals", "cluster: \"us\"", "cluster: US", "controller.state.configMap.cluster: "},
    {"a dot", "spillway-memory", "spillway.memory", "controller.state.configMap.namespace: "},
    {"capitals", "memory-map", "Memory", "controller.state.configMap.name: "},
    {"a dot", "cluster: \"azure-eu\"", "cluster: azure.eu", "controller.leaderElection.cluster: "},
    {"capitals", "spillway-lease", "Spillway", "controller.leaderElection.namespace: "},
    {"a space", "the-lease", "the lease", "controller.leaderElection.name: "},
    {"a path", "one.example:9441", "one.example:9441/api", "controller.leaderElection.url: "},
    {"no port", "10.0.0.53:5353", "10.0.0.53", "f:16: controller.resolver: \"10.0.0.53\" does not fit"},
    {"another format version", "spillway/v1", "spillway/v2", "f:1: apiVersion: \"spillway/v2\" does not fit"},
    {"a name is no address", "127.0.0.1:9441", "example.org:80", "f:3: controller.listen: \"example.org:80\""},
    {"a relative path", "/etc/spillway/tls.crt", "tls.crt", "f:5: controller.tls.certFile: \"tls.crt\" does not fit"},
    {"an empty value", "/etc/spillway/tls.key", "", "f:6: controller.tls.keyFile: is empty, allowed is an absolute"},
    {"a list for a value", "/etc/spillway/clients.pem", "[a]", "controller.tls.clientCaFile: is not a single value"},
    {"a slip", "/etc/spillway/tokens", "/etc/spillway/tokens\n    metrics: opened",
     "controller.auth.metrics: \"opened\""},
    {"a relative path", "/etc/spillway/tokens", "tokens", "controller.auth.tokensFile: \"tokens\" does not fit"},
    {"a relative path", "/var/lib/other", "state", "controller.state.dir: \"state\" does not fit, allowed is an abs"},
    {"plain HTTP", "https://avi-us.example", "http://avi-us.example", "f:23: avi.controllers[0]: \"http://avi-us."},
    {"a path in the URL", "https://avi-us.example", "https://a/api", "avi.controllers[0]: \"https://a/api\" does"},
    {"no list", "[https://avi-us.example, \"https://127.0.0.1:8443\"]", "x", "f:23: avi.controllers: is not a list"},
    {"the same controller twice", "https://avi-us.example", "https://127.0.0.1:8443", "avi.controllers[1]: \"https:"},
    {"an empty value", "username: robot", "username: ''", "f:24: avi.username: is empty"},
    {"a relative path", "/etc/spillway/avi.password", "pw", "f:25: avi.passwordFile: \"pw\" does not fit"},
    {"an empty value", "tenant: prod", "tenant:", "f:26: avi.tenant: is empty, allowed is any text"},
    {"a relative path", "/etc/spillway/avi-ca.pem", "ca.pem", "f:27: avi.caFile: \"ca.pem\" does not fit"},
    {"too short", "pollInterval: 3s", "pollInterval: 100ms",
     "f:28: avi.pollInterval: \"100ms\" is out of range, allow"},
    {"a relative path", "/etc/spillway/us.kubeconfig", "us", "f:31: clusters.us.kubeconfig: \"us\" does not fit"},
    {"an empty value", "context: home", "context:", "f:32: clusters.us.context: is empty"},
    {"neither true nor false", "inCluster: true", "inCluster: yes",
     "f:34: clusters.azure-eu.inCluster: \"yes\" is nei"},
    {"upper case", "name: shopping", "name: Shopping", "f:36: apps[0].name: \"Shopping\" does not fit, allowed is low"},
    {"an empty value", "gslbService: shop", "gslbService: ", "f:37: apps[0].gslbService: is empty"},
    {"a slip", "mode: round-robin", "mode: round-robbin", "f:38: apps[0].mode: \"round-robbin\" is unknown (did you m"},
    {"a dot in a site", "site: us", "site: us.east", "f:40: apps[0].home.site: \"us.east\" does not fit"},
    {"a slip", "cluster: us", "cluster: use",
     "apps[0].home.cluster: \"use\" is not one of clusters (did you mean \"us"},
    {"upper case", "namespace: acme\n    deployment: web\n", "namespace: A\n    deployment: web\n",
     "apps[0].home.namespace: \"A\" does not fit"},
    {"a blank", "deployment: web\n", "deployment: w b\n", "apps[0].home.deployment: \"w b\" does not fit"},
    {"a slip", "kind: TsmDefinition", "kind: tsmDefinitions", "apps[0].home.demand.kind: \"tsm"},
    {"upper case", "name: web-hpa", "name: WEB", "apps[0].home.demand.name: \"WEB\" does not fit"},
    {"no unit", "averagedOver: 7s", "averagedOver: 7", "apps[0].home.demand.averagedOver: \"7\" is not a duration"},
    {"no address", "ip: 10.10.0.10", "ip: 10.10.0.300", "apps[0].home.member.ip: \"10.10.0.300\" does not fit"},
    {"upper case", "- site: azure-eu", "- site: AZ", "apps[0].overflow[0].site: \"AZ\" does not fit"},
    {"an unknown cluster", "cluster: azure-eu\n    namespace: acme-burst\n    deployment: web-eu",
     "cluster: mars\n    namespace: acme-burst\n    deployment: web-eu",
     "apps[0].overflow[0].cluster: \"mars\" is not one of clusters, allowed is one of azure-eu, us"},
    {"upper case", "namespace: acme-burst", "namespace: acme_burst", "apps[0].overflow[0].namespace: \"acme_burst\""},
    {"a slash", "deployment: web-eu", "deployment: web/eu", "apps[0].overflow[0].deployment: \"web/eu\" does not"},
    {"a blank", "fqdn: eu.shop.example", "fqdn: eu shop", "apps[0].overflow[0].member.fqdn: \"eu shop\" does not"},
    {"an empty value", "vsUuid: virtualservice-1", "vsUuid:", "apps[0].overflow[1].member.vsUuid: is empty"},
    {"a fraction", "minReplicas: 1", "minReplicas: 1.5", "apps[0].overflow[0].minReplicas: \"1.5\" is not a count"},
    {"octal", "maxReplicas: 20", "maxReplicas: 020", "apps[0].overflow[0].maxReplicas: \"020\" is not a count"},
    {"zero", "capacityFactor: 0.8", "capacityFactor: 0", "apps[0].overflow[0].capacityFactor: \"0\" is out of range"},
    {"a currency", "pricePerReplicaHour: 0.12", "pricePerReplicaHour: 1$", "pricePerReplicaHour: \"1$\" is not a nu"},
    {"a slip", "[autoscaler, metrics]", "[autoscaler, metric]",
     "f:68: apps[0].overflow[1].usage.from[1]: \"metric\" is unknown (did you mean \"metrics\"?), allowed is a list "
     "of"},
    {"a source twice", "[autoscaler, metrics]", "[autoscaler, autoscaler]",
     "usage.from[1]: \"autoscaler\" is there twi"},
    {"no list", "[autoscaler, metrics]", "metrics", "overflow[1].usage.from: is not a list with at least one entry"},
    {"no CPU at all", "cpuPerReplica: 250m", "cpuPerReplica: 0m", "usage.cpuPerReplica: \"0m\" does not fit, allowed"},
    {"too long", "pollInterval: 12s", "pollInterval: 2m", "overflow[1].usage.pollInterval: \"2m\" is out of range"},
    {"a slip", "kind: HorizontalPodAutoscaler", "kind: HPA", "overflow[1].usage.autoscaler.kind: \"HPA\""},
    {"upper case", "name: web-observer", "name: OBSERVER", "overflow[1].usage.autoscaler.name: \"OBSERVER\" does not"},
    {"a bare ten", "headroom: 12.5%", "headroom: 10", "apps[0].policy.headroom: \"10\" is not a share, allowed is a s"},
    {"no unit", "downStabilization: 4m", "downStabilization: 240", "policy.downStabilization: \"240\" is not a durati"},
    {"negative", "confirmFor: 5s", "confirmFor: -5s", "apps[0].policy.confirmFor: \"-5s\" is not a duration"},
    {"shorter than a quiet watch", "staleAfter: 60s", "staleAfter: 59s",
     "apps[0].policy.staleAfter: \"59s\" is out of"},
    {"too long", "staleAfter: 60s", "staleAfter: 2h", "apps[0].policy.staleAfter: \"2h\" is out of range"},
    {"too short", "probeInterval: 30s", "probeInterval: 1s", "apps[0].policy.probeInterval: \"1s\" is out of range"},
    {"above one", "readyFraction: 0.75", "readyFraction: 150%", "policy.gate.readyFraction: \"150%\" is out of range"},
    {"too long", "readyFor: 11s", "readyFor: 2h", "apps[0].policy.gate.readyFor: \"2h\" is out of range"},
    {"a word", "healthyFor: 16s", "healthyFor: soon", "apps[0].policy.gate.healthyFor: \"soon\" is not a duration"},
    {"shorter than healthyFor", "dampingMax: 9m", "dampingMax: 1s", "policy.gate.dampingMax: 1s is shorter than hea"},
    {"no time to start", "provisionTimeout: 8m", "provisionTimeout: 20s", "policy.gate.provisionTimeout: 20s leaves"},
    {"more than half", "canaryShare: 5%", "canaryShare: 60%", "policy.ramp.canaryShare: \"60%\" is out of range"},
    {"no unit", "canaryFor: 45s", "canaryFor: 45", "policy.ramp.canaryFor: \"45\" is not a duration"},
    {"too wide", "deadBand: 2%", "deadBand: 50%", "policy.ramp.deadBand: \"50%\" is out of range"},
    {"neither true nor false", "correctBias: true", "correctBias: 1", "policy.ramp.correctBias: \"1\" is nei"},
    {"longer than maxDrain", "minDrain: 2m", "minDrain: 20m", "policy.drain.minDrain: 20m is longer than maxDrain, al"},
    {"a word", "maxDrain: 14m", "maxDrain: never", "policy.drain.maxDrain: \"never\" is not a duration"},
    {"less than one TTL", "ttlFactor: 2.5", "ttlFactor: 0.5", "policy.drain.ttlFactor: \"0.5\" is out of range"},
    {"no unit", "connectionGrace: 20s", "connectionGrace: 20", "policy.drain.connectionGrace: \"20\" is not a durati"},
    {"above the most", "drainedBelow: 0.5%", "drainedBelow: 90%", "policy.drain.drainedBelow: \"90%\" is out of ran"},
    {"too long", "quietFor: 40s", "quietFor: 2h", "policy.drain.quietFor: \"2h\" is out of range"},
    {"negative", "keepers: 2", "keepers: -1",
     "policy.drain.keepers: \"-1\" is out of range, allowed is a count from 0"},
    {"too long", "tailFor: 7m", "tailFor: 99h", "policy.drain.tailFor: \"99h\" is out of range"},
    {"a fraction", "stepsDown: 3", "stepsDown: 3.0", "policy.drain.stepsDown: \"3.0\" is not a count"},
    {"too long", "after: 25s", "after: 2h",
     "policy.failover.after: \"2h\" is out of range, allowed is a duration from"},
    {"a word", "failbackAfter: 6m", "failbackAfter: later", "policy.failover.failbackAfter: \"later\" is not a durat"},
    {"nothing at all", "failbackStep: 20%", "failbackStep: 0%", "policy.failover.failbackStep: \"0%\" is out of ran"},
    {"a slip", "failback: manual", "failback: manuel", "policy.failover.failback: \"manuel\" is unknown (did you mean"},
    {"a word", "capacityFloor: 0.9", "capacityFloor: all", "policy.safety.capacityFloor: \"all\" is not a number"},
    {"no unit", "minBetweenChanges: 10m", "minBetweenChanges: 10",
     "policy.safety.minBetweenChanges: \"10\" is not a d"},
    {"no such day", "Fri 18:00-Mon 06:00", "Fry 18:00-Mon 06:00", "policy.safety.blockedWindows[0]: \"Fry 18:00"},
    {"a word", "maxReplicaHours: 500", "maxReplicaHours: many", "policy.budget.maxReplicaHours: \"many\" is not a nu"},
    {"negative", "maxCost: 60.5", "maxCost: -1", "policy.budget.maxCost: \"-1\" is out of range"},
    {"too short", "window: 700h", "window: 10m", "policy.budget.window: \"10m\" is out of range"},
};

const Row kWrongRelations[] = {
    {"an unknown key with a near one",
     "readyFor:", "redyFor:", "gate.redyFor: is an unknown key, did you mean \"readyFor"},
    {"an unknown key with none near", "keepers: 2", "zzzzzzzz: 2",
     "drain.zzzzzzzz: is an unknown key, allowed are minD"},
    {"a key twice", "confirmFor: 5s", "headroom: 5%", "f:77: apps[0].policy.headroom: is there twice"},
    {"a missing key", "  username: robot\n", "", "f:22: avi.username: is missing, it is required"},
    {"a missing section", "    member:\n      ip: 10.10.0.10\n", "",
     "f:39: apps[0].home.member: is missing, it is req"},
    {"a value where a map belongs", "ip: 10.10.0.10", "- a", "f:48: apps[0].home.member: is not a map"},
    {"two ways to find a member", "ip: 10.10.0.10", "ip: 10.10.0.10\n      fqdn: a.example", "exactly one of ip, fqdn"},
    {"the same member twice", "fqdn: eu.shop.example", "ip: 10.10.0.10",
     "overflow[0].member: \"10.10.0.10\" is alread"},
    {"the same site twice", "- site: azure-us", "- site: azure-eu",
     "overflow[1].site: \"azure-eu\" is already taken by"},
    {"home's site as overflow", "- site: azure-us", "- site: us",
     "overflow[1].site: \"us\" is already taken by apps[0].h"},
    {"the same Deployment twice", "deployment: web-us", "deployment: web-eu",
     "\"web-eu\" of azure-eu/acme-burst is alr"},
    {"least above most", "minReplicas: 1", "minReplicas: 21",
     "minReplicas: 21 is more than maxReplicas, allowed is at "},
    {"both kinds of cluster", "inCluster: true", "inCluster: true\n    kubeconfig: /a",
     "allowed is exactly one of them"},
    {"neither kind of cluster", "inCluster: true", "inCluster: false", "allowed is exactly one of them"},
    {"a context inside the cluster", "inCluster: true", "inCluster: true\n    context: x",
     "allowed with inCluster is no"},
    {"stale sooner than two polls", "pollInterval: 3s", "pollInterval: 40s",
     "policy.staleAfter: 1m is no longer than t"},
    {"memory in an unknown cluster", "cluster: \"us\"", "cluster: eu",
     "controller.state.configMap.cluster: \"eu\" is not one of clusters"},
    {"an election in an unknown cluster", "cluster: \"azure-eu\"", "cluster: azure-e",
     "controller.leaderElection.cluster: \"azure-e\" is not one of clusters (did you mean \"azure-eu\"?)"},
    {"an election without a common memory",
     "    configMap:\n      cluster: \"us\"\n      namespace: spillway-memory\n      name: memory-map\n", "",
     "controller.leaderElection: needs the memory where the next leader finds it"},
    {"an autoscaler that nobody asks", "[autoscaler, metrics]", "[metrics]",
     "overflow[1].usage.from: does not name autoscaler, allowed with usage.autoscaler is a list that does"},
    {"a source that is not there",
     "      autoscaler:\n        kind: HorizontalPodAutoscaler\n        name: web-observer\n", "",
     "overflow[1].usage.autoscaler: is missing, it is required where from names autoscaler"},
    {"stale sooner than two looks at the pods", "pollInterval: 12s", "pollInterval: 30s",
     "overflow[1].usage.pollInterval: 30s is half of staleAfter or more, allowed is less than 30s"},
    {"no application", "apps:\n", "apps: []\nother:\n", "apps: is not a list, allowed is a list of 1 to"},
    {"broken YAML", "apps:\n", "apps: [\n", "is not YAML"},
    {"a name that is none", "  us:\n    kube", "  Us_:\n    kube",
     "clusters.Us_: is no good name, allowed is lower-cas"},
};

template <std::size_t N>
void ExpectComplaints(const Row (&rows)[N]) {
  for (const Row& row : rows) {
    SCOPED_TRACE(std::string(row.name) + ": " + row.to);
    const std::string complaint = Complaint(Spoilt(row.from, row.to));
    EXPECT_NE(complaint.find(row.says), std::string::npos) << complaint;
  }
}

TEST(Config, RefusesEveryWrongValueByLineAndKey) { ExpectComplaints(kWrongValues); }

TEST(Config, RefusesWhatDoesNotFitTogether) { ExpectComplaints(kWrongRelations); }

TEST(Config, ListensBeyondLoopbackOnlyWithBothTlsAndTokens) {
  const std::string tls =
      "  tls:\n    certFile: /etc/spillway/tls.crt\n    keyFile: /etc/spillway/tls.key\n"
      "    clientCaFile: /etc/spillway/clients.pem\n";
  const std::string auth = "  auth:\n    tokensFile: /etc/spillway/tokens\n";
  std::string whole = "127.0.0.1:9441\n";
  whole += tls + auth;
  struct Listen {
    const char* at;
    std::string with;
    const char* says;  // in the complaint; empty: there is none
  };
  const Listen rows[] = {
      {"127.0.0.1:9441", "", ""},
      {"127.8.9.10:9441", "", ""},
      {"\"[::1]:9441\"", "", ""},
      {"localhost:9441", "", ""},
      {"0.0.0.0:9441", "", "f:3: controller.listen: 0.0.0.0 can be reached from elsewhere but controller.tls and cont"},
      {"0.0.0.0:9441", tls, "0.0.0.0 can be reached from elsewhere but controller.auth is not set"},
      {"0.0.0.0:9441", auth, "0.0.0.0 can be reached from elsewhere but controller.tls is not set"},
      {"0.0.0.0:9441", tls + auth, ""},
      {"\"[::]:9441\"", "",
       "controller.listen: :: can be reached from elsewhere but controller.tls and controller.auth"},
      {"\"[::]:9441\"", tls, ":: can be reached from elsewhere but controller.auth is not set"},
      {"\"[::]:9441\"", auth, ":: can be reached from elsewhere but controller.tls is not set"},
      {"\"[::]:9441\"", tls + auth, ""},
      {"10.1.2.3:9441", tls, "10.1.2.3 can be reached from elsewhere but controller.auth is not set"},
      {"\"[::ffff:10.1.2.3]:9441\"", auth, "can be reached from elsewhere but controller.tls is not set"},
      {"\":9441\"", tls + auth, "controller.listen: \":9441\" does not fit"},
      {"spillway.example:9441", tls + auth, "controller.listen: \"spillway.example:9441\" does not fit"},
      {"localhost.example:9441", "", "controller.listen: \"localhost.example:9441\" does not fit"},
  };
  for (const Listen& row : rows) {
    SCOPED_TRACE(std::string(row.at) + "\n" + row.with);
    const std::string complaint = Complaint(Spoilt(whole, std::string(row.at) + "\n" + row.with));
    EXPECT_EQ(complaint.empty(), *row.says == '\0') << complaint;
    EXPECT_NE(complaint.find(row.says), std::string::npos) << complaint;
  }
}

std::string WithoutNumbers(std::string path) {
  for (const char* index : {"[0]", "[1]"}) {
    for (std::size_t at = path.find(index); at != std::string::npos; at = path.find(index)) path.replace(at, 3, "[]");
  }
  for (const char* name : {"clusters.us.", "clusters.azure-eu."}) {
    if (path.rfind(name, 0) == 0) path = "clusters.NAME." + path.substr(std::string(name).size());
  }
  return path.size() > 2 && path.compare(path.size() - 2, 2, "[]") == 0 ? path.substr(0, path.size() - 2) : path;
}

TEST(Config, EveryKeyWasWrongOnce) {
  std::set<std::string> spoilt;
  for (const Row& row : kWrongValues) {
    const auto read = ParseConfig(Spoilt(row.from, row.to));
    for (const Mistake& mistake : std::get<Mistakes>(read)) spoilt.insert(WithoutNumbers(mistake.key));
  }
  for (const ConfigKey& key : ConfigKeys()) {
    // Members are the same code at home and in overflow; the table spoils each kind once.
    const bool member = key.path.find(".member.") != std::string::npos;
    EXPECT_TRUE(member || spoilt.count(key.path) != 0) << key.path << " is in no row of kWrongValues";
  }
}

}  // namespace
}  // namespace spillway::daemon
