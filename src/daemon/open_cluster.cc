#include "src/daemon/open_cluster.h"

#include <cstdlib>
#include <optional>
#include <utility>

#include "k8s/kubeconfig.h"
#include "src/base/file.h"

namespace spillway::daemon {
namespace {

// Of what a kubeconfig names, only what holds a key must be closed to others: CAs are no secret, and Kubernetes itself
// decides on the mode of the tokens that it mounts.
Result<std::string> ReadWhole(const std::string& path) {
  auto text = ReadFile(path);
  return text && text->find("PRIVATE KEY-----") != std::string::npos ? ReadSecretFile(path) : std::move(text);
}

std::optional<std::string> Environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): nothing sets it
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace

std::uint64_t SeedOf(const std::string& name) {
  std::uint64_t seed = 17;
  for (const unsigned char c : name) seed = seed * 131 + c;
  return seed;
}

Result<k8s::ClusterAccess> AccessOf(const ClusterConfig& config) {
  auto read = [kubeconfig = config.kubeconfig](const std::string& path) {
    return path == kubeconfig ? ReadSecretFile(path) : ReadWhole(path);
  };
  return config.in_cluster ? k8s::AccessInCluster(Environment, ReadWhole)
                           : k8s::AccessFromKubeconfig(config.kubeconfig, config.context, read);
}

Result<OpenedCluster> OpenCluster(const std::string& name, const ClusterConfig& config, Clock& clock) {
  auto access = AccessOf(config);
  if (!access) return access.error();
  OpenedCluster opened;
  opened.server = k8s::ServerUrl(*access);
  opened.client = std::make_shared<HttpClient>(access->endpoint);
  opened.cluster =
      std::make_unique<k8s::Cluster>(name, std::move(*access), clock, opened.client, opened.client, SeedOf(name));
  return opened;
}

}  // namespace spillway::daemon
