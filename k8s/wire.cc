#include "k8s/wire.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace spillway::k8s {
namespace {

// Chosen: room for a whole RBAC refusal with its user's name; a proxy's error page is cut.
constexpr std::size_t kMessageMost = 300;
// Chosen: a server that asks for more than this would keep Spillway blind for longer than any restart takes.
constexpr std::int64_t kRetryAfterMost = 60;

Code CodeFor(int status) {
  if (status == 401 || status == 403) return Code::kDenied;
  if (status == 404) return Code::kMissing;
  if (status == 409 || status == 410) return Code::kReread;
  if (status == 408 || status == 429 || status >= 500) return Code::kRetry;
  return Code::kRejected;
}

std::string Sentence(int code, std::string_view doing, const std::string& message) {
  const std::string number = " (" + std::to_string(code) + ")";
  // The server says no more than "Unauthorized".
  if (code == 401) return "unauthorized: the credentials were not accepted" + number;
  std::string text = "cannot " + std::string(doing) + number;
  if (code == 403) text = "forbidden: " + text;
  if (!message.empty()) text += ": " + OneLine(message);
  return text;
}

std::optional<Duration> AsWait(std::optional<std::int64_t> seconds) {
  if (!seconds || *seconds <= 0) return std::nullopt;
  return std::chrono::seconds(std::min(*seconds, kRetryAfterMost));
}

// The header's date form is not used by Kubernetes and is read as "nothing said".
std::optional<std::int64_t> WholeSeconds(const std::optional<std::string>& text) {
  if (!text || text->empty() || text->size() > 9) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : *text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

Error Malformed(std::string_view what) { return {Code::kRejected, "the answer is no " + std::string(what)}; }

// Name, namespace and revision of a document that stands on its own.
Result<Object> AsObject(std::shared_ptr<const JsonValue> json) {
  Object object;
  const auto name = StringAt(*json, "metadata.name");
  const auto revision = StringAt(*json, "metadata.resourceVersion");
  if (!name || name->empty() || !revision || revision->empty()) {
    return Error{Code::kRejected, "an object has no name or no resourceVersion"};
  }
  object.key = {StringAt(*json, "metadata.namespace").value_or(""), *name};
  object.revision = *revision;
  object.json = std::move(json);
  return object;
}

}  // namespace

std::string OneLine(std::string text) {
  if (text.size() > kMessageMost) text = text.substr(0, kMessageMost) + "...";
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return text;
}

Refusal ReadRefusal(const JsonValue& status, std::string_view doing) {
  Refusal refusal;
  refusal.code = static_cast<int>(std::clamp<std::int64_t>(IntAt(status, "code").value_or(500), 0, 999));
  refusal.reason = StringAt(status, "reason").value_or("");
  // Before 1.16 there was Gone where there is Expired now; either may come without a code.
  if (refusal.reason == "Expired" || refusal.reason == "Gone") refusal.code = 410;
  refusal.retry_after = AsWait(IntAt(status, "details.retryAfterSeconds"));
  refusal.error = {CodeFor(refusal.code),
                   Sentence(refusal.code, doing, StringAt(status, "message").value_or(refusal.reason))};
  return refusal;
}

Refusal ReadRefusal(const HttpResponse& response, std::string_view doing) {
  Refusal refusal;
  std::string message = response.body;
  const Result<JsonDocument> body = ParseJson(response.body);
  if (body && StringAt(*body, "kind") == "Status") {
    refusal = ReadRefusal(*body, doing);
    message = StringAt(*body, "message").value_or(refusal.reason);
  }
  refusal.code = response.status;
  if (const auto header = AsWait(WholeSeconds(response.headers.Find("Retry-After")))) refusal.retry_after = header;
  refusal.error = {CodeFor(refusal.code), Sentence(refusal.code, doing, message)};
  return refusal;
}

Result<ListPage> ReadListPage(std::string_view body) {
  const Result<JsonDocument> parsed = ParseJson(body);
  if (!parsed) return Error{Code::kRejected, "the answer is " + parsed.error().what};
  ListPage page;
  const auto revision = StringAt(*parsed, "metadata.resourceVersion");
  if (!revision) return Malformed("list");
  page.revision = *revision;
  page.next = StringAt(*parsed, "metadata.continue").value_or("");
  const JsonValue* items = Find(*parsed, "items");  // Go writes null for an empty list
  if (items == nullptr) return page;
  if (!items->IsArray()) return Malformed("list");
  for (const JsonValue& item : items->GetArray()) {
    auto copy = std::make_shared<JsonDocument>();
    copy->CopyFrom(item, copy->GetAllocator());
    Result<Object> object = AsObject(std::move(copy));
    if (!object) return object.error();
    page.items.push_back(*std::move(object));
  }
  return page;
}

Result<WatchEvent> ReadWatchEvent(std::string_view line, std::string_view doing) {
  Result<JsonDocument> parsed = ParseJson(line);
  if (!parsed) return Error{Code::kRejected, "a line of the watch is " + parsed.error().what};
  auto document = std::make_shared<JsonDocument>(*std::move(parsed));
  const std::string type = StringAt(*document, "type").value_or("");
  const JsonValue* body = Find(std::as_const(*document), "object");
  if (body == nullptr || !body->IsObject()) return Error{Code::kRejected, "a line of the watch holds no object"};
  WatchEvent event;
  if (type == "ERROR") {
    event.type = EventType::kError;
    event.refusal = ReadRefusal(*body, doing);
    return event;
  }
  if (type == "BOOKMARK") {
    event.type = EventType::kBookmark;
    event.object.revision = StringAt(*body, "metadata.resourceVersion").value_or("");
    if (event.object.revision.empty()) return Error{Code::kRejected, "a bookmark has no resourceVersion"};
    return event;
  }
  if (type == "ADDED") {
    event.type = EventType::kAdded;
  } else if (type == "MODIFIED") {
    event.type = EventType::kModified;
  } else if (type == "DELETED") {
    event.type = EventType::kDeleted;
  } else {
    return Error{Code::kRejected, "a line of the watch has the unknown type \"" + OneLine(type) + "\""};
  }
  Result<Object> object = AsObject({std::move(document), body});
  if (!object) return object.error();
  event.object = *std::move(object);
  return event;
}

Result<int> CountAt(const JsonValue& value, std::string_view dotted, int absent) {
  const JsonValue* at = FindPath(value, dotted);
  if (at == nullptr) return absent;
  if (!at->IsInt() || at->GetInt() < 0) {
    return Error{Code::kRejected, std::string(dotted) + " is not a count: " + OneLine(JsonText(*at))};
  }
  return at->GetInt();
}

Result<WorkloadState> ReadDeployment(const JsonValue& deployment) {
  // The API server fills spec.replicas in, with 1; the status' integers are left out when they are 0.
  // Source: kubernetes/api apps/v1/types.go, DeploymentSpec.replicas and DeploymentStatus.
  const Result<int> wanted = CountAt(deployment, "spec.replicas", 1);
  if (!wanted) return wanted.error();
  const Result<int> available = CountAt(deployment, "status.availableReplicas", 0);
  if (!available) return available.error();
  const Result<int> total = CountAt(deployment, "status.replicas", 0);
  if (!total) return total.error();
  WorkloadState state;
  state.replicas_wanted = *wanted;
  state.replicas_ready = std::min(*available, *wanted);
  state.replicas_total = *total;
  state.revision = StringAt(deployment, "metadata.resourceVersion").value_or("");
  return state;
}

Result<ScaleAnswer> ReadScale(std::string_view body) {
  const Result<JsonDocument> parsed = ParseJson(body);
  if (!parsed) return Error{Code::kRejected, "the answer is " + parsed.error().what};
  const auto revision = StringAt(*parsed, "metadata.resourceVersion");
  if (StringAt(*parsed, "kind") != "Scale" || !revision) return Malformed("Scale");
  const Result<int> replicas = CountAt(*parsed, "spec.replicas", 0);
  if (!replicas) return replicas.error();
  return ScaleAnswer{*replicas, *revision};
}

std::string ScalePatch(int replicas, const std::string& revision) {
  JsonDocument patch(rapidjson::kObjectType);
  auto& allocator = patch.GetAllocator();
  JsonValue metadata(rapidjson::kObjectType);
  SetMember(metadata, "resourceVersion", revision, allocator);
  JsonValue spec(rapidjson::kObjectType);
  SetMember(spec, "replicas", JsonValue(replicas), allocator);
  SetMember(patch, "metadata", std::move(metadata), allocator);
  SetMember(patch, "spec", std::move(spec), allocator);
  return JsonText(patch);
}

}  // namespace spillway::k8s
