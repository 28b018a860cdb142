// Instants and durations. No clock in here: who needs the present is handed it.
#ifndef SPILLWAY_SRC_BASE_TIME_H_
#define SPILLWAY_SRC_BASE_TIME_H_

#include <chrono>

namespace spillway {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""us;

// Microseconds, because that is what both APIs write: Kubernetes' MicroTime and Avi's _last_modified.
using Duration = std::chrono::microseconds;

// Monotonic: for measuring and deciding. Means nothing outside this process.
using Instant = std::chrono::time_point<std::chrono::steady_clock, Duration>;

// For people and for the wire. May jump: never subtract two of these to measure.
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

// Seconds as a fraction, for arithmetic and for metrics.
constexpr double Seconds(Duration d) { return std::chrono::duration<double>(d).count(); }

constexpr Duration FromSeconds(double seconds) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

}  // namespace spillway

#endif  // SPILLWAY_SRC_BASE_TIME_H_
