// The patch formats of the API, as functions on values.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_PATCH_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_PATCH_H_

#include <string_view>

#include "src/base/result.h"
#include "tools/lab/kubernetes/tree.h"

namespace spillway::lab::kube {

// RFC 7386: objects merge, null deletes, everything else (arrays too) replaces.
Tree MergePatch(Tree target, const Tree& patch);

// RFC 6902: add remove replace move copy test. kRejected: a malformed operation, a path that is not there, or a test
// that does not hold.
Result<Tree> JsonPatch(Tree target, const Tree& operations);

// Kubernetes' strategic merge: as MergePatch, but lists that Kubernetes declares as keyed (containers, env, volumes
// and volumeMounts, ports, conditions) merge by that key, with "$patch": "delete" and "replace";
// "$setElementOrder/..." and "$retainKeys" are read over. Lists without a key replace, as in a merge patch.
Tree StrategicPatch(Tree target, const Tree& patch);

// The member that tells the entries of a list of that name apart ("containers": "name"); empty: it has none.
std::string_view MergeKey(std::string_view list);

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_PATCH_H_
