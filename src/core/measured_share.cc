#include "src/core/measured_share.h"

#include <algorithm>

namespace spillway {

std::optional<double> MeasuredHomeShare(const TrafficState& traffic, const SiteName& home) {
  const auto at = traffic.members.find(home);
  if (at == traffic.members.end() || !at->second.requests_per_second) return std::nullopt;
  double all = 0;
  for (const auto& [site, member] : traffic.members) {
    if (!member.requests_per_second && member.placement.place == Place::kServed) return std::nullopt;
    all += member.requests_per_second.value_or(0);
  }
  if (all <= 0) return std::nullopt;
  return *at->second.requests_per_second / all;
}

std::optional<MeasuredOver> FollowShare(std::vector<ShareSample>& samples, std::optional<double> measured, Instant now,
                                        Duration over) {
  if (!measured) {
    samples.clear();
    return std::nullopt;
  }
  if (samples.empty() || samples.back().share != *measured) samples.push_back({now, *measured});
  const Instant start = now - over;
  while (samples.size() > 1 && samples[1].at <= start) samples.erase(samples.begin());
  MeasuredOver sum{0, *measured};
  double weights = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Instant until = i + 1 < samples.size() ? samples[i + 1].at : now;
    const double weight = Seconds(until - std::max(samples[i].at, start));
    sum.mean += weight * samples[i].share;
    weights += weight;
    sum.greatest = std::max(sum.greatest, samples[i].share);
  }
  sum.mean = weights > 0 ? sum.mean / weights : *measured;
  return sum;
}

}  // namespace spillway
