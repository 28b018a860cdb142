// The shop at one site, without sockets: what becomes of a request that reaches its virtual service.
#ifndef SPILLWAY_TOOLS_LAB_FRONT_END_H_
#define SPILLWAY_TOOLS_LAB_FRONT_END_H_

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>

#include "src/base/clock.h"
#include "src/base/time.h"
#include "tools/lab/meter.h"

namespace spillway::lab {

enum class Service {
  kServed,
  kOverloaded,  // more work than the replicas can do, and nobody took any away
  kFailed,      // no replica, or one that was there until lately would have served it
};

// How the three look over HTTP. Chosen for failed: what a proxy says that lost its server, so that clients can tell it
// from overload.
inline constexpr int kServedStatus = 200;
inline constexpr int kOverloadedStatus = 503;
inline constexpr int kFailedStatus = 502;

struct FrontEndOptions {
  // Requests a second that one replica can serve. Chosen: half as much again as the 20 the autoscaler aims at, as
  // real replicas have; so a site that is pinned at its maximum degrades only beyond 1.5 times its nominal load.
  double capacity_per_replica = 30;
  // How much work may arrive at once, in seconds of capacity: the queue in front of the replicas.
  double queue_seconds = 0.5;
  // A replica that went less than this ago counts as scaled away if its capacity is missed. Chosen: longer than any
  // drain of the lab's policy.
  Duration scaled_away_for = 60s;
};

struct FrontEndCounts {
  std::uint64_t arrived = 0, served = 0, overloaded = 0, failed = 0;  // arrived is the sum of the others
};

// Safe from several threads.
class FrontEnd {
 public:
  FrontEnd(std::string site, const Clock& clock, FrontEndOptions options = {});

  // `ready`: replicas that take new work. `terminating`: those asked to stop that still serve until their grace ends.
  void SetReplicas(int ready, int terminating);

  // One request arrives now.
  Service Arrive();

  // What a health check of the virtual service is answered: at least one replica is ready.
  bool Healthy() const;

  const std::string& site() const { return site_; }
  FrontEndCounts Totals() const;
  // Requests a second over the last `window`, at most Meter::kSpan.
  double ArrivingPerSecond(Duration window) const;
  double ServedPerSecond(Duration window) const;
  double OverloadedPerSecond(Duration window) const;
  double FailedPerSecond(Duration window) const;

 private:
  // Refills at `replicas` times the capacity of one; holds at most queue_seconds of it, and at least one token.
  struct Bucket {
    int replicas = 0;
    double tokens = 0;
    Instant filled{};
  };
  struct Past {
    Instant until;
    int replicas;
  };
  void Fill(Bucket& bucket, Instant now) const;
  void Resize(Bucket& bucket, int replicas, Instant now) const;
  int MostLately(Instant now);

  const std::string site_;
  const Clock& clock_;
  const FrontEndOptions options_;
  mutable std::mutex mutex_;
  int ready_ = 0;
  Bucket present_;         // what the replicas that are there can serve
  Bucket lately_;          // what they could, had none been taken lately
  std::deque<Past> past_;  // replica counts higher than the present one, with the time until which they held
  Meter arrived_, served_, overloaded_, failed_;
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_FRONT_END_H_
