// What a Deployment says of its pods to those who measure them.
#ifndef SPILLWAY_K8S_SCALED_PODS_H_
#define SPILLWAY_K8S_SCALED_PODS_H_

#include <optional>
#include <string>

#include "src/base/json.h"
#include "src/base/result.h"

namespace spillway::k8s {

struct ScaledPods {
  int ready = 0;
  int total = 0;                      // pods that exist, ready or not
  std::optional<double> cpu_request;  // cores, of one pod; absent: a container of the template requests none
  std::string selector;               // as a labelSelector query: "app=shop,tier in (web,api)"; empty: it has none
};

// A Deployment of apps/v1. kRejected: counts that are none, or a selector of an unknown kind.
Result<ScaledPods> ReadScaledPods(const JsonValue& deployment);

}  // namespace spillway::k8s

#endif  // SPILLWAY_K8S_SCALED_PODS_H_
