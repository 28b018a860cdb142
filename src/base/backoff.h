// How long to wait after a failure.
#ifndef SPILLWAY_SRC_BASE_BACKOFF_H_
#define SPILLWAY_SRC_BASE_BACKOFF_H_

#include <algorithm>

#include "src/base/rng.h"
#include "src/base/time.h"

namespace spillway {

// Doubles from `first` to `most`, each wait stretched by up to 100 % at random so that many clients do not come back
// together. Defaults are those of client-go's reflector: 0.8 s doubling to 30 s, jitter 1.0, reset after 2 quiet
// minutes.
// Source: kubernetes/client-go tools/cache/reflector.go.
class Backoff {
 public:
  explicit Backoff(Rng rng, Duration first = 800ms, Duration most = 30s, Duration reset_after = 2min)
      : rng_(rng), first_(first), most_(most), reset_after_(reset_after), next_(first) {}

  // The wait after a failure at `now`.
  Duration Failed(Instant now) {
    if (now - last_ > reset_after_) next_ = first_;
    last_ = now;
    const Duration base = next_;
    next_ = std::min(next_ * 2, most_);
    return base + FromSeconds(Seconds(base) * rng_.Fraction());
  }

  void Succeeded() { next_ = first_; }

 private:
  Rng rng_;
  Duration first_, most_, reset_after_, next_;
  Instant last_{};
};

}  // namespace spillway

#endif  // SPILLWAY_SRC_BASE_BACKOFF_H_
