#include "tools/lab/dns/framing.h"

namespace spillway::lab {
namespace {

constexpr std::size_t kLengthBytes = 2;

}  // namespace

Result<std::string> Framed(std::string_view message) {
  if (message.size() > kMessageMost) {
    return Error{Code::kRejected, "a DNS message of " + std::to_string(message.size()) + " bytes does not fit TCP"};
  }
  std::string framed = {static_cast<char>(message.size() >> 8U), static_cast<char>(message.size() & 0xffU)};
  return framed.append(message);
}

std::optional<std::string> MessageQueue::Take() {
  if (bytes_.size() < kLengthBytes) return std::nullopt;
  const auto high = static_cast<unsigned char>(bytes_[0]);
  const auto low = static_cast<unsigned char>(bytes_[1]);
  const std::size_t length = static_cast<std::size_t>(high) << 8U | low;
  if (bytes_.size() < kLengthBytes + length) return std::nullopt;
  std::string message = bytes_.substr(kLengthBytes, length);
  bytes_.erase(0, kLengthBytes + length);
  return message;
}

}  // namespace spillway::lab
