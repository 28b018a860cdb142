#include "tools/lab/kubernetes/cluster.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "tools/lab/kubernetes/api.h"
#include "tools/lab/kubernetes/autoscaler.h"
#include "tools/lab/kubernetes/deployments.h"
#include "tools/lab/kubernetes/endpoints.h"
#include "tools/lab/kubernetes/event_log.h"
#include "tools/lab/kubernetes/expiry.h"
#include "tools/lab/kubernetes/hpa.h"
#include "tools/lab/kubernetes/metrics_server.h"

namespace spillway::lab {

using kube::Key;
using kube::Moment;

struct Cluster::Impl {
  Impl(const Clock& the_clock, ClusterOptions options)
      : clock(the_clock),
        api(options.api, options.seed),
        events(api.store(), api.objects()),
        deployments(api.store(), api.objects(), events, options.controller_lag, options.pods),
        autoscaler(api.store(), api.objects(), deployments, options.autoscaler),
        endpoints(api.store(), api.objects(), options.controller_lag),
        expiry(api.store(), options.api.event_life),
        metrics(api.store(), deployments, options.metrics),
        hpa(api.store(), api.objects(), events, deployments, metrics, options.hpa) {
    api.SetAvailable(kube::PodMetricsKind().group, metrics.available());
    api.store().SetListener([this](const kube::Change& change) {
      api.watches().Tell(change);
      deployments.Notice(change, at.now);
      autoscaler.Notice(change, at.now);
      metrics.Notice(change, at.now);
      hpa.Notice(change, at.now);
      endpoints.Notice(change, at.now);
      expiry.Notice(change, at.now);
    });
    at = Present();
    for (const char* name : {"default", "kube-system"}) CreateNamespace(name);
  }

  Moment Present() const { return {clock.Now(), clock.WallNow()}; }

  void CreateNamespace(const std::string& name) {
    const kube::Tree body(kube::Tree::Object{{"metadata", kube::Tree::Object{{"name", name}}}});
    api.objects().Create(kube::NamespaceKind(), "", body, {}, at.wall);
  }

  // Nothing is ever done before what was done last.
  std::optional<Instant> Due() const {
    std::optional<Instant> due;
    for (const auto& other : {deployments.NextDue(), autoscaler.NextDue(), metrics.NextDue(), hpa.NextDue(),
                              endpoints.NextDue(), expiry.NextDue(), api.watches().NextDue()}) {
      if (other && (!due || *other < *due)) due = other;
    }
    return due ? std::optional(std::max(*due, floor)) : std::nullopt;
  }

  void NotePinned() {
    for (const kube::ObjectPtr& definition : api.store().List(kube::DefinitionKind().stored_as, "")) {
      const Key key = kube::KeyOf(*definition);
      if (!autoscaler.Pinned(key)) {
        pinned_since.erase(key);
      } else {
        pinned_since.emplace(key, clock.WallNow());
      }
    }
  }

  bool IsDue(std::optional<Instant> due) const { return due && *due <= at.now; }

  // The Deployments whose load is needed for what is due.
  std::set<Key> Targets() const {
    std::set<Key> targets;
    if (IsDue(autoscaler.NextDue())) targets = autoscaler.Targets();
    if (IsDue(metrics.NextDue())) targets.merge(metrics.Targets());
    return targets;
  }

  // What depends on loads: first they are measured.
  void Control(const std::map<Key, double>& loads) {
    if (IsDue(metrics.NextDue())) metrics.Measure(loads, at);
    if (IsDue(autoscaler.NextDue())) autoscaler.Evaluate(loads, at);
    if (IsDue(hpa.NextDue())) hpa.Sync(at);
    NotePinned();
  }

  const Clock& clock;
  mutable std::mutex mutex;  // guards everything below but `load`
  kube::Api api;
  kube::EventLog events;
  kube::Deployments deployments;
  kube::Autoscaler autoscaler;
  kube::Endpoints endpoints;
  kube::Expiry expiry;
  kube::MetricsServer metrics;
  kube::HpaController hpa;
  std::map<Key, WallTime> pinned_since;
  Moment at;        // of what is going on now
  Instant floor{};  // of steps to come

  std::mutex advancing;  // one Advance() at a time; taken before `mutex` and before `loading`
  mutable std::mutex loading;
  LoadFunction load;
};

Cluster::Cluster(const Clock& clock, ClusterOptions options)
    : impl_(std::make_unique<Impl>(clock, std::move(options))) {}

Cluster::~Cluster() = default;

Answer Cluster::Handle(const Call& call) {
  const std::lock_guard lock(impl_->mutex);
  impl_->at = impl_->Present();
  return impl_->api.Handle(call, impl_->at);
}

void Cluster::Advance() {
  const std::lock_guard one(impl_->advancing);
  const Moment present = impl_->Present();
  for (;;) {
    std::set<Key> targets;
    {
      const std::lock_guard lock(impl_->mutex);
      const std::optional<Instant> due = impl_->Due();
      if (!due || *due > present.now) return;
      impl_->floor = *due;
      impl_->at = {*due, present.wall - (present.now - *due)};
      impl_->deployments.Step(impl_->at);
      impl_->endpoints.Step(impl_->at);
      impl_->expiry.Step(impl_->at.now);
      impl_->api.watches().Advance(*due, impl_->api.store().version());
      targets = impl_->Targets();
      if (targets.empty()) {
        impl_->Control({});
        continue;
      }
    }
    std::map<Key, double> loads;
    LoadFunction load;
    {
      const std::lock_guard lock(impl_->loading);
      load = impl_->load;
    }
    for (const Key& target : targets) loads[target] = load ? load(target.in_namespace, target.name) : -1;
    const std::lock_guard lock(impl_->mutex);
    impl_->at = {impl_->floor, present.wall - (present.now - impl_->floor)};
    impl_->Control(loads);
  }
}

std::optional<WallTime> Cluster::PinnedSince(const std::string& in_namespace, const std::string& definition) const {
  const std::lock_guard lock(impl_->mutex);
  const auto since = impl_->pinned_since.find({in_namespace, definition});
  return since == impl_->pinned_since.end() ? std::nullopt : std::optional(since->second);
}

std::optional<Instant> Cluster::NextDue() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->Due();
}

