// Many seeds against the invariants, on several threads, and what they came to together.
#ifndef SPILLWAY_TOOLS_SIMULATE_SEEDS_H_
#define SPILLWAY_TOOLS_SIMULATE_SEEDS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tools/simulate/run.h"
#include "tools/simulate/scenario.h"

namespace spillway::sim {

struct SeedsOptions {
  std::uint64_t first = 1, last = 20;
  Duration span = 2h;       // each, with faults; then it settles
  int jobs = 1;             // threads
  bool sources = false;     // how the demand is told is drawn too (tools/simulate/sources.h)
  std::string home, usage;  // how it is told, as SetSources takes it; empty: as drawn
  bool keep_going = false;  // false: no seed is begun after one that broke something
  bool shrink = true;       // a failure is told by its shortest story, which takes many plays
  bool journals = false;    // Outcomes::journal is kept
  std::string commit = "unknown";
  std::string hours_text = "2";  // as in the command that plays one seed again
  // Called one at a time, in the order in which seeds come to their end.
  std::function<void(const Scenario&, const Outcomes&)> played;
  std::function<void(const std::string& failure)> broke;  // the text of a failure, with its shortest story
};

struct SeedsTally {
  std::uint64_t seeds = 0, decisions = 0, replica_writes = 0, gslb_writes = 0, faults = 0;
  double simulated_hours = 0;
  double arrived = 0, failed = 0, turned_away = 0;      // work, in replicas of home times seconds
  std::map<int, std::vector<std::uint64_t>> broken;     // seeds by invariant
  std::map<std::string, std::uint64_t> faults_by_kind;  // how often each happened
  std::uint64_t broken_seeds() const;
};

SeedsTally PlaySeeds(const SeedsOptions& options);

// As a table. `seconds`: what it took.
std::string TallyText(const SeedsTally& tally, double seconds);

}  // namespace spillway::sim

#endif  // SPILLWAY_TOOLS_SIMULATE_SEEDS_H_
