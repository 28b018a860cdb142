#include "tools/lab/kubernetes/autoscaler.h"

#include <algorithm>
#include <cmath>

#include "src/base/time_text.h"
#include "tools/lab/kubernetes/deployment_status.h"
#include "tools/lab/kubernetes/kind.h"

namespace spillway::lab::kube {
namespace {

Key TargetOf(const Tree& definition) {
  return {definition.At("metadata.namespace").String(), definition.At("spec.scaleTargetRef.kubernetes.name").String()};
}

std::string Filled(std::string text, std::initializer_list<std::pair<const char*, int>> numbers) {
  for (const auto& [name, number] : numbers) {
    const std::string place = std::string("{") + name + "}";
    for (std::size_t at = text.find(place); at != std::string::npos; at = text.find(place)) {
      text.replace(at, place.size(), std::to_string(number));
    }
  }
  return text;
}

double Mean(const std::deque<std::pair<Instant, double>>& samples) {
  double sum = 0;
  for (const auto& [at, load] : samples) sum += load;
  return samples.empty() ? 0 : sum / static_cast<double>(samples.size());
}

// The one condition of this moment. What was there before and still holds keeps its lastTransitionTime.
Tree Conditions(const Tree& definition, Tree condition, WallTime wall) {
  Tree kept = Tree::Array{};
  for (const Tree& old : definition.At("status.conditions").Items()) {
    if (old.At("type") == condition.At("type")) kept.Items().push_back(old);
  }
  SetCondition(kept, std::move(condition), wall);
  return kept;
}

}  // namespace

void Autoscaler::Notice(const Change& change, Instant now) {
  if (change.table != DefinitionKind().stored_as) return;
  if (change.after == nullptr) memories_.erase(change.key);
  if (change.before == nullptr && !next_) next_ = now + options_.period;
}

std::optional<Instant> Autoscaler::NextDue() const { return options_.running ? next_ : std::nullopt; }

void Autoscaler::SetOptions(AutoscalerOptions options, Instant now) {
  options_ = std::move(options);
  if (next_) next_ = now + options_.period;
}

bool Autoscaler::Pinned(const Key& definition) const {
  const auto memory = memories_.find(definition);
  return memory != memories_.end() && memory->second.pinned;
}

std::set<Key> Autoscaler::Targets() const {
  std::set<Key> targets;
  for (const ObjectPtr& definition : store_.List(DefinitionKind().stored_as, "")) targets.insert(TargetOf(*definition));
  return targets;
}

void Autoscaler::Evaluate(const std::map<Key, double>& loads, Moment at) {
  const std::vector<ObjectPtr> definitions = store_.List(DefinitionKind().stored_as, "");
  for (const ObjectPtr& definition : definitions) EvaluateOne(*definition, loads, at);
  next_ = definitions.empty() ? std::nullopt : std::optional(at.now + std::max<Duration>(options_.period, 1ms));
}

void Autoscaler::EvaluateOne(const Tree& definition, const std::map<Key, double>& loads, Moment at) {
  const ScaleRule rule = ReadScaleRule(definition);
  Memory& memory = memories_[KeyOf(definition)];
  const Key target = TargetOf(definition);
  const ObjectPtr deployment = store_.Get(DeploymentKind().stored_as, target);
  if (deployment == nullptr) {
    ReportNotReady(definition, memory, "TargetNotFound", "deployment " + target.name + " not found", at);
    return;
  }
  const auto load = loads.find(target);
  const int ready = deployments_.Ready(target);
  if (!options_.has_metrics || load == loads.end() || load->second < 0 || ready == 0) {
    memory.loads.clear();
    EvaluateBlind(definition, rule, *deployment, memory, at);
    return;
  }
  memory.loads.emplace_back(at.now, load->second);
  const Instant from = at.now - options_.window.value_or(rule.window);
  while (memory.loads.front().first <= from && memory.loads.size() > 1) memory.loads.pop_front();

  const double value = Mean(memory.loads) / ready;
  const int ordered = static_cast<int>(deployment->At("spec.replicas").Int());
  const bool may_shrink = !memory.last_action || at.now - *memory.last_action >= rule.grace;
  const Wish wish = Judge(rule, ready, ordered, value, may_shrink);
  if (rule.enabled && wish.desired != ordered) Scale(*deployment, wish.desired, memory, at);

  Tree status(Tree::Object{{"autoscalingReady", true},
                           {"observedGeneration", definition.At("metadata.generation")},
                           {"currentReplicas", ready},
                           {"desiredReplicas", wish.desired},
                           {"currentMetric", Tree::Object{{"name", definition.At("spec.scaleRule.trigger.metric.name")},
                                                          {"value", static_cast<std::int64_t>(std::llround(value))}}},
                           {"conditions", Tree::Array{}}});
  if (!memory.last_scale_time.empty()) status["lastScaleTime"] = memory.last_scale_time;
  memory.pinned = wish.pinned;
  if (wish.pinned) {
    Tree limit(Tree::Object{
        {"type", options_.limit_type},
        {"status", "True"},
        {"severity", "INFO"},
        {"reason", "EnforcingLimit"},
        {"message", Filled(options_.limit_message,
                           {{"wanted", wish.unclamped}, {"max", rule.max}, {"min", rule.min}, {"current", ready}})}});
    status["conditions"] = Conditions(definition, std::move(limit), at.wall);
  }
  Report(definition, std::move(status));
}

// Without data the bounds still hold, and `default` is the least.
void Autoscaler::EvaluateBlind(const Tree& definition, const ScaleRule& rule, const Tree& deployment, Memory& memory,
                               Moment at) {
  const int ordered = static_cast<int>(deployment.At("spec.replicas").Int());
  const int wanted = std::min(std::max({ordered, rule.min, rule.standard.value_or(0)}), rule.max);
  if (rule.enabled && wanted != ordered) Scale(deployment, wanted, memory, at);
  ReportNotReady(definition, memory, "NoMetrics", "not enough data to compute a desired replica count", at);
}

void Autoscaler::ReportNotReady(const Tree& definition, const Memory& memory, const std::string& reason,
                                const std::string& message, Moment at) {
  Tree condition(Tree::Object{{"type", "AutoscalingReady"},
                              {"status", "False"},
                              {"severity", "ERROR"},
                              {"reason", reason},
                              {"message", message}});
  Tree status(Tree::Object{{"autoscalingReady", false},
                           {"observedGeneration", definition.At("metadata.generation")},
                           {"conditions", Conditions(definition, std::move(condition), at.wall)}});
  if (!memory.last_scale_time.empty()) status["lastScaleTime"] = memory.last_scale_time;
  Report(definition, std::move(status));
}

void Autoscaler::Report(const Tree& definition, Tree status) {
  if (definition.At("status") == status) return;  // no write when nothing changed
  Tree after = definition;
  after["status"] = std::move(status);
  store_.Put(DefinitionKind().stored_as, std::move(after));
}

void Autoscaler::Scale(const Tree& deployment, int replicas, Memory& memory, Moment at) {
  Tree after = deployment;
  after.Make("spec.replicas") = replicas;
  WriteOptions options;
  options.from_patch = true;
  objects_.Update(DeploymentKind(), KeyOf(deployment), std::move(after), options, at.wall);
  memory.last_action = at.now;
  memory.last_scale_time = Rfc3339(at.wall);
}

}  // namespace spillway::lab::kube
