#include <cctype>
#include <charconv>

#include "src/base/http_client.h"

namespace spillway {

Result<HttpEndpoint> ParseEndpoint(const std::string& url) {
  const Error refused{Code::kRejected, "\"" + url + "\" is not of the form https://host:port"};
  HttpEndpoint endpoint;
  std::string_view rest = url;
  const std::size_t colon = rest.find("://");
  if (colon == std::string_view::npos) return refused;
  endpoint.scheme = rest.substr(0, colon);
  if (endpoint.scheme != "https" && endpoint.scheme != "http") return refused;
  rest.remove_prefix(colon + 3);
  if (!rest.empty() && rest.back() == '/') rest.remove_suffix(1);
  endpoint.port = endpoint.scheme == "https" ? 443 : 80;
  const bool bracketed = !rest.empty() && rest.front() == '[';
  const std::size_t host_end = bracketed ? rest.find(']') : std::min(rest.find(':'), rest.size());
  if (host_end == std::string_view::npos) return refused;
  endpoint.host = bracketed ? rest.substr(1, host_end - 1) : rest.substr(0, host_end);
  rest.remove_prefix(bracketed ? host_end + 1 : host_end);
  if (!rest.empty()) {
    const char* end = rest.data() + rest.size();
    const auto [at, error] = std::from_chars(rest.data() + 1, end, endpoint.port);
    if (rest.front() != ':' || error != std::errc{} || at != end) return refused;
  }
  if (endpoint.port < 1 || endpoint.port > 65535 || endpoint.host.empty()) return refused;
  const std::string_view allowed = bracketed ? "0123456789abcdefABCDEF:." : "";
  for (const char c : endpoint.host) {
    const bool name = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_';
    if (bracketed ? allowed.find(c) == std::string_view::npos : !name) return refused;
  }
  return endpoint;
}

}  // namespace spillway
