// Who is let in to ask what.
#ifndef SPILLWAY_SRC_DAEMON_ADMISSION_H_
#define SPILLWAY_SRC_DAEMON_ADMISSION_H_

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

#include "src/base/clock.h"
#include "src/base/http_server.h"
#include "src/daemon/auth.h"
#include "src/daemon/rate_limit.h"

namespace spillway::daemon {

// Safe from any thread.
class Admission {
 public:
  // Chosen: a dashboard in several tabs and a scraper stay far below; a loop without a pause does not.
  static constexpr double kReadsPerSecond = 50, kReadsAtOnce = 250;
  // Chosen: orders are given by people and runbooks.
  static constexpr double kWritesPerSecond = 2, kWritesAtOnce = 50;
  // Of an address, whoever asks, health and metrics included: several clients may share one.
  static constexpr double kAnyPerSecond = 200, kAnyAtOnce = 1000;

  explicit Admission(Clock& clock) : clock_(clock) {}

  // nullopt: no authentication is configured. Everybody may read then and nobody may write.
  void Use(std::optional<Tokens> tokens);

  // Before anything else: 429 for an address that asks too often; 421 if there is no authentication and the request
  // was not meant for this machine by name, as that of a web page whose name was made to point here (DNS rebinding);
  // 403 for a write that a browser sends for a page of another origin (CSRF).
  std::optional<HttpReply> TurnAway(const ServerRequest& request);

  // The caller, whose role is at least viewer; or the answer: 401 unknown, 429 too often or locked out for guessing.
  std::variant<Caller, HttpReply> Admit(const ServerRequest& request);

 private:
  std::variant<Caller, HttpReply> Recognise(const ServerRequest& request, const Tokens& tokens);
  HttpReply Wrong(const std::string& peer, Instant now);

  Clock& clock_;
  RateLimit any_{kAnyPerSecond, kAnyAtOnce};
  RateLimit reads_{kReadsPerSecond, kReadsAtOnce};
  RateLimit writes_{kWritesPerSecond, kWritesAtOnce};
  GuessLock guesses_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Tokens> tokens_;
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_ADMISSION_H_
