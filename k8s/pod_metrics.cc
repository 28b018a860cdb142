#include "k8s/pod_metrics.h"

#include <optional>

#include "k8s/quantity.h"
#include "src/base/json.h"

namespace spillway::k8s {
namespace {

std::optional<double> CpuOf(const JsonValue& item) {
  const auto containers = ListAt(item, "containers");
  if (containers.Empty()) return std::nullopt;
  double sum = 0;
  for (const JsonValue& container : containers) {
    const auto cpu = QuantityAt(container, "usage.cpu");
    if (!cpu || *cpu < 0) return std::nullopt;
    sum += *cpu;
  }
  return sum;
}

}  // namespace

Result<std::vector<PodSample>> ReadPodMetrics(std::string_view body) {
  const Result<JsonDocument> parsed = ParseJson(body);
  if (!parsed) return Error{Code::kRejected, "the answer is " + parsed.error().what};
  if (StringAt(*parsed, "kind") != "PodMetricsList") return Error{Code::kRejected, "the answer is no PodMetricsList"};
  std::vector<PodSample> samples;
  const JsonValue* items = Find(*parsed, "items");  // Go writes null for an empty list
  if (items == nullptr) return samples;
  if (!items->IsArray()) return Error{Code::kRejected, "the answer is no PodMetricsList"};
  for (const JsonValue& item : items->GetArray()) {
    const auto name = StringAt(item, "metadata.name");
    const auto timestamp = StringAt(item, "timestamp");
    const auto cpu = CpuOf(item);
    if (name && timestamp && cpu) samples.push_back({*name, *timestamp, *cpu});
  }
  return samples;
}

}  // namespace spillway::k8s
