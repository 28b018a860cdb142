// Kubernetes' protobuf bodies, for the few kinds that kubectl's own create commands send so.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_PROTOBUF_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_PROTOBUF_H_

#include <string_view>

#include "src/base/result.h"
#include "tools/lab/kubernetes/tree.h"

namespace spillway::lab::kube {

inline constexpr std::string_view kProtobuf = "application/vnd.kubernetes.protobuf";

// The object in a body of that media type: the reviews, Namespace, ConfigMap, and the ObjectMeta of each
// (name, namespace, labels, annotations). Empty strings are left out, as JSON would. kRejected: malformed, or another
// kind, which this server reads as JSON only.
// Source: generated.proto of kubernetes/api core/v1 and authorization/v1, apimachinery meta/v1 and runtime.
Result<Tree> ReadProtobuf(std::string_view body);

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_PROTOBUF_H_
