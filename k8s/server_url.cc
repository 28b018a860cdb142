#include "k8s/server_url.h"

#include <charconv>
#include <optional>
#include <string_view>

namespace spillway::k8s {
namespace {

bool IsLoopback(std::string_view host) { return host == "localhost" || host == "::1" || host.substr(0, 4) == "127."; }

std::optional<int> ReadPort(std::string_view text) {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port < 1 || port > 65535) return std::nullopt;
  return port;
}

// Splits "host", "host:port", "[v6]" or "[v6]:port"; false: none of these.
bool ReadAuthority(std::string_view text, HttpEndpoint& endpoint) {
  std::string_view host = text;
  std::string_view rest;
  if (!text.empty() && text.front() == '[') {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return false;
    host = text.substr(1, close - 1);
    rest = text.substr(close + 1);
  } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    rest = text.substr(colon);
  }
  if (host.empty() || host.find_first_of("@ \t") != std::string_view::npos) return false;
  endpoint.host = std::string(host);
  if (rest.empty()) return true;
  const std::optional<int> port = rest.front() == ':' ? ReadPort(rest.substr(1)) : std::nullopt;
  if (port) endpoint.port = *port;
  return port.has_value();
}

}  // namespace

Status ReadServerUrl(const std::string& url, ClusterAccess& access) {
  const Error malformed{Code::kRejected, "\"" + url + "\" is not a URL of the form https://host:port"};
  std::string_view rest = url;
  HttpEndpoint& endpoint = access.endpoint;
  const std::size_t mark = rest.find("://");
  if (mark == std::string_view::npos) return malformed;
  endpoint.scheme = std::string(rest.substr(0, mark));
  if (endpoint.scheme != "https" && endpoint.scheme != "http") return malformed;
  endpoint.port = endpoint.scheme == "https" ? 443 : 80;
  rest.remove_prefix(mark + 3);
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  if (!ReadAuthority(rest.substr(0, slash), endpoint)) return malformed;
  access.base_path = std::string(rest.substr(slash));
  if (access.base_path.find_first_of("?# \t\r\n") != std::string::npos) return malformed;
  while (!access.base_path.empty() && access.base_path.back() == '/') access.base_path.pop_back();
  if (endpoint.scheme == "http" && !IsLoopback(endpoint.host)) {
    return Error{Code::kRejected,
                 "\"" + url + "\" is refused: without TLS everybody on the way could read credentials"};
  }
  return Ok();
}

std::string ServerUrl(const ClusterAccess& access) {
  const HttpEndpoint& endpoint = access.endpoint;
  const bool v6 = endpoint.host.find(':') != std::string::npos;
  return endpoint.scheme + "://" + (v6 ? "[" + endpoint.host + "]" : endpoint.host) + ":" +
         std::to_string(endpoint.port) + access.base_path;
}

}  // namespace spillway::k8s
