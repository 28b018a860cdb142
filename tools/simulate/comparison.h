// The same load curves through several controllers, and what came of it.
#ifndef SPILLWAY_TOOLS_SIMULATE_COMPARISON_H_
#define SPILLWAY_TOOLS_SIMULATE_COMPARISON_H_

#include <functional>
#include <string>
#include <vector>

#include "tools/simulate/run.h"
#include "tools/simulate/traces.h"

namespace spillway::sim {

struct Contender {
  std::string name;
  Mode mode = Mode::kWeighted;
  std::function<std::function<decltype(Decide)>(const World&)> rival;  // empty: Spillway
  std::string measured_by;                                             // the oracle of its mode; empty: by none
  Duration scales_every{};  // how often it writes the replicas of each cloud, changed or not; zero: only changes
};

// The old loop, the same with a drain, Spillway in each mode, and oracles.
std::vector<Contender> Contenders();
inline constexpr char kOldLoop[] = "old loop";

// One controller on one curve. Work and overload are in replicas of home times seconds.
struct Score {
  std::string trace, contender, measured_by;
  double work = 0;      // all that arrived
  double overload = 0;  // beyond what the replicas there are meant to carry, down to none
  double overload_seconds = 0;
  double failed = 0;  // met no replica, or found no address
  double turned_away = 0;
  double hours_home = 0, hours_overflow = 0;  // replica-hours
  int scale_writes = 0, scale_changes = 0;    // of them those that found another count
  int gslb_writes = 0;
  double hours() const { return hours_home + hours_overflow; }
};

// `world` gives all but application's mode, demand and span.
Score Run(const Scenario& world, const Trace& trace, const Contender& contender);

// The score of a controller on the same curve; nullptr if there is none.
const Score* Find(const std::vector<Score>& scores, const std::string& trace, const std::string& contender);

// What is claimed of `score`, a Spillway's, against the old loop and the oracle on the same curve, and does not hold;
// a sentence each.
std::vector<std::string> AgainstOldLoop(const Score& score, const Score& old);
std::vector<std::string> AgainstOracle(const Score& score, const Score& oracle);

// The table, and which claims don't hold.
std::string ComparisonText(const std::vector<Score>& scores);
std::string ComparisonJson(const std::vector<Score>& scores, std::uint64_t seed);

}  // namespace spillway::sim

#endif  // SPILLWAY_TOOLS_SIMULATE_COMPARISON_H_
