// Bearer tokens: from where they come, and how long one is used before it is asked for again.
#ifndef SPILLWAY_K8S_TOKEN_H_
#define SPILLWAY_K8S_TOKEN_H_

#include <mutex>
#include <optional>
#include <string>

#include "k8s/access.h"
#include "k8s/kubeconfig.h"
#include "src/base/clock.h"

namespace spillway::k8s {

// Without white space around it. kRejected: empty, or with characters that no HTTP header may carry.
Result<std::string> CleanToken(const std::string& text);

// Reads the file at every call. While it can't be read, its last good content stands in, and before there is one,
// `fallback` (if not empty).
TokenReader TokenFromFile(std::string path, std::string fallback, FileReader read_file);

// The token in use. Safe from any thread.
class Token {
 public:
  Token(TokenReader read, const Clock& clock) : read_(std::move(read)), clock_(clock) {}

  // Read anew if the one in use is older than a minute: client-go's rhythm for files that rotate. nullopt: no token
  // is to be sent.
  // Source: kubernetes/client-go transport/token_source.go.
  Result<std::optional<std::string>> Get();

  // After a 401: whether reading again gave another token than `refused`, so that trying again makes sense.
  bool Renew(const std::string& refused);

 private:
  static constexpr Duration kKeepFor = 1min;
  Status ReadLocked();

  const TokenReader read_;
  const Clock& clock_;
  std::mutex mutex_;
  std::optional<std::string> token_;
  Instant read_at_{};
};

}  // namespace spillway::k8s

#endif  // SPILLWAY_K8S_TOKEN_H_
