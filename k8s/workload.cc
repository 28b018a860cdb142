#include "k8s/workload.h"

#include <algorithm>
#include <utility>

#include "k8s/object_text.h"

namespace spillway::k8s {

void OwnWrites::Changed(const Picture& picture, std::optional<Instant> confirmed_before, Instant now) {
  view_->Changed(picture, confirmed_before, now);
  const Reading<WorkloadState> reading = view_->Read(picture);
  const bool still_before = reading.seen && superseded_.count(reading.seen->value.revision) > 0;
  if (!stored_ || still_before) return;
  stored_.reset();
  superseded_.clear();
}

Reading<WorkloadState> OwnWrites::Read(const Picture& picture) const {
  Reading<WorkloadState> reading = view_->Read(picture);
  if (!stored_ || !reading.seen) return reading;
  WorkloadState& state = reading.seen->value;
  state.replicas_wanted = stored_->replicas;
  state.revision = stored_->revision;
  // The answer of a write says nothing of readiness; what it takes away no longer counts (see ReadDeployment).
  state.replicas_ready = std::min(state.replicas_ready, state.replicas_wanted);
  return reading;
}

void OwnWrites::Stored(const Picture& picture, const std::string& before, const ScaleAnswer& stored) {
  const Reading<WorkloadState> reading = Read(picture);
  if (!reading.seen || reading.seen->value.revision != before) return;
  superseded_.insert(before);
  stored_ = stored;
}

DeploymentWorkload::DeploymentWorkload(std::shared_ptr<Api> api, std::shared_ptr<ListWatch> watch,
                                       const std::string& name)
    : api_(std::move(api)),
      watch_(std::move(watch)),
      name_(name),
      text_(ObjectText(watch_->collection(), name)),
      picture_(
          std::make_shared<OwnWrites>(MakeView<WorkloadState>(*api_, watch_->collection(), name, ReadDeployment))) {
  watch_->Observe(picture_);
}

Reading<WorkloadState> DeploymentWorkload::Read() const {
  return watch_->Look([&](const Picture& picture) { return picture_->Read(picture); });
}

Result<WorkloadState> DeploymentWorkload::Scale(int replicas, const std::string& revision, Duration deadline) {
  const std::string doing = "scale " + text_ + " to " + std::to_string(replicas);
  if (replicas < 0) return api_->Named({Code::kRejected, "cannot " + doing});
  // An empty resourceVersion would be no precondition at all.
  if (revision.empty()) return api_->Named({Code::kReread, "cannot " + doing + ": it was not read yet"});
  HttpRequest request;
  request.method = "PATCH";
  request.target = watch_->collection().Path() + "/" + PercentEncode(name_) + "/scale";
  request.headers.Set("Content-Type", "application/merge-patch+json");
  request.body = ScalePatch(replicas, revision);
  const Result<HttpResponse> response = api_->Call(std::move(request), deadline);
  if (!response) return response.error();
  if (response->status != 200) return api_->Named(ReadRefusal(*response, doing).error);
  const Result<ScaleAnswer> stored = ReadScale(response->body);
  if (!stored) return api_->Named({Code::kRetry, doing + " may have happened: " + stored.error().what});
  return watch_->Look([&](const Picture& picture) {
    picture_->Stored(picture, revision, *stored);
    const Reading<WorkloadState> reading = picture_->Read(picture);
    WorkloadState state = reading.seen ? reading.seen->value : WorkloadState{};
    state.replicas_wanted = stored->replicas;
    state.replicas_ready = std::min(state.replicas_ready, state.replicas_wanted);
    state.revision = stored->revision;
    return state;
  });
}

}  // namespace spillway::k8s
