#include "src/daemon/api.h"

#include <algorithm>
#include <charconv>

#include "src/base/time_text.h"
#include "src/daemon/json_out.h"
#include "src/daemon/readiness.h"
#include "src/daemon/state_json.h"
#include "src/daemon/version.h"

namespace spillway::daemon {
namespace {

constexpr char kAppsPath[] = "/api/v1/apps";

// Chosen: an answer of one screen by default, and never more than what is kept.
constexpr std::size_t kRecordsDefault = 20;
constexpr std::size_t kRecordsMost = 100;
constexpr std::size_t kRecordsInState = 5;

HttpReply TextReply(const std::string& type, std::string text) {
  HttpReply reply;
  reply.response.status = 200;
  reply.response.headers.Set("Content-Type", type);
  reply.response.body = std::move(text);
  return reply;
}

void PutRecords(JsonOut& out, const App& app, std::size_t limit, std::optional<WallTime> since) {
  out.BeginList("decisions");
  for (const std::string& record : app.Records(limit, since)) out.Raw(record);
  out.EndList();
}

HttpReply Decisions(const ServerRequest& request, const App& app) {
  std::size_t limit = kRecordsDefault;
  if (const auto text = QueryValue(request.target, "limit")) {
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
    if (error != std::errc{} || end != text->data() + text->size() || limit < 1 || limit > kRecordsMost) {
      return ProblemReply(422, "Bad field",
                          "limit must be a whole number from 1 to " + std::to_string(kRecordsMost) + ".");
    }
  }
  std::optional<WallTime> since;
  if (const auto text = QueryValue(request.target, "since")) {
    since = ParseRfc3339(*text);
    if (!since) return ProblemReply(422, "Bad field", "since must be a time such as 2026-01-31T12:00:00Z.");
  }
  JsonOut out;
  out.Begin().Put("app", app.name());
  PutRecords(out, app, limit, since);
  out.End();
  return JsonReply(200, out.Take());
}

}  // namespace

void Api::Serve(std::shared_ptr<const Loop> loop) {
  const std::lock_guard lock(mutex_);
  loop_ = std::move(loop);
}

void Api::Admit(std::optional<Tokens> tokens) {
  const std::lock_guard lock(mutex_);
  tokens_ = std::move(tokens);
}

void Api::Notice(std::vector<std::string> sentences) {
  const std::lock_guard lock(mutex_);
  notices_ = std::move(sentences);
}

std::shared_ptr<const Loop> Api::loop() const {
  const std::lock_guard lock(mutex_);
  return loop_;
}

std::optional<HttpReply> Api::Refuse(const ServerRequest& request, Role needed) const {
  constexpr std::string_view kScheme = "Bearer ";
  const std::lock_guard lock(mutex_);
  if (!tokens_) return std::nullopt;
  const std::string header = request.headers.Find("Authorization").value_or("");
  std::optional<Caller> caller;
  if (header.rfind(kScheme, 0) == 0) caller = tokens_->Check(std::string_view(header).substr(kScheme.size()));
  if (!caller) {
    HttpReply reply = ProblemReply(401, "No valid token", "Send the header Authorization: Bearer TOKEN.");
    reply.response.headers.Set("WWW-Authenticate", "Bearer");
    return reply;
  }
  if (caller->role < needed) return ProblemReply(403, "Wrong role", "The token's role may not do this.");
  return std::nullopt;
}

HttpReply Api::Ready() const {
  const auto serving = loop();
  std::vector<std::string> notices;
  {
    const std::lock_guard lock(mutex_);
    notices = notices_;
  }
  Readiness readiness = Judge(serving ? serving->Views() : std::vector<AppView>{}, notices, leadership_.View());
  if (!serving) {
    readiness.ready = false;
    readiness.waiting.emplace_back("The applications are being set up.");
  }
  return JsonReply(readiness.ready ? 200 : 503, ReadinessJson(readiness, At()));
}

HttpReply Api::Apps(const ServerRequest& request, const std::string& path) const {
  if (auto refusal = Refuse(request, Role::kViewer)) return *refusal;
  const auto serving = loop();
  if (!serving) return ProblemReply(503, "Starting", "The applications are being set up; ask again.");
  JsonOut out;
  if (path == kAppsPath) {
    out.Begin().BeginList("apps");
    for (const AppView& view : serving->Views()) {
      out.Begin();
      PutState(out, view, At());
      out.End();
    }
    out.EndList().End();
    return JsonReply(200, out.Take());
  }
  std::string name = path.substr(std::string_view(kAppsPath).size() + 1);
  const std::size_t slash = std::min(name.find('/'), name.size());
  const std::string rest = name.substr(slash);
  name.resize(slash);
  const App* app = serving->Find(name);
  if (app == nullptr) return ProblemReply(404, "Unknown application", "There is no application of this name.");
  if (rest == "/decisions") return Decisions(request, *app);
  if (!rest.empty()) return ProblemReply(404, "Not found", "There is nothing at this path.");
  out.Begin();
  PutState(out, app->View(), At());
  PutRecords(out, *app, kRecordsInState, std::nullopt);
  out.End();
  return JsonReply(200, out.Take());
}

HttpReply Api::Handle(const ServerRequest& request) const {
  const std::string path(SplitTarget(request.target).first);
  const bool apps = path == kAppsPath || path.rfind(std::string(kAppsPath) + "/", 0) == 0;
  if (!apps && path != "/healthz" && path != "/readyz" && path != "/metrics") {
    return ProblemReply(404, "Not found", "There is nothing at this path.");
  }
  if (request.method != "GET") {
    HttpReply reply = ProblemReply(405, "Wrong method", "Only GET is understood here.");
    reply.response.headers.Set("Allow", "GET");
    return reply;
  }
  if (apps) return Apps(request, path);
  if (path == "/readyz") return Ready();
  if (path == "/healthz") {
    JsonOut out;
    out.Begin().Put("alive", true).Put("version", kVersion).End();
    return JsonReply(200, out.Take());
  }
  const auto serving = loop();
  const std::vector<AppView> views = serving ? serving->Views() : std::vector<AppView>{};
  return TextReply("text/plain; version=0.0.4; charset=utf-8", metrics_.Text(views, leadership_.View(), clock_.Now()));
}

}  // namespace spillway::daemon
