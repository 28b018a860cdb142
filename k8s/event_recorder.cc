#include "k8s/event_recorder.h"

#include <algorithm>
#include <utility>

#include "k8s/wire.h"
#include "src/base/json.h"
#include "src/base/log.h"
#include "src/base/time_text.h"

namespace spillway::k8s {
namespace {

// Source: kubernetes pkg/apis/core/validation/events.go, NoteLengthLimit.
constexpr std::size_t kNoteCap = 1024;

// Chosen: nobody waits for it, and a hanging server must not keep a stop waiting for long.
constexpr Duration kDeadline = 5s;

// Chosen: an Event a second late is early enough, and an idle queue costs one look.
constexpr Duration kLookEvery = 1s;

constexpr char kController[] = "spillway.dev/spillwayd";

// Cut at the last whole UTF-8 sequence.
std::string Cut(std::string text) {
  if (text.size() <= kNoteCap) return text;
  std::size_t end = kNoteCap;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  text.resize(end);
  return text;
}

}  // namespace

// Source: kubernetes/api events/v1 types.go: what a new Event must hold; the deprecated fields must be absent.
std::string EventBody(const std::string& in_namespace, const std::string& deployment, const std::string& reason,
                      const std::string& note, WallTime at) {
  JsonDocument event(rapidjson::kObjectType);
  auto& memory = event.GetAllocator();
  auto object = [] { return JsonValue(rapidjson::kObjectType); };
  JsonValue meta = object();
  SetMember(meta, "generateName", deployment + "-", memory);
  SetMember(meta, "namespace", in_namespace, memory);
  JsonValue regarding = object();
  SetMember(regarding, "apiVersion", "apps/v1", memory);
  SetMember(regarding, "kind", "Deployment", memory);
  SetMember(regarding, "namespace", in_namespace, memory);
  SetMember(regarding, "name", deployment, memory);
  SetMember(event, "apiVersion", "events.k8s.io/v1", memory);
  SetMember(event, "kind", "Event", memory);
  SetMember(event, "metadata", std::move(meta), memory);
  SetMember(event, "eventTime", Rfc3339Micro(at), memory);
  SetMember(event, "reportingController", kController, memory);
  SetMember(event, "reportingInstance", "spillwayd", memory);
  SetMember(event, "action", "ScaleOverflow", memory);
  SetMember(event, "reason", reason, memory);
  SetMember(event, "type", "Normal", memory);
  SetMember(event, "note", Cut(note), memory);
  SetMember(event, "regarding", std::move(regarding), memory);
  return JsonText(event);
}

EventRecorder::EventRecorder(std::shared_ptr<Api> api, Clock& clock, Rng rng)
    : api_(std::move(api)), clock_(clock), name_(api_->cluster() + " events"), backoff_(rng) {}

void EventRecorder::Record(const std::string& in_namespace, const std::string& deployment, const std::string& reason,
                           const std::string& note) {
  const std::string& space = in_namespace.empty() ? api_->default_namespace() : in_namespace;
  Pending event{"/apis/events.k8s.io/v1/namespaces/" + PercentEncode(space) + "/events",
                EventBody(space, deployment, reason, note, clock_.WallNow()), clock_.Now()};
  const std::lock_guard lock(mutex_);
  if (queue_.size() >= kQueueCap) queue_.pop_front();
  queue_.push_back(std::move(event));
}

// When to go on. The event is dropped unless another try could help.
Instant EventRecorder::Fail(const Pending& event, const Error& error) {
  const Instant now = clock_.Now();
  const bool again = error.code == Code::kRetry && now < event.since + kTryFor;
  if (again) {
    const std::lock_guard lock(mutex_);
    queue_.push_front(event);
  }
  if (!refused_ && !again) {
    Log(LogLevel::kWarn, "a Kubernetes Event can't be written; nothing depends on it",
        {{"cluster", api_->cluster()}, {"why", error.what}});
    refused_ = true;
  }
  return next_try_ = now + backoff_.Failed(now);
}

Instant EventRecorder::Step() {
  const Instant now = clock_.Now();
  if (cancelled_) return Instant::max();
  if (now < next_try_) return next_try_;
  Pending event;
  {
    const std::lock_guard lock(mutex_);
    if (queue_.empty()) return now + kLookEvery;
    event = std::move(queue_.front());
    queue_.pop_front();
  }
  HttpRequest request;
  request.method = "POST";
  request.target = event.target;
  request.headers.Set("Content-Type", "application/json");
  request.body = event.body;
  const Result<HttpResponse> response = api_->Call(std::move(request), kDeadline);
  if (!response) return Fail(event, response.error());
  if (response->status != 201) return Fail(event, api_->Named(ReadRefusal(*response, "create an Event").error));
  refused_ = false;
  backoff_.Succeeded();
  return clock_.Now();
}

}  // namespace spillway::k8s
