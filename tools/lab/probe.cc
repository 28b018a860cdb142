#include "tools/lab/probe.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "src/base/http_client.h"
#include "tools/lab/probe_book.h"
#include "tools/lab/socket.h"

namespace spillway::lab {
namespace {

bool StatusFits(int status, const std::vector<std::string>& codes) {
  // Source: System-GSLB-HTTP passes on 2xx and 3xx.
  if (codes.empty()) return status >= 200 && status < 400;
  const std::string own = "HTTP_" + std::to_string(status / 100) + "XX";
  return std::any_of(codes.begin(), codes.end(),
                     [&](const std::string& code) { return code == own || code == "HTTP_ANY"; });
}

bool ProbeHttp(const avi::ProbeTarget& target) {
  HttpEndpoint endpoint;
  endpoint.scheme = "http";
  endpoint.host = target.ip;
  endpoint.port = target.port;
  HttpClient client(endpoint);
  HttpRequest request;
  request.method = target.method;
  request.target = target.path;
  const Result<HttpResponse> response = client.Send(request, target.receive_timeout);
  return response && StatusFits(response->status, target.response_codes);
}

}  // namespace

bool RunProbe(const avi::ProbeTarget& target) {
  if (target.kind == avi::ProbeTarget::Kind::kHttp) return ProbeHttp(target);
  return static_cast<bool>(Connect(Protocol::kTcp, target.ip, target.port, target.receive_timeout));
}

Prober::Prober(avi::Federation& federation, std::string site, Route route, const Clock& clock)
    : federation_(federation), site_(std::move(site)), route_(std::move(route)), clock_(clock), thread_([this] {
        Run();
      }) {}

Prober::~Prober() {
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

std::map<std::string, bool> Prober::Verdicts() const {
  const std::scoped_lock lock(mutex_);
  return verdicts_;
}

void Prober::Run() {
  // How soon a new target is seen.
  constexpr Duration kLook = 100ms;
  ProbeBook book;
  while (true) {
    for (const avi::ProbeTarget& target : book.Due(federation_.ProbeTargets(site_), clock_.Now())) {
      const std::optional<bool> verdict = book.Record(target, RunProbe(route_(target)));
      if (verdict) federation_.SetDatapath(site_, target.ip, *verdict, target.monitor);
    }
    std::unique_lock lock(mutex_);
    verdicts_ = book.Verdicts();
    if (wake_.wait_for(lock, kLook, [this] { return stop_; })) return;
  }
}

}  // namespace spillway::lab
