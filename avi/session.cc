#include "avi/session.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "avi/refusal.h"
#include "src/base/join.h"

namespace spillway::avi {
namespace {

// After a refused login. Source: UserAccountProfile's defaults lock an account for 30 minutes after 3 failures.
// Chosen: two tries in the first half hour, then one an hour, never reach three by themselves in any such window.
constexpr Duration kRefusedFirst = 10min;
constexpr Duration kRefusedMost = 60min;

// Chosen: when the answer 429 does not say how long.
constexpr Duration kPauseUnsaid = 1s;
constexpr Duration kPauseMost = 60s;
constexpr int kTriesWhenBusy = 3;

// Chosen: 100 is the SDK's own page; more than 200 pages is a loop, not a list.
constexpr const char* kPageSize = "100";
constexpr int kPagesMost = 200;

constexpr const char* kCsrfCookie = "csrftoken";
// Both names carry the session; which one counts depends on the version. Source: alb-sdk, recorded logins of 20.1.
constexpr auto kSessionCookies = std::to_array<const char*>({"avi-sessionid", "sessionid"});

std::array<int, 3> VersionNumbers(std::string_view text) {
  std::array<int, 3> numbers{};
  for (int& number : numbers) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (error != std::errc{} || text.empty() || text.front() != '.') break;
    text.remove_prefix(1);
  }
  return numbers;
}

// Without the suffix of a patch, which is no API version.
std::string VersionText(std::string_view text) {
  const auto [major, minor, patch] = VersionNumbers(text);
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

// A header's value can't hold these; a cookie's neither.
bool Sendable(std::string_view text) {
  return !text.empty() && std::none_of(text.begin(), text.end(),
                                       [](unsigned char c) { return c <= 0x20 || c >= 0x7f || c == ';' || c == ','; });
}

// "name=value; Path=/; ..." for every Set-Cookie. Emptied and unsendable cookies are left out.
std::map<std::string, std::string> CookiesOf(const HttpResponse& response) {
  std::map<std::string, std::string> cookies;
  for (const std::string& field : response.headers.FindAll("Set-Cookie")) {
    const std::string_view pair = std::string_view(field).substr(0, field.find(';'));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = pair.substr(0, equals);
    const std::string_view value = pair.substr(equals + 1);
    if (Sendable(name) && Sendable(value)) cookies[std::string(name)] = value;
  }
  return cookies;
}

bool HasSession(const std::map<std::string, std::string>& cookies) {
  return cookies.contains(kCsrfCookie) && std::any_of(kSessionCookies.begin(), kSessionCookies.end(),
                                                      [&](const char* name) { return cookies.contains(name); });
}

Duration RetryAfter(const HttpResponse& response) {
  const std::string text = response.headers.Find("Retry-After").value_or("");
  int seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size() || seconds < 0) return kPauseUnsaid;
  return std::min<Duration>(std::chrono::seconds{seconds}, kPauseMost);
}

std::string Trimmed(std::string text) {
  while (!text.empty() && std::string_view(" \t\r\n").find(text.back()) != std::string_view::npos) text.pop_back();
  return text;
}

std::string WithoutSlash(std::string url) {
  while (!url.empty() && url.back() == '/') url.pop_back();
  return url;
}

std::string LoginBody(const std::string& username, const std::string& password) {
  JsonDocument body(rapidjson::kObjectType);
  SetMember(body, "username", username, body.GetAllocator());
  SetMember(body, "password", password, body.GetAllocator());
  return JsonText(body);
}

// No controller is known to repeat a password; none shall have it in our messages. JSON may write it in many ways
// (\u0073 is an s), which reading it undoes: so JSON is written anew first, and has one.
void Blacken(const std::string& password, std::string& text) {
  if (const auto json = ParseJson(text)) text = JsonText(*json);
  JsonValue value(rapidjson::StringRef(password.data(), static_cast<rapidjson::SizeType>(password.size())));
  const std::string quoted = JsonText(value);
  for (const std::string& secret : {password, quoted.substr(1, quoted.size() - 2)}) {
    if (secret.empty()) continue;
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) {
      text.replace(at, secret.size(), "***");
      at += 3;
    }
  }
}

SessionOptions Tidied(SessionOptions options) {
  options.url = WithoutSlash(std::move(options.url));
  return options;
}

}  // namespace

bool VersionBefore(std::string_view a, std::string_view b) { return VersionNumbers(a) < VersionNumbers(b); }

Session::Session(SessionOptions options, Clock& clock, std::shared_ptr<HttpTransport> transport)
    : options_(Tidied(std::move(options))), clock_(clock), transport_(std::move(transport)) {}

