// A configuration with every key, and what --check says of it.
#ifndef SPILLWAY_TESTS_DAEMON_CONFIG_SAMPLE_H_
#define SPILLWAY_TESTS_DAEMON_CONFIG_SAMPLE_H_

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "src/daemon/config.h"

namespace spillway::daemon {

// Every key once, each on a line of its own, so that a row below can spoil it alone.
inline constexpr std::string_view kWhole = R"(apiVersion: spillway/v1
controller:
  listen: 127.0.0.1:9441
  tls:
    certFile: /etc/spillway/tls.crt
    keyFile: /etc/spillway/tls.key
    clientCaFile: /etc/spillway/clients.pem
  auth:
    tokensFile: /etc/spillway/tokens
  state:
    dir: /var/lib/other
    configMap:
      cluster: "us"
      namespace: spillway-memory
      name: memory-map
  resolver: "10.0.0.53:5353"
  leaderElection:
    cluster: "azure-eu"
    namespace: spillway-lease
    name: the-lease
    url: "https://one.example:9441"
avi:
  controllers: [https://avi-us.example, "https://127.0.0.1:8443"]
  username: robot
  passwordFile: /etc/spillway/avi.password
  tenant: prod
  caFile: /etc/spillway/avi-ca.pem
  pollInterval: 3s
clusters:
  us:
    kubeconfig: /etc/spillway/us.kubeconfig
    context: home
  azure-eu:
    inCluster: true
apps:
- name: shopping
  gslbService: shop
  mode: round-robin
  home:
    site: us
    cluster: us
    namespace: acme
    deployment: web
    demand:
      kind: TsmDefinition
      name: web-hpa
      averagedOver: 7s
    member:
      ip: 10.10.0.10
  overflow:
  - site: azure-eu
    cluster: azure-eu
    namespace: acme-burst
    deployment: web-eu
    member:
      fqdn: eu.shop.example
    minReplicas: 1
    maxReplicas: 20
    capacityFactor: 0.8
    pricePerReplicaHour: 0.12
  - site: azure-us
    cluster: azure-eu
    namespace: acme-burst
    deployment: web-us
    member:
      vsUuid: virtualservice-1
    usage:
      from: [autoscaler, metrics]
      cpuPerReplica: 250m
      pollInterval: 12s
      autoscaler:
        kind: HorizontalPodAutoscaler
        name: web-observer
  policy:
    headroom: 12.5%
    downStabilization: 4m
    confirmFor: 5s
    staleAfter: 60s
    probeInterval: 30s
    gate:
      readyFraction: 0.75
      readyFor: 11s
      healthyFor: 16s
      dampingMax: 9m
      provisionTimeout: 8m
    ramp:
      canaryShare: 5%
      canaryFor: 45s
      deadBand: 2%
      correctBias: true
    drain:
      minDrain: 2m
      maxDrain: 14m
      ttlFactor: 2.5
      connectionGrace: 20s
      drainedBelow: 0.5%
      quietFor: 40s
      keepers: 2
      tailFor: 7m
      stepsDown: 3
    failover:
      after: 25s
      failbackAfter: 6m
      failbackStep: 20%
      failback: manual
    safety:
      capacityFloor: 0.9
      minBetweenChanges: 10m
      blockedWindows: ["Fri 18:00-Mon 06:00"]
    budget:
      maxReplicaHours: 500
      maxCost: 60.5
      window: 700h
)";

// The mistakes as `--check` prints them; empty if there are none.
inline std::string Complaint(const std::string& text) {
  const auto read = ParseConfig(text);
  const auto* mistakes = std::get_if<Mistakes>(&read);
  return mistakes == nullptr ? "" : MistakesText("f", *mistakes);
}

inline std::string Spoilt(std::string_view from, std::string_view to) {
  std::string text(kWhole);
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  if (at != std::string::npos) text.replace(at, from.size(), to);
  return text;
}

}  // namespace spillway::daemon

#endif  // SPILLWAY_TESTS_DAEMON_CONFIG_SAMPLE_H_
