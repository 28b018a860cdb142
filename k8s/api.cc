#include "k8s/api.h"

#include <optional>
#include <utility>

namespace spillway::k8s {
namespace {

constexpr const char* kUserAgent = "spillway/0.1 (k8s)";

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

Error Api::Unreachable(const Error& error) const {
  // A refused certificate or a key that does not parse says enough; everything else is about the way there.
  if (error.code == Code::kDenied || error.code == Code::kRejected) return Named(error);
  return Named({error.code, "cannot reach " + ServerUrl(access_) + ": " + error.what});
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
    if (left <= Duration::zero()) return Unreachable({Code::kRetry, "no time was left for the call"});
    Result<T> answer = send(request, left);
    if (!answer) return Unreachable(answer.error());
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
