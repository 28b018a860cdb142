#include "src/daemon/api.h"

#include <utility>

#include "src/daemon/api_orders.h"
#include "src/daemon/api_page.h"
#include "src/daemon/api_reads.h"
#include "src/daemon/json_out.h"
#include "src/daemon/openapi.h"
#include "src/daemon/readiness.h"
#include "src/daemon/version.h"

namespace spillway::daemon {
namespace {

enum Call : int {
  kHealth,
  kReady,
  kMetrics,
  kOpenApi,
  kWhoAmI,
  kDoctor,
  kApps,
  kApp,
  kDecisions,
  kDecision,
  kHistory,
  kStream,
  kAudit,
  kOrder
};

struct Route {
  Call call;
  const char* method;
  const char* pattern;
  bool open = false;               // to everybody
  Action action = Action::kPause;  // kOrder only
};
constexpr Route kRoutes[] = {
    {kHealth, "GET", "/healthz", true},
    {kReady, "GET", "/readyz", true},
    {kMetrics, "GET", "/metrics", true},
    {kOpenApi, "GET", "/api/v1/openapi.json", true},
    {kWhoAmI, "GET", "/api/v1/whoami"},
    {kDoctor, "GET", "/api/v1/doctor"},
    {kApps, "GET", "/api/v1/apps"},
    {kApp, "GET", "/api/v1/apps/{app}"},
    {kDecisions, "GET", "/api/v1/apps/{app}/decisions"},
    {kDecision, "GET", "/api/v1/apps/{app}/decisions/{time}"},
    {kHistory, "GET", "/api/v1/apps/{app}/history"},
    {kStream, "GET", "/api/v1/stream"},
    {kAudit, "GET", "/api/v1/audit"},
    {kOrder, "POST", "/api/v1/apps/{app}/mode", false, Action::kMode},
    {kOrder, "POST", "/api/v1/apps/{app}/pause", false, Action::kPause},
    {kOrder, "POST", "/api/v1/apps/{app}/resume", false, Action::kResume},
    {kOrder, "POST", "/api/v1/apps/{app}/drain", false, Action::kDrain},
    {kOrder, "POST", "/api/v1/apps/{app}/undrain", false, Action::kUndrain},
    {kOrder, "POST", "/api/v1/apps/{app}/pin", false, Action::kPin},
    {kOrder, "POST", "/api/v1/apps/{app}/failover", false, Action::kFailover},
    {kOrder, "POST", "/api/v1/apps/{app}/failback", false, Action::kFailback},
    {kOrder, "DELETE", "/api/v1/apps/{app}/override", false, Action::kClear},
};

constexpr char kStarting[] = "The applications are being set up; ask again.";

HttpReply WhoAmIReply(const Caller& caller) {
  JsonOut out;
  out.Begin().Put("name", caller.name).Put("role", caller.anonymous ? "viewer" : Word(caller.role)).End();
  return JsonReply(200, out.Take());
}

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

void Api::Serve(std::shared_ptr<const Loop> loop, std::shared_ptr<const OrderDesks> desks) {
  std::unique_lock lock(mutex_);
  if (loop == nullptr) {
    serving_ = nullptr;
    idle_.wait(lock, [this] { return users_ == 0; });
    return;
  }
  serving_ = std::make_shared<const Serving>(Serving{std::move(loop), std::move(desks)});
}

void Api::Admit(std::optional<Tokens> tokens, bool metrics_open) {
  metrics_open_ = metrics_open;
  admission_.Use(std::move(tokens));
  // Whoever may not listen any more must not go on to.
  room_.events.EndAll();
}

void Api::Notice(std::vector<std::string> sentences) {
  const std::lock_guard lock(mutex_);
  notices_ = std::move(sentences);
}

std::shared_ptr<const Api::Serving> Api::Current() const {
  const std::lock_guard lock(mutex_);
  if (serving_ == nullptr) return nullptr;
  ++users_;
  return {serving_.get(), [this, kept = serving_](const Serving*) {
            const std::lock_guard lock(mutex_);
            --users_;
            idle_.notify_all();
          }};
}

HttpReply Api::Ready() const {
  const auto serving = Current();
  std::vector<std::string> notices;
  {
    const std::lock_guard lock(mutex_);
    notices = notices_;
  }
  Readiness readiness =
      Judge(serving ? serving->loop->Views() : std::vector<AppView>{}, notices, room_.leadership.View());
  if (!serving) {
    readiness.ready = false;
    readiness.waiting.emplace_back("The applications are being set up.");
  }
  return JsonReply(readiness.ready ? 200 : 503, ReadinessJson(readiness, At()));
}

HttpReply Api::Scrape() const {
  const auto serving = Current();
  const std::vector<AppView> views = serving ? serving->loop->Views() : std::vector<AppView>{};
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
  if (auto file = PageReply(request)) return *file;
  const Router::Outcome found = router_.Find(request.method, request.target);
  if (found.status == 404) return ProblemReply(404, "Not found", "There is nothing at this path.");
  if (found.status == 405) {
    HttpReply reply = ProblemReply(405, "Wrong method", "This path is asked with " + found.allow + ".");
    reply.response.headers.Set("Allow", found.allow);
    return reply;
  }
  const Route& route = kRoutes[found.id];
  if (route.open && (route.call != kMetrics || metrics_open_)) return Read(route.call, found.captured, request, {});
  auto admitted = admission_.Admit(request);
  if (auto* refusal = std::get_if<HttpReply>(&admitted)) return std::move(*refusal);
  const Caller& caller = std::get<Caller>(admitted);
  if (route.call == kOrder) return Write(route.action, found.captured.front(), request, caller);
  return Read(route.call, found.captured, request, caller);
}

HttpReply Api::Write(Action action, const std::string& app, const ServerRequest& request, const Caller& caller) {
  const auto serving = Current();
  if (!serving || !serving->desks) return ProblemReply(503, "Starting", kStarting);
  if (caller.anonymous) {
    return ProblemReply(403, "Not allowed", "Orders need controller.auth, so that each has a name behind it.");
  }
  const auto desk = serving->desks->find(app);
  const bool known = desk != serving->desks->end();
  if (caller.role < Role::kOperator) {
    const std::string why =
        "Orders need the role operator; " + caller.name + " has " + std::string(Word(caller.role)) + ".";
    return known ? DenyReply(request, action, caller, why, *desk->second) : ProblemReply(403, "Not allowed", why);
  }
  if (!known) return UnknownApp();
  if (const LeaderView leader = room_.leadership.View(); !leader.leads) return ToLeader(request, leader);
  return OrderReply(request, action, caller, serving->loop->Find(app)->config().policy, *desk->second);
}

HttpReply Api::Read(int call, const std::vector<std::string>& path, const ServerRequest& request,
                    const Caller& caller) {
  if (call == kReady) return Ready();
  if (call == kMetrics) return Scrape();
  if (call == kOpenApi) return JsonReply(200, std::string(kOpenApiJson));
  if (call == kWhoAmI) return WhoAmIReply(caller);
  if (call == kHealth) {
    JsonOut out;
    out.Begin().Put("alive", true).Put("version", kVersion).End();
    return JsonReply(200, out.Take());
  }
  // Before the applications are held: it takes some seconds, and a reload would wait for it.
  const auto surveyed = call == kDoctor && room_.survey ? room_.survey() : std::nullopt;
  const auto serving = Current();
  if (call == kAudit) return AuditReply(request, room_.audit, serving ? serving->loop.get() : nullptr);
  if (!serving) return ProblemReply(503, "Starting", kStarting);
  if (call == kDoctor)
    return DoctorReply(request, *serving->loop, room_.leadership.View(), room_.clock.Now(), surveyed);
  if (call == kApps) return AppsReply(*serving->loop, At());
  if (call == kStream)
    return StreamReply(request, *serving->loop, room_.events, caller.name + "@" + request.peer_ip, At());
  const App* known = serving->loop->Find(path.front());
  if (known == nullptr) return UnknownApp();
  if (call == kDecision) return DecisionReply(*known, path.at(1));
  if (call == kHistory) return HistoryReply(request, *known, room_.history);
  return call == kApp ? AppReply(*known, At()) : DecisionsReply(request, *known);
}

}  // namespace spillway::daemon
