// Who may ask: bearer tokens, known by their SHA-256 only, and client certificates, known by their subject.
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
std::string_view Word(Role role);

struct Caller {
  std::string name;
  Role role = Role::kViewer;
  bool anonymous = false;  // nobody was asked who they are
};

// Immutable once read.
class Tokens {
 public:
  // Lines "NAME ROLE sha256:HEX" or "NAME ROLE cert:SUBJECT", the subject of a client certificate as RFC 2253 writes
  // it, up to the end of the line; empty lines and those that begin with '#' are skipped. A name may stand in several
  // lines, so that a token can be replaced without a gap. kRejected names the first bad line (not its content), and a
  // file without any.
  static Result<Tokens> Parse(std::string_view text);
  // kDenied also if others may read it: see ReadSecretFile.
  static Result<Tokens> Load(const std::string& path);

  // Compares in constant time with every token, so that time tells nothing of them.
  std::optional<Caller> Check(std::string_view token) const;

  // Of a certificate that TLS has verified already.
  std::optional<Caller> CheckSubject(std::string_view subject) const;

 private:
  struct Entry {
    Caller caller;
    std::array<unsigned char, 32> digest;
  };
  struct Subject {
    Caller caller;
    std::string subject;
  };
  std::vector<Entry> entries_;
  std::vector<Subject> subjects_;
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_AUTH_H_
