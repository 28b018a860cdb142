#include "tools/lab/avi/doorway.h"

#include <cstdlib>

#include "tools/lab/avi/pen.h"

namespace spillway::lab::avi {
namespace {

// Plain text, though labelled JSON: 32 bytes, as recorded from a real controller.
HttpResponse BadCsrf() {
  return {.status = 401, .headers = {{"Content-Type", "application/json"}}, .body = "CSRF token missing or incorrect."};
}

std::optional<std::string> SessionCookie(const HttpRequest& request) {
  const auto id = Cookie(request, "avi-sessionid");
  return id ? id : Cookie(request, "sessionid");
}

std::string HostOf(std::string_view url) {
  const std::size_t start = url.find("://");
  if (start == std::string_view::npos) return "";
  url.remove_prefix(start + 3);
  return std::string(url.substr(0, url.find_first_of(":/")));
}

// A write has to come from a page of the same host, as a browser would say it.
bool RefererFits(const HttpRequest& request) {
  const auto referer = request.headers.Find("Referer");
  if (!referer || HostOf(*referer).empty()) return false;
  const auto host = request.headers.Find("Host");
  return !host || HostOf("x://" + *host) == HostOf(*referer);
}

bool CsrfFits(const HttpRequest& request, const Session& session) {
  const auto header = request.headers.Find("X-CSRFToken");
  return header && *header == session.csrf && Cookie(request, "csrftoken") == session.csrf;
}

std::string FromBase64(std::string_view text) {
  static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned bits = 0;
  int held = 0;
  for (const char c : text) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) break;
    bits = (bits << 6U | static_cast<unsigned>(value)) & 0xffffffU;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>(bits >> static_cast<unsigned>(held) & 0xffU);
  }
  return out;
}

std::optional<HttpResponse> EnterByBasic(Exchange& exchange, std::string_view credentials) {
  const std::string pair = FromBase64(credentials);
  const std::size_t colon = pair.find(':');
  if (exchange.state.options.basic_auth && colon != std::string::npos &&
      exchange.site.sessions.Matches(pair.substr(0, colon), pair.substr(colon + 1))) {
    exchange.user = pair.substr(0, colon);
    return std::nullopt;
  }
  HttpResponse refused = Failed(401, "Invalid credentials");
  refused.headers.Add("Set-Cookie", "sessionid=None; Path=/");
  refused.headers.Add("Set-Cookie", "avi-sessionid=None; Path=/");
  return refused;
}

struct Credentials {
  std::string username, password;
  std::optional<std::string> token;
};

std::optional<Credentials> ReadCredentials(const HttpRequest& request) {
  Credentials credentials;
  const std::string type = request.headers.Find("Content-Type").value_or("");
  if (type.find("json") == std::string::npos) {
    for (auto& [name, value] : ParseQuery(request.body)) {
      if (name == "username") credentials.username = value;
      if (name == "password") credentials.password = value;
    }
    return credentials;
  }
  const auto body = ParseJson(request.body);
  if (!body || !body->IsObject()) return std::nullopt;
  credentials.username = StringAt(*body, "username").value_or("");
  credentials.password = StringAt(*body, "password").value_or("");
  credentials.token = StringAt(*body, "token");
  return credentials;
}

void AddVersionInfo(Pen& pen, JsonValue& body, const std::string& version) {
  JsonValue info = Pen::Object();
  pen.Put(info, "Version", version);
  pen.Put(info, "Tag", version + "-9000");
  pen.Put(info, "ProductName", "Avi Cloud Controller");
  pen.Put(info, "Product", "controller");
  pen.Put(info, "min_version", 15.2);
  pen.Put(info, "build", 9000);
  pen.Put(info, "Date", "2024-03-26T00:00:00+00:00");
  pen.Put(body, "version", std::move(info));
}

HttpResponse Welcome(Exchange& exchange, const Session& session) {
  JsonDocument body(rapidjson::kObjectType);
  Pen pen(body.GetAllocator());
  pen.Put(body, "user_initialized", true);
  pen.Put(body, "session_cookie_name", "avi-sessionid");
  AddVersionInfo(pen, body, exchange.state.options.version);
  JsonValue user = Pen::Object();
  pen.Put(user, "uuid", "user-" + session.user);
  pen.Put(user, "username", session.user);
  pen.Put(user, "name", session.user);
  pen.Put(user, "full_name", session.user);
  pen.Put(user, "email", "");
  pen.Put(user, "local", true);
  pen.Put(user, "is_superuser", true);
  pen.Put(user, "default_tenant_ref", exchange.base_url + "/api/tenant/admin#admin");
  pen.Put(body, "user", std::move(user));
  JsonValue tenants = Pen::List();
  for (const ObjectPtr& tenant : exchange.site.store.List("tenant")) {
    JsonValue entry = Pen::Object();
    pen.Put(entry, "url", exchange.base_url + "/api/tenant/" + tenant->uuid);
    pen.Put(entry, "uuid", tenant->uuid);
    pen.Put(entry, "name", tenant->name);
    pen.Put(entry, "local", true);
    pen.Add(tenants, std::move(entry));
  }
  pen.Put(body, "tenants", std::move(tenants));
  pen.Put(body, "system_config", Pen::Object());
  JsonValue controller = Pen::Object();
  pen.Put(controller, "api_idle_timeout", std::chrono::duration_cast<std::chrono::minutes>(kIdleTimeout).count());
  pen.Put(body, "controller", std::move(controller));

  HttpResponse response = JsonAnswer(200, body);
  response.headers.Add("Set-Cookie", "csrftoken=" + session.csrf + "; Max-Age=31449600; Path=/; Secure");
  exchange.session = session.id;
  return response;
}