std::string Session::CallText(const ApiCall& call) const {
  return options_.url + ": " + call.method + " " + call.target;
}

std::string Session::version() const {
  const std::lock_guard lock(mutex_);
  return version_;
}

Result<HttpResponse> Session::Send(const ApiCall& call, Instant until) {
  std::uint64_t worn_out = 0;
  for (const bool first : {true, false}) {
    const Result<Grant> grant = Granted(worn_out, until);
    if (!grant) return grant.error();
    Result<HttpResponse> response = Exchange(Prepare(call, *grant), CallText(call), until);
    if (!response) return response;
    if (response->status == 401 || response->status == 419) {
      if (!first) return Error{Code::kDenied, Refused(CallText(call), *response).what + " (after a fresh login)"};
      worn_out = grant->number;
      continue;
    }
    RenewCookies(grant->number, *response);
    return response;
  }
  return Error{Code::kDenied, CallText(call) + " was refused"};  // not reached: the second round returns
}

Result<JsonDocument> Session::Get(const ApiCall& call, Instant until) {
  const Result<HttpResponse> response = Send(call, until);
  if (!response) return response.error();
  return JsonAnswer(CallText(call), *response);
}

Result<std::shared_ptr<const JsonDocument>> Session::GetAgain(const ApiCall& call, Instant until, LastAnswer& last) {
  Result<HttpResponse> response = Send(call, until);
  if (!response) return response.error();
  const bool good = response->status >= 200 && response->status <= 299;
  if (good && last.json && last.target == call.target && last.body == response->body) return last.json;
  last.json.reset();
  Result<JsonDocument> json = JsonAnswer(CallText(call), *response);
  if (!json) return json.error();
  last = {call.target, std::move(response->body), std::make_shared<const JsonDocument>(std::move(*json))};
  return last.json;
}

Result<Session::Pages> Session::GetPages(const ApiCall& call, Instant until, std::vector<LastAnswer>& last) {
  Pages pages;
  for (int page = 1; page <= kPagesMost; ++page) {
    ApiCall one = call;
    one.target += (call.target.find('?') == std::string::npos ? "?page_size=" : "&page_size=") + std::string(kPageSize);
    if (page > 1) one.target += "&page=" + std::to_string(page);
    last.resize(std::max<std::size_t>(last.size(), static_cast<std::size_t>(page)));
    const auto json = GetAgain(one, until, last[static_cast<std::size_t>(page - 1)]);
    // The list became shorter between two pages.
    if (!json && page > 1 && json.error().code == Code::kMissing) return pages;
    if (!json) return json.error();
    const JsonValue* results = Find(**json, "results");
    if (results == nullptr || !results->IsArray()) {
      return Error{Code::kRetry, CallText(one) + " was answered without \"results\""};
    }
    pages.push_back(*json);
    if (Find(**json, "next") != nullptr) continue;
    last.resize(pages.size());
    return pages;
  }
  return Error{Code::kRejected, CallText(call) + " has no last page"};
}

Result<Session::Grant> Session::Granted(std::uint64_t worn_out, Instant until) {
  std::unique_lock lock(mutex_);
  // Elsewhere a login is under way: its outcome is ours too.
  if (!logged_in_.wait_for(lock, std::max(until - clock_.Now(), Duration::zero()), [&] { return !logging_in_; })) {
    return Error{Code::kRetry, options_.url + ": the login took too long"};
  }
  if (grant_ && grant_->number > worn_out) return *grant_;
  logging_in_ = true;
  lock.unlock();
  Result<Grant> grant = Login(until);
  lock.lock();
  logging_in_ = false;
  grant_.reset();
  if (grant) {
    grant->number = ++logins_;
    grant_ = *grant;
    version_ = grant->version;
    refused_.reset();
  }
  logged_in_.notify_all();
  return grant;
}

Result<Session::Grant> Session::Login(Instant until) {
  Result<std::string> read = options_.password();
  if (!read) return Error{Code::kDenied, options_.url + ": no password to log in with: " + read.error().what};
  const std::string password = Trimmed(std::move(*read));
  if (refused_ && refused_->password_hash == std::hash<std::string>{}(password) && clock_.Now() < refused_->until) {
    return refused_->error;
  }
  // No cookie and no token: a stale one is refused as forged. No version either, since it is not known yet.
  HttpRequest request;
  request.method = "POST";
  request.target = "/login";
  request.headers = {
      {"Content-Type", "application/json"}, {"Accept", "application/json"}, {"Referer", options_.url + "/"}};
  request.body = LoginBody(options_.username, password);
  Result<HttpResponse> response = Exchange(request, options_.url + ": login", until);
  if (!response) return response.error();
  if (response->status != 200) Blacken(password, response->body);
  if (response->status == 401 || response->status == 403) return LoginRefused(*response, password);
  return ReadLogin(*response);
}

