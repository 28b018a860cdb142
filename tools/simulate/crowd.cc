#include "tools/simulate/crowd.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace spillway::sim {

Crowd::Crowd(const CrowdOptions& options, std::size_t sites, std::uint64_t seed)
    : options_(options), rng_(seed), cached_(sites), connected_(sites), shares_(sites) {
  double sum = 0;
  for (std::size_t i = 0; i < options.resolvers; ++i) {
    Resolver resolver;
    resolver.weight = 1 / std::pow(static_cast<double>(i + 1), options.skew);
    resolver.overstays = rng_.Chance(options.overstayers);
    sum += resolver.weight;
    resolvers_.push_back(resolver);
  }
  for (Resolver& resolver : resolvers_) resolver.weight /= sum;
}

int Crowd::Draw(const Choices& choices, Rng& rng) {
  int sum = 0;
  for (const Choice& choice : choices) sum += choice.ratio;
  if (sum == 0) return -1;
  int at = static_cast<int>(rng.Below(static_cast<std::uint64_t>(sum)));
  for (const Choice& choice : choices) {
    at -= choice.ratio;
    if (at < 0) return static_cast<int>(choice.site);
  }
  return -1;
}

void Crowd::Move(Instant now, Duration ttl, const std::vector<Choices>& servers) {
  const bool first = at_ == Instant{};
  const double passed = first ? 0 : Seconds(now - at_);
  at_ = now;
  std::fill(cached_.begin(), cached_.end(), 0);
  for (std::size_t i = 0; i < resolvers_.size(); ++i) {
    Resolver& resolver = resolvers_[i];
    if (now >= resolver.expires) {
      resolver.site = Draw(servers[i % servers.size()], rng_);
      // Nothing is remembered for a second only; the first answers were given some time ago.
      Duration keep = resolver.site < 0    ? Duration{1s}
                      : resolver.overstays ? ttl * static_cast<int>(options_.overstay_factor)
                                           : ttl;
      if (first) keep = FromSeconds(Seconds(keep) * rng_.Fraction());
      resolver.expires = now + keep;
    }
    if (resolver.site >= 0) cached_[static_cast<std::size_t>(resolver.site)] += resolver.weight;
  }
  const double follow = first ? 1 : 1 - std::exp(-passed / Seconds(options_.connection));
  Refill();
  for (std::size_t site = 0; site < shares_.size(); ++site) {
    connected_[site] += (cached_[site] - connected_[site]) * follow;
    if (connected_[site] < 1e-6) connected_[site] = 0;
    const double asked = (1 - options_.sticky) * cached_[site] + options_.sticky * connected_[site];
    shares_[site] = (1 - options_.pinned) * asked + (site == 0 ? options_.pinned : 0);
  }
}

// Connections that ended for want of an address are opened anew as soon as there is one.
void Crowd::Refill() {
  const double can = std::accumulate(cached_.begin(), cached_.end(), 0.0);
  const double have = std::accumulate(connected_.begin(), connected_.end(), 0.0);
  for (std::size_t site = 0; site < cached_.size(); ++site) {
    if (can > have) connected_[site] += (can - have) * cached_[site] / can;
  }
}

// They come again and ask the DNS first.
void Crowd::Cut(std::size_t site) {
  const double lost = connected_[site];
  connected_[site] = 0;
  for (std::size_t other = 0; other < cached_.size(); ++other) {
    if (other != site) connected_[other] += lost * cached_[other];
  }
}

}  // namespace spillway::sim
