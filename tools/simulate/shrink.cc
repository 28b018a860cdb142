#include "tools/simulate/shrink.h"

#include <algorithm>

namespace spillway::sim {

Scenario Shrink(const Scenario& failing, const RunOptions& options, int invariant, int runs) {
  const auto breaks = [&](const Scenario& scenario) {
    --runs;
    const Outcomes outcomes = Play(scenario, options);
    return outcomes.violation && outcomes.violation->invariant == invariant;
  };
  Scenario best = failing;
  // Halves, quarters, ..., single ones: whatever can be left out is.
  for (std::size_t piece = std::max<std::size_t>(1, best.faults.size() / 2); runs > 0;) {
    bool shorter = false;
    for (std::size_t from = 0; from < best.faults.size() && runs > 0;) {
      Scenario candidate = best;
      const auto begin = candidate.faults.begin() + static_cast<std::ptrdiff_t>(from);
      const std::size_t count = std::min(piece, candidate.faults.size() - from);
      candidate.faults.erase(begin, begin + static_cast<std::ptrdiff_t>(count));
      if (breaks(candidate)) {
        best = std::move(candidate);
        shorter = true;
      } else {
        from += count;
      }
    }
    if (piece == 1 && !shorter) break;
    piece = std::max<std::size_t>(1, piece / 2);
  }
  return best;
}

}  // namespace spillway::sim
