#include "k8s/cluster.h"

#include <map>
#include <utility>

#include "k8s/api.h"
#include "k8s/definition.h"
#include "k8s/demand_source.h"
#include "k8s/list_watch.h"
#include "k8s/workload.h"
#include "src/base/rng.h"

namespace spillway::k8s {
namespace {

struct Kind {
  const char* api;
  const char* resource;
  const char* absent_hint;
};

constexpr Kind kDeployments{"/apis/apps/v1", "deployments", ""};
// Source: vmware-allspark/tanzu-servicemesh-samples, autoscaling.tsm.tanzu.vmware.com_definitions.yaml.
constexpr Kind kDefinitions{"/apis/autoscaling.tsm.tanzu.vmware.com/v1alpha1", "definitions",
                            "is the cluster onboarded to Tanzu Service Mesh?"};

}  // namespace

struct Cluster::Impl {
  std::shared_ptr<Api> api;
  Clock& clock;
  Rng rng;
  std::map<std::string, std::shared_ptr<Workload>> workloads;  // by the object's path
  std::map<std::string, std::shared_ptr<DemandSource>> demands;
  std::vector<std::shared_ptr<Feed>> feeds;

  // The only entry of `known` for that object; made with `make(watch)` if there is none yet.
  template <class T, class Make>
  std::shared_ptr<T> Only(std::map<std::string, std::shared_ptr<T>>& known, const Kind& kind,
                          const std::string& in_namespace, const std::string& name, Make make) {
    const Collection collection{kind.api, kind.resource, in_namespace.empty() ? api->default_namespace() : in_namespace,
                                name, kind.absent_hint};
    std::shared_ptr<T>& entry = known[collection.Path() + "/" + name];
    if (!entry) {
      auto watch = std::make_shared<ListWatch>(api, collection, clock, rng.Split());
      feeds.push_back(watch);
      entry = make(watch);
    }
    return entry;
  }
};

Cluster::Cluster(std::string name, ClusterAccess access, Clock& clock, std::shared_ptr<HttpTransport> transport,
                 std::shared_ptr<StreamTransport> streams, std::uint64_t seed)
    : impl_(new Impl{
          std::make_shared<Api>(std::move(name), std::move(access), clock, std::move(transport), std::move(streams)),
          clock,
          Rng(seed),
          {},
          {},
          {}}) {}

Cluster::~Cluster() = default;

std::shared_ptr<Workload> Cluster::WatchDeployment(const std::string& in_namespace, const std::string& name) {
  return impl_->Only(impl_->workloads, kDeployments, in_namespace, name,
                     [&](const std::shared_ptr<ListWatch>& watch) -> std::shared_ptr<Workload> {
                       return std::make_shared<DeploymentWorkload>(impl_->api, watch, name);
                     });
}

std::shared_ptr<DemandSource> Cluster::WatchDefinition(const std::string& in_namespace, const std::string& name) {
  return impl_->Only(impl_->demands, kDefinitions, in_namespace, name,
                     [&](const std::shared_ptr<ListWatch>& watch) -> std::shared_ptr<DemandSource> {
                       return std::make_shared<ObjectDemand>(*impl_->api, watch, name, ReadDefinition);
                     });
}

std::shared_ptr<Lease> Cluster::StandFor(LeaseOptions options, std::uint64_t seed) {
  return std::make_shared<Lease>(impl_->api, std::move(options), impl_->clock, Rng(seed));
}

std::shared_ptr<StateStore> Cluster::KeepIn(ConfigMapOptions options, const Leadership& leadership) {
  return std::make_shared<ConfigMapStore>(impl_->api, std::move(options), impl_->clock, leadership);
}

std::vector<std::shared_ptr<Feed>> Cluster::feeds() const { return impl_->feeds; }

}  // namespace spillway::k8s
