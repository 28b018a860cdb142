// What goes over the wire, as values. Pure: text in, values or errors out.
#ifndef SPILLWAY_K8S_WIRE_H_
#define SPILLWAY_K8S_WIRE_H_

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/http.h"
#include "src/base/json.h"
#include "src/base/result.h"
#include "src/base/time.h"
#include "src/core/observation.h"

namespace spillway::k8s {

// What a server wrote, for a message: one line of at most 300 bytes and an ellipsis.
std::string OneLine(std::string text);

// An answer that is not a success.
struct Refusal {
  int code = 0;        // of HTTP, or of the Status where that came inside a stream
  std::string reason;  // of the Status; empty: the body was none (a busy server answers 429 in plain text)
  Error error;         // 401 403 kDenied; 404 kMissing; 409 410 kReread; 408 429 5xx kRetry; all else kRejected
  std::optional<Duration> retry_after;  // what the server asks for: the header, else the Status' details
};

// `doing` completes "cannot ...": "watch deployments in acme". Bodies that are no Status are tolerated.
Refusal ReadRefusal(const HttpResponse& response, std::string_view doing);

// The same for the Status object of an ERROR event.
Refusal ReadRefusal(const JsonValue& status, std::string_view doing);

struct ObjectKey {
  std::string in_namespace, name;
  auto operator<=>(const ObjectKey&) const = default;  // NOLINT(modernize-use-nullptr): misread by clang-tidy 14
};

struct Object {
  ObjectKey key;
  std::string revision;                   // metadata.resourceVersion: opaque, compared for equality only
  std::shared_ptr<const JsonValue> json;  // the whole document; null for a bookmark and an error
};

struct ListPage {
  std::vector<Object> items;
  std::string revision;  // of the collection
  std::string next;      // what to ask for with continue=; empty: this was the last page
};

// kRejected: no list, or an item without a name or a resourceVersion.
Result<ListPage> ReadListPage(std::string_view body);

enum class EventType : std::uint8_t { kAdded, kModified, kDeleted, kBookmark, kError };

struct WatchEvent {
  EventType type = EventType::kError;
  Object object;    // kBookmark: only its revision
  Refusal refusal;  // kError only
};

// One line of a watch. kRejected: not JSON, an unknown type, or an object without a name or a resourceVersion.
Result<WatchEvent> ReadWatchEvent(std::string_view line, std::string_view doing);

// A Deployment of apps/v1.
//
// replicas_ready counts what may take traffic: availableReplicas (ready for minReadySeconds, so a pod that is about to
// fail its second probe does not count), but never more than spec.replicas. Above that, pods are on their way out: a
// scale-down is in the status only after the controller has seen it, and until then the pods that it will end would
// count as capacity. In the other direction a status that lags its generation is harmless: pods that it does not know
// yet are not counted, and those it knows are there. So the rule is the same whether observedGeneration has caught up
// or not.
Result<WorkloadState> ReadDeployment(const JsonValue& deployment);

struct ScaleAnswer {
  int replicas = 0;      // spec.replicas; absent means 0
  std::string revision;  // the Deployment's
};
// A Scale of autoscaling/v1. kRejected: something else.
Result<ScaleAnswer> ReadScale(std::string_view body);

// RFC 7386, to be sent as application/merge-patch+json; the revision makes it conditional. It always states replicas:
// a null, or a PUT without the number, would mean zero.
std::string ScalePatch(int replicas, const std::string& revision);

// An integer of 0..INT32_MAX at a dotted path; `absent` if there is none. kRejected: something else is there.
Result<int> CountAt(const JsonValue& value, std::string_view dotted, int absent);

}  // namespace spillway::k8s

#endif  // SPILLWAY_K8S_WIRE_H_
