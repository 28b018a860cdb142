#include "src/daemon/rate_limit.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace spillway::daemon {

Duration RateLimit::Take(const std::string& key, Instant now) {
  const std::lock_guard lock(mutex_);
  if (buckets_.size() >= kKeysMost && !buckets_.contains(key)) ForgetFullLocked(now);
  const bool crowded = buckets_.size() >= kKeysMost && !buckets_.contains(key);
  Bucket& bucket = buckets_.try_emplace(crowded ? std::string() : key, Bucket{burst_, now}).first->second;
  bucket.level = std::min(burst_, bucket.level + Seconds(now - bucket.at) * per_second_);
  bucket.at = now;
  if (bucket.level >= 1) {
    bucket.level -= 1;
    return Duration{0};
  }
  return std::chrono::ceil<Duration>(std::chrono::duration<double>((1 - bucket.level) / per_second_));
}

void RateLimit::ForgetFullLocked(Instant now) {
  std::erase_if(buckets_, [&](const auto& entry) {
    return entry.second.level + Seconds(now - entry.second.at) * per_second_ >= burst_;
  });
}

Duration GuessLock::Locked(const std::string& peer, Instant now) const {
  const std::lock_guard lock(mutex_);
  const auto found = locks_.find(peer);
  return found == locks_.end() || found->second.until <= now ? Duration{0} : found->second.until - now;
}

bool GuessLock::Wrong(const std::string& peer, Instant now) {
  if (wrong_.Take(peer, now) == Duration{0}) return false;
  const std::lock_guard lock(mutex_);
  std::erase_if(locks_, [&](const auto& entry) { return entry.second.until + kForgiven < now; });
  // As in the buckets: what does not fit shares one.
  const bool crowded = locks_.size() >= RateLimit::kKeysMost && !locks_.contains(peer);
  const auto [found, first] = locks_.try_emplace(crowded ? std::string() : peer, Lock{now, kFirst});
  Lock& of = found->second;
  if (!first) of.lasts = std::min(kLongest, of.lasts * 2);
  of.until = now + of.lasts;
  return true;
}

std::string ClientKey(const std::string& ip) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  if (::inet_pton(AF_INET6, ip.c_str(), bytes.data()) != 1) return ip;
  // An IPv4 address in IPv6 clothes is that IPv4 address.
  if (IN6_IS_ADDR_V4MAPPED(reinterpret_cast<const in6_addr*>(bytes.data()))) return ip.substr(ip.rfind(':') + 1);
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
  return std::string(text.data()) + "/64";
}

}  // namespace spillway::daemon
