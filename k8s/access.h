// Where a cluster's API server is, and as whom to speak to it.
#ifndef SPILLWAY_K8S_ACCESS_H_
#define SPILLWAY_K8S_ACCESS_H_

#include <functional>
#include <string>

#include "src/base/http_client.h"
#include "src/base/result.h"

namespace spillway::k8s {

// The bearer token as it is now, without white space around it: tokens rotate, so it is asked for again and again.
// May read a file; called under no lock but one that only token users take. Its errors hold no secret.
using TokenReader = std::function<Result<std::string>()>;

struct ClusterAccess {
  HttpEndpoint endpoint;                      // to build the transports with
  std::string base_path;                      // before "/api" and "/apis"; "" or "/k8s/clusters/c-1"
  std::string default_namespace = "default";  // of the context
  TokenReader read_token;                     // empty: no bearer token (a client certificate, or nothing)
};

// "https://127.0.0.1:6443", "https://[::1]:6443/base": for messages.
std::string ServerUrl(const ClusterAccess& access);

}  // namespace spillway::k8s

#endif  // SPILLWAY_K8S_ACCESS_H_
