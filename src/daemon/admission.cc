#include "src/daemon/admission.h"

#include <arpa/inet.h>
#include <strings.h>

#include <array>
#include <string_view>
#include <utility>

#include "src/base/log.h"
#include "src/base/time_text.h"

namespace spillway::daemon {
namespace {

// Without authentication. Chosen: no rights beyond reading, so that a write always has a name behind it.
const Caller kNobody{"anonymous", Role::kViewer, true};

HttpReply Unauthorized(std::string_view detail) {
  HttpReply reply = ProblemReply(401, "Not authenticated", detail);
  reply.response.headers.Set("WWW-Authenticate", "Bearer");
  return reply;
}

HttpReply TooMany(std::string_view detail, Duration wait) {
  HttpReply reply = ProblemReply(429, "Too many requests", detail);
  reply.response.headers.Set("Retry-After", std::to_string((wait + 999ms) / 1s));
  return reply;
}

bool Writes(const ServerRequest& request) { return request.method != "GET" && request.method != "HEAD"; }

// The host of a Host field, without port and brackets.
std::string HostOf(const ServerRequest& request) {
  const std::string host = request.headers.Find("Host").value_or("");
  if (host.empty() || host.front() != '[') return host.substr(0, host.find(':'));
  const std::size_t end = host.find(']');
  const bool ends = end != std::string::npos && (end + 1 == host.size() || host[end + 1] == ':');
  return ends ? host.substr(1, end - 1) : std::string();
}

bool IsNameOfThisMachine(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return host == "localhost" || ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

// A browser says by itself whether the page that asks is of this origin: Sec-Fetch-Site (Fetch Metadata, W3C), older
// ones by Origin (RFC 6454). Programs send neither. What a browser sends along unasked, such as a client certificate,
// would otherwise give another site's page its owner's rights.
bool FromAnotherSitesPage(const ServerRequest& request) {
  if (const auto site = request.headers.Find("Sec-Fetch-Site")) return *site != "same-origin" && *site != "none";
  const auto origin = request.headers.Find("Origin");
  if (!origin) return false;
  const std::string host = request.headers.Find("Host").value_or("");
  return *origin != "https://" + host && *origin != "http://" + host;
}

}  // namespace

void Admission::Use(std::optional<Tokens> tokens) {
  const std::lock_guard lock(mutex_);
  tokens_ = tokens ? std::make_shared<const Tokens>(std::move(*tokens)) : nullptr;
}

std::optional<HttpReply> Admission::TurnAway(const ServerRequest& request) {
  const Duration wait = any_.Take(ClientKey(request.peer_ip), clock_.Now());
  if (wait > Duration{0}) return TooMany("This address asks too often.", wait);
  if (Writes(request) && FromAnotherSitesPage(request)) {
    return ProblemReply(403, "From another site's page", "A browser sent this for a page that is not of this address.");
  }
  const std::lock_guard lock(mutex_);
  if (tokens_ == nullptr && !IsNameOfThisMachine(HostOf(request))) {
    return ProblemReply(421, "Not for this host",
                        "Without controller.auth, only requests to localhost or to an IP address are answered.");
  }
  return std::nullopt;
}

HttpReply Admission::Wrong(const std::string& peer, Instant now) {
  if (guesses_.Wrong(peer, now)) {
    Log(LogLevel::kWarn, "an address is locked out for showing too many unknown tokens",
        {{"peer", peer}, {"for", DurationText(guesses_.Locked(peer, now))}});
  }
  return Unauthorized("The token is unknown.");
}

std::variant<Caller, HttpReply> Admission::Recognise(const ServerRequest& request, const Tokens& tokens) {
  const auto header = request.headers.Find("Authorization");
  if (!header) {
    if (request.client_subject.empty()) return Unauthorized("A bearer token is needed: Authorization: Bearer TOKEN.");
    if (auto caller = tokens.CheckSubject(request.client_subject)) return *caller;
    return Unauthorized("The client certificate's subject is not in the tokens file.");
  }
  const Instant now = clock_.Now();
  const std::string peer = ClientKey(request.peer_ip);
  if (const Duration locked = guesses_.Locked(peer, now); locked > Duration{0}) {
    return TooMany("Too many unknown tokens came from this address; it is locked out for a while.", locked);
  }
  constexpr std::string_view kScheme = "Bearer ";
  if (::strncasecmp(header->c_str(), kScheme.data(), kScheme.size()) != 0) {
    return Unauthorized("Only this is understood: Authorization: Bearer TOKEN.");
  }
  if (auto caller = tokens.Check(std::string_view(*header).substr(kScheme.size()))) return *caller;
  return Wrong(peer, now);
}

std::variant<Caller, HttpReply> Admission::Admit(const ServerRequest& request) {
  std::shared_ptr<const Tokens> tokens;
  {
    const std::lock_guard lock(mutex_);
    tokens = tokens_;
  }
  std::variant<Caller, HttpReply> found = tokens == nullptr ? kNobody : Recognise(request, *tokens);
  const Caller* caller = std::get_if<Caller>(&found);
  if (caller == nullptr) return found;
  const std::string key = tokens == nullptr ? ClientKey(request.peer_ip) : caller->name;
  const Duration wait = (Writes(request) ? writes_ : reads_).Take(key, clock_.Now());
  if (wait > Duration{0}) return TooMany("You ask too often.", wait);
  return found;
}

}  // namespace spillway::daemon
