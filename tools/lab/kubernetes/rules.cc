#include "tools/lab/kubernetes/rules.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "tools/lab/kubernetes/schema.h"

namespace spillway::lab::kube {
namespace {

// RFC 1123 subdomain, as most names must be.
bool IsName(const std::string& name) {
  if (name.empty() || name.size() > 253) return false;
  const auto edge = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  for (const char c : name) {
    if (!edge(c) && c != '-' && c != '.') return false;
  }
  return edge(name.front()) && edge(name.back());
}

void CheckName(const Tree& object, std::vector<Cause>& causes) {
  const std::string& name = object.At("metadata.name").String();
  if (name.empty()) {
    causes.push_back({"FieldValueRequired", "Required value: name or generateName is required", "metadata.name"});
  } else if (!IsName(name)) {
    causes.push_back(InvalidValue("metadata.name", name,
                                  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, "
                                  "'-' or '.', and must start and end with an alphanumeric character"));
  }
}

void CheckAtLeast(const Tree& object, const std::string& path, std::int64_t least, const std::string& why,
                  std::vector<Cause>& causes) {
  const Tree& value = object.At(path);
  if (!value.IsNull() && (!value.IsInt() || value.Int() < least)) causes.push_back(InvalidValue(path, value, why));
}

constexpr const char* kNotNegative = "must be greater than or equal to 0";

void CheckDeployment(const Tree& object, const Tree* before, std::vector<Cause>& causes) {
  CheckAtLeast(object, "spec.replicas", 0, kNotNegative, causes);
  CheckAtLeast(object, "spec.minReadySeconds", 0, kNotNegative, causes);
  const Tree& wanted = object.At("spec.selector.matchLabels");
  if (wanted.Members().empty()) {
    causes.push_back(Required("spec.selector"));
    return;
  }
  const Tree& labels = object.At("spec.template.metadata.labels");
  for (const auto& [name, value] : wanted.Members()) {
    const Tree* label = labels.Find(name);
    if (label != nullptr && *label == value) continue;
    causes.push_back(
        InvalidValue("spec.template.metadata.labels", labels, "`selector` does not match template `labels`"));
    break;
  }
  if (before != nullptr && before->At("spec.selector") != object.At("spec.selector")) {
    causes.push_back(InvalidValue("spec.selector", object.At("spec.selector"), "field is immutable"));
  }
}

// Source: Kubernetes CRDValidationRatcheting (on since 1.30): what was already wrong and stays as it is passes.
void CheckDefinition(const Tree& object, const Tree* before, std::vector<Cause>& causes) {
  const std::vector<Cause> old = before == nullptr ? std::vector<Cause>{} : Check(DefinitionSchema(), *before);
  for (Cause& cause : Check(DefinitionSchema(), object)) {
    const bool known = std::any_of(
        old.begin(), old.end(), [&](const Cause& o) { return o.field == cause.field && o.message == cause.message; });
    if (!known) causes.push_back(std::move(cause));
  }
  const Tree& instances = object.At("spec.scaleRule.instances");
  const bool up = instances.Find("stepsUp") != nullptr;
  if (up != (instances.Find("stepsDown") != nullptr)) {
    causes.push_back(Required(up ? "spec.scaleRule.instances.stepsDown" : "spec.scaleRule.instances.stepsUp"));
  }
}

// Source: Kubernetes core/v1 defaults. Chosen: the cluster address comes of the name, as nothing routes to it.
void FillService(Tree& object) {
  const auto standard = [&](const char* path, Tree value) {
    Tree& at = object.Make(path);
    if (at.IsNull()) at = std::move(value);
  };
  std::uint32_t hash = 2166136261U;  // FNV-1a
  for (const char c : object.At("metadata.namespace").String() + "/" + object.At("metadata.name").String()) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  }
  const std::string address = "10.96." + std::to_string(hash / 250 % 250) + "." + std::to_string(hash % 250 + 1);
  standard("spec.type", "ClusterIP");
  standard("spec.clusterIP", address);
  standard("spec.clusterIPs", Tree::Array{object.At("spec.clusterIP")});
  standard("spec.sessionAffinity", "None");
  if (object.At("spec.ports").IsNull()) return;
  for (Tree& port : object.Make("spec.ports").Items()) {
    if (port.At("protocol").IsNull()) port["protocol"] = "TCP";
    if (port.At("targetPort").IsNull()) port["targetPort"] = port.At("port");
  }
}

// Source: Kubernetes core/validation: a Service with an address of its own has ports, 1..65535.
void CheckService(const Tree& object, std::vector<Cause>& causes) {
  const Tree::Array& ports = object.At("spec.ports").Items();
  if (ports.empty() && object.At("spec.clusterIP").String() != "None") causes.push_back(Required("spec.ports"));
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const std::int64_t port = ports[i].At("port").Int();
    if (port >= 1 && port <= 65535) continue;
    causes.push_back(InvalidValue("spec.ports[" + std::to_string(i) + "].port", ports[i].At("port"),
                                  "must be between 1 and 65535, inclusive"));
  }
}

// Source: Kubernetes coordination/validation: durations above zero, transitions not negative.
void CheckLease(const Tree& object, std::vector<Cause>& causes) {
  CheckAtLeast(object, "spec.leaseDurationSeconds", 1, "must be greater than 0", causes);
  CheckAtLeast(object, "spec.leaseTransitions", 0, kNotNegative, causes);
}

// Source: Kubernetes core/validation/validation.go, ValidateConfigMap and MaxSecretSize.
void CheckConfigMap(const Tree& object, std::vector<Cause>& causes) {
  constexpr std::size_t kMost = 1U << 20U;
  std::size_t bytes = 0;
  for (const char* member : {"data", "binaryData"}) {
    for (const auto& [key, value] : object.At(member).Members()) bytes += value.String().size();
  }
  if (bytes > kMost) {
    causes.push_back({"FieldValueTooLong", "Too long: may not be more than " + std::to_string(kMost) + " bytes", ""});
  }
}

