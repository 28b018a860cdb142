#include "k8s/scaled_pods.h"

#include "k8s/quantity.h"
#include "k8s/wire.h"
#include "src/base/join.h"

namespace spillway::k8s {
namespace {

std::optional<double> CpuRequest(const JsonValue& deployment) {
  double sum = 0;  // stays 0 without containers
  for (const JsonValue& container : ListAt(deployment, "spec.template.spec.containers")) {
    const auto cpu = QuantityAt(container, "resources.requests.cpu");
    if (!cpu) return std::nullopt;
    sum += *cpu;
  }
  return sum > 0 ? std::optional(sum) : std::nullopt;
}

void Add(std::string& selector, const std::string& term) { Join(selector, term, ","); }

// "in (a,b)"; empty: no operator that is known.
std::string Requirement(const JsonValue& expression) {
  const std::string key = StringAt(expression, "key").value_or("");
  const std::string is = StringAt(expression, "operator").value_or("");
  if (key.empty()) return "";
  if (is == "Exists") return key;
  if (is == "DoesNotExist") return "!" + key;
  if (is != "In" && is != "NotIn") return "";
  std::string values;
  for (const JsonValue& value : ListAt(expression, "values")) {
    if (value.IsString()) Add(values, value.GetString());
  }
  return key + (is == "In" ? " in (" : " notin (") + values + ")";
}

Result<std::string> Selector(const JsonValue& deployment) {
  std::string selector;
  if (const JsonValue* labels = FindPath(deployment, "spec.selector.matchLabels");
      labels != nullptr && labels->IsObject()) {
    for (const auto& label : labels->GetObject()) {
      if (label.value.IsString()) Add(selector, std::string(label.name.GetString()) + "=" + label.value.GetString());
    }
  }
  for (const JsonValue& expression : ListAt(deployment, "spec.selector.matchExpressions")) {
    const std::string term = Requirement(expression);
    // Without the term other pods would be counted as well.
    if (term.empty()) return Error{Code::kRejected, "spec.selector has a requirement of an unknown kind"};
    Add(selector, term);
  }
  return selector;
}

}  // namespace

Result<ScaledPods> ReadScaledPods(const JsonValue& deployment) {
  ScaledPods pods;
  const Result<int> ready = CountAt(deployment, "status.readyReplicas", 0);
  if (!ready) return ready.error();
  const Result<int> total = CountAt(deployment, "status.replicas", 0);
  if (!total) return total.error();
  const Result<std::string> selector = Selector(deployment);
  if (!selector) return selector.error();
  pods.ready = *ready;
  pods.total = *total;
  pods.cpu_request = CpuRequest(deployment);
  pods.selector = *selector;
  return pods;
}

}  // namespace spillway::k8s
