#include "k8s/definition.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include "k8s/wire.h"
#include "src/base/time.h"
#include "src/base/time_text.h"

namespace spillway::k8s {
namespace {

constexpr std::string_view kWhite = " \t\r\n";
constexpr std::string_view kPunctuation = ".,;:!?()[]{}<>\"'`";
// Chosen: a thousand times TSM's own limit for instances; more is no count of instances.
constexpr std::int64_t kWishMost = 1000000;

std::optional<int> AllDigits(std::string_view word) {
  if (word.empty()) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : word) {
    if (c < '0' || c > '9') return std::nullopt;
    value = std::min(value * 10 + (c - '0'), kWishMost + 1);
  }
  if (value > kWishMost) return std::nullopt;
  return static_cast<int>(value);
}

std::string_view NextWord(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kWhite), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(kWhite));
  text.remove_prefix(word.size());
  return word;
}

std::string_view WithoutPunctuation(std::string_view word) {
  word.remove_prefix(std::min(word.find_first_not_of(kPunctuation), word.size()));
  return word.substr(0, word.find_last_not_of(kPunctuation) + 1);
}

// The message of the latest condition that enforces a limit; nullopt: none does.
std::optional<std::string> LimitMessage(const JsonValue& definition) {
  std::optional<std::string> message;
  std::optional<WallTime> latest;
  for (const JsonValue& condition : ListAt(definition, "status.conditions")) {
    if (StringAt(condition, "reason") != "EnforcingLimit" || StringAt(condition, "status") == "False") continue;
    const auto at = ParseRfc3339(StringAt(condition, "lastTransitionTime").value_or(""));
    if (message && at <= latest) continue;  // an absent time is before every other
    message = StringAt(condition, "message").value_or("");
    latest = at;
  }
  return message;
}

// Why the status can't be used now; nullopt: it can.
std::optional<Error> Unusable(const JsonValue& definition) {
  const JsonValue* status = Find(definition, "status");
  if (status == nullptr) return Error{Code::kRetry, "the autoscaler has not reported any status yet"};
  const auto ready = BoolAt(*status, "autoscalingReady");
  if (!ready) return Error{Code::kRetry, "the autoscaler does not say whether it is ready (no autoscalingReady)"};
  if (!*ready) {
    std::string why = "the autoscaler is not ready (autoscalingReady is false)";
    const auto reason = StringAt(*status, "failureReason");
    const auto message = StringAt(*status, "failureMessage");
    if (reason) why += ": " + *reason;
    if (message) why += ": " + *message;
    return Error{Code::kRetry, why};
  }
  const auto generation = IntAt(definition, "metadata.generation");
  const auto observed = IntAt(*status, "observedGeneration");
  if (!generation || !observed || *generation != *observed) {
    return Error{Code::kRetry, "the autoscaler has not taken up the latest change yet (generation " +
                                   (generation ? std::to_string(*generation) : "unknown") + ", observed " +
                                   (observed ? std::to_string(*observed) : "none") + ")"};
  }
  return std::nullopt;
}

Result<int> Needed(const JsonValue& value, std::string_view dotted) {
  if (FindPath(value, dotted) == nullptr) return Error{Code::kRejected, std::string(dotted) + " is missing"};
  return CountAt(value, dotted, 0);
}

bool IsLatency(std::string_view metric) { return metric.size() > 7 && metric.substr(metric.size() - 7) == "Latency"; }

std::optional<double> Load(const JsonValue& definition, int replicas, std::optional<double> wish) {
  const JsonValue* spec = FindPath(definition, "spec.scaleRule.trigger.metric");
  const JsonValue* current = FindPath(definition, "status.currentMetric");
  if (spec == nullptr || current == nullptr) return std::nullopt;
  const auto name = StringAt(*spec, "name");
  // After a change of metric the old value stands beside the new threshold for a while.
  if (!name || IsLatency(*name) || StringAt(*current, "name") != name) return std::nullopt;
  const auto value = NumberAt(*current, "value");
  const auto threshold = NumberAt(*spec, "scaleUp");
  if (!value || !threshold || *threshold <= 0 || *value < 0) return std::nullopt;
  const double load = replicas * *value / *threshold;
  if (!wish || *value != std::floor(*value)) return load;
  // Told in whole units, the value stands for all that it may have been cut or rounded from.
  const double most = replicas * (*value + 1) / *threshold;
  return load <= *wish - 1 && most > *wish - 1 ? most : load;
}

