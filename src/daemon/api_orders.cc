#include "src/daemon/api_orders.h"

#include <openssl/sha.h>
#include <strings.h>

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "src/base/json.h"
#include "src/daemon/problem.h"

namespace spillway::daemon {
namespace {

// Chosen: a UUID has 36; what is longer is no key.
constexpr std::size_t kKeyMost = 200;

std::string Digest(const ServerRequest& request) {
  const std::string all = request.method + "\n" + request.target + "\n" + request.body;
  std::string digest(SHA256_DIGEST_LENGTH * 2, '0');
  std::array<unsigned char, SHA256_DIGEST_LENGTH> bytes{};
  SHA256(reinterpret_cast<const unsigned char*>(all.data()), all.size(), bytes.data());
  constexpr std::string_view kHex = "0123456789abcdef";
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    digest[2 * i] = kHex[bytes.at(i) >> 4U];
    digest[2 * i + 1] = kHex[bytes.at(i) & 15U];
  }
  return digest;
}

bool IsJson(const ServerRequest& request) {
  std::string type = request.headers.Find("Content-Type").value_or("");
  type.resize(std::min(type.find(';'), type.size()));
  return ::strcasecmp(type.c_str(), "application/json") == 0;
}

// A DELETE may say what it has to in its query, as not every client sends a body with it.
JsonDocument FromQuery(const std::string& target) {
  JsonDocument fields(rapidjson::kObjectType);
  auto& memory = fields.GetAllocator();
  for (const auto& [name, value] : ParseQuery(SplitTarget(target).second)) {
    if ((name == "dryRun" || name == "force") && (value == "true" || value == "false")) {
      SetMember(fields, name, JsonValue(value == "true"), memory);
    } else {
      SetMember(fields, name, value, memory);
    }
  }
  return fields;
}

std::variant<JsonDocument, HttpReply> ReadFields(const ServerRequest& request) {
  if (request.method == "DELETE" && request.body.empty()) return FromQuery(request.target);
  // A form on a foreign web page can't send this type without asking first.
  if (!IsJson(request)) {
    return ProblemReply(415, "Wrong content type", "The body must be JSON, with Content-Type: application/json.");
  }
  auto fields = ParseJson(request.body);
  if (!fields) return ProblemReply(400, "Not JSON", "The body is not JSON: " + fields.error().what + ".");
  if (!fields->IsObject()) return ProblemReply(400, "Not JSON", "The body must be a JSON object.");
  return std::move(*fields);
}

Asking AskingOf(const ServerRequest& request, const Caller& caller) {
  return {caller, request.peer_ip, request.headers.Find("Idempotency-Key").value_or(""), Digest(request)};
}

}  // namespace

HttpReply OrderReply(const ServerRequest& request, Action action, const Caller& caller, const Policy& policy,
                     OrderDesk& desk) {
  auto fields = ReadFields(request);
  if (auto* refusal = std::get_if<HttpReply>(&fields)) return std::move(*refusal);
  ReadOrder read = ReadOrderRequest(action, std::get<JsonDocument>(fields), policy);
  const Asking asking = AskingOf(request, caller);
  if (asking.key.size() > kKeyMost) {
    read.wrong.push_back({"Idempotency-Key", "is too long, allowed is " + std::to_string(kKeyMost) + " bytes."});
  }
  if (!read.wrong.empty()) return BadFields(read.wrong);
  if (read.request.force && caller.role < Role::kAdmin) {
    return DenyReply(request, action, caller,
                     "force needs the role admin; " + caller.name + " has " + std::string(Word(caller.role)) + ".",
                     desk);
  }
  return desk.Give(read.request, asking);
}

HttpReply DenyReply(const ServerRequest& request, Action action, const Caller& caller, const std::string& why,
                    OrderDesk& desk) {
  desk.Deny(action, AskingOf(request, caller), why);
  return ProblemReply(403, "Not allowed", why);
}

HttpReply ToLeader(const ServerRequest& request, const LeaderView& leader) {
  const std::string who = leader.holder.empty() ? "nobody that is known" : leader.holder;
  const bool elsewhere = !leader.url.empty() && leader.holder != leader.identity;
  const std::string detail = "This spillwayd (" + leader.identity +
                             ") does not lead, so it takes no orders. The leader is " + who +
                             (elsewhere ? ", at " + leader.url + "." : ".");
  HttpReply reply = ProblemWith(elsewhere ? 307 : 503, "Not the leader", detail, [&](JsonOut& out) {
    out.Put("leader", leader.holder);
    if (elsewhere) out.Put("url", leader.url);
  });
  if (elsewhere) {
    std::string base = leader.url;
    while (!base.empty() && base.back() == '/') base.pop_back();
    reply.response.headers.Set("Location", base + request.target);
  } else {
    reply.response.headers.Set("Retry-After", "5");
  }
  return reply;
}

}  // namespace spillway::daemon
