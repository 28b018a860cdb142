#include "k8s/base64.h"

#include <cstddef>
#include <cstdint>

namespace spillway::k8s {
namespace {

int Digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

}  // namespace

std::optional<std::string> DecodeBase64(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  std::size_t digits = 0;
  std::size_t padding = 0;
  for (const char c : text) {
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const int digit = Digit(c);
    if (digit < 0 || padding > 0) return std::nullopt;
    bits = (bits << 6U) | static_cast<std::uint32_t>(digit);
    // Four digits are three bytes: from the second digit on, each completes one.
    if (digits++ % 4 != 0) out += static_cast<char>((bits >> (6U - 2U * ((digits - 1) % 4))) & 0xffU);
  }
  if (digits % 4 == 1 || (padding != 0 && (digits + padding) % 4 != 0) || padding > 2) return std::nullopt;
  return out;
}

}  // namespace spillway::k8s
