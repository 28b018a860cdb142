// One request under way at one controller, taken apart, and the shapes of answers.
#ifndef SPILLWAY_TOOLS_LAB_AVI_EXCHANGE_H_
#define SPILLWAY_TOOLS_LAB_AVI_EXCHANGE_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/http.h"
#include "src/base/json.h"
#include "tools/lab/avi/schema.h"
#include "tools/lab/avi/state.h"

namespace spillway::lab::avi {

struct Exchange {
  State& state;
  SiteState& site;
  const Call& call;
  std::string path = {};                // "/api/gslbservice/x": no double slashes, none at the end
  std::vector<std::string> parts = {};  // of the path: "api", "gslbservice", "x"
  std::vector<std::pair<std::string, std::string>> query = {};
  std::string base_url = {};  // what URLs in the answer begin with: "https://host:port"

  Version version = {};                 // of the object model that the caller speaks
  std::string version_echo = "16_4_2";  // AVI_API_VERSION
  std::string user = {};
  std::string tenant = "admin";  // uuid
  bool all_tenants = false;
  std::string session = {};  // id; empty: none (Basic, or no need of one)

  const std::string& method() const { return call.request.method; }
  bool writes() const { return method() != "GET" && method() != "HEAD"; }
  std::optional<std::string> Query(std::string_view name) const;
};

// Takes the request apart; nothing is checked yet.
Exchange Open(State& state, SiteState& site, const Call& call);

HttpResponse JsonAnswer(int status, const JsonValue& body);
// {"error": "text"}
HttpResponse Failed(int status, std::string_view text);
HttpResponse NotFound(std::string_view title);  // "GslbService object not found!"
HttpResponse NotAllowed(std::string_view allow);

// Cookies of a request, by name.
std::optional<std::string> Cookie(const HttpRequest& request, std::string_view name);

// Sets the version, tenant and user that the request speaks for, or answers why not.
std::optional<HttpResponse> ReadVersion(Exchange& exchange);
std::optional<HttpResponse> ReadTenant(Exchange& exchange);

}  // namespace spillway::lab::avi

#endif  // SPILLWAY_TOOLS_LAB_AVI_EXCHANGE_H_
