// A connection to a controller whose CA file is read when it is first needed, so that a missing one is a failure of
// this input with a sentence of its own, and mended without a restart.
#ifndef SPILLWAY_SRC_DAEMON_LATE_TRANSPORT_H_
#define SPILLWAY_SRC_DAEMON_LATE_TRANSPORT_H_

#include <memory>
#include <mutex>
#include <string>

#include "src/base/file.h"
#include "src/base/http_client.h"

namespace spillway::daemon {

// Safe from any thread.
class LateTransport final : public HttpTransport {
 public:
  // An empty `ca_file`: the system's store.
  LateTransport(std::string url, std::string ca_file) : url_(std::move(url)), ca_file_(std::move(ca_file)) {}

  Result<HttpResponse> Send(const HttpRequest& request, Duration deadline) override {
    const auto client = Client();
    if (!client) return client.error();
    return (*client)->Send(request, deadline);
  }

  // Ends what is under way and refuses everything after it.
  void Cancel() {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    if (client_) client_->Cancel();
  }

 private:
  Result<std::shared_ptr<HttpClient>> Client() {
    const std::lock_guard lock(mutex_);
    if (cancelled_) return Error{Code::kRetry, url_ + ": cancelled"};
    if (client_) return client_;
    auto endpoint = ParseEndpoint(url_);
    if (!endpoint) return endpoint.error();
    if (!ca_file_.empty()) {
      auto ca = ReadFile(ca_file_);
      if (!ca) return Error{ca.error().code, "CA file " + ca.error().what};
      endpoint->ca_pem = std::move(*ca);
    }
    client_ = std::make_shared<HttpClient>(std::move(*endpoint));
    return client_;
  }

  const std::string url_, ca_file_;
  std::mutex mutex_;
  std::shared_ptr<HttpClient> client_;
  bool cancelled_ = false;
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_LATE_TRANSPORT_H_
