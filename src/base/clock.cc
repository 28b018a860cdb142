#include "src/base/clock.h"

#include <thread>

namespace spillway {

Instant SystemClock::Now() const { return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now()); }

WallTime SystemClock::WallNow() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

void SystemClock::SleepUntil(Instant until) { std::this_thread::sleep_until(until); }

}  // namespace spillway
