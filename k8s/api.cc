#include "k8s/api.h"

#include <optional>
#include <string_view>
#include <utility>

namespace spillway::k8s {
namespace {

constexpr const char* kUserAgent = "spillway/0.1 (k8s)";

// A transport begins its errors with what it was asked: "GET https://host/path: why". Here that would hide the why
// behind a path of a hundred characters, and the server is named anyway.
std::string WithoutRequest(const HttpRequest& request, std::string what) {
  const std::string path = std::string(SplitTarget(request.target).first) + ": ";
  if (what.rfind(request.method + " ", 0) == 0) {
    const std::size_t at = what.find(path);
    if (at != std::string::npos) what.erase(0, at + path.size());
  }
  for (const std::string_view lead : {"cannot connect: ", "TLS: "}) {
    if (what.rfind(lead, 0) == 0) what.erase(0, lead.size());
  }
  return what;
}

}  // namespace

Api::Api(std::string cluster, ClusterAccess access, Clock& clock, std::shared_ptr<HttpTransport> transport,
         std::shared_ptr<StreamTransport> streams)
    : cluster_(std::move(cluster)),
      access_(std::move(access)),
      clock_(clock),
      transport_(std::move(transport)),
      streams_(std::move(streams)),
      token_(access_.read_token, clock) {}

Error Api::Named(Error error) const {
  error.what = "cluster \"" + cluster_ + "\": " + error.what;
  return error;
}

Error Api::Unreachable(const HttpRequest& request, const Error& error) const {
  const std::string what = WithoutRequest(request, error.what);
  // A refused certificate or a key that does not parse says enough; everything else is about the way there.
  if (error.code == Code::kDenied || error.code == Code::kRejected) return Named({error.code, what});
  return Named({error.code, "cannot reach " + ServerUrl(access_) + ": " + what});
}

template <class T, class SendFunction, class StatusOf>
Result<T> Api::SendWithToken(HttpRequest request, Duration deadline, SendFunction send, StatusOf status_of) {
  const Instant by = clock_.Now() + deadline;
  request.target = access_.base_path + request.target;
  request.headers.Set("User-Agent", kUserAgent);
  request.headers.Set("Accept", "application/json");
  for (bool again = false;; again = true) {
    const Result<std::optional<std::string>> token = token_.Get();
    if (!token) return Named({Code::kDenied, "no token to send: " + token.error().what});
    if (*token) request.headers.Set("Authorization", "Bearer " + **token);
    const Duration left = by - clock_.Now();
    if (left <= Duration::zero()) return Unreachable(request, {Code::kRetry, "no time was left for the call"});
    Result<T> answer = send(request, left);
    if (!answer) return Unreachable(request, answer.error());
    if (status_of(*answer) != 401 || again || !*token || !token_.Renew(**token)) return answer;
  }
}

Result<HttpResponse> Api::Call(HttpRequest request, Duration deadline) {
  return SendWithToken<HttpResponse>(
      std::move(request), deadline,
      [this](const HttpRequest& full, Duration left) { return transport_->Send(full, left); },
      [](const HttpResponse& response) { return response.status; });
}

Result<OpenedStream> Api::Open(HttpRequest request, Duration deadline) {
  return SendWithToken<OpenedStream>(
      std::move(request), deadline,
      [this](const HttpRequest& full, Duration left) { return streams_->Open(full, left); },
      [](const OpenedStream& opened) { return opened.head.status; });
}

}  // namespace spillway::k8s
