// DNS messages over TCP: each is its length in two bytes, the high one first, then itself (RFC 1035, 4.2.2).
#ifndef SPILLWAY_TOOLS_LAB_DNS_FRAMING_H_
#define SPILLWAY_TOOLS_LAB_DNS_FRAMING_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace spillway::lab {

// The longest message whose length two bytes can say.
inline constexpr std::size_t kMessageMost = 65535;

// `message` as it goes over TCP. kRejected: longer than kMessageMost.
Result<std::string> Framed(std::string_view message);

// Takes bytes as they arrive, cut anywhere, and gives whole messages. Every sequence of bytes is a sequence of
// messages, the last of which may be unfinished. Not safe from several threads.
class MessageQueue {
 public:
  void Feed(std::string_view bytes) { bytes_.append(bytes); }

  // The next message, which may be empty; nullopt: it has not arrived whole.
  std::optional<std::string> Take();

  // Bytes fed and not taken. After Take() answered nullopt they are fewer than one message and its length.
  std::size_t waiting() const { return bytes_.size(); }

 private:
  std::string bytes_;
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_DNS_FRAMING_H_
