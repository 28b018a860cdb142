// One scenario from its beginning to its end.
#ifndef SPILLWAY_TOOLS_SIMULATE_RUN_H_
#define SPILLWAY_TOOLS_SIMULATE_RUN_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "src/daemon/app.h"
#include "tools/simulate/checks.h"
#include "tools/simulate/defect.h"
#include "tools/simulate/scenario.h"
#include "tools/simulate/world.h"

namespace spillway::sim {

// Pods start and probes pass before the daemon does; a scenario's demand runs all the while.
inline constexpr Duration kWarmUp = 3min;

struct DrainSpan {
  std::string site;
  Duration began{}, took{};
};

struct SiteSample {
  double load = 0;  // arriving, in replicas of home
  int ready = 0, ordered = 0;
  double intended = 0, written = 0, measured = 0;  // share of the traffic: decided, published by Avi's leader, real
};

// One moment of the picture.
struct Sample {
  Duration at{};
  double demand = 0;
  double overload = 0;  // in replicas, on average since the sample before
  std::vector<SiteSample> sites;
};

struct Outcomes {
  std::optional<Violation> violation;
  Books books;  // since the daemon's first look
  std::vector<SeenWrite> writes;
  std::vector<DrainSpan> drains;
  std::vector<Sample> samples;
  std::uint64_t decisions = 0;
  Duration played{};                 // from the daemon's first look to the end
  double cost = 0;                   // of overflow, in the policy's currency
  std::vector<std::string> journal;  // if it was to be kept
  std::string waits_for;             // of the last decision: conditions and reasons
  std::uint64_t print = 0;           // equal for equal courses
};

struct RunOptions {
  Defect defect = Defect::kNone;
  bool must_rest = true;  // invariants 8, 10 and 11 at the end, if the scenario has time to settle
  bool keep_journal = false;
  Duration sample_every{};                    // zero: no samples
  std::function<void(Duration at)> progress;  // at each hundredth of the span
  // Operators: asked every ten seconds of the span with the application of whoever leads; the orders they answer stand
  // from then on, and none at the end of the span. In a world without faults orders excuse nothing.
  std::function<std::optional<Override>(daemon::App& leader, Instant now)> operators;
  // Decides in Spillway's stead, and may know the truth; it writes through the same clients. What the invariants
  // promise is not asked of it.
  std::function<std::function<decltype(Decide)>(const World&)> rival;
};

Outcomes Play(const Scenario& scenario, const RunOptions& options = {});

}  // namespace spillway::sim

#endif  // SPILLWAY_TOOLS_SIMULATE_RUN_H_
