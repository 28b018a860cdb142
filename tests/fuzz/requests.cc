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

}  // namespace

std::vector<Message> ReadMessages(std::string_view text) {
  std::vector<Message> messages;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(kBetween), text.size());
    const std::string_view message = text.substr(0, end);
    text.remove_prefix(std::min(end + kBetween.size(), text.size()));
    const std::size_t gap = std::min(message.find("\n\n"), message.size());
    const std::string_view head = message.substr(0, gap);
    const std::size_t line = std::min(head.find('\n'), head.size());
    messages.push_back({std::string(head.substr(0, line)), std::string(head.substr(std::min(line + 1, head.size()))),
                        std::string(message.substr(std::min(gap + 2, message.size())))});
  }
  return messages;
}

std::string Wire(const Message& message) {
  std::string text = message.line + "\r\n";
  bool host = false;
  bool length = message.body.empty();
  std::string_view fields = message.fields;
  while (!fields.empty()) {
    const std::string_view line = fields.substr(0, fields.find('\n'));
    fields.remove_prefix(line.size() == fields.size() ? line.size() : line.size() + 1);
    host = host || line.starts_with("Host:");
    length = length || line.starts_with("Content-Length:");
    text.append(line).append("\r\n");
  }
  if (!host) text += "Host: fuzz\r\n";
  const bool writes = text.starts_with("POST ") || text.starts_with("PUT ") || text.starts_with("PATCH ");
  if (!length || (message.body.empty() && writes)) {
    text += "Content-Length: " + std::to_string(message.body.size()) + "\r\n";
  }
  return text + "\r\n" + message.body;
}

std::vector<HttpRequest> ReadRequests(std::string_view text) {
  constexpr std::size_t kBodyCap = 1U << 20U;
  std::vector<HttpRequest> requests;
  for (const Message& message : ReadMessages(text)) {
    if (requests.size() == kRequestsMost) break;
    const std::string wire = Wire(message);
    RequestHead head = ReadRequestHead(wire.substr(0, wire.size() - message.body.size()), kBodyCap);
    if (head.refused != 0) continue;
    requests.push_back({std::move(head.method), std::move(head.target), std::move(head.headers), message.body});
  }
  return requests;
}

}  // namespace spillway::fuzz
