#include "k8s/usage_poll.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "k8s/object_text.h"

namespace spillway::k8s {
namespace {

constexpr const char* kPath = "/apis/metrics.k8s.io/v1beta1/namespaces/";

// Chosen: less than this part of a figure is noise and wakes nobody.
constexpr double kNoise = 0.01;

}  // namespace

UsagePoll::UsagePoll(std::shared_ptr<Api> api, Clock& clock, Rng rng, std::shared_ptr<ListWatch> deployments,
                     const std::string& deployment, Times times)
    : api_(std::move(api)),
      clock_(clock),
      times_(times),
      deployments_(std::move(deployments)),
      pods_(MakeView<ScaledPods>(*api_, deployments_->collection(), deployment, ReadScaledPods)),
      in_namespace_(deployments_->collection().in_namespace),
      name_(api_->cluster() + " podmetrics " + in_namespace_ + "/" + deployment),
      backoff_(rng) {
  deployments_->Observe(pods_);
}

Reading<ScaledPods> UsagePoll::Pods() const {
  return deployments_->Look([&](const Picture& picture) { return pods_->Read(picture); });
}

Instant UsagePoll::Step() {
  const Instant now = clock_.Now();
  if (cancelled_) return now + 1h;
  if (now < next_) return next_;
  const Reading<ScaledPods> pods = Pods();
  if (!pods.seen) return next_ = now + 1s;  // its own feed reads the Deployment
  if (pods.seen->value.selector.empty()) {
    return Fail({Code::kRejected, "cannot measure pods in " + in_namespace_ + ": the Deployment has no selector"});
  }
  HttpRequest request;
  request.target =
      kPath + PercentEncode(in_namespace_) + "/pods?labelSelector=" + PercentEncode(pods.seen->value.selector);
  const Result<HttpResponse> response = api_->Call(request, times_.call_deadline);
  if (!response) return Fail(response.error());
  const std::string doing = "list podmetrics (metrics.k8s.io) in " + in_namespace_;
  if (response->status != 200) {
    Refusal refusal = ReadRefusal(*response, doing);
    if (refusal.code == 404) refusal.error.what += "; is there a metrics server?";
    return Fail(api_->Named(refusal.error), refusal.retry_after);
  }
  const auto samples = ReadPodMetrics(response->body);
  if (!samples) return Fail(api_->Named({Code::kRetry, "cannot " + doing + ": " + samples.error().what}));
  return Take(*samples, now);
}

Instant UsagePoll::Take(const std::vector<PodSample>& samples, Instant asked) {
  std::map<std::string, Figure> figures;
  PodUsage usage;
  Instant oldest = asked;
  for (const PodSample& sample : samples) {
    const auto before = figures_.find(sample.pod);
    const bool same = before != figures_.end() && before->second.timestamp == sample.timestamp;
    const Instant since = same ? before->second.since : asked;
    figures[sample.pod] = {sample.timestamp, sample.cpu, since};
    if (asked - since > times_.figure_life) continue;
    usage.cpu += sample.cpu;
    ++usage.pods_measured;
    oldest = std::min(oldest, since);
  }
  figures_ = std::move(figures);
  backoff_.Succeeded();
  bool news = false;
  {
    const std::scoped_lock lock(mutex_);
    news = failure_ || !seen_ || seen_->value.pods_measured != usage.pods_measured ||
           std::abs(seen_->value.cpu - usage.cpu) > kNoise * usage.cpu;
    seen_ = {usage, oldest};
    failure_.reset();
  }
  if (news) NotifyChange();
  const Reading<ScaledPods> pods = Pods();
  const bool any = usage.pods_measured > 0 || (pods.seen && pods.seen->value.total > 0);
  return next_ = asked + (any ? times_.while_pods : times_.without_pods);
}

Instant UsagePoll::Fail(Error error, std::optional<Duration> retry_after) {
  const Instant now = clock_.Now();
  bool news = false;
  {
    const std::scoped_lock lock(mutex_);
    news = !failure_ || failure_->code != error.code;
    failure_ = Failure{error.code, std::move(error.what), failure_ ? failure_->since : now};
  }
  if (news) NotifyChange();
  return next_ = now + std::max(backoff_.Failed(now), retry_after.value_or(Duration::zero()));
}

Reading<PodUsage> UsagePoll::Read() const {
  Reading<PodUsage> reading;
  {
    const std::scoped_lock lock(mutex_);
    reading = {seen_, failure_};
  }
  const Reading<ScaledPods> pods = Pods();
  if (reading.seen && pods.seen) reading.seen->value.pods_ready = pods.seen->value.ready;
  if (!reading.failure && !reading.seen) reading.failure = pods.failure;
  return reading;
}

}  // namespace spillway::k8s