std::string Cluster::Create(std::string_view json, bool checked) {
  const Result<kube::Tree> body = kube::Tree::Parse(json);
  if (!body) return body.error().what;
  const std::lock_guard lock(impl_->mutex);
  impl_->at = impl_->Present();
  for (const kube::Kind& kind : kube::AllKinds()) {
    if (kind.kind != body->At("kind").String() || kind.ApiVersion() != body->At("apiVersion").String()) continue;
    const std::string& given = body->At("metadata.namespace").String();
    const std::string in_namespace = !kind.namespaced ? "" : given.empty() ? "default" : given;
    if (kind.namespaced) impl_->CreateNamespace(in_namespace);  // refused if it is there
    const kube::Reply reply =
        impl_->api.objects().Create(kind, in_namespace, *body, {.unchecked = !checked}, impl_->at.wall);
    return reply.code < 300 ? "" : reply.body.At("message").String();
  }
  return "no kind " + body->At("kind").String() + " in " + body->At("apiVersion").String();
}

std::vector<PodView> Cluster::Pods(const std::string& in_namespace, const std::string& deployment) const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->deployments.Pods({in_namespace, deployment});
}

int Cluster::ReadyPods(const std::string& in_namespace, const std::string& deployment) const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->deployments.Ready({in_namespace, deployment});
}

std::string Cluster::Get(std::string_view api_version, std::string_view resource, const std::string& in_namespace,
                         const std::string& name) const {
  const std::lock_guard lock(impl_->mutex);
  const std::size_t slash = api_version.find('/');
  const bool core = slash == std::string_view::npos;
  const kube::Kind* kind = kube::FindKind(core ? "" : api_version.substr(0, slash),
                                          core ? api_version : api_version.substr(slash + 1), resource);
  const kube::ObjectPtr object =
      kind != nullptr ? impl_->api.store().Get(kind->stored_as, {in_namespace, name}) : nullptr;
  return object != nullptr ? object->Text() : "";
}

void Cluster::SetLoad(LoadFunction load) {
  const std::lock_guard lock(impl_->loading);
  impl_->load = std::move(load);
}

void Cluster::SetPodTimes(PodTimes times) {
  const std::lock_guard lock(impl_->mutex);
  impl_->deployments.SetTimes(times);
  impl_->floor = impl_->clock.Now();  // pods that were held back go on from here, not from when they were due
}

void Cluster::SetAutoscaler(AutoscalerOptions options) {
  const std::lock_guard lock(impl_->mutex);
  impl_->autoscaler.SetOptions(std::move(options), impl_->clock.Now());
}

void Cluster::SetHpa(HpaOptions options) {
  const std::lock_guard lock(impl_->mutex);
  impl_->hpa.SetOptions(std::move(options), impl_->clock.Now());
}

void Cluster::SetMetrics(MetricsOptions options) {
  const std::lock_guard lock(impl_->mutex);
  impl_->metrics.SetOptions(options, impl_->clock.Now());
  impl_->api.SetAvailable(kube::PodMetricsKind().group, options.available);
}

void Cluster::AddUser(User user) {
  const std::lock_guard lock(impl_->mutex);
  impl_->api.users().Add(std::move(user));
}

void Cluster::RemoveUser(const std::string& name) {
  const std::lock_guard lock(impl_->mutex);
  impl_->api.users().Remove(name);
}

int Cluster::AddFault(Fault fault) {
  const std::lock_guard lock(impl_->mutex);
  return impl_->api.faults().Add(std::move(fault));
}

void Cluster::RemoveFault(int id) {
  const std::lock_guard lock(impl_->mutex);
  impl_->api.faults().Remove(id);
}

void Cluster::ClearFaults() {
  const std::lock_guard lock(impl_->mutex);
  impl_->api.faults().Clear();
}

void Cluster::ForgetHistory() {
  const std::lock_guard lock(impl_->mutex);
  impl_->api.store().ForgetHistory();
}

void Cluster::CutWatches() {
  const std::lock_guard lock(impl_->mutex);
  impl_->api.watches().CutAll();
}

void Cluster::SilenceWatches() {
  const std::lock_guard lock(impl_->mutex);
  impl_->api.watches().SilenceAll();
}

std::vector<WriteRecord> Cluster::Writes() const {
  const std::lock_guard lock(impl_->mutex);
  return {impl_->api.writes().begin(), impl_->api.writes().end()};
}

std::map<std::string, int> Cluster::RequestCounts() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->api.counts();
}

}  // namespace spillway::lab
