#include "tools/lab/kubernetes/cluster.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "tools/lab/kubernetes/api.h"
#include "tools/lab/kubernetes/autoscaler.h"
#include "tools/lab/kubernetes/deployments.h"

namespace spillway::lab {

using kube::Key;
using kube::Moment;

struct Cluster::Impl {
  Impl(const Clock& the_clock, ClusterOptions options)
      : clock(the_clock),
        api(options.api, options.seed),
        deployments(api.store(), api.objects(), options.controller_lag, options.pods),
        autoscaler(api.store(), api.objects(), deployments, options.autoscaler) {
    api.store().SetListener([this](const kube::Change& change) {
      api.watches().Tell(change);
      deployments.Notice(change, at.now);
      autoscaler.Notice(change, at.now);
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
    for (const auto& other : {deployments.NextDue(), autoscaler.NextDue(), api.watches().NextDue()}) {
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

  bool EvaluationIsDue() const {
    const std::optional<Instant> due = autoscaler.NextDue();
    return due && *due <= at.now;
  }

  const Clock& clock;
  mutable std::mutex mutex;  // guards everything below but `load`
  kube::Api api;
  kube::Deployments deployments;
  kube::Autoscaler autoscaler;
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
      impl_->api.watches().Advance(*due, impl_->api.store().version());
      if (!impl_->EvaluationIsDue()) continue;
      targets = impl_->autoscaler.Targets();
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
    impl_->autoscaler.Evaluate(loads, impl_->at);
    impl_->NotePinned();
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

std::vector<WriteRecord> Cluster::Writes() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->api.writes();
}

std::map<std::string, int> Cluster::RequestCounts() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->api.counts();
}

}  // namespace spillway::lab
