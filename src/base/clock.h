// The present, as an argument.
#ifndef SPILLWAY_SRC_BASE_CLOCK_H_
#define SPILLWAY_SRC_BASE_CLOCK_H_

#include "src/base/time.h"

namespace spillway {

// Two clocks, because they answer two questions. src/core sees neither: it is handed an Instant.
// Implementations are safe to call from any thread.
class Clock {
 public:
  virtual ~Clock() = default;

  // For measuring and deciding. Never goes back.
  virtual Instant Now() const = 0;

  // For people and for the wire. May jump.
  virtual WallTime WallNow() const = 0;

  // Blocks the caller until Now() >= `until`. The simulated clock moves virtual time instead.
  virtual void SleepUntil(Instant until) = 0;
};

// The machine's clocks.
class SystemClock final : public Clock {
 public:
  Instant Now() const override;
  WallTime WallNow() const override;
  void SleepUntil(Instant until) override;
};

// A clock that a test or a simulation moves by hand. Starts away from zero, so that nobody mistakes it for "never".
// Not safe for use from several threads while it is being moved.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(WallTime start = WallTime{std::chrono::hours{24 * 365 * 56}}) : wall_(start) {}

  Instant Now() const override { return now_; }
  WallTime WallNow() const override { return wall_; }
  void SleepUntil(Instant until) override {
    if (until > now_) Advance(until - now_);
  }

  void Advance(Duration by) {
    now_ += by;
    wall_ += by;
  }
  // The wall clock alone jumps, as after an NTP correction.
  void StepWall(Duration by) { wall_ += by; }

 private:
  Instant now_{std::chrono::hours{1}};
  WallTime wall_;
};

}  // namespace spillway

#endif  // SPILLWAY_SRC_BASE_CLOCK_H_
