// Keeps a client far below what a controller takes from one address.
#ifndef SPILLWAY_AVI_PACE_H_
#define SPILLWAY_AVI_PACE_H_

#include <algorithm>

#include "src/base/time.h"

namespace spillway::avi {

// A token bucket whose tokens may be taken ahead of time. Not safe for several threads by itself.
//
// A controller takes about 32 requests a second from one address, counting everything on that host.
// Source: knowledge.broadcom.com article 372209; ControllerProperties.portal_request_rate_limit.
class Pace {
 public:
  // Chosen: 10 a second leaves two thirds to others behind the same address; 20 at once let a start-up or a failover
  // through without a wait.
  explicit Pace(Duration each = 100ms, int burst = 20) : each_(each), burst_(burst) {}

  // When the next request may go: now or later. Each call takes one.
  Instant Take(Instant now) {
    // `full_`: when the bucket will be full again. It holds `burst_` tokens, so it may lie that far ahead.
    const Instant at = std::max({now, full_ - each_ * (burst_ - 1), paused_until_});
    full_ = std::max(full_, at) + each_;
    return at;
  }

  // The server said so.
  void Pause(Instant until) { paused_until_ = std::max(paused_until_, until); }

 private:
  Duration each_;
  int burst_;
  Instant full_{};
  Instant paused_until_{};
};

}  // namespace spillway::avi

#endif  // SPILLWAY_AVI_PACE_H_
