// Who may speak to one controller, and for how long.
#ifndef SPILLWAY_TOOLS_LAB_AVI_SESSIONS_H_
#define SPILLWAY_TOOLS_LAB_AVI_SESSIONS_H_

#include <map>
#include <string>
#include <vector>

#include "src/base/rng.h"
#include "src/base/time.h"
#include "tools/lab/avi/federation.h"

namespace spillway::lab::avi {

// Source: ControllerProperties.api_idle_timeout 15 min, SystemConfiguration api_force_timeout 24 h.
inline constexpr Duration kIdleTimeout = 15min;
inline constexpr Duration kForceTimeout = 24h;
// Source: UserAccountProfile max_login_failure_count 3, account_lock_timeout 30 min.
inline constexpr int kLoginFailuresMost = 3;
inline constexpr Duration kLockTimeout = 30min;

struct Session {
  std::string id, csrf, user;
  Instant created, used;
};

// An auth token: another way to prove who one is at /login.
struct Token {
  std::string id, text, user;
  Instant expires;
  int hours = 0;
};

class Sessions {
 public:
  Sessions(Rng rng, std::vector<User> users) : rng_(rng), users_(std::move(users)) {}

  // Counts failures. nullptr: refused, `why` says how.
  const Session* Login(const std::string& user, const std::string& password, Instant now, std::string& why);
  const Session* LoginByToken(const std::string& user, const std::string& token, Instant now, std::string& why);
  // For Authorization: Basic. No session, no failure counted.
  bool Matches(const std::string& user, const std::string& password) const;

  // A live session, whose idle time starts again; nullptr: none, or expired.
  const Session* Use(const std::string& id, Instant now);
  void End(const std::string& id) { sessions_.erase(id); }
  void EndAll() { sessions_.clear(); }

  const Token& CreateToken(const std::string& user, int hours, Instant now);
  std::vector<Token> Tokens(const std::string& user, Instant now) const;
  bool DeleteToken(const std::string& id) { return tokens_.erase(id) > 0; }

 private:
  struct Account {
    int failures = 0;
    Instant locked_until{};
  };
  const Session& Open(const std::string& user, Instant now);
  bool Locked(const std::string& user, Instant now, std::string& why) const;
  void Failed(const std::string& user, Instant now);
  static bool Live(const Session& session, Instant now);
  std::string Secret();

  Rng rng_;
  std::vector<User> users_;
  std::map<std::string, Session> sessions_;
  std::map<std::string, Account> accounts_;
  std::map<std::string, Token> tokens_;
};

}  // namespace spillway::lab::avi

#endif  // SPILLWAY_TOOLS_LAB_AVI_SESSIONS_H_
