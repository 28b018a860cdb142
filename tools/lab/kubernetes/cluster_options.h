// The knobs of one simulated cluster. Every default is what a test or a demo wants: fast, but in the right order.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_CLUSTER_OPTIONS_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_CLUSTER_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "src/base/time.h"

namespace spillway::lab {

struct ApiOptions {
  // Events kept per resource for watches; at least 1. A watch from before them gets 410 Expired in-band.
  // Source: Kubernetes 1.36 storage/cacher: the watch cache starts at 100 events.
  std::size_t history_length = 100;
  Duration bookmark_period = 60s;        // for watches that allow bookmarks; and 2 s before a timeout
  Duration watch_timeout = 30min;        // for watches without timeoutSeconds
  std::size_t watch_buffer = 1U << 20U;  // bytes a slow watcher may lag behind before it is cut off
  std::string version = "v1.32.4";       // gitVersion of GET /version
  Duration event_life = 1h;              // Source: kube-apiserver --event-ttl
  // The bytes of a watch come in pieces cut anywhere, as TCP and proxies may cut them; absent: line by line. The seed
  // of where.
  std::optional<std::uint64_t> ragged = {};
};

struct PodTimes {
  Duration to_running = 1s;         // Pending -> Running: scheduling, pulling, starting
  Duration to_ready = 2s;           // Running -> Ready: the readiness probe
  Duration termination_grace = 1s;  // deleted, but still there and still serving
  bool never_ready = false;         // new pods stay Running and unready
  bool unschedulable = false;       // new pods stay Pending, PodScheduled=False reason=Unschedulable
};

struct AutoscalerOptions {
  bool running = true;      // false: the status stays as it is, going stale
  bool has_metrics = true;  // false: autoscalingReady becomes false, current and desired go away
  Duration period = 1s;     // between evaluations. Chosen: so that a demo moves; TSM publishes no figure
  // The load is averaged over this before it is divided by the ready pods; absent: over each Definition's windowSeconds
  // (60 s if it names none). Chosen: shorter than any windowSeconds allows, so that a demo of minutes can be played.
  std::optional<Duration> window = 3s;
  // The condition at the limit. Only the reason, EnforcingLimit, and the place of the number (second word) are known.
  std::string limit_type = "ScalingLimited";
  std::string limit_message = "wanted {wanted} instances exceeds max {max}, enforcing limit";
};

// kube-controller-manager's HorizontalPodAutoscaler controller.
struct HpaOptions {
  bool running = true;                     // false: every status stays as it is, going stale
  Duration period = 15s;                   // Source: kube-controller-manager --horizontal-pod-autoscaler-sync-period
  std::map<std::string, double> external;  // totals of external metrics, by name
};

// The metrics server.
struct MetricsOptions {
  bool available = false;     // false: metrics.k8s.io answers 503, and nobody measures
  bool reading = true;        // false: it answers with what it has, which grows old
  Duration resolution = 15s;  // Source: kubernetes-sigs/metrics-server --metric-resolution
  // Bytes of memory. Chosen: a small web server's; whose memory does not follow its work.
  double memory_idle = 24.0 * 1024 * 1024;  // held by each container
  double memory_per_millicore = 0;          // and by the one that works for each millicore
};

struct ClusterOptions {
  std::string name = "cluster";
  std::uint64_t seed = 1;  // of uids and name suffixes
  ApiOptions api;
  Duration controller_lag = 20ms;  // between a change of a Deployment and its controller's reaction, including
                                   // observedGeneration
  PodTimes pods;
  AutoscalerOptions autoscaler;
  HpaOptions hpa;
  MetricsOptions metrics;
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_CLUSTER_OPTIONS_H_
