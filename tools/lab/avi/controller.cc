// The way of a request through one controller: fault, rate, door, version, tenant, page.
#include <exception>

#include "tools/lab/avi/cluster.h"
#include "tools/lab/avi/doorway.h"
#include "tools/lab/avi/exchange.h"
#include "tools/lab/avi/federation.h"
#include "tools/lab/avi/inventory.h"
#include "tools/lab/avi/objects.h"
#include "tools/lab/avi/state.h"

namespace spillway::lab::avi {
namespace {

HttpResponse ObjectPage(Exchange& exchange, const Type& type) {
  const bool one = exchange.parts.size() == 3;
  const std::string& method = exchange.method();
  if (method == "GET") return one ? GetObject(exchange, type) : GetObjects(exchange, type);
  if (method == "POST" && !one) return PostObject(exchange, type);
  if (method == "PUT" && one) return PutObject(exchange, type);
  if (method == "PATCH" && one) return PatchObject(exchange, type);
  if (method == "DELETE" && one) return DeleteObject(exchange, type);
  // A method is case-sensitive; the real API says 400 to "patch".
  if (method == "patch") return Failed(400, "Invalid method 'patch'");
  return NotAllowed(one ? "GET, PUT, PATCH, DELETE" : "GET, POST");
}

// The pages behind the door.
HttpResponse Page(Exchange& exchange) {
  const auto& parts = exchange.parts;
  if (parts.size() < 2 || parts[0] != "api") return Failed(404, "Not found: " + exchange.path);
  if (parts[1] == "user-token") return UserToken(exchange);
  const Type* type = FindType(parts[1]);
  if (type != nullptr && parts.size() <= 3) return ObjectPage(exchange, *type);
  if (exchange.writes()) return NotAllowed("GET");
  if (exchange.path == "/api/cluster") return GetCluster(exchange);
  if (exchange.path == "/api/cluster/runtime") return GetClusterRuntime(exchange);
  if (exchange.path == "/api/cluster/version") return GetClusterVersion(exchange);
  if (parts[1] == "gslbservice-inventory" && parts.size() <= 3) return GetServiceInventory(exchange);
  if (parts[1] == "gslb-inventory" && parts.size() <= 3) return GetGslbInventory(exchange);
  if (parts.size() == 4 && parts[3] == "runtime") {
    if (parts[1] == "gslbservice") return GetServiceRuntime(exchange);
    if (parts[1] == "gslb") return GetGslbRuntime(exchange);
  }
  return Failed(404, "Not found: " + exchange.path);
}

// What pages about objects say depends on the state alone: they are written anew when it has changed, not at each poll.
HttpResponse WrittenAnew(Exchange& exchange) {
  State& state = exchange.state;
  const bool about_objects = exchange.parts.size() > 1 &&
                             (FindType(exchange.parts[1]) != nullptr || exchange.parts[1].ends_with("-inventory"));
  if (exchange.method() != "GET" || !about_objects) {
    HttpResponse response = Page(exchange);
    if (exchange.method() != "GET") ++state.changes;
    return response;
  }
  constexpr std::size_t kPagesKept = 64;
  const bool shows_traffic = exchange.parts[1].starts_with("gslbservice");
  const std::pair of{state.changes, shows_traffic ? state.traffic_changes : 0};
  const std::string key = exchange.base_url + exchange.call.request.target + ' ' + exchange.version_echo + ' ' +
                          (exchange.all_tenants ? "*" : exchange.tenant);
  auto& pages = exchange.site.pages;
  const auto known = pages.find(key);
  if (known != pages.end() && known->second.of == of) return known->second.response;
  if (pages.size() >= kPagesKept) pages.clear();
  return pages.insert_or_assign(key, WrittenPage{of, Page(exchange)}).first->second.response;
}

HttpResponse Route(Exchange& exchange) {
  if (exchange.path == "/login") return PostLogin(exchange);
  if (exchange.path == "/logout") return PostLogout(exchange);
  if (exchange.path == "/api/cluster/status") return GetClusterStatus(exchange);
  if (exchange.path == "/api/initial-data") return GetInitialData(exchange);
  if (auto refused = Enter(exchange)) return *refused;
  if (auto refused = ReadVersion(exchange)) return *refused;
  if (auto refused = ReadTenant(exchange)) return *refused;
  return WrittenAnew(exchange);
}

void Dress(const Exchange& exchange, HttpResponse& response) {
  response.headers.Add("AVI_API_VERSION", exchange.version_echo);
  response.headers.Add("Vary", "Accept, Cookie");
  response.headers.Add("Cache-Control", "private, no-cache, must-revalidate");
  AddSessionCookies(exchange, response);
}

// "us GET gslbservice-inventory 200"
void Count(const Exchange& exchange, int status) {
  const bool api = exchange.parts.size() > 1 && exchange.parts[0] == "api";
  const std::string what = api ? exchange.parts[1] : (exchange.parts.empty() ? "/" : exchange.parts[0]);
  const std::string key =
      exchange.site.options.name + " " + exchange.method() + " " + what + " " + std::to_string(status);
  // Chosen: far more than there are pages; strangers' made-up paths must not cost memory for ever.
  constexpr std::size_t kKeysMost = 1000;
  auto& requests = exchange.state.requests;
  if (requests.size() < kKeysMost || requests.contains(key)) ++requests[key];
}

// A planned answer that is due instead of the true one.
std::optional<HttpResponse> Canned(SiteState& site) {
  if (site.canned.empty()) return std::nullopt;
  CannedAnswer& next = site.canned.front();
  HttpResponse response{.status = next.status, .headers = {{"Content-Type", "application/json"}}, .body = next.body};
  if (--next.count <= 0) site.canned.pop_front();
  return response;
}

HttpResponse Respond(Exchange& exchange) {
  try {
    HttpResponse response = Route(exchange);
    Dress(exchange, response);
    return response;
  } catch (const std::exception& wrong) {  // RapidJSON's, on a shape that no check has caught
    return Failed(500, std::string("internal error: ") + wrong.what());
  }
}

}  // namespace

Answer Controller::Handle(const Call& call) {
  const std::lock_guard lock(state_.mutex);
  CatchUp(state_);
  SiteState& site = *state_.sites[site_];
  Answer answer;
  if (!site.alive) {
    answer.fate = Answer::Fate::kDropped;
    return answer;
  }
  Exchange exchange = Open(state_, site, call);
  if (auto canned = Canned(site)) {
    answer.response = std::move(*canned);
  } else {
    const auto delay = state_.options.rate_limit ? site.rate_limit.Admit(call.peer_ip, state_.clock.Now())
                                                 : std::optional<Duration>(Duration{});
    answer.delay = delay.value_or(Duration{});
    answer.response = delay ? Respond(exchange) : Failed(429, "Too many requests");
  }
  Count(exchange, answer.response.status);
  return answer;
}

void Controller::Advance() {
  const std::lock_guard lock(state_.mutex);
  CatchUp(state_);
}

std::optional<Instant> Controller::NextDue() const {
  const std::lock_guard lock(state_.mutex);
  return NextEvent(state_);
}

}  // namespace spillway::lab::avi
