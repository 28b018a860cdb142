// What each kind demands of its objects: defaults, validation, and when a change is a new generation.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_RULES_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_RULES_H_

#include <string>
#include <vector>

#include "tools/lab/kubernetes/kind.h"
#include "tools/lab/kubernetes/reply.h"
#include "tools/lab/kubernetes/tree.h"

namespace spillway::lab::kube {

// Removes fields that a custom resource's schema does not name, and returns them. Built-in kinds keep theirs: this
// server has no schema of those.
std::vector<std::string> PruneUnknown(const Kind& kind, Tree& object);

void FillDefaultsOf(const Kind& kind, Tree& object);

// `before` is null on a create.
std::vector<Cause> Validate(const Kind& kind, const Tree& object, const Tree* before);

// Whether the step from `before` to `after` raises metadata.generation.
bool RaisesGeneration(const Kind& kind, const Tree& before, const Tree& after);

// Events have one store and two views: core/v1 and events.k8s.io/v1 name the same facts differently.
// Source: Kubernetes apis/core/v1 and apis/events/v1 conversion.
Tree ToStored(const Kind& kind, Tree object);
Tree ToView(const Kind& kind, Tree stored);

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_RULES_H_
