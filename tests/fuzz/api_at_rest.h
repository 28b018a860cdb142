// One application at rest behind the daemon's whole API, without sockets.
#ifndef SPILLWAY_TESTS_FUZZ_API_AT_REST_H_
#define SPILLWAY_TESTS_FUZZ_API_AT_REST_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "src/daemon/api.h"
#include "src/daemon/api_reads.h"
#include "tests/daemon/fakes.h"

namespace spillway::fuzz {

// Whoever shows the token "administer" is an admin. Source: `printf %s administer | sha256sum`.
inline constexpr char kTokens[] =
    "anna admin sha256:b56796f7ef8f8c0bd10ae6bc8ccc9eac6cf54171180a4de1ed36fb257d566307\n";

// Without these nothing gets past the door; a seed may bring its own.
inline constexpr std::pair<const char*, const char*> kAuthorization = {"Authorization", "Bearer administer"};
inline constexpr std::pair<const char*, const char*> kContentType = {"Content-Type", "application/json"};
inline void AddMissing(HttpRequest& request, const std::pair<const char*, const char*>& field) {
  if (!request.headers.Find(field.first)) request.headers.Add(field.first, field.second);
}

// For one thread.
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

  // One second after the one before: below every rate limit.
  HttpReply Ask(const ServerRequest& request) {
    world_.clock.Advance(1s);
    return api_.Handle(request);
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

}  // namespace spillway::fuzz

#endif  // SPILLWAY_TESTS_FUZZ_API_AT_REST_H_
