// Who asks: resolvers with caches, and clients behind them. No sockets, so that a simulator can use it too.
#ifndef SPILLWAY_TOOLS_LAB_POPULATION_H_
#define SPILLWAY_TOOLS_LAB_POPULATION_H_

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "src/base/rng.h"
#include "src/base/time.h"

namespace spillway::lab {

// Weighted answers are drawn by resolvers, not by requests: for share p and resolver loads w the share realised within
// one TTL scatters by sqrt(p(1-p)/N) with N = (sum w)^2 / sum w^2. Chosen: 200 resolvers of mild skew, so that N is
// about 175 and a share averaged over two TTLs is within 5 points of the published one. The Internet is worse:
// Zipf(1), and 8.7 % of resolvers stretch TTLs (a 2023 study of 8,524 of them).
struct PopulationOptions {
  std::size_t resolvers = 200;
  double skew = 0.3;           // Zipf exponent of their popularity; 0: all alike
  double overstayers = 0.04;   // of the resolvers keep answers for longer than they may
  double overstay_factor = 4;  // times the TTL
  std::size_t clients_per_resolver = 2;
  Duration keep_alive = 2s;        // how long a client uses one connection before it asks the DNS again
  Duration negative_ttl_min = 1s;  // even where the answer allows less
};

// Safe from several threads.
class Population {
 public:
  Population(const PopulationOptions& options, std::uint64_t seed);

  struct Client {
    std::size_t id = 0;
    std::size_t resolver = 0;
  };
  // Whose turn it is, by popularity of the resolvers.
  Client Next();

  // Where the client's open connection leads; nullopt: it has none (any more).
  std::optional<std::string> Connection(const Client& client, Instant now) const;
  void Connect(const Client& client, const std::string& address, Instant now);
  void Disconnect(const Client& client);

  // What the resolver still remembers. An empty text: it remembers that there is no answer. nullopt: it must ask.
  std::optional<std::string> Cached(std::size_t resolver, Instant now) const;
  // The first address of an answer; empty: there was none.
  void Learn(std::size_t resolver, const std::string& address, Duration ttl, Instant now);

  // How many resolvers of equal load would scatter as much: N above.
  double EffectiveResolvers() const;
  std::size_t resolvers() const { return caches_.size(); }

 private:
  struct Kept {
    std::string address;
    Instant until{};
  };
  const PopulationOptions options_;
  mutable std::mutex mutex_;
  Rng rng_;
  std::vector<double> popularity_;  // cumulative; the last is 1
  std::vector<bool> overstays_;
  std::vector<Kept> caches_;       // by resolver
  std::vector<Kept> connections_;  // by client
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_POPULATION_H_
