// Which members of a pool are answered next: smooth weighted round robin.
#ifndef SPILLWAY_TOOLS_LAB_DNS_ROTATION_H_
#define SPILLWAY_TOOLS_LAB_DNS_ROTATION_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "src/base/rng.h"

namespace spillway::lab {

// One who may be picked.
struct Candidate {
  std::string key;  // stable; unique within a pool
  int ratio = 1;    // 1..20
};

// One DNS service's state. How Avi picks is not documented; the smooth form (nginx's: everybody gains his ratio, the
// richest is picked and pays the sum) gives exact shares over each round and never bursts. Each DNS service has a
// state of its own, so several do not walk in step; the seed draws where each starts. Not safe from several threads.
class Rotation {
 public:
  explicit Rotation(std::uint64_t seed) : rng_(seed) {}

  // The first `count` picks of pool `pool`, best first, as indexes into `candidates`; 0 means all of them. Only the
  // first pick moves the rotation. A pool whose candidates or ratios changed starts afresh.
  std::vector<std::size_t> Pick(const std::string& pool, const std::vector<Candidate>& candidates, std::size_t count);

 private:
  struct State {
    std::string signature;
    std::vector<int> credit;
  };
  void Begin(State& state, const std::vector<Candidate>& candidates, const std::string& signature);

  Rng rng_;
  std::map<std::string, State> pools_;
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_DNS_ROTATION_H_
