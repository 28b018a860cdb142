#include "k8s/lease.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "k8s/wire.h"
#include "src/base/time_text.h"

namespace spillway::k8s {
namespace {

constexpr std::string_view kUrl = "spillway.io/url";

std::string Holder(const JsonValue& lease) { return StringAt(lease, "spec.holderIdentity").value_or(""); }

// An annotation's name has dots, so no path leads to it.
std::string UrlIn(const JsonValue& lease) {
  const JsonValue* annotations = FindPath(lease, "metadata.annotations");
  const JsonValue* url = annotations == nullptr ? nullptr : Find(*annotations, kUrl);
  return url != nullptr && url->IsString() ? std::string(url->GetString(), url->GetStringLength()) : "";
}

// An int32 of the spec. What is beyond its range, which no API server stores, is the nearest in it: as a time it would
// overflow, and as a term the next one would.
// Source: kubernetes api/coordination/v1, LeaseSpec.
std::optional<std::int64_t> SpecNumber(const JsonValue& lease, std::string_view path) {
  const auto number = IntAt(lease, path);
  if (!number) return std::nullopt;
  return std::clamp<std::int64_t>(*number, 0, std::numeric_limits<std::int32_t>::max());
}

std::optional<std::int64_t> LeaseSeconds(const JsonValue& lease) {
  return SpecNumber(lease, "spec.leaseDurationSeconds");
}
std::int64_t Transitions(const JsonValue& lease) { return SpecNumber(lease, "spec.leaseTransitions").value_or(0); }

// The object `name` in `object`, made if it is not there.
JsonValue& Below(JsonValue& object, std::string_view name, JsonDocument::AllocatorType& allocator) {
  const JsonValue* found = Find(object, name);
  if (found == nullptr || !found->IsObject()) SetMember(object, name, JsonValue(rapidjson::kObjectType), allocator);
  return *Find(object, name);
}

}  // namespace

Lease::Lease(std::shared_ptr<Api> api, LeaseOptions options, Clock& clock, Rng rng)
    : api_(std::move(api)),
      options_(std::move(options)),
      path_("/apis/coordination.k8s.io/v1/namespaces/" + PercentEncode(options_.in_namespace) + "/leases/" +
            PercentEncode(options_.name)),
      text_("leases \"" + options_.name + "\" in " + options_.in_namespace),
      clock_(clock),
      rng_(rng) {
  view_.elected = true;
  view_.leads = false;
  view_.identity = options_.identity;
}

Instant Lease::Step() {
  if (cancelled_) return Instant::max();
  const Instant now = clock_.Now();
  if (now < next_try_) return next_try_;
  Try();
  TellChange();
  return next_try_ = NextTry(now);
}

void Lease::Cancel() { cancelled_ = true; }

// Leading: evenly. Else sooner rather than later, so that a standby sees a change within `retry`; at random, so that
// several do not come together; and not after the Lease has become free.
Instant Lease::NextTry(Instant began) {
  const Instant now = clock_.Now();
  if (Lead()) return std::max(now, began + options_.times.retry);
  Instant next = now + FromSeconds(Seconds(options_.times.retry) * (0.8 + 0.2 * rng_.Fraction()));
  if (seen_ && !Holder(*seen_).empty()) {
    const auto seconds = LeaseSeconds(*seen_).value_or(0);
    const Instant free = seen_at_ + std::chrono::seconds(seconds);
    if (free > now) next = std::min(next, free);
  }
  return next;
}

void Lease::Try() {
  if (sure_ && seen_ && Holder(*seen_) == options_.identity) {
    // The usual case: one write, no read.
    if (Write(Taken(), "renew") != Put::kRefused) return;
  }
  if (!Read()) return;
  if (!Free()) return Follow();
  if (Write(Taken(), "take") != Put::kRefused) return;
  // Another candidate was faster, which the next read shows; all else is for people.
  if (refusal_->code == Code::kReread) return Follow();
  Fail(*refusal_);
}

bool Lease::Free() const {
  if (!seen_) return true;
  const std::string holder = Holder(*seen_);
  if (holder.empty() || holder == options_.identity) return true;
  const auto seconds = LeaseSeconds(*seen_).value_or(options_.times.lease / 1s);
  return clock_.Now() >= seen_at_ + std::chrono::seconds(seconds);
}

bool Lease::Read() {
  HttpRequest request;
  request.target = path_;
  const Result<HttpResponse> response = api_->Call(std::move(request), options_.times.call);
  if (!response) {
    Fail(response.error());
    return false;
  }
  if (response->status == 404) {
    seen_.reset();
    return true;
  }
  if (response->status != 200) {
    Fail(api_->Named(ReadRefusal(*response, "read " + text_).error));
    return false;
  }
  Result<JsonDocument> lease = ParseJson(response->body);
  if (!lease || !lease->IsObject()) {
    Fail(api_->Named({Code::kRetry, "the answer to reading " + text_ + " makes no sense"}));
    return false;
  }
  See(*std::move(lease));
  return true;
}

void Lease::See(JsonDocument lease) {
  transitions_ = std::max(transitions_, Transitions(lease));
  const bool same =
      seen_ && StringAt(*seen_, "metadata.resourceVersion") == StringAt(lease, "metadata.resourceVersion");
  if (!same) seen_at_ = clock_.Now();
  seen_ = std::move(lease);
}

// The Lease with this process as its holder from now on. Fields of others stay as they are.
JsonDocument Lease::Taken() const {
  JsonDocument lease(rapidjson::kObjectType);
  auto& allocator = lease.GetAllocator();
  if (seen_) lease.CopyFrom(*seen_, allocator);
  SetMember(lease, "apiVersion", "coordination.k8s.io/v1", allocator);
  SetMember(lease, "kind", "Lease", allocator);
  JsonValue& metadata = Below(lease, "metadata", allocator);
  SetMember(metadata, "name", options_.name, allocator);
  SetMember(metadata, "namespace", options_.in_namespace, allocator);
  SetMember(Below(metadata, "annotations", allocator), kUrl, options_.url, allocator);
  JsonValue& spec = Below(lease, "spec", allocator);
  const std::string now = Rfc3339Micro(clock_.WallNow());
  const bool ours = seen_ && Holder(*seen_) == options_.identity;
  if (!ours) {
    SetMember(spec, "holderIdentity", options_.identity, allocator);
    SetMember(spec, "acquireTime", now, allocator);
    // A Lease that was deleted goes on counting as far as this process knows.
    const std::int64_t transitions = seen_ || transitions_ > 0 ? transitions_ + 1 : 0;
    SetMember(spec, "leaseTransitions", JsonValue(transitions), allocator);
  }
  SetMember(spec, "renewTime", now, allocator);
  SetMember(spec, "leaseDurationSeconds", JsonValue(static_cast<std::int64_t>(options_.times.lease / 1s)), allocator);
  return lease;
}

// Source: client-go tools/leaderelection, release(): no holder, a duration of one second.
JsonDocument Lease::Released() const {
  JsonDocument lease = Taken();
  auto& allocator = lease.GetAllocator();
  JsonValue& spec = Below(lease, "spec", allocator);
  spec.RemoveMember("holderIdentity");
  SetMember(spec, "leaseDurationSeconds", JsonValue(1), allocator);
  Below(Below(lease, "metadata", allocator), "annotations", allocator).RemoveMember("spillway.io/url");
  return lease;
}

// A PUT without a resourceVersion makes the Lease, and is refused if there is one.
// Source: kubernetes pkg/registry/coordination/lease/strategy.go: AllowCreateOnUpdate, no AllowUnconditionalUpdate.
Lease::Put Lease::Write(const JsonDocument& lease, std::string_view doing) {
  HttpRequest request;
  request.method = "PUT";
  request.target = path_;
  request.headers.Set("Content-Type", "application/json");
  request.body = JsonText(lease);
  const Instant sent = clock_.Now();
  const WallTime sent_wall = clock_.WallNow();
  sure_ = false;
  const Result<HttpResponse> response = api_->Call(std::move(request), options_.times.call);
  if (!response) {
    Fail(response.error());
    return Put::kFailed;
  }
  if (response->status != 200 && response->status != 201) {
    refusal_ = api_->Named(ReadRefusal(*response, std::string(doing) + " " + text_).error);
    if (refusal_->code != Code::kRetry && refusal_->code != Code::kDenied) return Put::kRefused;
    Fail(*refusal_);
    return Put::kFailed;
  }
  Result<JsonDocument> stored = ParseJson(response->body);
  if (!stored || !stored->IsObject()) {
    Fail(api_->Named({Code::kRetry, "the answer to writing " + text_ + " makes no sense"}));
    return Put::kFailed;
  }
  See(*std::move(stored));
  sure_ = true;
  const std::scoped_lock lock(mutex_);
  held_ = Held{Transitions(*seen_), sent, sent_wall};
  if (view_.holder != options_.identity) view_.since = sent;
  view_.holder = options_.identity;
  view_.url = options_.url;
  view_.term = held_->number;
  view_.failure.reset();
  return Put::kDone;
}

// Somebody else holds it, or was faster.
void Lease::Follow() {
  const std::string holder = seen_ ? Holder(*seen_) : "";
  const std::scoped_lock lock(mutex_);
  held_.reset();
  if (view_.holder != holder || !view_.since) view_.since = clock_.Now();
  view_.holder = holder == options_.identity ? "" : holder;
  view_.url = seen_ && !view_.holder.empty() ? UrlIn(*seen_) : "";
  view_.term = transitions_;
  view_.failure.reset();
}

void Lease::Fail(const Error& error) {
  const std::scoped_lock lock(mutex_);
  view_.failure = Failure{error.code, error.what, view_.failure ? view_.failure->since : clock_.Now()};
}

// How long this process may still write; nullopt: it may not.
std::optional<Duration> Lease::LeftLocked() const {
  if (!held_) return std::nullopt;
  const Duration passed = std::max<Duration>(clock_.Now() - held_->renewed_at, clock_.WallNow() - held_->renewed_wall);
  if (passed >= options_.times.renew) return std::nullopt;
  return options_.times.renew - passed;
}

std::optional<Term> Lease::Lead() const {
  const std::scoped_lock lock(mutex_);
  const auto left = LeftLocked();
  if (!left) return std::nullopt;
  return Term{held_->number, clock_.Now() + *left};
}

LeaderView Lease::View() const {
  const std::scoped_lock lock(mutex_);
  LeaderView view = view_;
  view.leads = LeftLocked().has_value();
  // Who could not renew may still be named in the Lease, but leads no more.
  if (!view.leads && view.holder == options_.identity) view.holder = view.url = "";
  return view;
}

void Lease::TellChange() {
  const LeaderView view = View();
  const std::string now =
      (view.leads ? "leads " : "") + view.holder + " " + std::to_string(view.term) + (view.failure ? " fails" : "");
  if (std::exchange(told_, now) != now) NotifyChange();
}

void Lease::Release(Duration deadline) {
  bool led = false;
  {
    const std::scoped_lock lock(mutex_);
    led = LeftLocked().has_value();
    held_.reset();
  }
  cancelled_ = true;
  if (!led || !seen_) return;
  HttpRequest request;
  request.method = "PUT";
  request.target = path_;
  request.headers.Set("Content-Type", "application/json");
  request.body = JsonText(Released());
  // Whatever becomes of it: without it the others wait until the Lease runs out.
  (void)api_->Call(std::move(request), deadline);
}

}  // namespace spillway::k8s
