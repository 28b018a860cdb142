// How the API describes itself, as far as kubectl reads it: which kinds there are, and what a patch of each
// understands.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_OPENAPI_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_OPENAPI_H_

#include <string>
#include <utility>

#include "src/base/http.h"
#include "tools/lab/kubernetes/tree.h"

namespace spillway::lab::kube {

// OpenAPI 3, which kubectl reads since 1.27: where the document of each group stands, and the document.
Tree OpenApiIndex();
Tree OpenApi(const std::string& group, const std::string& version);

// The answer to GET /openapi/v2, which older kubectl read, Debian 12's 1.20 among them: in protobuf if `accept` asks
// for it, else JSON. What is asked for has an @, which no media type may have; the answer's has a dot in its place.
// Source: kube-openapi pkg/handler; google/gnostic openapiv2/OpenAPIv2.proto; kubectl's pkg/util/openapi and dry run
// verifier, which look for the parameter dryRun of a patch whose x-kubernetes-group-version-kind is theirs.
HttpResponse OpenApiV2(const std::string& accept);

}  // namespace spillway::lab::kube

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_OPENAPI_H_
