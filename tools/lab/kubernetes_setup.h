// The two clusters as the lab begins: the home Deployment under its autoscaler, the overflow Deployment at zero.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_SETUP_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_SETUP_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "src/base/clock.h"
#include "src/base/result.h"
#include "tools/lab/kubernetes/cluster.h"

namespace spillway::lab {

struct KubernetesSetup {
  std::string user_token;   // of user spillway; empty: it comes with a client certificate
  std::string admin_token;  // of user admin
  std::uint64_t seed = 1;
};

// How the home site's autoscaler behaves while nothing is wrong with it.
AutoscalerOptions HomeAutoscaler();

// Site `site` is kHome or kOverflow. User spillway may do there what a production set-up would grant it and no more:
// read the application's objects in its namespace, at home write its own Lease and ConfigMap, in the overflow cluster
// scale that one Deployment; events in both. Pods start at once until SetPodTimes() says otherwise. An error is a
// mistake of the lab.
Result<std::unique_ptr<Cluster>> MakeCluster(std::size_t site, const KubernetesSetup& setup, const Clock& clock);

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_SETUP_H_
