// The kinds that this API server knows, and how each behaves.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_KIND_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_KIND_H_

#include <string>
#include <string_view>
#include <vector>

namespace spillway::lab::kube {

// What raises metadata.generation.
enum class Generation {
  kNone,               // the kind has none
  kSpec,               // a change of spec
  kSpecOrAnnotations,  // Deployment
  kContent,            // custom resources and EndpointSlice: any change outside metadata and status
};

struct Kind {
  std::string group, version, plural, singular, kind;
  std::vector<std::string> short_names;
  bool namespaced = true;
  bool custom = false;        // a custom resource: no strategic patch, a PUT needs a resourceVersion
  bool status = false;        // has /status
  bool scale = false;         // has /scale
  bool put_needs_rv = false;  // a PUT without resourceVersion is refused
  bool put_creates = false;   // a PUT of what does not exist creates it
  bool create_only = false;   // a review: answered, never stored
  bool read_only = false;     // get and list only
  Generation generation = Generation::kNone;
  std::string stored_as;  // table of the store: "plural.group"

  std::string ApiVersion() const { return group.empty() ? version : group + "/" + version; }
  // How messages name the resource: "deployments.apps", "pods".
  std::string Resource() const { return group.empty() ? plural : plural + "." + group; }
  // How messages name the kind: "Deployment.apps", "Pod".
  std::string QualifiedKind() const { return group.empty() ? kind : kind + "." + group; }
};

const std::vector<Kind>& AllKinds();

// nullptr: unknown.
const Kind* FindKind(std::string_view group, std::string_view version, std::string_view plural);

inline constexpr std::string_view kTsmGroup = "autoscaling.tsm.tanzu.vmware.com";

// The kinds that the controllers work on.
const Kind& PodKind();
const Kind& DeploymentKind();
const Kind& ReplicaSetKind();
const Kind& DefinitionKind();
const Kind& HpaKind();
const Kind& PodMetricsKind();
const Kind& ServiceKind();
const Kind& EndpointSliceKind();
const Kind& EventKind();
const Kind& NamespaceKind();

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_KIND_H_
