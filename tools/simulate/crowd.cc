#include "tools/simulate/crowd.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace spillway::sim {
namespace {

constexpr double kWhole = static_cast<double>(std::int64_t{1} << 50U);

std::int64_t SecondOf(Instant at) {
  return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
}

}  // namespace

Crowd::Crowd(const CrowdOptions& options, std::size_t sites, std::uint64_t seed)
    : options_(options),
      rng_(seed),
      expiring_(1),
      handed_out_(sites),
      cached_(sites),
      connected_(sites),
      shares_(sites) {
  std::vector<double> weights;
  for (std::size_t i = 0; i < options.resolvers; ++i) {
    weights.push_back(1 / std::pow(static_cast<double>(i + 1), options.skew));
    Resolver resolver;
    resolver.overstays = rng_.Chance(options.overstayers);
    resolvers_.push_back(resolver);
  }
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (std::size_t i = 0; i < weights.size(); ++i) resolvers_[i].weight = std::llround(weights[i] / sum * kWhole);
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

// A resolver asks its name server and keeps the answer.
void Crowd::Ask(std::uint32_t index, Instant now, Duration ttl, const Choices& answers, bool first) {
  Resolver& resolver = resolvers_[index];
  if (resolver.site >= 0) handed_out_[static_cast<std::size_t>(resolver.site)] -= resolver.weight;
  resolver.site = Draw(answers, rng_);
  if (resolver.site >= 0) handed_out_[static_cast<std::size_t>(resolver.site)] += resolver.weight;
  // Nothing is remembered for a second only; the first answers were given some time ago.
  Duration keep = resolver.site < 0    ? Duration{1s}
                  : resolver.overstays ? ttl * static_cast<int>(options_.overstay_factor)
                                       : ttl;
  if (first) keep = FromSeconds(Seconds(keep) * rng_.Fraction());
  const std::int64_t expires = std::max(SecondOf(now + keep + 1s - Duration{1}), SecondOf(now) + 1);
  expiring_[static_cast<std::size_t>(expires) % expiring_.size()].push_back(index);
}

void Crowd::ExpireBy(Instant now, Duration ttl, const std::vector<Choices>& servers) {
  std::vector<std::uint32_t> due;
  const std::int64_t end = SecondOf(now);
  // Longer than the ring nothing is kept: once around is enough.
  second_ = std::max(second_, end - static_cast<std::int64_t>(expiring_.size()));
  while (second_ < end) {
    ++second_;
    std::vector<std::uint32_t>& slot = expiring_[static_cast<std::size_t>(second_) % expiring_.size()];
    due.insert(due.end(), slot.begin(), slot.end());
    slot.clear();
  }
  for (const std::uint32_t index : due) Ask(index, now, ttl, servers[index % servers.size()], false);
}

void Crowd::Move(Instant now, Duration ttl, const std::vector<Choices>& servers) {
  const bool first = at_ == Instant{};
  const double passed = first ? 0 : Seconds(now - at_);
  at_ = now;
  if (first) {
    const double longest = Seconds(ttl) * std::max(1.0, options_.overstay_factor);
    expiring_.resize(static_cast<std::size_t>(longest) + 3);
    second_ = SecondOf(now);
    for (std::uint32_t i = 0; i < resolvers_.size(); ++i) Ask(i, now, ttl, servers[i % servers.size()], true);
  } else {
    ExpireBy(now, ttl, servers);
  }
  for (std::size_t site = 0; site < cached_.size(); ++site) {
    cached_[site] = static_cast<double>(handed_out_[site]) / kWhole;
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
