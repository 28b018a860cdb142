#include "tools/lab/kubernetes/faults.h"

#include "tools/lab/kubernetes/encode.h"
#include "tools/lab/kubernetes/reply.h"

namespace spillway::lab::kube {
namespace {

Reply StatusOf(const Fault& fault, const Request& request) {
  const Kind* kind = FindKind(request.group, request.version, request.resource);
  switch (fault.status) {
    case 401:
      return Unauthorized();
    case 409:
      if (kind != nullptr) return Modified(*kind, request.key.name);
      return Failure(409, "Conflict", "the object has been modified");
    case 410:
      return Expired("too old resource version");
    case 429:
      return Failure(429, "TooManyRequests",
                     "the server has received too many requests and has asked us to try again later",
                     Tree::Object{{"retryAfterSeconds", 1}});
    case 500:
      return Failure(500, "InternalError", "Internal error occurred: injected");
    case 504:
      return Failure(504, "Timeout", "request did not complete within the allotted timeout");
    default:
      return Failure(fault.status, fault.status == 503 ? "ServiceUnavailable" : "InternalError",
                     "the server is currently unable to handle the request");
  }
}

}  // namespace

int Faults::Add(Fault fault) {
  faults_.emplace_back(++last_id_, std::move(fault));
  return last_id_;
}

void Faults::Remove(int id) {
  std::erase_if(faults_, [&](const auto& entry) { return entry.first == id; });
}

std::optional<Fault> Faults::Take(const Request& request) {
  for (auto& [id, fault] : faults_) {
    const bool verb = fault.verb.empty() || fault.verb == request.verb;
    if (!verb || request.path.find(fault.path_part) == std::string::npos || fault.times == 0) continue;
    if (fault.times > 0) --fault.times;
    return fault;
  }
  return std::nullopt;
}

HttpResponse FaultResponse(const Fault& fault, const Request& request) {
  if (fault.status != 429 || fault.as_status) return Encode(StatusOf(fault, request));
  // Source: Kubernetes server/filters maxinflight.go: plain text, no Status.
  HttpResponse busy;
  busy.status = 429;
  busy.headers = {{"Content-Type", "text/plain; charset=utf-8"}, {"Retry-After", "1"}};
  busy.body = "Too many requests, please try again later.\n";
  return busy;
}

}  // namespace spillway::lab::kube
