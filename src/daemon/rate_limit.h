// How often somebody may ask, and who has guessed too often.
#ifndef SPILLWAY_SRC_DAEMON_RATE_LIMIT_H_
#define SPILLWAY_SRC_DAEMON_RATE_LIMIT_H_

#include <cstddef>
#include <map>
#include <mutex>
#include <string>

#include "src/base/time.h"

namespace spillway::daemon {

// A token bucket for each key. Safe from any thread.
class RateLimit {
 public:
  // Chosen: beyond it, newcomers share one bucket, so that many addresses can't fill the memory.
  static constexpr std::size_t kKeysMost = 4096;

  RateLimit(double per_second, double burst) : per_second_(per_second), burst_(burst) {}

  // Takes one of the bucket of `key`. 0: there was one; else how long until there is.
  Duration Take(const std::string& key, Instant now);

 private:
  struct Bucket {
    double level;
    Instant at;
  };

  void ForgetFullLocked(Instant now);

  const double per_second_, burst_;
  std::mutex mutex_;
  std::map<std::string, Bucket> buckets_;
};

// Locks an address out that has shown too many wrong tokens. Safe from any thread.
class GuessLock {
 public:
  // Chosen: a person who mistypes or a scraper with an old token stays below; a guesser gets some 20 tries an hour.
  static constexpr double kGuesses = 10;
  static constexpr double kGuessesPerSecond = 10.0 / 60;
  static constexpr Duration kFirst = 1min;
  static constexpr Duration kLongest = 30min;
  static constexpr Duration kForgiven = 2h;  // without another lock

  // How long `peer` is still locked out; 0: it is not.
  Duration Locked(const std::string& peer, Instant now) const;

  // A wrong token came from `peer`. True: that locks it out, from now on.
  bool Wrong(const std::string& peer, Instant now);

 private:
  struct Lock {
    Instant until;
    Duration lasts;
  };

  RateLimit wrong_{kGuessesPerSecond, kGuesses};
  mutable std::mutex mutex_;
  std::map<std::string, Lock> locks_;
};

// What counts as one client among addresses: an IPv4 address, or the /64 of an IPv6 one, within which a client may
// choose as it likes.
std::string ClientKey(const std::string& ip);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_RATE_LIMIT_H_
