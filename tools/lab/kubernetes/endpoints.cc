#include "tools/lab/kubernetes/endpoints.h"

#include <algorithm>
#include <string>
#include <utility>

#include "tools/lab/kubernetes/kind.h"

namespace spillway::lab::kube {
namespace {

constexpr std::string_view kServiceName = "kubernetes.io/service-name";
constexpr std::string_view kManagedBy = "endpointslice.kubernetes.io/managed-by";
constexpr const char* kController = "endpointslice-controller.k8s.io";

bool Selects(const Tree& service, const ObjectPtr& pod) {
  if (pod == nullptr) return false;
  const Tree::Object& selector = service.At("spec.selector").Members();
  const Tree& labels = pod->At("metadata.labels");
  return !selector.empty() && std::all_of(selector.begin(), selector.end(), [&](const auto& term) {
    const Tree* label = labels.Find(term.first);
    return label != nullptr && *label == term.second;
  });
}

bool IsReady(const Tree& pod) {
  for (const Tree& condition : pod.At("status.conditions").Items()) {
    if (condition.At("type").String() == "Ready") return condition.At("status").String() == "True";
  }
  return false;
}

Tree EndpointOf(const Tree& pod) {
  const bool terminating = !pod.At("metadata.deletionTimestamp").IsNull();
  const bool serving = IsReady(pod);
  Tree endpoint(Tree::Object{
      {"addresses", Tree::Array{pod.At("status.podIP")}},
      {"conditions",
       Tree::Object{{"ready", serving && !terminating}, {"serving", serving}, {"terminating", terminating}}},
      {"targetRef", Tree::Object{{"kind", "Pod"},
                                 {"namespace", pod.At("metadata.namespace")},
                                 {"name", pod.At("metadata.name")},
                                 {"uid", pod.At("metadata.uid")}}}});
  if (const Tree* node = pod.At("spec").Find("nodeName")) endpoint["nodeName"] = *node;
  return endpoint;
}

Tree PortsOf(const Tree& service) {
  Tree::Array ports;
  for (const Tree& port : service.At("spec.ports").Items()) {
    const Tree& target = port.At("targetPort");
    ports.emplace_back(Tree::Object{{"name", port.At("name").String()},
                                    {"port", target.IsInt() ? target : port.At("port")},
                                    {"protocol", port.At("protocol")}});
  }
  return ports;
}

Tree EmptySlice(const Tree& service) {
  const std::string& name = service.At("metadata.name").String();
  const Tree labels(Tree::Object{{std::string(kServiceName), name}, {std::string(kManagedBy), kController}});
  const Tree owner(Tree::Object{{"apiVersion", "v1"},
                                {"kind", "Service"},
                                {"name", name},
                                {"uid", service.At("metadata.uid")},
                                {"controller", true},
                                {"blockOwnerDeletion", true}});
  return Tree::Object{
      {"metadata",
       Tree::Object{{"generateName", name + "-"}, {"labels", labels}, {"ownerReferences", Tree::Array{owner}}}},
      {"addressType", "IPv4"},
      {"endpoints", Tree::Array{}}};
}

const std::string& PodOf(const Tree& endpoint) { return endpoint.At("targetRef.name").String(); }

}  // namespace

void Endpoints::Notice(const Change& change, Instant now) {
  if (change.table == ServiceKind().stored_as) {
    due_.try_emplace(change.key, now + lag_);
  } else if (change.table == PodKind().stored_as) {
    for (const ObjectPtr& service : store_.List(ServiceKind().stored_as, change.key.in_namespace)) {
      if (Selects(*service, change.before) || Selects(*service, change.after)) {
        due_.try_emplace(KeyOf(*service), now + lag_);
      }
    }
  }
}

std::optional<Instant> Endpoints::NextDue() const {
  std::optional<Instant> due;
  for (const auto& [service, at] : due_) {
    if (!due || at < *due) due = at;
  }
  return due;
}

void Endpoints::Step(Moment at) {
  for (auto entry = due_.begin(); entry != due_.end();) {
    if (entry->second > at.now) {
      ++entry;
      continue;
    }
    const Key service = entry->first;
    entry = due_.erase(entry);
    Write(service, at);
  }
}

void Endpoints::Write(const Key& key, Moment at) {
  const Kind& kind = EndpointSliceKind();
  std::vector<Tree> slices;
  for (const ObjectPtr& slice : store_.List(kind.stored_as, key.in_namespace)) {
    const Tree& labels = slice->At("metadata.labels");
    const Tree* of = labels.Find(kServiceName);
    const Tree* by = labels.Find(kManagedBy);
    if (of != nullptr && of->String() == key.name && by != nullptr && by->String() == kController) {
      slices.push_back(*slice);
    }
  }
  const ObjectPtr service = store_.Get(ServiceKind().stored_as, key);
  if (service == nullptr || service->At("spec.selector").Members().empty()) {
    for (const Tree& slice : slices) store_.Remove(kind.stored_as, KeyOf(slice));
    return;
  }
  for (Tree& slice : Spread(*service, std::move(slices))) {
    const Key name = KeyOf(slice);
    if (name.name.empty()) {
      objects_.Create(kind, key.in_namespace, std::move(slice), {}, at.wall);
    } else if (slice.At("endpoints").Items().empty()) {
      store_.Remove(kind.stored_as, name);
    } else {
      objects_.Update(kind, name, std::move(slice), {.from_patch = true}, at.wall);
    }
  }
}

// The slices with the endpoints that are, new slices without a name at the end.
std::vector<Tree> Endpoints::Spread(const Tree& service, std::vector<Tree> slices) const {
  std::map<std::string, Tree> endpoints;  // by pod
  for (const ObjectPtr& pod : store_.List(PodKind().stored_as, service.At("metadata.namespace").String())) {
    if (!Selects(service, pod) || pod->At("status.podIP").IsNull()) continue;
    endpoints.emplace(pod->At("metadata.name").String(), EndpointOf(*pod));
  }
  for (Tree& slice : slices) {
    Tree::Array kept;
    for (const Tree& old : slice.At("endpoints").Items()) {
      const auto now = endpoints.find(PodOf(old));
      if (now != endpoints.end()) kept.push_back(std::move(endpoints.extract(now).mapped()));
    }
    slice["endpoints"] = std::move(kept);
  }
  std::size_t at = 0;
  for (auto& [pod, endpoint] : endpoints) {
    while (at < slices.size() && slices[at].At("endpoints").Items().size() >= kEndpointsPerSlice) ++at;
    if (at == slices.size()) slices.push_back(EmptySlice(service));
    slices[at]["endpoints"].Items().push_back(std::move(endpoint));
  }
  const Tree ports = PortsOf(service);
  for (Tree& slice : slices) slice["ports"] = ports;
  return slices;
}

}  // namespace spillway::lab::kube