JsonValue TokenJson(Pen& pen, const Exchange& exchange, const Token& token) {
  JsonValue value = Pen::Object();
  pen.Put(value, "uuid", token.id);
  pen.Put(value, "url", exchange.base_url + "/api/user-token/" + token.id);
  pen.Put(value, "token", token.text);
  pen.Put(value, "username", token.user);
  pen.Put(value, "hours", token.hours);
  return value;
}

}  // namespace

std::optional<HttpResponse> Enter(Exchange& exchange) {
  const HttpRequest& request = exchange.call.request;
  const std::string authorization = request.headers.Find("Authorization").value_or("");
  if (authorization.starts_with("Basic ")) return EnterByBasic(exchange, std::string_view(authorization).substr(6));
  const auto id = SessionCookie(request);
  const Session* session = id ? exchange.site.sessions.Use(*id, exchange.state.clock.Now()) : nullptr;
  if (session == nullptr) return Failed(401, "Authentication credentials were not provided.");
  if (exchange.writes() && (!CsrfFits(request, *session) || !RefererFits(request))) return BadCsrf();
  exchange.user = session->user;
  exchange.session = session->id;
  return std::nullopt;
}

HttpResponse PostLogin(Exchange& exchange) {
  if (exchange.method() != "POST") return NotAllowed("POST");
  const HttpRequest& request = exchange.call.request;
  const Instant now = exchange.state.clock.Now();
  if (const auto id = SessionCookie(request)) {
    const Session* old = exchange.site.sessions.Use(*id, now);
    if (old == nullptr || !CsrfFits(request, *old)) return BadCsrf();
  } else if (request.headers.Find("X-CSRFToken") || Cookie(request, "csrftoken")) {
    return BadCsrf();
  }
  const auto credentials = ReadCredentials(request);
  if (!credentials) return Failed(400, "The body is neither a form nor JSON.");
  std::string why;
  const Session* session =
      credentials->token ? exchange.site.sessions.LoginByToken(credentials->username, *credentials->token, now, why)
                         : exchange.site.sessions.Login(credentials->username, credentials->password, now, why);
  if (session == nullptr) return Failed(401, why);
  exchange.user = session->user;
  return Welcome(exchange, *session);
}

HttpResponse PostLogout(Exchange& exchange) {
  if (exchange.method() != "POST") return NotAllowed("POST");
  if (auto refused = Enter(exchange)) return *refused;
  exchange.site.sessions.End(exchange.session);
  exchange.session.clear();
  return {.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = "{}"};
}

HttpResponse UserToken(Exchange& exchange) {
  Sessions& sessions = exchange.site.sessions;
  const Instant now = exchange.state.clock.Now();
  JsonDocument body(rapidjson::kObjectType);
  Pen pen(body.GetAllocator());
  if (exchange.parts.size() == 3 && exchange.method() == "DELETE") {
    if (!sessions.DeleteToken(exchange.parts[2])) return NotFound("AuthToken");
    return {.status = 204, .headers = {}, .body = ""};
  }
  if (exchange.method() == "POST") {
    const auto asked = ParseJson(exchange.call.request.body);
    if (!asked) return Failed(400, asked.error().what);
    // Seen as a string of digits; a number is taken too.
    const auto text = StringAt(*asked, "hours");
    const std::int64_t hours = text ? std::atoi(text->c_str()) : IntAt(*asked, "hours").value_or(0);
    if (hours < 1 || hours > 8760) return Failed(400, "hours: value is not in the range 1-8760");
    const Token& token = sessions.CreateToken(exchange.user, static_cast<int>(hours), now);
    return JsonAnswer(201, TokenJson(pen, exchange, token));
  }
  if (exchange.method() != "GET") return NotAllowed("GET, POST, DELETE");
  JsonValue results = Pen::List();
  for (const Token& token : sessions.Tokens(exchange.user, now)) pen.Add(results, TokenJson(pen, exchange, token));
  pen.Put(body, "count", results.Size());
  pen.Put(body, "results", std::move(results));
  return JsonAnswer(200, body);
}

void AddSessionCookies(const Exchange& exchange, HttpResponse& response) {
  if (exchange.session.empty()) return;
  for (const char* name : {"avi-sessionid", "sessionid"}) {
    response.headers.Add("Set-Cookie", std::string(name) + "=" + exchange.session +
                                           "; HttpOnly; Max-Age=86400; Path=/; SameSite=None; Secure");
  }
}

}  // namespace spillway::lab::avi
