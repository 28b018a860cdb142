// A configured cluster, as something one can speak to.
#ifndef SPILLWAY_SRC_DAEMON_OPEN_CLUSTER_H_
#define SPILLWAY_SRC_DAEMON_OPEN_CLUSTER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "k8s/access.h"
#include "k8s/cluster.h"
#include "src/base/clock.h"
#include "src/base/http_client.h"
#include "src/daemon/config.h"

namespace spillway::daemon {

struct OpenedCluster {
  std::shared_ptr<HttpClient> client;  // its connections; for Cancel()
  std::unique_ptr<k8s::Cluster> cluster;
  std::string server;  // its URL
};

// Reads the credentials; reaches nothing. An error says what can't be read, without the cluster's name.
Result<k8s::ClusterAccess> AccessOf(const ClusterConfig& config);

// The same, made into something one can speak to; reaches nothing yet. An error says what can't be read, without the
// cluster's name.
Result<OpenedCluster> OpenCluster(const std::string& name, const ClusterConfig& config, Clock& clock);

// For the jitter of what concerns one cluster; the same at every start.
std::uint64_t SeedOf(const std::string& name);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_OPEN_CLUSTER_H_
