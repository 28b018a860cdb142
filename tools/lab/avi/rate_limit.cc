#include "tools/lab/avi/rate_limit.h"

#include <algorithm>

namespace spillway::lab::avi {

std::optional<Duration> RateLimit::Admit(const std::string& peer, Instant now) {
  constexpr std::size_t kPeersMost = 10000;  // Chosen: a lab never has as many; forgetting all is harmless
  if (buckets_.size() > kPeersMost) buckets_.clear();
  Bucket& bucket = buckets_.try_emplace(peer, Bucket{0, now}).first->second;
  bucket.waiting = std::max(0.0, bucket.waiting - Seconds(now - bucket.as_of) * kRequestsPerSecond);
  bucket.as_of = now;
  if (bucket.waiting > kBurst) return std::nullopt;
  const Duration delay = FromSeconds(bucket.waiting / kRequestsPerSecond);
  bucket.waiting += 1;
  return delay;
}

}  // namespace spillway::lab::avi
