#include "tools/lab/kubernetes/kind.h"

namespace spillway::lab::kube {
namespace {

Kind Make(std::string group, std::string version, std::string plural, std::string singular, std::string kind,
          std::vector<std::string> short_names = {}) {
  Kind made;
  made.group = std::move(group);
  made.version = std::move(version);
  made.plural = std::move(plural);
  made.singular = std::move(singular);
  made.kind = std::move(kind);
  made.short_names = std::move(short_names);
  made.stored_as = made.Resource();
  return made;
}

Kind Namespace() {
  Kind kind = Make("", "v1", "namespaces", "namespace", "Namespace", {"ns"});
  kind.namespaced = false;
  kind.status = true;
  return kind;
}

Kind Pod() {
  Kind kind = Make("", "v1", "pods", "pod", "Pod", {"po"});
  kind.status = true;
  return kind;
}

// Source: apps/v1 deployment strategy: unconditional updates allowed, generation on spec or annotations.
Kind Deployment() {
  Kind kind = Make("apps", "v1", "deployments", "deployment", "Deployment", {"deploy"});
  kind.status = kind.scale = true;
  kind.generation = Generation::kSpecOrAnnotations;
  return kind;
}

// Source: apps/v1 replicaset strategy: generation on spec.
Kind ReplicaSet() {
  Kind kind = Make("apps", "v1", "replicasets", "replicaset", "ReplicaSet", {"rs"});
  kind.status = true;
  kind.generation = Generation::kSpec;
  return kind;
}

// Source: vmware-allspark/tanzu-servicemesh-samples autoscaling.tsm.tanzu.vmware.com_definitions.yaml: subresource
// status only, short name asd.
Kind Definition() {
  Kind kind = Make(std::string(kTsmGroup), "v1alpha1", "definitions", "definition", "Definition", {"asd"});
  kind.custom = kind.status = kind.put_needs_rv = true;
  kind.generation = Generation::kContent;
  return kind;
}

Kind Autoscaler() {
  Kind kind = Make("autoscaling", "v2", "horizontalpodautoscalers", "horizontalpodautoscaler",
                   "HorizontalPodAutoscaler", {"hpa"});
  kind.status = true;
  return kind;
}

// The view of the same autoscalers that clients had before v2, to be read only here. kubectl before 1.23 describes by
// it.
Kind AutoscalerV1() {
  Kind kind = Autoscaler();
  kind.version = "v1";
  kind.status = false;
  kind.read_only = true;
  return kind;
}

// Source: kubernetes/metrics pkg/apis/metrics/v1beta1; served by an API server of its own that knows no watch.
Kind PodMetrics() {
  Kind kind = Make("metrics.k8s.io", "v1beta1", "pods", "pod", "PodMetrics");
  kind.read_only = true;
  return kind;
}

// Source: coordination strategy: AllowCreateOnUpdate true, AllowUnconditionalUpdate false.
Kind Lease() {
  Kind kind = Make("coordination.k8s.io", "v1", "leases", "lease", "Lease");
  kind.put_needs_rv = kind.put_creates = true;
  return kind;
}

Kind Event(std::string group) {
  Kind kind = Make(std::move(group), "v1", "events", "event", "Event", {"ev"});
  kind.put_creates = true;
  kind.stored_as = "events.events.k8s.io";  // two views of one store
  return kind;
}

Kind Review(std::string group, std::string plural, std::string singular, std::string name) {
  Kind kind = Make(std::move(group), "v1", std::move(plural), std::move(singular), std::move(name));
  kind.namespaced = false;
  kind.create_only = true;
  return kind;
}

Kind Service() {
  Kind kind = Make("", "v1", "services", "service", "Service", {"svc"});
  kind.status = true;
  return kind;
}

Kind EndpointSlice() {
  Kind kind = Make("discovery.k8s.io", "v1", "endpointslices", "endpointslice", "EndpointSlice");
  kind.generation = Generation::kContent;
  return kind;
}

}  // namespace

const std::vector<Kind>& AllKinds() {
  static const std::vector<Kind> kKinds{
      Namespace(),
      Pod(),
      Make("", "v1", "configmaps", "configmap", "ConfigMap", {"cm"}),
      Make("", "v1", "secrets", "secret", "Secret"),
      Service(),
      Event(""),
      Deployment(),
      ReplicaSet(),
      Autoscaler(),
      AutoscalerV1(),
      PodMetrics(),
      Definition(),
      Lease(),
      Event("events.k8s.io"),
      EndpointSlice(),
      Review("authorization.k8s.io", "selfsubjectaccessreviews", "selfsubjectaccessreview", "SelfSubjectAccessReview"),
      Review("authorization.k8s.io", "selfsubjectrulesreviews", "selfsubjectrulesreview", "SelfSubjectRulesReview"),
      Review("authorization.k8s.io", "subjectaccessreviews", "subjectaccessreview", "SubjectAccessReview"),
      Review("authentication.k8s.io", "selfsubjectreviews", "selfsubjectreview", "SelfSubjectReview"),
  };
  return kKinds;
}

const Kind* FindKind(std::string_view group, std::string_view version, std::string_view plural) {
  for (const Kind& kind : AllKinds()) {
    if (kind.group == group && kind.version == version && kind.plural == plural) return &kind;
  }
  return nullptr;
}

const Kind& PodKind() { return *FindKind("", "v1", "pods"); }
const Kind& DeploymentKind() { return *FindKind("apps", "v1", "deployments"); }
const Kind& ReplicaSetKind() { return *FindKind("apps", "v1", "replicasets"); }
const Kind& DefinitionKind() { return *FindKind(kTsmGroup, "v1alpha1", "definitions"); }
const Kind& HpaKind() { return *FindKind("autoscaling", "v2", "horizontalpodautoscalers"); }
const Kind& PodMetricsKind() { return *FindKind("metrics.k8s.io", "v1beta1", "pods"); }
const Kind& ServiceKind() { return *FindKind("", "v1", "services"); }
const Kind& EndpointSliceKind() { return *FindKind("discovery.k8s.io", "v1", "endpointslices"); }
const Kind& EventKind() { return *FindKind("events.k8s.io", "v1", "events"); }
const Kind& NamespaceKind() { return *FindKind("", "v1", "namespaces"); }

}  // namespace spillway::lab::kube
