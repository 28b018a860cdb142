// How many a second, lately.
#ifndef SPILLWAY_TOOLS_LAB_METER_H_
#define SPILLWAY_TOOLS_LAB_METER_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "src/base/time.h"

namespace spillway::lab {

// Counts events in steps of a tenth of a second and remembers the last kSpan. Times never go back by more than a
// step (several threads may be that much apart). Not locked: its owner is.
class Meter {
 public:
  static constexpr Duration kStep = 100ms;
  static constexpr std::size_t kSteps = 128;
  static constexpr Duration kSpan = kStep * (kSteps - 1);

  void Count(Instant now, std::uint64_t events = 1) {
    Cell& cell = cells_.at(Slot(now));
    const std::int64_t step = Step(now);
    if (cell.step < step) cell = {step, 0};
    cell.events += events;
    total_ += events;
  }

  std::uint64_t total() const { return total_; }

  // Events in the whole steps that lie in the last `window` (at most kSpan) before the present one.
  std::uint64_t Recent(Instant now, Duration window) const {
    const std::int64_t end = Step(now);
    const std::int64_t begin = end - Steps(window);
    std::uint64_t sum = 0;
    for (const Cell& cell : cells_) {
      if (cell.step >= begin && cell.step < end) sum += cell.events;
    }
    return sum;
  }

  double PerSecond(Instant now, Duration window) const {
    return static_cast<double>(Recent(now, window)) / Seconds(kStep * Steps(window));
  }

 private:
  struct Cell {
    std::int64_t step = -1;
    std::uint64_t events = 0;
  };
  static std::int64_t Step(Instant t) { return t.time_since_epoch() / kStep; }
  static std::int64_t Steps(Duration window) { return std::clamp<std::int64_t>(window / kStep, 1, kSteps - 1); }
  static std::size_t Slot(Instant t) { return static_cast<std::size_t>(Step(t)) % kSteps; }

  std::array<Cell, kSteps> cells_{};
  std::uint64_t total_ = 0;
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_METER_H_
