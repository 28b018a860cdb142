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
  if (pod.started + kCpuInitialization > now) {
    return !pod.ready || pod.figure->at < pod.ready_changed + pod.figure->window;
  }
  return !pod.ready && pod.started + kReadinessDelay > pod.ready_changed;
}

// A resource of all containers of a pod, or of one of them.
struct Measured {
  std::string resource;   // "cpu", "memory"
  std::string container;  // empty: all
};

// In thousandths of the resource's unit, as the controller counts.
double AmountOf(const ContainerAmounts& of, const std::string& resource) {
  return resource == "cpu" ? of.millicores : of.bytes * 1000;
}

bool Counts(const ContainerAmounts& container, const Measured& what) {
  return what.container.empty() || what.container == container.name;
}

double Total(const std::vector<ContainerAmounts>& containers, const Measured& what) {
  double sum = 0;
  for (const ContainerAmounts& container : containers) {
    if (Counts(container, what)) sum += AmountOf(container, what.resource);
  }
  return sum;
}

struct Groups {
  std::vector<const ScaledPod*> ready, unready, missing;
};

// Only CPU says something else of a pod that is not ready.
Groups Group(const ScaledState& state, const Measured& what) {
  Groups groups;
  for (const ScaledPod& pod : state.pods) {
    if (pod.terminating) continue;
    if (!pod.pending && !pod.figure) {
      groups.missing.push_back(&pod);
    } else if (pod.pending || (what.resource == "cpu" && Unready(pod, state.now))) {
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

void Add(Sum& sum, double request, double usage) {
  sum.usage += usage;
  sum.request += request;
  ++sum.pods;
}

Sum SumOf(const std::vector<const ScaledPod*>& pods, const Measured& what) {
  Sum sum;
  for (const ScaledPod* pod : pods) Add(sum, Total(pod->requests, what), Total(pod->figure->containers, what));
  return sum;
}

struct Target {
  bool utilization = false;
  double value = 0;  // percent, or thousandths of the unit
};

double RatioOf(const Sum& sum, const Target& target) {
  const auto percent = static_cast<double>(static_cast<std::int64_t>(sum.usage * 100 / std::max(sum.request, 1e-9)));
  const auto mean = static_cast<double>(static_cast<std::int64_t>(sum.usage / sum.pods));
  return (target.utilization ? percent : mean) / target.value;
}

bool Within(double ratio, double down, double up) { return ratio >= 1 - down && ratio <= 1 + up; }

int Wanted(const Groups& groups, const Measured& what, const Target& target, int ordered, double down, double up) {
  Sum sum = SumOf(groups.ready, what);
  const double ratio = RatioOf(sum, target);
  const bool correct = !groups.missing.empty() || (!groups.unready.empty() && ratio > 1);
  if (!correct) return Within(ratio, down, up) ? ordered : Ceil(ratio * sum.pods);
  // Those that nobody knows of are taken to be against the change.
  for (const ScaledPod* pod : groups.missing) {
    const double request = Total(pod->requests, what);
    const double full = target.utilization ? std::max(1.0, target.value / 100) * request : target.value;
    Add(sum, request, ratio < 1 ? full : 0);
  }
  if (ratio > 1) {
    for (const ScaledPod* pod : groups.unready) Add(sum, Total(pod->requests, what), 0);
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

// Of a thousandth: "200m", "2", "25165824", "3k". In the canonical form of decimal quantities.
std::string Milli(double value) {
  std::int64_t number = std::llround(value);
  std::size_t unit = 0;
  constexpr std::array<const char*, 7> kUnits = {"m", "", "k", "M", "G", "T", "P"};
  for (; number != 0 && number % 1000 == 0 && unit + 1 < kUnits.size(); ++unit) number /= 1000;
  return std::to_string(number) + (number == 0 ? "" : kUnits[unit]);
}

// Why a pod's figures or requests are of no use for this; empty: they are.
// Source: kubernetes pkg/controller/podautoscaler metrics/client.go, getContainerMetrics.
std::string WithoutContainer(const ScaledState& state, const Measured& what) {
  for (const ScaledPod& pod : state.pods) {
    if (what.container.empty() || !pod.figure) continue;
    const auto& all = pod.figure->containers;
    if (std::none_of(all.begin(), all.end(), [&](const ContainerAmounts& of) { return Counts(of, what); })) {
      return "failed to get container metrics: container " + what.container + " not present in metrics for pod " +
             pod.name;
    }
  }
  return "";
}

// Source: kubernetes pkg/controller/podautoscaler replica_calculator.go, calculateRequests.
std::string WithoutRequest(const ScaledState& state, const Measured& what) {
  for (const ScaledPod& pod : state.pods) {
    for (const ContainerAmounts& container : pod.requests) {
      if (pod.terminating || !Counts(container, what) || AmountOf(container, what.resource) > 0) continue;
      return "missing request for " + what.resource + " in container " + container.name + " of Pod " + pod.name;
    }
  }
  return "";
}

// `type`: "Resource" or "ContainerResource"; `source`: that member of the metric.
MetricVerdict WeighResource(const std::string& type, const Tree& source, const ScaledState& state, double down,
                            double up) {
  const Measured what{source.At("name").String(), source.At("container").String()};
  const std::string unable = "failed to get " + what.resource + " utilization: ";
  if (what.resource != "cpu" && what.resource != "memory") {
    return Failed(type, unable + "no metrics known for " + what.resource);
  }
  Target target;
  target.utilization = source.At("target.type").String() == "Utilization";
  target.value = target.utilization ? source.At("target.averageUtilization").Number()
                                    : Quantity(source.At("target.averageValue")).value_or(0) * 1000;
  if (target.value <= 0) return Failed(type, "invalid target");
  if (const std::string without = WithoutContainer(state, what); !without.empty())
    return Failed(type, unable + without);
  const Groups groups = Group(state, what);
  if (groups.ready.empty()) {
    return Failed(type, unable +
                            "no metrics returned from resource metrics API or did not receive metrics for "
                            "targeted pods (pods might be unready)");
  }
  const std::string without = target.utilization ? WithoutRequest(state, what) : "";
  if (!without.empty()) return Failed(type, unable + without);
  MetricVerdict verdict;
  verdict.replicas = Wanted(groups, what, target, state.ordered, down, up);
  const Sum sum = SumOf(groups.ready, what);
  Tree current(Tree::Object{{"averageValue", Milli(std::floor(sum.usage / sum.pods))}});
  if (target.utilization) current["averageUtilization"] = static_cast<std::int64_t>(sum.usage * 100 / sum.request);
  Tree told(Tree::Object{{"name", what.resource}, {"current", current}});
  if (type == "ContainerResource") told["container"] = what.container;
  verdict.status = Tree::Object{{"type", type}};
  verdict.status[type == "Resource" ? "resource" : "containerResource"] = std::move(told);
  verdict.name = what.resource + (target.utilization ? " resource utilization (percentage of request)" : " resource");
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
  if (type == "Resource" || type == "ContainerResource") {
    const Tree& source = metric.At(type == "Resource" ? "resource" : "containerResource");
    return WeighResource(type, source, state, tolerance_down, tolerance_up);
  }
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
