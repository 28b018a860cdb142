#include "k8s/cluster.h"

#include <map>
#include <utility>

#include "k8s/api.h"
#include "k8s/definition.h"
#include "k8s/demand_source.h"
#include "k8s/hpa_demand.h"
#include "k8s/list_watch.h"
#include "k8s/usage_poll.h"
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
constexpr Kind kHpas{"/apis/autoscaling/v2", "horizontalpodautoscalers", "autoscaling/v2 came with Kubernetes 1.23"};

}  // namespace

struct Cluster::Impl {
  std::shared_ptr<Api> api;
  Clock& clock;
  Rng rng;
  std::map<std::string, std::shared_ptr<ListWatch>> watches;  // by the object's path
  std::map<std::string, std::shared_ptr<Workload>> workloads;
  std::map<std::string, std::shared_ptr<DemandSource>> demands;
  std::map<std::string, std::shared_ptr<UsageMeter>> meters;
  std::shared_ptr<EventRecorder> events{};
  std::vector<std::shared_ptr<Feed>> feeds;

  Collection In(const Kind& kind, const std::string& in_namespace, const std::string& name) const {
    return {kind.api, kind.resource, in_namespace.empty() ? api->default_namespace() : in_namespace, name,
            kind.absent_hint};
  }
  static std::string PathOf(const Collection& collection) { return collection.Path() + "/" + collection.name; }

  // The only watch of that object.
  std::shared_ptr<ListWatch> Watch(const Collection& collection) {
    std::shared_ptr<ListWatch>& watch = watches[PathOf(collection)];
    if (!watch) {
      watch = std::make_shared<ListWatch>(api, collection, clock, rng.Split());
      feeds.push_back(watch);
    }
    return watch;
  }

  // The only entry of `known` for that object; made with `make(watch)` if there is none yet.
  template <class T, class Make>
  std::shared_ptr<T> Only(std::map<std::string, std::shared_ptr<T>>& known, const Collection& collection, Make make) {
    std::shared_ptr<T>& entry = known[PathOf(collection)];
    if (!entry) entry = make(Watch(collection));
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
          {},
          {},
          {},
          {}}) {}

Cluster::~Cluster() = default;

std::shared_ptr<Workload> Cluster::WatchDeployment(const std::string& in_namespace, const std::string& name) {
  return impl_->Only(impl_->workloads, impl_->In(kDeployments, in_namespace, name),
                     [&](const std::shared_ptr<ListWatch>& watch) -> std::shared_ptr<Workload> {
                       return std::make_shared<DeploymentWorkload>(impl_->api, watch, name);
                     });
}

std::shared_ptr<DemandSource> Cluster::WatchDefinition(const std::string& in_namespace, const std::string& name) {
  return impl_->Only(impl_->demands, impl_->In(kDefinitions, in_namespace, name),
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

std::shared_ptr<DemandSource> Cluster::WatchHpa(const std::string& in_namespace, const std::string& name,
                                                const std::string& deployment) {
  const auto pods = impl_->Watch(impl_->In(kDeployments, in_namespace, deployment));
  return impl_->Only(impl_->demands, impl_->In(kHpas, in_namespace, name),
                     [&](const std::shared_ptr<ListWatch>& watch) -> std::shared_ptr<DemandSource> {
                       return std::make_shared<HpaDemand>(*impl_->api, impl_->clock, watch, name, pods, deployment);
                     });
}

std::shared_ptr<UsageMeter> Cluster::MeterPods(const std::string& in_namespace, const std::string& deployment,
                                               Duration poll_interval) {
  return impl_->Only(impl_->meters, impl_->In(kDeployments, in_namespace, deployment),
                     [&](const std::shared_ptr<ListWatch>& watch) -> std::shared_ptr<UsageMeter> {
                       UsagePoll::Times times;
                       times.while_pods = poll_interval;
                       auto poll = std::make_shared<UsagePoll>(impl_->api, impl_->clock, impl_->rng.Split(), watch,
                                                               deployment, times);
                       impl_->feeds.push_back(poll);
                       return poll;
                     });
}

std::shared_ptr<EventRecorder> Cluster::RecordEvents() {
  if (!impl_->events) {
    impl_->events = std::make_shared<EventRecorder>(impl_->api, impl_->clock, impl_->rng.Split());
    impl_->feeds.push_back(impl_->events);
  }
  return impl_->events;
}

std::vector<std::shared_ptr<Feed>> Cluster::feeds() const { return impl_->feeds; }

}  // namespace spillway::k8s
