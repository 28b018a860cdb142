// The daemon's own API: whatever it is asked, it answers, and never with a failure of its own.
#include "src/daemon/api.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "src/base/http_head.h"
#include "src/base/json.h"
#include "src/daemon/api_reads.h"
#include "tests/daemon/fakes.h"
#include "tests/fuzz/entries.h"
#include "tests/fuzz/requests.h"

namespace spillway::fuzz {
namespace {

// Source: `printf %s administer | sha256sum`.
constexpr char kTokens[] = "anna admin sha256:b56796f7ef8f8c0bd10ae6bc8ccc9eac6cf54171180a4de1ed36fb257d566307\n";

// One application at rest behind the whole API, without sockets.
class ApiAtRest {
 public:
  ApiAtRest() : audit_(""), events_("1"), api_({world_.clock, world_.metrics, audit_, events_, history_}) {
    loop_ = std::make_shared<daemon::Loop>(world_.clock);
    auto app = std::make_unique<daemon::App>(world_.config, world_.ports(), world_.room());
    desks_ = std::make_shared<daemon::OrderDesks>();
    desks_->emplace("shop", std::make_unique<daemon::OrderDesk>(
                                *app, daemon::DeskRoom{world_.clock, world_.store, audit_, world_.leadership,
                                                       [this](const std::string& name) { loop_->Wake(name); }}));
    loop_->Add(std::move(app));
    Look();
    api_.Serve(loop_, desks_);
    api_.Admit(*daemon::Tokens::Parse(kTokens));
  }

  void Look() {
    world_.Confirm();
    loop_->Wake("shop");
    loop_->RunDue(world_.clock.Now());
  }

  HttpReply Ask(HttpRequest request) {
    world_.clock.Advance(1s);  // below every rate limit
    ServerRequest asked;
    static_cast<HttpRequest&>(asked) = std::move(request);
    asked.peer_ip = "127.0.0.1";
    return api_.Handle(asked);
  }

 private:
  daemon::FakeWorld world_;
  daemon::AuditLog audit_;
  daemon::EventHub events_;
  daemon::History history_;
  daemon::Api api_;
  std::shared_ptr<daemon::Loop> loop_;
  std::shared_ptr<daemon::OrderDesks> desks_;
};

}  // namespace

void ApiRequest(std::string_view bytes) {
  ApiAtRest api;
  for (HttpRequest& request : ReadRequests(bytes)) {
    // Without these nothing gets past the door; a seed may bring its own.
    if (!request.headers.Find("Authorization")) request.headers.Add("Authorization", "Bearer administer");
    if (!request.headers.Find("Content-Type")) request.headers.Add("Content-Type", "application/json");
    const std::string call = request.method + ' ' + request.target;
    const bool writes = request.method != "GET";
    const HttpResponse response = api.Ask(std::move(request)).response;
    Promise(response.status >= 200 && response.status < 500, call + " was answered " + std::to_string(response.status));
    const std::string type = response.headers.Find("Content-Type").value_or("");
    if (type.starts_with("application/json") || type.starts_with("application/problem+json")) {
      Promise(static_cast<bool>(ParseJson(response.body)), call + " was answered with JSON");
    }
    Promise(response.headers.Find("X-Content-Type-Options").has_value(), call + " was answered with our headers");
    if (writes) api.Look();
  }
}

}  // namespace spillway::fuzz
