// The `server` of a kubeconfig, which unlike most endpoints may carry a path (Rancher and other proxies do).
#ifndef SPILLWAY_K8S_SERVER_URL_H_
#define SPILLWAY_K8S_SERVER_URL_H_

#include <string>

#include "k8s/access.h"
#include "src/base/result.h"

namespace spillway::k8s {

// Fills in scheme, host, port and base_path from "https://host[:port][/path]". kRejected: no URL of https, or one of
// http to another machine, which would carry credentials in the clear.
Status ReadServerUrl(const std::string& url, ClusterAccess& access);

}  // namespace spillway::k8s

#endif  // SPILLWAY_K8S_SERVER_URL_H_
