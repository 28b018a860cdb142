// Structural schemas, as a CustomResourceDefinition carries them: pruning, defaulting, validation.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_SCHEMA_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_SCHEMA_H_

#include <string>
#include <vector>

#include "tools/lab/kubernetes/reply.h"
#include "tools/lab/kubernetes/tree.h"

namespace spillway::lab::kube {

// Understands type, properties, required, items, enum, minimum, maximum, default, and format date-time.
// Removes what the schema does not name; returns the paths removed ("spec.colour").
std::vector<std::string> Prune(const Tree& schema, Tree& value, const std::string& path = "");

// Fills in defaults where the parent object is there.
void FillDefaults(const Tree& schema, Tree& value);

// Everything wrong with `value`.
std::vector<Cause> Check(const Tree& schema, const Tree& value, const std::string& path = "");

// The schema of the TSM autoscaler's Definition: spec and status.
// Source: vmware-allspark/tanzu-servicemesh-samples autoscaling.tsm.tanzu.vmware.com_definitions.yaml.
const Tree& DefinitionSchema();

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_SCHEMA_H_
