// The API of one application, served over real HTTP, and a client of it.
#ifndef SPILLWAY_TESTS_DAEMON_API_WORLD_H_
#define SPILLWAY_TESTS_DAEMON_API_WORLD_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/base/http_client.h"
#include "src/base/http_server.h"
#include "src/base/json.h"
#include "src/daemon/api.h"
#include "src/daemon/api_reads.h"
#include "tests/daemon/fakes.h"

namespace spillway::daemon {

// Tokens, and what the tokens file has of them.
inline constexpr char kViewer[] = "view", kOperator[] = "operate", kAdmin[] = "administer";
inline constexpr char kTokens[] =
    "# who may ask\n"
    "vera viewer sha256:2bcb43cbc8f6b7ef66331532881143fcbae60a879db3a8fb853f645bb24c2b3c\n"
    "otto operator sha256:2c29d39181de8f853de5e48ba983a5c88612b9dbaa5ab32c7748800a0840aeb8\n"
    "anna admin sha256:b56796f7ef8f8c0bd10ae6bc8ccc9eac6cf54171180a4de1ed36fb257d566307\n";

// Without a leader election, unless a test says otherwise.
class ApiTest : public testing::Test, private Leadership {
 protected:
  explicit ApiTest(ServerOptions options = {})
      : audit_(""),
        events_("1"),
        api_({world_.clock, world_.metrics, audit_, events_, history_, *this, [this] { return surveyed_; }}) {
    audit_.OnChange([this](const AuditEntry& entry) { events_.Record("audit", entry.app, AuditJson(entry)); });
    auto server =
        HttpServer::Start(std::move(options), [this](const ServerRequest& request) { return api_.Handle(request); });
    EXPECT_TRUE(server);
    server_ = std::move(*server);
    HttpEndpoint endpoint;
    endpoint.scheme = "http";
    endpoint.host = "127.0.0.1";
    endpoint.port = server_->port();
    client_ = std::make_unique<HttpClient>(endpoint);
    Assemble();
  }
  ~ApiTest() override {
    events_.EndAll();
    server_->Stop();
  }

  // The application and its desk as world_.config has them now; what was before is forgotten.
  void Assemble() {
    loop_ = std::make_shared<Loop>(world_.clock);
    AppRoom room = world_.room();
    room.decide = [this](const auto&... given) { return decide_(given...); };
    room.looked = [this](const AppView& view, const std::string& record) {
      history_.Take(view.config->name, world_.clock.WallNow(), SampleJson(view, world_.clock.WallNow()));
      if (!record.empty()) events_.Record("decision", view.config->name, record);
      events_.State(view.config->name, [&] { return StateJson(view, {world_.clock.Now(), world_.clock.WallNow()}); });
      desks_->at(view.config->name)->Review();
    };
    room.recalled = [this](const std::string& app) { desks_->at(app)->Recall(); };
    auto app = std::make_unique<App>(world_.config, world_.ports(), room);
    desks_ = std::make_shared<OrderDesks>();
    desks_->emplace("shop", std::make_unique<OrderDesk>(*app, desk_room()));
    loop_->Add(std::move(app));
    api_.Serve(loop_, desks_);
  }

  DeskRoom desk_room() {
    return {world_.clock, world_.store, audit_, *this, [this](const std::string& app) { loop_->Wake(app); }};
  }
  void Look() {
    loop_->Wake("shop");
    loop_->RunDue(world_.clock.Now());
  }
  // An order; `body` is JSON. "override" is a DELETE, its query may follow.
  HttpResponse Order(const std::string& action, const std::string& body, const std::string& token = kOperator,
                     const std::string& key = "") {
    HttpRequest request{"POST", "/api/v1/apps/shop/" + action, {{"Content-Type", "application/json"}}, body};
    if (action.rfind("override", 0) == 0) request = {"DELETE", "/api/v1/apps/shop/" + action, {}, ""};
    if (!token.empty()) request.headers.Set("Authorization", "Bearer " + token);
    if (!key.empty()) request.headers.Set("Idempotency-Key", key);
    return Send(request);
  }
  // "drain site eu by otto: accepted", newest first.
  std::vector<std::string> Audit() { return AuditOf(audit_); }
  static std::vector<std::string> AuditOf(const AuditLog& audit) {
    std::vector<std::string> lines;
    for (const AuditEntry& entry : audit.Entries(100, std::nullopt, "")) {
      lines.push_back(entry.action + (entry.detail.empty() ? "" : " " + entry.detail) + " by " + entry.actor + ": " +
                      std::string(Word(entry.outcome)) + (entry.end.empty() ? "" : ", " + entry.end));
    }
    return lines;
  }
  void AskForTokens() {
    auto tokens = Tokens::Parse(kTokens);
    ASSERT_TRUE(tokens) << tokens.error().what;
    api_.Admit(std::move(*tokens));
  }
  HttpResponse Send(const HttpRequest& request) {
    const auto response = client_->Send(request, 10s);
    EXPECT_TRUE(response) << response.error().what;
    return response ? *response : HttpResponse{};
  }
  HttpResponse Get(const std::string& target, const std::string& token = "", const std::string& method = "GET") {
    HttpRequest request{method, target, {}, ""};
    if (!token.empty()) request.headers.Set("Authorization", "Bearer " + token);
    return Send(request);
  }
  JsonDocument Json(const std::string& target, const std::string& token = "") {
    auto document = ParseJson(Get(target, token).body);
    EXPECT_TRUE(document) << target;
    return document ? std::move(*document) : JsonDocument();
  }

  FakeWorld world_;
  LeaderView leader_;
  std::function<decltype(Decide)> decide_ = Decide;  // a test may say itself what is decided
  std::optional<Surveyed> surveyed_;                 // what a survey found
  AuditLog audit_;
  EventHub events_;
  History history_;
  Api api_;
  std::shared_ptr<Loop> loop_;
  std::shared_ptr<OrderDesks> desks_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<HttpClient> client_;

 private:
  std::optional<Term> Lead() const override { return leader_.leads ? std::optional(Term{}) : std::nullopt; }
  LeaderView View() const override { return leader_; }
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_TESTS_DAEMON_API_WORLD_H_
