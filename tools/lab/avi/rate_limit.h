// The portal's limit on requests from one address.
#ifndef SPILLWAY_TOOLS_LAB_AVI_RATE_LIMIT_H_
#define SPILLWAY_TOOLS_LAB_AVI_RATE_LIMIT_H_

#include <map>
#include <optional>
#include <string>

#include "src/base/time.h"

namespace spillway::lab::avi {

// Source: about 32 requests a second from one client address by default, what is beyond is delayed, then 429
// (Broadcom knowledge base 372209).
inline constexpr double kRequestsPerSecond = 32;
// Chosen: the burst is not documented; this is one second and a half of delay at most.
inline constexpr double kBurst = 48;

class RateLimit {
 public:
  // How long the answer has to wait; nullopt: too many.
  std::optional<Duration> Admit(const std::string& peer, Instant now);

 private:
  struct Bucket {
    double waiting = 0;  // requests that were let in and are not yet paid for by time
    Instant as_of{};
  };
  std::map<std::string, Bucket> buckets_;
};

}  // namespace spillway::lab::avi

#endif  // SPILLWAY_TOOLS_LAB_AVI_RATE_LIMIT_H_