std::string Detail(const JsonValue& definition, const HomeDemand& demand, const std::optional<std::string>& message) {
  std::string text = "TSM autoscaler: desired " + std::to_string(demand.replicas_desired) + " of " +
                     std::to_string(demand.replicas_min) + " to " + std::to_string(demand.replicas_max);
  const auto metric = StringAt(definition, "status.currentMetric.name");
  const auto value = IntAt(definition, "status.currentMetric.value");
  const auto threshold = IntAt(definition, "spec.scaleRule.trigger.metric.scaleUp");
  if (metric && value && threshold) {
    text += ", " + *metric + " " + std::to_string(*value) + " against " + std::to_string(*threshold);
  }
  if (message) text += ", EnforcingLimit \"" + *message + "\"";
  if (!demand.enforced) text += ", it only recommends (enabled is false)";
  if (StringAt(definition, "spec.scaleRule.mode") == "PERFORMANCE") {
    text += ", it never scales down (mode PERFORMANCE), so desired is no sign of present load";
  }
  return text;
}

}  // namespace

std::optional<int> WishInMessage(std::string_view message) {
  std::string_view rest = message;
  NextWord(rest);
  if (const auto second = AllDigits(NextWord(rest))) return second;
  for (rest = message; !rest.empty();) {
    if (const auto number = AllDigits(WithoutPunctuation(NextWord(rest)))) return number;
  }
  return std::nullopt;
}

Result<HomeDemand> ReadDefinition(const JsonValue& definition) {
  HomeDemand demand;
  const Result<int> min = Needed(definition, "spec.scaleRule.instances.min");
  if (!min) return min.error();
  const Result<int> max = Needed(definition, "spec.scaleRule.instances.max");
  if (!max) return max.error();
  const auto enabled = BoolAt(definition, "spec.scaleRule.enabled");
  if (!enabled) return Error{Code::kRejected, "spec.scaleRule.enabled is missing"};
  if (const auto unusable = Unusable(definition)) return *unusable;
  const Result<int> current = Needed(definition, "status.currentReplicas");
  if (!current) return current.error();
  const Result<int> desired = Needed(definition, "status.desiredReplicas");
  if (!desired) return desired.error();
  demand.replicas_min = *min;
  demand.replicas_max = *max;
  demand.replicas_current = *current;
  demand.replicas_desired = *desired;
  demand.enforced = *enabled;
  const std::optional<std::string> message = LimitMessage(definition);
  if (message) {
    const std::optional<int> wish = WishInMessage(*message);
    if (wish && *wish >= *max) demand.wish = *wish;
    demand.limited = wish ? *wish >= *max : *desired >= *max;
  }
  demand.load = Load(definition, *current, demand.wish);
  const auto each = IntAt(definition, "spec.scaleRule.trigger.metric.scaleUp");
  if (StringAt(definition, "spec.scaleRule.trigger.metric.name") == "CPUUsageMillicores" && each && *each > 0) {
    demand.cpu_per_replica = static_cast<double>(*each) / 1000;
  }
  // Chosen: where the object does not say, the least window that the schema allows; TSM does not publish its default.
  const auto window = IntAt(definition, "spec.scaleRule.trigger.metric.windowSeconds");
  demand.averaged_over = std::chrono::seconds(std::clamp<std::int64_t>(window.value_or(60), 0, 3600));
  demand.detail = Detail(definition, demand, message);
  return demand;
}

}  // namespace spillway::k8s
