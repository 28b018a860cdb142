#include "tools/lab/avi/sessions.h"

#include <algorithm>
#include <string_view>

namespace spillway::lab::avi {
namespace {
constexpr std::string_view kRefused = "Invalid credentials";
}

// 32 characters, as the real cookies have.
std::string Sessions::Secret() {
  static constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::string text;
  for (int i = 0; i < 32; ++i) text += kAlphabet[rng_.Below(kAlphabet.size())];
  return text;
}

bool Sessions::Live(const Session& session, Instant now) {
  return now - session.used < kIdleTimeout && now - session.created < kForceTimeout;
}

bool Sessions::Locked(const std::string& user, Instant now, std::string& why) const {
  const auto account = accounts_.find(user);
  if (account == accounts_.end() || now >= account->second.locked_until) return false;
  why = "Account locked due to repeated failed logins";
  return true;
}

void Sessions::Failed(const std::string& user, Instant now) {
  Account& account = accounts_[user];
  if (++account.failures < kLoginFailuresMost) return;
  account.failures = 0;
  account.locked_until = now + kLockTimeout;
}

const Session& Sessions::Open(const std::string& user, Instant now) {
  std::erase_if(sessions_, [&](const auto& entry) { return !Live(entry.second, now); });
  accounts_.erase(user);
  Session session{.id = Secret(), .csrf = Secret(), .user = user, .created = now, .used = now};
  return sessions_[session.id] = session;
}

bool Sessions::Matches(const std::string& user, const std::string& password) const {
  return std::any_of(users_.begin(), users_.end(),
                     [&](const User& known) { return known.name == user && known.password == password; });
}

const Session* Sessions::Login(const std::string& user, const std::string& password, Instant now, std::string& why) {
  if (Locked(user, now, why)) return nullptr;
  if (Matches(user, password)) return &Open(user, now);
  why = kRefused;
  if (accounts_.size() < 1000) Failed(user, now);  // Chosen: a bound on what strangers' made-up names may cost
  return nullptr;
}

const Session* Sessions::LoginByToken(const std::string& user, const std::string& token, Instant now,
                                      std::string& why) {
  if (Locked(user, now, why)) return nullptr;
  for (const auto& [id, known] : tokens_) {
    if (known.user == user && known.text == token && now < known.expires) return &Open(user, now);
  }
  why = kRefused;
  Failed(user, now);
  return nullptr;
}

const Session* Sessions::Use(const std::string& id, Instant now) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return nullptr;
  if (!Live(found->second, now)) {
    sessions_.erase(found);
    return nullptr;
  }
  found->second.used = now;
  return &found->second;
}

const Token& Sessions::CreateToken(const std::string& user, int hours, Instant now) {
  Token token{.id = "authtoken-" + Secret(),
              .text = Secret(),
              .user = user,
              .expires = now + std::chrono::hours(hours),
              .hours = hours};
  return tokens_[token.id] = token;
}

std::vector<Token> Sessions::Tokens(const std::string& user, Instant now) const {
  std::vector<Token> mine;
  for (const auto& [id, token] : tokens_) {
    if (token.user == user && now < token.expires) mine.push_back(token);
  }
  return mine;
}

}  // namespace spillway::lab::avi
