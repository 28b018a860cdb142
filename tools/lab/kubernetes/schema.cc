#include "tools/lab/kubernetes/schema.h"

#include <algorithm>

#include "src/base/time_text.h"

namespace spillway::lab::kube {
namespace {

std::string Join(const std::string& path, const std::string& name) { return path.empty() ? name : path + "." + name; }

std::string TypeName(const Tree& value) {
  if (value.IsBool()) return "boolean";
  if (value.IsInt()) return "integer";
  if (value.IsNumber()) return "number";
  if (value.IsString()) return "string";
  if (value.IsArray()) return "array";
  return value.IsObject() ? "object" : "null";
}

bool HasType(const Tree& value, const std::string& type) {
  return type.empty() || TypeName(value) == type || (type == "number" && value.IsInt());
}

void CheckScalar(const Tree& schema, const Tree& value, const std::string& path, std::vector<Cause>& causes) {
  const Tree::Array& allowed = schema.At("enum").Items();
  if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
    std::vector<std::string> names;
    for (const Tree& one : allowed) names.push_back(one.String());
    causes.push_back(NotSupported(path, value, names));
  }
  const Tree& least = schema.At("minimum");
  if (!least.IsNull() && value.Number() < least.Number()) {
    causes.push_back(InvalidValue(path, value, path + " in body should be greater than or equal to " + least.Text()));
  }
  const Tree& most = schema.At("maximum");
  if (!most.IsNull() && value.Number() > most.Number()) {
    causes.push_back(InvalidValue(path, value, path + " in body should be less than or equal to " + most.Text()));
  }
  if (schema.At("format").String() == "date-time" && !ParseRfc3339(value.String())) {
    causes.push_back(InvalidValue(path, value, path + " in body must be of type date-time: " + value.Text()));
  }
}

void Append(std::vector<Cause>& to, std::vector<Cause> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

std::vector<std::string> Prune(const Tree& schema, Tree& value, const std::string& path) {
  std::vector<std::string> removed;
  const auto add = [&](std::vector<std::string> more) { removed.insert(removed.end(), more.begin(), more.end()); };
  const Tree* properties = schema.Find("properties");
  if (value.IsArray() && schema.Find("items") != nullptr) {
    for (std::size_t i = 0; i < value.Items().size(); ++i) {
      add(Prune(schema.At("items"), value.Items()[i], path + "[" + std::to_string(i) + "]"));
    }
  }
  if (!value.IsObject() || properties == nullptr) return removed;
  for (auto member = value.Members().begin(); member != value.Members().end();) {
    const Tree* known = properties->Find(member->first);
    if (known == nullptr) {
      removed.push_back(Join(path, member->first));
      member = value.Members().erase(member);
    } else {
      add(Prune(*known, member->second, Join(path, member->first)));
      ++member;
    }
  }
  return removed;
}

void FillDefaults(const Tree& schema, Tree& value) {
  if (value.IsArray()) {
    for (Tree& item : value.Items()) FillDefaults(schema.At("items"), item);
  }
  if (!value.IsObject()) return;
  for (const auto& [name, property] : schema.At("properties").Members()) {
    const Tree* standard = property.Find("default");
    if (value.Find(name) == nullptr && standard != nullptr) value[name] = *standard;
    if (Tree* there = value.Find(name)) FillDefaults(property, *there);
  }
}

std::vector<Cause> Check(const Tree& schema, const Tree& value, const std::string& path) {
  const std::string& type = schema.At("type").String();
  if (!HasType(value, type)) {
    const std::string why = path + " in body must be of type " + type + ": \"" + TypeName(value) + "\"";
    return {{"FieldValueTypeInvalid", "Invalid value: \"" + TypeName(value) + "\": " + why, path}};
  }
  std::vector<Cause> causes;
  CheckScalar(schema, value, path, causes);
  for (std::size_t i = 0; i < value.Items().size(); ++i) {
    Append(causes, Check(schema.At("items"), value.Items()[i], path + "[" + std::to_string(i) + "]"));
  }
  for (const Tree& name : schema.At("required").Items()) {
    if (value.Find(name.String()) == nullptr) causes.push_back(Required(Join(path, name.String())));
  }
  for (const auto& [name, property] : schema.At("properties").Members()) {
    if (const Tree* member = value.Find(name)) Append(causes, Check(property, *member, Join(path, name)));
  }
  return causes;
}

const Tree& DefinitionSchema() {
  static const Tree kSchema = Tree::Of(R"({
"type":"object","properties":{
 "apiVersion":{"type":"string"},"kind":{"type":"string"},"metadata":{"type":"object"},
 "spec":{"type":"object","required":["scaleRule","scaleTargetRef"],"properties":{
  "scaleTargetRef":{"type":"object","required":["kubernetes"],"properties":{
   "kubernetes":{"type":"object","required":["kind","name"],"properties":{
    "apiVersion":{"type":"string"},"kind":{"type":"string"},"name":{"type":"string"}}}}},
  "scaleRule":{"type":"object","required":["enabled","instances","mode","trigger"],"properties":{
   "mode":{"type":"string","enum":["EFFICIENCY","PERFORMANCE"]},
   "enabled":{"type":"boolean"},
   "instances":{"type":"object","required":["max","min"],"properties":{
    "min":{"type":"integer","minimum":1,"maximum":1000},"max":{"type":"integer","minimum":1,"maximum":1000},
    "default":{"type":"integer","minimum":1},
    "stepsUp":{"type":"integer","minimum":1},"stepsDown":{"type":"integer","minimum":1}}},
   "trigger":{"type":"object","required":["metric"],"properties":{
    "gracePeriodSeconds":{"type":"integer","default":300},
    "metric":{"type":"object","required":["name","scaleDown","scaleUp"],"properties":{
     "name":{"type":"string","enum":["RequestPS","Requests","CPUUsagePercent","CPUUsageMillicores","MemoryUsageBytes",
      "MemoryUsagePercent","p50Latency","p90Latency","p99Latency"]},
     "scaleUp":{"type":"integer"},"scaleDown":{"type":"integer"},
     "windowSeconds":{"type":"integer","minimum":60,"maximum":3600}}}}}}}}},
 "status":{"type":"object","required":["autoscalingReady","conditions","observedGeneration"],"properties":{
  "autoscalingReady":{"type":"boolean"},"observedGeneration":{"type":"integer"},
  "currentReplicas":{"type":"integer"},"desiredReplicas":{"type":"integer"},
  "currentMetric":{"type":"object","required":["name","value"],"properties":{
   "name":{"type":"string"},"value":{"type":"integer"}}},
  "lastScaleTime":{"type":"string","format":"date-time"},
  "failureReason":{"type":"string"},"failureMessage":{"type":"string"},
  "conditions":{"type":"array","items":{"type":"object","required":["lastTransitionTime","status","type"],"properties":{
   "type":{"type":"string"},"status":{"type":"string","enum":["True","False","Unknown"]},
   "lastTransitionTime":{"type":"string","format":"date-time"},
   "reason":{"type":"string"},"message":{"type":"string"},"severity":{"type":"string"}}}}}}}})");
  return kSchema;
}

}  // namespace spillway::lab::kube
