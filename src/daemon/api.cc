#include "src/daemon/api.h"

#include <utility>

#include "src/daemon/api_reads.h"
#include "src/daemon/json_out.h"
#include "src/daemon/openapi.h"
#include "src/daemon/readiness.h"
#include "src/daemon/version.h"

namespace spillway::daemon {
namespace {

enum Call : int { kHealth, kReady, kMetrics, kOpenApi, kApps, kApp, kDecisions, kStream, kAudit };

// Who may call is none of the three roles: everybody.
constexpr int kAnybody = -1;
struct Route {
  Call call;
  const char* method;
  const char* pattern;
  int role = static_cast<int>(Role::kViewer);
};
constexpr Route kRoutes[] = {
    {kHealth, "GET", "/healthz", kAnybody},
    {kReady, "GET", "/readyz", kAnybody},
    {kMetrics, "GET", "/metrics", kAnybody},
    {kOpenApi, "GET", "/api/v1/openapi.json", kAnybody},
    {kApps, "GET", "/api/v1/apps"},
    {kApp, "GET", "/api/v1/apps/{app}"},
    {kDecisions, "GET", "/api/v1/apps/{app}/decisions"},
    {kStream, "GET", "/api/v1/stream"},
    {kAudit, "GET", "/api/v1/audit"},
};

HttpReply TextReply(const std::string& type, std::string text) {
  HttpReply reply;
  reply.response.status = 200;
  reply.response.headers.Set("Content-Type", type);
  reply.response.body = std::move(text);
  return reply;
}

// For browsers: nothing here is to be guessed, framed, kept, or to load anything. A page of ours sets its own policy.
// Source: OWASP REST Security Cheat Sheet, "Security headers".
void Harden(HttpHeaders& headers) {
  const auto set = [&](const char* name, const char* value) {
    if (!headers.Find(name)) headers.Set(name, value);
  };
  set("Cache-Control", "no-store");
  set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  set("Referrer-Policy", "no-referrer");
  set("X-Content-Type-Options", "nosniff");
  set("X-Frame-Options", "DENY");
}

}  // namespace

Api::Api(ApiRoom room) : room_(room), admission_(room.clock) {
  for (const Route& route : kRoutes) router_.Add(route.method, route.pattern, static_cast<int>(&route - kRoutes));
}

void Api::Serve(std::shared_ptr<const Loop> loop) {
  const std::lock_guard lock(mutex_);
  loop_ = std::move(loop);
}

void Api::Admit(std::optional<Tokens> tokens) {
  admission_.Use(std::move(tokens));
  // Whoever may not listen any more must not go on to.
  room_.events.EndAll();
}

void Api::Notice(std::vector<std::string> sentences) {
  const std::lock_guard lock(mutex_);
  notices_ = std::move(sentences);
}

std::shared_ptr<const Loop> Api::loop() const {
  const std::lock_guard lock(mutex_);
  return loop_;
}

HttpReply Api::Ready() const {
  const auto serving = loop();
  std::vector<std::string> notices;
  {
    const std::lock_guard lock(mutex_);
    notices = notices_;
  }
  Readiness readiness = Judge(serving ? serving->Views() : std::vector<AppView>{}, notices, room_.leadership.View());
  if (!serving) {
    readiness.ready = false;
    readiness.waiting.emplace_back("The applications are being set up.");
  }
  return JsonReply(readiness.ready ? 200 : 503, ReadinessJson(readiness, At()));
}

HttpReply Api::Scrape() const {
  const auto serving = loop();
  const std::vector<AppView> views = serving ? serving->Views() : std::vector<AppView>{};
  return TextReply("text/plain; version=0.0.4; charset=utf-8",
                   room_.metrics.Text(views, room_.leadership.View(), room_.clock.Now()));
}

HttpReply Api::Handle(const ServerRequest& request) {
  HttpReply reply = Answer(request);
  Harden(reply.response.headers);
  return reply;
}

HttpReply Api::Answer(const ServerRequest& request) {
  if (auto away = admission_.TurnAway(request)) return *away;
  const Router::Outcome found = router_.Find(request.method, request.target);
  if (found.status == 404) return ProblemReply(404, "Not found", "There is nothing at this path.");
  if (found.status == 405) {
    HttpReply reply = ProblemReply(405, "Wrong method", "This path is asked with " + found.allow + ".");
    reply.response.headers.Set("Allow", found.allow);
    return reply;
  }
  const Route& route = kRoutes[found.id];
  Caller caller;
  if (route.role != kAnybody) {
    auto admitted = admission_.Admit(request, static_cast<Role>(route.role));
    if (auto* refusal = std::get_if<HttpReply>(&admitted)) return std::move(*refusal);
    caller = std::get<Caller>(std::move(admitted));
  }
  return Read(route.call, found.captured.empty() ? "" : found.captured.front(), request, caller);
}

HttpReply Api::Read(int call, const std::string& app, const ServerRequest& request, const Caller& caller) {
  if (call == kReady) return Ready();
  if (call == kMetrics) return Scrape();
  if (call == kOpenApi) return JsonReply(200, std::string(kOpenApiJson));
  if (call == kAudit) return AuditReply(request, room_.audit);
  if (call == kHealth) {
    JsonOut out;
    out.Begin().Put("alive", true).Put("version", kVersion).End();
    return JsonReply(200, out.Take());
  }
  const auto serving = loop();
  if (!serving) return ProblemReply(503, "Starting", "The applications are being set up; ask again.");
  if (call == kApps) return AppsReply(*serving, At());
  if (call == kStream) return StreamReply(request, serving, room_.events, caller.name + "@" + request.peer_ip, At());
  const App* known = serving->Find(app);
  if (known == nullptr) return ProblemReply(404, "Unknown application", "There is no application of this name.");
  return call == kApp ? AppReply(*known, At()) : DecisionsReply(request, *known);
}

}  // namespace spillway::daemon
