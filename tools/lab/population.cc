#include "tools/lab/population.h"

#include <algorithm>
#include <cmath>

namespace spillway::lab {

Population::Population(const PopulationOptions& options, std::uint64_t seed)
    : options_(options),
      rng_(seed),
      overstays_(options.resolvers),
      caches_(options.resolvers),
      connections_(options.resolvers * options.clients_per_resolver) {
  double sum = 0;
  for (std::size_t rank = 1; rank <= options.resolvers; ++rank) {
    sum += std::pow(static_cast<double>(rank), -options.skew);
    popularity_.push_back(sum);
  }
  for (double& upper : popularity_) upper /= sum;
  for (std::size_t resolver = 0; resolver < options.resolvers; ++resolver) {
    overstays_[resolver] = rng_.Chance(options.overstayers);
  }
}

Population::Client Population::Next() {
  const std::scoped_lock lock(mutex_);
  const double at = rng_.Fraction();
  const auto found = std::upper_bound(popularity_.begin(), popularity_.end(), at);
  Client client;
  client.resolver = std::min(static_cast<std::size_t>(found - popularity_.begin()), popularity_.size() - 1);
  client.id = client.resolver * options_.clients_per_resolver + rng_.Below(options_.clients_per_resolver);
  return client;
}

std::optional<std::string> Population::Connection(const Client& client, Instant now) const {
  const std::scoped_lock lock(mutex_);
  const Kept& kept = connections_.at(client.id);
  if (kept.address.empty() || kept.until <= now) return std::nullopt;
  return kept.address;
}

void Population::Connect(const Client& client, const std::string& address, Instant now) {
  const std::scoped_lock lock(mutex_);
  connections_.at(client.id) = {address, now + options_.keep_alive};
}

void Population::Disconnect(const Client& client) {
  const std::scoped_lock lock(mutex_);
  connections_.at(client.id) = {};
}

std::optional<std::string> Population::Cached(std::size_t resolver, Instant now) const {
  const std::scoped_lock lock(mutex_);
  const Kept& kept = caches_.at(resolver);
  if (kept.until <= now) return std::nullopt;
  return kept.address;
}

void Population::Learn(std::size_t resolver, const std::string& address, Duration ttl, Instant now) {
  const std::scoped_lock lock(mutex_);
  if (address.empty()) {
    ttl = std::max(ttl, options_.negative_ttl_min);
  } else if (overstays_.at(resolver)) {
    ttl = FromSeconds(Seconds(ttl) * options_.overstay_factor);
  }
  caches_.at(resolver) = {address, now + ttl};
}

double Population::EffectiveResolvers() const {
  double squares = 0;
  double below = 0;
  for (const double upper : popularity_) {
    squares += (upper - below) * (upper - below);
    below = upper;
  }
  return 1 / squares;
}

}  // namespace spillway::lab