Error Session::LoginRefused(const HttpResponse& response, const std::string& password) {
  const std::string text = ErrorText(response);
  Error error{Code::kDenied,
              options_.url + ": user \"" + options_.username + "\" was refused (" + std::to_string(response.status) +
                  (text.empty() ? "" : ": " + text) + "); not tried again for at least " +
                  std::to_string(std::chrono::duration_cast<std::chrono::minutes>(kRefusedFirst).count()) +
                  " minutes unless the password changes, so as not to lock the account"};
  const std::size_t hash = std::hash<std::string>{}(password);
  const bool again = refused_ && refused_->password_hash == hash;
  const Duration wait = again ? std::min(refused_->wait * 2, kRefusedMost) : kRefusedFirst;
  refused_ = RefusedLogin{error, hash, clock_.Now() + wait, wait};
  return error;
}

Result<Session::Grant> Session::ReadLogin(const HttpResponse& response) const {
  const std::string what = options_.url + ": login";
  const Result<JsonDocument> json = JsonAnswer(what, response);
  if (!json) return json.error();
  Grant grant;
  grant.cookies = CookiesOf(response);
  if (!HasSession(grant.cookies)) {
    return Error{Code::kRejected, what + " was answered without the cookies of a session; is this an Avi controller?"};
  }
  grant.version = StringAt(*json, "version.Version").value_or("");
  // It stands in messages and on the page. Chosen: more than four times the longest known, "30.2.1-2p1-9042".
  if (grant.version.size() > 64 || !Sendable(grant.version)) grant.version.clear();
  if (!grant.version.empty() && VersionBefore(grant.version, kVersionLeast)) {
    return Error{Code::kRejected, options_.url + ": the controller's version is " + grant.version +
                                      ", Spillway needs " + std::string(kVersionLeast) + " or newer"};
  }
  grant.api_version = grant.version.empty() ? std::string(kVersionLeast) : VersionText(grant.version);
  if (VersionBefore(kVersionMost, grant.api_version)) grant.api_version = kVersionMost;
  return grant;
}

HttpRequest Session::Prepare(const ApiCall& call, const Grant& grant) const {
  HttpRequest request;
  request.method = call.method;
  request.target = call.target;
  request.body = call.body;
  std::string cookies;
  for (const auto& [name, value] : grant.cookies) {
    Join(cookies, name + "=" + value);
  }
  request.headers = {{"Accept", "application/json"},
                     {"Cookie", cookies},
                     {"X-CSRFToken", grant.cookies.at(kCsrfCookie)},
                     {"Referer", options_.url + "/"},
                     {"X-Avi-Version", grant.api_version},
                     {"X-Avi-Tenant", call.whole_controller ? "admin" : options_.tenant},
                     {"X-Avi-UserAgent", "Spillway"}};
  if (!call.body.empty()) request.headers.Set("Content-Type", "application/json");
  return request;
}

Result<HttpResponse> Session::Exchange(const HttpRequest& request, const std::string& what, Instant until) {
  for (int tries = 1;; ++tries) {
    Instant at;
    {
      const std::lock_guard lock(mutex_);
      at = pace_.Take(clock_.Now());
    }
    if (at >= until) return Error{Code::kRetry, what + " was not sent: too many requests to this controller"};
    clock_.SleepUntil(at);
    const Duration left = until - clock_.Now();
    if (left <= Duration::zero()) return Error{Code::kRetry, what + " was not sent: no time left"};
    Result<HttpResponse> response = transport_->Send(request, left);
    if (!response) return Error{response.error().code, what + ": " + response.error().what};
    if (response->status != 429) return response;
    // Refused at the door, hence not executed: safe to repeat whatever it was.
    const Instant free = clock_.Now() + RetryAfter(*response);
    {
      const std::lock_guard lock(mutex_);
      pace_.Pause(free);
    }
    if (tries == kTriesWhenBusy || free >= until) {
      return Error{Code::kRetry, what + " was answered 429: too many requests"};
    }
  }
}

void Session::RenewCookies(std::uint64_t number, const HttpResponse& response) {
  if (response.status < 200 || response.status > 299) return;
  const auto renewed = CookiesOf(response);
  if (renewed.empty()) return;
  const std::lock_guard lock(mutex_);
  if (!grant_ || grant_->number != number) return;
  for (const auto& [name, value] : renewed) {
    if (grant_->cookies.contains(name)) grant_->cookies[name] = value;
  }
}

}  // namespace spillway::avi
