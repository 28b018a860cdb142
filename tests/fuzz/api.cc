// The daemon's own API: whatever it is asked, it answers, and never with a failure of its own.
#include <string>
#include <utility>

#include "src/base/http_head.h"
#include "src/base/json.h"
#include "tests/fuzz/api_at_rest.h"
#include "tests/fuzz/entries.h"
#include "tests/fuzz/requests.h"

namespace spillway::fuzz {

void ApiRequest(std::string_view bytes) {
  ApiAtRest api;
  for (HttpRequest& request : ReadRequests(bytes)) {
    AddMissing(request, kAuthorization);
    AddMissing(request, kContentType);
    const std::string call = request.method + ' ' + request.target;
    const bool writes = request.method != "GET";
    ServerRequest asked;
    static_cast<HttpRequest&>(asked) = std::move(request);
    asked.peer_ip = "127.0.0.1";
    const HttpResponse response = api.Ask(asked).response;
    Promise(response.status >= 200 && response.status < 500, call + " was answered " + std::to_string(response.status));
    const std::string type = response.headers.Find("Content-Type").value_or("");
    if (type.starts_with("application/json") || type.starts_with("application/problem+json")) {
      Promise(static_cast<bool>(ParseJson(response.body)), call + " was answered with JSON");
    }
    Promise(response.headers.Find("X-Content-Type-Options").has_value(), call + " was answered with our headers");
    if (writes) api.Look();
  }
}

}  // namespace spillway::fuzz
