#include "k8s/hpa.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "k8s/quantity.h"
#include "k8s/wire.h"

namespace spillway::k8s {
namespace {

// Chosen: a metrics server's resolution and window (15 s each), the controller's period (15 s), and as much again for
// slower adapters; none of them is in the object.
constexpr Duration kAveragedOver = 60s;

// Chosen: no load is a million times what was aimed at; a figure that says so is broken.
constexpr double kRatioMost = 1e6;

const JsonValue* ConditionOf(const JsonValue& hpa, std::string_view type) {
  for (const JsonValue& condition : ListAt(hpa, "status.conditions")) {
    if (StringAt(condition, "type") == type) return &condition;
  }
  return nullptr;
}

// Why the status can't be used now; nullopt: it can.
std::optional<Error> Unusable(const JsonValue& hpa, const HomeDemand& demand) {
  for (const char* type : {"AbleToScale", "ScalingActive"}) {
    const JsonValue* condition = ConditionOf(hpa, type);
    if (condition == nullptr) {
      return Error{Code::kRetry, "its controller has not reported yet (no condition " + std::string(type) + ")"};
    }
    if (StringAt(*condition, "status") == "True") continue;
    return Error{Code::kRetry, std::string(type) + " is not True: " + StringAt(*condition, "reason").value_or("?") +
                                   ", " + StringAt(*condition, "message").value_or("?")};
  }
  if (demand.replicas_current > demand.replicas_max || demand.replicas_current < demand.replicas_min) {
    return Error{Code::kRetry, std::to_string(demand.replicas_current) + " replicas are outside of its " +
                                   std::to_string(demand.replicas_min) + " to " + std::to_string(demand.replicas_max) +
                                   ", so it does not look at its metrics"};
  }
  return std::nullopt;
}

// "resource", ...: the member that a metric of this type is in; empty: an unknown type, or the empty entry that stands
// for a metric that failed.
std::string_view MemberOf(const JsonValue& metric) {
  constexpr auto kMembers = std::to_array<std::pair<std::string_view, std::string_view>>({
      {"Resource", "resource"},
      {"ContainerResource", "containerResource"},
      {"Pods", "pods"},
      {"Object", "object"},
      {"External", "external"},
  });
  const auto type = StringAt(metric, "type");
  for (const auto& [name, member] : kMembers) {
    if (type == name) return member;
  }
  return {};
}

// What tells two metrics of one type apart, in a spec and in a status alike.
std::string NameOf(const JsonValue& metric, std::string_view member) {
  const JsonValue* at = Find(metric, member);
  if (at == nullptr) return "";
  std::string name = StringAt(*at, "name").value_or("") + StringAt(*at, "metric.name").value_or("");
  for (const char* more : {"container", "describedObject.kind", "describedObject.name"}) {
    name += "/" + StringAt(*at, more).value_or("");
  }
  if (const JsonValue* selector = FindPath(*at, "metric.selector")) name += "/" + JsonText(*selector);
  return name;
}

const JsonValue* CurrentOf(const JsonValue& hpa, const JsonValue& wanted, std::string_view member) {
  const std::string name = NameOf(wanted, member);
  for (const JsonValue& metric : ListAt(hpa, "status.currentMetrics")) {
    if (MemberOf(metric) == member && NameOf(metric, member) == name) return &metric;
  }
  return nullptr;
}

std::optional<MetricFigure> FigureOf(const JsonValue& wanted, const JsonValue& current, std::string_view member) {
  const JsonValue* target = FindPath(wanted, std::string(member) + ".target");
  const JsonValue* value = FindPath(current, std::string(member) + ".current");
  if (target == nullptr || value == nullptr) return std::nullopt;
  const std::string type = StringAt(*target, "type").value_or("");
  const std::string field = type == "Utilization"    ? "averageUtilization"
                            : type == "AverageValue" ? "averageValue"
                                                     : "value";
  const auto is = QuantityAt(*value, field);
  const auto should_be = QuantityAt(*target, field);
  if (!is || !should_be || *is < 0 || *should_be <= 0) return std::nullopt;
  const bool for_all = (member == "external" || member == "object") && type == "AverageValue";
  const double ratio = *is / *should_be;
  if (ratio > kRatioMost) return std::nullopt;
  return MetricFigure{ratio, for_all};
}

std::string Text(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f", value);
  return text.data();
}

void ReadMetrics(const JsonValue& hpa, HpaReport& report) {
  for (const JsonValue& wanted : ListAt(hpa, "spec.metrics")) {
    const std::string_view member = MemberOf(wanted);
    const JsonValue* current = member.empty() ? nullptr : CurrentOf(hpa, wanted, member);
    const auto figure = current != nullptr ? FigureOf(wanted, *current, member) : std::nullopt;
    std::string name = StringAt(wanted, std::string(member) + ".name").value_or("");
    if (name.empty()) name = StringAt(wanted, std::string(member) + ".metric.name").value_or("a metric");
    const auto container = StringAt(wanted, std::string(member) + ".container");
    report.demand.detail += ", " + name + (container ? " of container " + *container : "") +
                            (figure ? " at " + Text(figure->ratio) + " of its target" : " unknown");
    report.partial = report.partial || !figure;
    if (figure) report.metrics.push_back(*figure);
    if (member != "resource" || name != "cpu") continue;
    report.cpu_value = QuantityAt(wanted, "resource.target.averageValue");
    if (const auto percent = QuantityAt(wanted, "resource.target.averageUtilization")) {
      report.cpu_share = *percent / 100;
    }
  }
}

bool Disabled(const JsonValue& hpa, const char* direction) {
  return StringAt(hpa, "spec.behavior." + std::string(direction) + ".selectPolicy") == "Disabled";
}

Result<int> Needed(const JsonValue& value, std::string_view dotted) {
  if (FindPath(value, dotted) == nullptr) return Error{Code::kRejected, std::string(dotted) + " is missing"};
  return CountAt(value, dotted, 0);
}

}  // namespace

Result<HpaReport> ReadHpa(const JsonValue& hpa, const std::string& deployment) {
  HpaReport report;
  HomeDemand& demand = report.demand;
  const std::string scales = StringAt(hpa, "spec.scaleTargetRef.kind").value_or("?") + " " +
                             StringAt(hpa, "spec.scaleTargetRef.name").value_or("?");
  if (scales != "Deployment " + deployment) {
    return Error{Code::kRejected, "it scales " + scales + ", not Deployment " + deployment};
  }
  const Result<int> min = CountAt(hpa, "spec.minReplicas", 1);
  if (!min) return min.error();
  const Result<int> max = Needed(hpa, "spec.maxReplicas");
  if (!max) return max.error();
  const Result<int> current = CountAt(hpa, "status.currentReplicas", 0);
  if (!current) return current.error();
  demand.replicas_min = *min;
  demand.replicas_max = *max;
  demand.replicas_current = *current;
  if (const auto unusable = Unusable(hpa, demand)) return *unusable;
  const Result<int> desired = Needed(hpa, "status.desiredReplicas");
  if (!desired) return desired.error();
  demand.replicas_desired = *desired;
  demand.enforced = !Disabled(hpa, "scaleUp") || !Disabled(hpa, "scaleDown");
  demand.sure = Sureness::kComputed;
  demand.averaged_over = kAveragedOver;
  demand.detail = "HorizontalPodAutoscaler: desired " + std::to_string(*desired) + " of " + std::to_string(*min) +
                  " to " + std::to_string(*max);
  const JsonValue* limited = ConditionOf(hpa, "ScalingLimited");
  report.too_many =
      limited != nullptr && StringAt(*limited, "status") == "True" && StringAt(*limited, "reason") == "TooManyReplicas";
  if (const auto tolerance = QuantityAt(hpa, "spec.behavior.scaleUp.tolerance")) report.tolerance = *tolerance;
  ReadMetrics(hpa, report);
  if (report.too_many) demand.detail += ", TooManyReplicas";
  if (!demand.enforced) demand.detail += ", it only observes (selectPolicy Disabled)";
  return report;
}

HomeDemand DemandOf(const HpaReport& report, const ScaledPods& pods) {
  HomeDemand demand = report.demand;
  double wish = 0;
  for (const MetricFigure& metric : report.metrics) {
    const int about = metric.of_total ? pods.total : pods.ready;
    if (about == 0) continue;  // pods are changing; a load of zero would be a lie
    const double load = metric.ratio * about;
    demand.load = std::max(load, demand.load.value_or(0));
    // Rounding noise must not cost a replica.
    if (metric.ratio > 1 + report.tolerance) wish = std::max(wish, std::ceil(load - 1e-9));
  }
  if (report.partial) demand.sure = Sureness::kAtLeast;
  const bool more = wish > demand.replicas_max;
  demand.limited = report.too_many && (more || !demand.load);
  if (demand.limited && more) demand.wish = wish;
  if (report.cpu_value) demand.cpu_per_replica = report.cpu_value;
  if (report.cpu_share && pods.cpu_request) demand.cpu_per_replica = *report.cpu_share * *pods.cpu_request;
  demand.detail += ", over " + std::to_string(pods.ready) + " ready pods";
  if (report.partial) demand.detail += ", a lower bound";
  return demand;
}

}  // namespace spillway::k8s
