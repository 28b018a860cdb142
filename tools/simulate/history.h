// A value over the last while.
#ifndef SPILLWAY_TOOLS_SIMULATE_HISTORY_H_
#define SPILLWAY_TOOLS_SIMULATE_HISTORY_H_

#include <algorithm>
#include <deque>
#include <utility>

#include "src/base/time.h"

namespace spillway::sim {

// Remembers changes for `keep`; what held before the oldest of them is forgotten.
template <class T>
class History {
 public:
  explicit History(Duration keep = 30min) : keep_(keep) {}

  void Set(Instant now, const T& value) {
    if (!changes_.empty() && changes_.back().second == value) return;
    changes_.emplace_back(now, value);
    while (changes_.size() > 1 && changes_[1].first < now - keep_) changes_.pop_front();
  }
  const T& now() const { return changes_.back().second; }
  Instant since() const { return changes_.back().first; }
  bool empty() const { return changes_.empty(); }

  // Of all that held at `from` or later.
  T Most(Instant from) const {
    return Pick(from, [](const T& a, const T& b) { return std::max(a, b); });
  }
  T Least(Instant from) const {
    return Pick(from, [](const T& a, const T& b) { return std::min(a, b); });
  }

 private:
  template <class Better>
  T Pick(Instant from, Better better) const {
    T picked = changes_.back().second;
    for (auto change = changes_.rbegin(); change != changes_.rend(); ++change) {
      picked = better(picked, change->second);
      if (change->first <= from) break;
    }
    return picked;
  }

  Duration keep_;
  std::deque<std::pair<Instant, T>> changes_;
};

}  // namespace spillway::sim

#endif  // SPILLWAY_TOOLS_SIMULATE_HISTORY_H_
