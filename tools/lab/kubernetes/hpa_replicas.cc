#include "tools/lab/kubernetes/hpa_replicas.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>
#include <utility>

namespace spillway::lab::kube {
namespace {

// Source: kube-controller-manager --horizontal-pod-autoscaler-cpu-initialization-period and
// --horizontal-pod-autoscaler-initial-readiness-delay.
constexpr Duration kCpuInitialization = 300s;
constexpr Duration kReadinessDelay = 30s;

// Source: kubernetes apimachinery pkg/api/resource/suffix.go.
constexpr auto kSuffixes = std::to_array<std::pair<std::string_view, double>>({
    {"", 1},
    {"n", 1e-9},
    {"u", 1e-6},
    {"m", 1e-3},
    {"k", 1e3},
    {"M", 1e6},
    {"G", 1e9},
    {"T", 1e12},
    {"P", 1e15},
    {"E", 1e18},
    {"Ki", 0x1p10},
    {"Mi", 0x1p20},
    {"Gi", 0x1p30},
    {"Ti", 0x1p40},
    {"Pi", 0x1p50},
    {"Ei", 0x1p60},
});

int Ceil(double value) { return static_cast<int>(std::ceil(value - 1e-9)); }

// A pod that starts burns CPU that says nothing about the load, and its first figure is of before it was ready.
bool Unready(const ScaledPod& pod, WallTime now) {
  if (pod.pending) return true;
  if (pod.started + kCpuInitialization > now) {
    return !pod.ready || pod.figure->at < pod.ready_changed + pod.figure->window;
  }
  return !pod.ready && pod.started + kReadinessDelay > pod.ready_changed;
}

struct Groups {
  std::vector<const ScaledPod*> ready, unready, missing;
};

Groups Group(const ScaledState& state) {
  Groups groups;
  for (const ScaledPod& pod : state.pods) {
    if (pod.terminating) continue;
    if (!pod.pending && !pod.figure) {
      groups.missing.push_back(&pod);
    } else if (Unready(pod, state.now)) {
      groups.unready.push_back(&pod);
    } else {
      groups.ready.push_back(&pod);
    }
  }
  return groups;
}

struct Sum {
  double usage = 0, request = 0;
  int pods = 0;
};

void Add(Sum& sum, const ScaledPod& pod, double usage) {
  sum.usage += usage;
  sum.request += pod.request;
  ++sum.pods;
}

struct Target {
  bool utilization = false;
  double value = 0;  // percent, or millicores
};

double RatioOf(const Sum& sum, const Target& target) {
  const auto percent = static_cast<double>(static_cast<std::int64_t>(sum.usage * 100 / std::max(sum.request, 1e-9)));
  const auto mean = static_cast<double>(static_cast<std::int64_t>(sum.usage / sum.pods));
  return (target.utilization ? percent : mean) / target.value;
}

bool Within(double ratio, double down, double up) { return ratio >= 1 - down && ratio <= 1 + up; }

int Wanted(const Groups& groups, const Target& target, int ordered, double down, double up) {
  Sum sum;
  for (const ScaledPod* pod : groups.ready) Add(sum, *pod, pod->figure->millicores);
  const double ratio = RatioOf(sum, target);
  const bool correct = !groups.missing.empty() || (!groups.unready.empty() && ratio > 1);
  if (!correct) return Within(ratio, down, up) ? ordered : Ceil(ratio * sum.pods);
  // Those that nobody knows of are taken to be against the change.
  for (const ScaledPod* pod : groups.missing) {
    const double full = target.utilization ? std::max(1.0, target.value / 100) * pod->request : target.value;
    Add(sum, *pod, ratio < 1 ? full : 0);
  }
  if (ratio > 1) {
    for (const ScaledPod* pod : groups.unready) Add(sum, *pod, 0);
  }
  const double corrected = RatioOf(sum, target);
  if (Within(corrected, down, up) || (ratio < 1) != (corrected < 1)) return ordered;
  const int wanted = Ceil(corrected * sum.pods);
  if ((corrected < 1 && wanted > ordered) || (corrected > 1 && wanted < ordered)) return ordered;
  return wanted;
}

MetricVerdict Failed(const std::string& type, const std::string& message) {
  MetricVerdict verdict;
  verdict.status = Tree::Object{{"type", ""}};
  verdict.reason = "FailedGet" + type + "Metric";
  verdict.message = "the HPA was unable to compute the replica count: " + message;
  return verdict;
}

// In the canonical form: whole numbers have no suffix.
std::string Milli(double value) {
  const std::int64_t milli = std::llround(value);
  return milli % 1000 == 0 ? std::to_string(milli / 1000) : std::to_string(milli) + "m";
}

MetricVerdict WeighCpu(const Tree& resource, const ScaledState& state, double down, double up) {
  const std::string& name = resource.At("name").String();
  const std::string unable = "failed to get " + name + " utilization: ";
  if (name != "cpu") return Failed("Resource", unable + "no metrics known for " + name);
  Target target;
  target.utilization = resource.At("target.type").String() == "Utilization";
  target.value = target.utilization ? resource.At("target.averageUtilization").Number()
                                    : Quantity(resource.At("target.averageValue")).value_or(0) * 1000;
  if (target.value <= 0) return Failed("Resource", "invalid target");
  const Groups groups = Group(state);
  if (groups.ready.empty()) {
    return Failed("Resource", unable +
                                  "no metrics returned from resource metrics API or did not receive metrics for "
                                  "targeted pods (pods might be unready)");
  }
  const bool without_request = std::any_of(state.pods.begin(), state.pods.end(),
                                           [](const ScaledPod& pod) { return !pod.terminating && pod.request <= 0; });
  if (target.utilization && without_request) return Failed("Resource", unable + "missing request for cpu");
  MetricVerdict verdict;
  verdict.replicas = Wanted(groups, target, state.ordered, down, up);
  Sum sum;
  for (const ScaledPod* pod : groups.ready) Add(sum, *pod, pod->figure->millicores);
  Tree current(Tree::Object{{"averageValue", Milli(std::floor(sum.usage / sum.pods))}});
  if (target.utilization) current["averageUtilization"] = static_cast<std::int64_t>(sum.usage * 100 / sum.request);
  verdict.status =
      Tree::Object{{"type", "Resource"}, {"resource", Tree::Object{{"name", "cpu"}, {"current", current}}}};
  verdict.name = target.utilization ? "cpu resource utilization (percentage of request)" : "cpu resource";
  return verdict;
}

MetricVerdict WeighExternal(const Tree& external, const ScaledState& state, double down, double up) {
  const std::string& name = external.At("metric.name").String();
  const auto total = state.external.find(name);
  if (total == state.external.end()) {
    return Failed("External", "unable to get external metric " + name +
                                  ": no metrics returned from external metrics "
                                  "API");
  }
  const bool average = external.At("target.type").String() == "AverageValue";
  const double target = Quantity(external.At(average ? "target.averageValue" : "target.value")).value_or(0);
  if (target <= 0) return Failed("External", "invalid target");
  MetricVerdict verdict;
  Tree current = Tree::Object{};
  const auto ready = std::count_if(state.pods.begin(), state.pods.end(),
                                   [](const ScaledPod& pod) { return pod.ready && !pod.terminating; });
  if (average) {
    const double ratio = total->second / (target * std::max(state.existing, 1));
    verdict.replicas = Within(ratio, down, up) ? state.existing : Ceil(total->second / target);
    current["averageValue"] = Milli(std::ceil(total->second * 1000 / std::max(state.existing, 1)));
  } else {
    const double ratio = total->second / target;
    verdict.replicas = Within(ratio, down, up) ? state.ordered : Ceil(ratio * static_cast<double>(ready));
    current["value"] = Milli(total->second * 1000);
  }
  verdict.status = Tree::Object{
      {"type", "External"},
      {"external", Tree::Object{{"metric", Tree::Object{{"name", external.At("metric.name")}}}, {"current", current}}}};
  verdict.name = "external metric " + name + "(nil)";
  return verdict;
}

}  // namespace

MetricVerdict Weigh(const Tree& metric, const ScaledState& state, double tolerance_down, double tolerance_up) {
  const std::string& type = metric.At("type").String();
  if (type == "Resource") return WeighCpu(metric.At("resource"), state, tolerance_down, tolerance_up);
  if (type == "External") return WeighExternal(metric.At("external"), state, tolerance_down, tolerance_up);
  return Failed(type, "unable to get metric: no metrics returned from custom metrics API");
}

std::optional<double> Quantity(const Tree& value) {
  if (value.IsNumber()) return value.Number();
  const std::string& text = value.String();
  double number = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (wrong != std::errc{}) return std::nullopt;
  const std::string_view suffix(end, text.data() + text.size());
  const auto* unit =
      std::find_if(kSuffixes.begin(), kSuffixes.end(), [&](const auto& known) { return known.first == suffix; });
  return unit == kSuffixes.end() ? std::nullopt : std::optional(number * unit->second);
}

}  // namespace spillway::lab::kube
