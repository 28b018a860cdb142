#include "tools/simulate/seeds.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <mutex>
#include <thread>

#include "tools/simulate/report.h"
#include "tools/simulate/shrink.h"
#include "tools/simulate/sources.h"

namespace spillway::sim {
namespace {

// One thread's view of the work that is shared.
class Players {
 public:
  explicit Players(const SeedsOptions& options) : options_(options), next_(options.first) {}

  void Play() {
    while (!stopped_) {
      const std::uint64_t seed = next_++;
      if (seed > options_.last) return;
      Scenario scenario = DrawScenario(seed, options_.span);
      if (options_.sources) DrawSources(scenario);
      SetSources(options_.home, options_.usage, scenario);
      RunOptions run;
      run.keep_journal = options_.journals;
      const Outcomes outcomes = sim::Play(scenario, run);
      const std::string failure = outcomes.violation ? Failure(scenario, *outcomes.violation) : "";
      Count(scenario, outcomes, failure);
    }
  }

  SeedsTally Take() { return std::move(tally_); }

 private:
  std::string Failure(const Scenario& scenario, const Violation& violation) const {
    const Scenario shortest = options_.shrink ? Shrink(scenario, {}, violation.invariant) : scenario;
    const std::string seed = std::to_string(scenario.seed);
    const std::string replay = "tools/sim --seeds " + seed + ".." + seed + " --hours " + options_.hours_text +
                               (options_.sources ? " --sources" : "") +
                               (options_.home.empty() ? "" : " --home " + options_.home) +
                               (options_.usage.empty() ? "" : " --usage " + options_.usage);
    return FailureText(shortest, violation, options_.commit, replay);
  }

  void Count(const Scenario& scenario, const Outcomes& outcomes, const std::string& failure) {
    const std::lock_guard lock(mutex_);
    ++tally_.seeds;
    tally_.decisions += outcomes.decisions;
    tally_.simulated_hours += Seconds(outcomes.played) / 3600;
    for (const SeenWrite& write : outcomes.writes) ++(write.gslb ? tally_.gslb_writes : tally_.replica_writes);
    tally_.arrived += outcomes.books.arrived;
    tally_.failed += outcomes.books.failed();
    tally_.turned_away += outcomes.books.turned_away();
    tally_.faults += scenario.faults.size();
    for (const FaultEvent& fault : scenario.faults) ++tally_.faults_by_kind[std::string(Name(fault.kind))];
    if (outcomes.violation) {
      tally_.broken[outcomes.violation->invariant].push_back(scenario.seed);
      stopped_ = stopped_ || !options_.keep_going;
      if (options_.broke) options_.broke(failure);
    }
    if (options_.played) options_.played(scenario, outcomes);
  }

  const SeedsOptions& options_;
  std::atomic<std::uint64_t> next_;
  std::atomic<bool> stopped_ = false;
  std::mutex mutex_;
  SeedsTally tally_;
};

template <class... Values>
std::string Row(const char* format, Values... values) {
  std::array<char, 256> text{};
  std::snprintf(text.data(), text.size(), format, values...);  // NOLINT: the formats stand below
  return text.data();
}

}  // namespace

std::uint64_t SeedsTally::broken_seeds() const {
  std::uint64_t sum = 0;
  for (const auto& [invariant, seeds_of] : broken) sum += seeds_of.size();
  return sum;
}

SeedsTally PlaySeeds(const SeedsOptions& options) {
  Players players(options);
  std::vector<std::thread> threads;
  for (int i = 1; i < options.jobs; ++i) threads.emplace_back([&players] { players.Play(); });
  players.Play();
  for (std::thread& thread : threads) thread.join();
  return players.Take();
}

std::string TallyText(const SeedsTally& tally, double seconds) {
  const auto count = [](std::uint64_t n) { return static_cast<double>(n); };
  const auto percent = [&](double part) { return tally.arrived > 0 ? 100 * part / tally.arrived : 0; };
  std::string text;
  text += Row("seeds               %12.0f\n", count(tally.seeds));
  text += Row("simulated           %12.0f h in %.0f s, %.0f times as fast as the world\n", tally.simulated_hours,
              seconds, seconds > 0 ? tally.simulated_hours * 3600 / seconds : 0);
  text += Row("faults              %12.0f of %zu kinds\n", count(tally.faults), tally.faults_by_kind.size());
  text += Row("decisions           %12.0f\n", count(tally.decisions));
  text += Row("writes              %12.0f of replicas, %.0f of the GSLB service\n", count(tally.replica_writes),
              count(tally.gslb_writes));
  text += Row("work that failed    %12.4f %% (faults included)\n", percent(tally.failed));
  text +=
      Row("work turned away    %12.4f %% (demand beyond everybody's maximum included)\n", percent(tally.turned_away));
  text += Row("seeds that broke an invariant %2.0f\n", count(tally.broken_seeds()));
  for (const auto& [invariant, seeds] : tally.broken) {
    text += Row("  invariant %-2d      %12zu:", invariant, seeds.size());
    std::vector<std::uint64_t> sorted = seeds;
    std::sort(sorted.begin(), sorted.end());
    for (const std::uint64_t seed : sorted) text += " " + std::to_string(seed);
    text += "\n";
  }
  return text;
}

}  // namespace spillway::sim
