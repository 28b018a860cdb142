// What a controller says of itself.
#ifndef SPILLWAY_TOOLS_LAB_AVI_CLUSTER_H_
#define SPILLWAY_TOOLS_LAB_AVI_CLUSTER_H_

#include "tools/lab/avi/exchange.h"

namespace spillway::lab::avi {

// Without a session: SDKs ask these before they log in.
HttpResponse GetClusterStatus(const Exchange& exchange);  // /api/cluster/status
HttpResponse GetInitialData(const Exchange& exchange);    // /api/initial-data

HttpResponse GetCluster(const Exchange& exchange);         // /api/cluster: one object, not a list
HttpResponse GetClusterRuntime(const Exchange& exchange);  // /api/cluster/runtime
HttpResponse GetClusterVersion(const Exchange& exchange);  // /api/cluster/version

}  // namespace spillway::lab::avi

#endif  // SPILLWAY_TOOLS_LAB_AVI_CLUSTER_H_
