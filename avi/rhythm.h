// When a feed reads next.
#ifndef SPILLWAY_AVI_RHYTHM_H_
#define SPILLWAY_AVI_RHYTHM_H_

#include <algorithm>
#include <mutex>

#include "src/base/backoff.h"
#include "src/base/rng.h"
#include "src/base/time.h"

namespace spillway::avi {

// Regular, faster for a while when somebody is waiting, slower after failures. Safe from several threads.
class Rhythm {
 public:
  Rhythm(Duration interval, Rng rng) : interval_(interval), backoff_(rng) {}

  bool Due(Instant now) const {
    const std::lock_guard lock(mutex_);
    return now >= due_;
  }

  // After a read that ended at `now`.
  void Done(Instant now, bool succeeded) {
    const std::lock_guard lock(mutex_);
    if (succeeded) backoff_.Succeeded();
    // A call that came while the read was under way may want something newer than what it saw.
    if (soon_again_) {
      soon_again_ = false;
      due_ = now;
    } else if (succeeded) {
      due_ = now + (now < fast_until_ ? std::min(interval_, kFast) : interval_);
    } else {
      due_ = now + backoff_.Failed(now);
    }
    reading_ = false;
  }

  void Began() {
    const std::lock_guard lock(mutex_);
    reading_ = true;
  }

  void Soon(Instant now) {
    const std::lock_guard lock(mutex_);
    due_ = now;
    fast_until_ = now + kFastFor;
    soon_again_ = reading_;
  }

  // When to call Step() again: never so far ahead that Soon() would go unnoticed.
  Instant Next(Instant now) const {
    const std::lock_guard lock(mutex_);
    return std::clamp(due_, now, now + kSlice);
  }

 private:
  // Chosen: follow a change closely for as long as replication and a built-in health monitor take (20 s).
  static constexpr Duration kFast = 1s;
  static constexpr Duration kFastFor = 30s;
  // Chosen: a wake-up a second costs nothing and bounds how late Soon() is noticed.
  static constexpr Duration kSlice = 1s;

  mutable std::mutex mutex_;
  const Duration interval_;
  Backoff backoff_;
  Instant due_{};
  Instant fast_until_{};
  bool reading_ = false;
  bool soon_again_ = false;
};

}  // namespace spillway::avi

#endif  // SPILLWAY_AVI_RHYTHM_H_
