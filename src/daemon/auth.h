// Who may ask: bearer tokens from a file, known by their SHA-256 only.
#ifndef SPILLWAY_SRC_DAEMON_AUTH_H_
#define SPILLWAY_SRC_DAEMON_AUTH_H_

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace spillway::daemon {

enum class Role { kViewer, kOperator, kAdmin };  // each may what the one before it may

struct Caller {
  std::string name;
  Role role;
};

// Immutable once read.
class Tokens {
 public:
  // Lines "NAME ROLE sha256:HEX"; empty ones and those that begin with '#' are skipped. kRejected names the first bad
  // line (not its content), and a file without any token.
  static Result<Tokens> Parse(std::string_view text);
  static Result<Tokens> Load(const std::string& path);

  // Compares in constant time with every token, so that time tells nothing of them.
  std::optional<Caller> Check(std::string_view token) const;

 private:
  struct Entry {
    Caller caller;
    std::array<unsigned char, 32> digest;
  };
  std::vector<Entry> entries_;
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_AUTH_H_
