#include "tests/fuzz/requests.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "src/base/http_head.h"

namespace spillway::fuzz {
namespace {

constexpr std::size_t kRequestsMost = 10;
constexpr std::string_view kBetween = "\n%%\n";

// The head with what a client library adds.
std::string WireHead(std::string_view head, std::size_t body_size) {
  std::string text;
  bool host = false;
  bool length = body_size == 0;
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find('\n'));
    head.remove_prefix(line.size() == head.size() ? line.size() : line.size() + 1);
    host = host || line.starts_with("Host:");
    length = length || line.starts_with("Content-Length:");
    text.append(line).append("\r\n");
  }
  if (!host) text += "Host: fuzz\r\n";
  const bool writes = text.starts_with("POST ") || text.starts_with("PUT ") || text.starts_with("PATCH ");
  if (!length || (body_size == 0 && writes)) text += "Content-Length: " + std::to_string(body_size) + "\r\n";
  return text + "\r\n";
}

}  // namespace

std::vector<HttpRequest> ReadRequests(std::string_view text) {
  constexpr std::size_t kBodyCap = 1U << 20U;
  std::vector<HttpRequest> requests;
  while (!text.empty() && requests.size() < kRequestsMost) {
    const std::size_t end = std::min(text.find(kBetween), text.size());
    const std::string_view message = text.substr(0, end);
    text.remove_prefix(std::min(end + kBetween.size(), text.size()));
    const std::size_t gap = std::min(message.find("\n\n"), message.size());
    const std::string_view body = message.substr(std::min(gap + 2, message.size()));
    RequestHead head = ReadRequestHead(WireHead(message.substr(0, gap), body.size()), kBodyCap);
    if (head.refused != 0) continue;
    requests.push_back({std::move(head.method), std::move(head.target), std::move(head.headers), std::string(body)});
  }
  return requests;
}

}  // namespace spillway::fuzz