// Source: Kubernetes core/validation/events.go, for events.k8s.io/v1.
void CheckEvent(const Tree& object, std::vector<Cause>& causes) {
  for (const char* field : {"eventTime", "reportingController", "reportingInstance", "action", "reason", "type"}) {
    if (object.At(field).String().empty()) causes.push_back(Required(field));
  }
  for (const char* field : {"reportingInstance", "action", "reason"}) {
    if (object.At(field).String().size() > 128)
      causes.push_back(InvalidValue(field, "", "can have at most 128 characters"));
  }
  if (object.At("note").String().size() > 1024) {
    causes.push_back(InvalidValue("note", "", "can have at most 1024 characters"));
  }
  const std::string& type = object.At("type").String();
  if (!type.empty() && type != "Normal" && type != "Warning") {
    causes.push_back(InvalidValue("type", type, "has invalid value: " + type));
  }
  const std::string& in_namespace = object.At("metadata.namespace").String();
  const std::string& about = object.At("regarding.namespace").String();
  if (about.empty() ? in_namespace != "default" && in_namespace != "kube-system" : about != in_namespace) {
    causes.push_back(InvalidValue("regarding.namespace", about, "does not match event.namespace"));
  }
}

constexpr std::array<std::pair<const char*, const char*>, 7> kEventFields{
    {{"involvedObject", "regarding"},
     {"message", "note"},
     {"source", "deprecatedSource"},
     {"firstTimestamp", "deprecatedFirstTimestamp"},
     {"lastTimestamp", "deprecatedLastTimestamp"},
     {"count", "deprecatedCount"},
     {"reportingComponent", "reportingController"}}};

void Rename(Tree& object, const char* from, const char* to) {
  const Tree* value = object.Find(from);
  if (value == nullptr) return;
  Tree moved = *value;
  object.Erase(from);
  object[to] = std::move(moved);
}

bool SameBut(Tree a, Tree b, std::initializer_list<const char*> without) {
  for (const char* name : without) {
    a.Erase(name);
    b.Erase(name);
  }
  return a == b;
}

}  // namespace

std::vector<std::string> PruneUnknown(const Kind& kind, Tree& object) {
  return kind.custom ? Prune(DefinitionSchema(), object) : std::vector<std::string>{};
}

void FillDefaultsOf(const Kind& kind, Tree& object) {
  const auto standard = [&](const char* path, Tree value) {
    Tree& at = object.Make(path);
    if (at.IsNull()) at = std::move(value);
  };
  if (kind.custom) FillDefaults(DefinitionSchema(), object);
  if (kind.kind == "Deployment") {
    standard("spec.replicas", 1);
    standard("spec.revisionHistoryLimit", 10);
    standard("spec.progressDeadlineSeconds", 600);
    standard("spec.strategy",
             Tree::Of(R"({"type":"RollingUpdate","rollingUpdate":{"maxSurge":"25%","maxUnavailable":"25%"}})"));
  } else if (kind.kind == "HorizontalPodAutoscaler") {
    standard("spec.minReplicas", 1);
  } else if (kind.kind == "Service") {
    FillService(object);
  } else if (kind.kind == "Namespace") {
    standard("status.phase", "Active");
    object.Make("metadata.labels")["kubernetes.io/metadata.name"] = object.At("metadata.name");
  } else if (kind.kind == "Pod") {
    standard("status.phase", "Pending");
  }
}

std::vector<Cause> Validate(const Kind& kind, const Tree& object, const Tree* before) {
  std::vector<Cause> causes;
  CheckName(object, causes);
  if (kind.kind == "Deployment") CheckDeployment(object, before, causes);
  if (kind.kind == "Definition") CheckDefinition(object, before, causes);
  if (kind.kind == "Lease") CheckLease(object, causes);
  if (kind.kind == "ConfigMap") CheckConfigMap(object, causes);
  if (kind.kind == "Service") CheckService(object, causes);
  if (kind.kind == "Event" && kind.group == "events.k8s.io" && before == nullptr) CheckEvent(object, causes);
  if (kind.kind == "HorizontalPodAutoscaler") {
    if (object.At("spec.maxReplicas").IsNull()) causes.push_back(Required("spec.maxReplicas"));
    CheckAtLeast(object, "spec.maxReplicas", 1, "must be greater than 0", causes);
  }
  return causes;
}

bool RaisesGeneration(const Kind& kind, const Tree& before, const Tree& after) {
  switch (kind.generation) {
    case Generation::kNone:
      return false;
    case Generation::kSpec:
      return before.At("spec") != after.At("spec");
    case Generation::kSpecOrAnnotations:
      return before.At("spec") != after.At("spec") ||
             before.At("metadata.annotations") != after.At("metadata.annotations");
    case Generation::kContent:
      return !SameBut(before, after, {"metadata", "status"});
  }
  return false;
}

Tree ToStored(const Kind& kind, Tree object) {
  if (kind.kind == "Event" && kind.group.empty()) {
    for (const auto& [core, events] : kEventFields) Rename(object, core, events);
    object["apiVersion"] = "events.k8s.io/v1";
  }
  return object;
}

Tree ToView(const Kind& kind, Tree stored) {
  if (kind.kind == "Event" && kind.group.empty()) {
    for (const auto& [core, events] : kEventFields) Rename(stored, events, core);
    stored["apiVersion"] = "v1";
  }
  return stored;
}

}  // namespace spillway::lab::kube
