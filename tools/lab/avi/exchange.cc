#include "tools/lab/avi/exchange.h"

#include <algorithm>

#include "tools/lab/avi/pen.h"

namespace spillway::lab::avi {

std::optional<std::string> Exchange::Query(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

Exchange Open(State& state, SiteState& site, const Call& call) {
  Exchange exchange{.state = state, .site = site, .call = call};
  const auto [path, query] = SplitTarget(call.request.target);
  const std::string decoded = PercentDecode(path, false).value_or(std::string(path));
  std::string part;
  for (const char c : decoded + "/") {
    if (c != '/') {
      part += c;
    } else if (!part.empty()) {
      exchange.path += "/" + part;
      exchange.parts.push_back(std::exchange(part, ""));
    }
  }
  exchange.query = ParseQuery(query);
  const std::string host = call.request.headers.Find("Host").value_or(site.options.name);
  exchange.base_url = site.options.url.empty() ? "https://" + host : site.options.url;
  exchange.version = ParseVersion("16.4.2").value_or(Version{});
  if (const auto stated = call.request.headers.Find("X-Avi-Version")) exchange.version_echo = *stated;
  return exchange;
}

HttpResponse JsonAnswer(int status, const JsonValue& body) {
  return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = JsonText(body)};
}

HttpResponse Failed(int status, std::string_view text) {
  JsonDocument body(rapidjson::kObjectType);
  Pen(body.GetAllocator()).Put(body, "error", text);
  return JsonAnswer(status, body);
}

HttpResponse NotFound(std::string_view title) { return Failed(404, std::string(title) + " object not found!"); }

HttpResponse NotAllowed(std::string_view allow) {
  HttpResponse response = Failed(405, "Method not allowed.");
  response.headers.Set("Allow", std::string(allow));
  return response;
}

std::optional<std::string> Cookie(const HttpRequest& request, std::string_view name) {
  for (const std::string& header : request.headers.FindAll("Cookie")) {
    std::string_view rest = header;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(';'), rest.size());
      std::string_view pair = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      while (pair.starts_with(' ')) pair.remove_prefix(1);
      const std::size_t equals = pair.find('=');
      if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
        return std::string(pair.substr(equals + 1));
      }
    }
  }
  return std::nullopt;
}

std::optional<HttpResponse> ReadVersion(Exchange& exchange) {
  const auto stated = exchange.call.request.headers.Find("X-Avi-Version");
  if (!stated) return std::nullopt;
  const auto version = ParseVersion(*stated);
  const auto own = ParseVersion(exchange.state.options.version);
  if (!version || (own && *version > *own)) return Failed(400, "Invalid version " + *stated);
  exchange.version = *version;
  return std::nullopt;
}

std::optional<HttpResponse> ReadTenant(Exchange& exchange) {
  const HttpHeaders& headers = exchange.call.request.headers;
  const auto uuid = headers.Find("X-Avi-Tenant-UUID");
  const std::string said = uuid ? *uuid : headers.Find("X-Avi-Tenant").value_or("admin");
  if (said == "*") {
    exchange.all_tenants = true;
    return std::nullopt;
  }
  const Store& store = exchange.site.store;
  const ObjectPtr tenant = uuid ? store.Find("tenant", said) : store.FindByName("tenant", said);
  if (tenant == nullptr) return Failed(403, "Tenant '" + said + "' does not exist!");
  exchange.tenant = tenant->uuid;
  return std::nullopt;
}

}  // namespace spillway::lab::avi
