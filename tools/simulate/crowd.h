// Everybody who uses the application, as shares: resolvers with caches, clients pinned to an address, connections that
// outlive an answer. No single request is simulated.
#ifndef SPILLWAY_TOOLS_SIMULATE_CROWD_H_
#define SPILLWAY_TOOLS_SIMULATE_CROWD_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "src/base/rng.h"
#include "src/base/time.h"

namespace spillway::sim {

// Weighted answers are drawn by resolvers, not by requests: for share p and loads w the realised share scatters by
// sqrt(p(1-p)/N), N = (sum w)^2 / sum w^2.
// Source of the overstayers: a study of 2023 found that 8.7 % of 8,524 resolvers stretch TTLs.
struct CrowdOptions {
  std::size_t resolvers = 200;
  double skew = 1.0;            // Zipf exponent of their popularity; 0: all alike
  double overstayers = 0.087;   // of the resolvers keep answers for longer than they may
  double overstay_factor = 20;  // times the TTL
  double pinned = 0.05;         // of the clients know home's address by heart
  double sticky = 0.10;         // of the traffic runs over connections that end at random
  Duration connection = 2min;   // how long such a connection lives, on average
};

// What one name server answers now: sites by weight. Empty: nothing.
struct Choice {
  std::size_t site;
  int ratio;
};
using Choices = std::vector<Choice>;

class Crowd {
 public:
  Crowd(const CrowdOptions& options, std::size_t sites, std::uint64_t seed);

  // Moves on to `now`. `servers`: what each name server answers; a resolver has its favourite.
  void Move(Instant now, Duration ttl, const std::vector<Choices>& servers);
  // Connections to this site were cut.
  void Cut(std::size_t site);

  // Of all traffic, by site; what is missing to 1 found no address.
  const std::vector<double>& shares() const { return shares_; }

 private:
  // Weights are counted in fractions of 2^50, so that what is moved to and fro a million times adds up exactly.
  struct Resolver {
    std::int64_t weight = 0;
    bool overstays = false;
    int site = -1;  // of the cached answer; -1: none
  };
  void Ask(std::uint32_t resolver, Instant now, Duration ttl, const Choices& answers, bool first);
  void ExpireBy(Instant now, Duration ttl, const std::vector<Choices>& servers);
  void Refill();
  static int Draw(const Choices& choices, Rng& rng);

  const CrowdOptions options_;
  Rng rng_;
  std::vector<Resolver> resolvers_;
  // Whose answers expire, by the whole second at which they have: a ring, so that nobody looks at the others.
  std::vector<std::vector<std::uint32_t>> expiring_;
  std::int64_t second_ = 0;               // up to which all that expired was asked for anew
  std::vector<std::int64_t> handed_out_;  // by site, the weight of those who know it
  std::vector<double> cached_;            // the same as shares of all
  std::vector<double> connected_;         // by site, where long connections lead
  std::vector<double> shares_;
  Instant at_{};
};

}  // namespace spillway::sim

#endif  // SPILLWAY_TOOLS_SIMULATE_CROWD_H_
