// What tells a client what there is: /version, /api, /apis, resource lists, OpenAPI, health.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_DISCOVERY_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_DISCOVERY_H_

#include <optional>
#include <string>

#include "tools/lab/kubernetes/reply.h"

namespace spillway::lab::kube {

// The answer to GET of a path that names no resource; nullopt: no such path. `version`: gitVersion, "v1.32.4".
std::optional<Reply> Discover(const std::string& path, const std::string& version);

// /livez, /readyz, /healthz: open to everybody, answered with the text "ok".
bool IsHealthPath(const std::string& path);

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_DISCOVERY_H_
