// What one decision costs, as the number of overflow sites grows.
#include <benchmark/benchmark.h>

#include <string>

#include "tests/core/model.h"

namespace spillway {
namespace {

// A burst in its middle: every overflow site has three ready replicas and is served.
void BM_Decide(benchmark::State& state) {
  const Instant now{std::chrono::hours{2}};
  Policy policy = SmallPolicy();
  Observation seen = QuietObservation(now, 4, 3);
  policy.overflow.clear();
  seen.sites.erase("eu");
  auto& members = seen.traffic.seen->value.members;
  members.erase("eu");
  for (int i = 0; i < state.range(0); ++i) {
    const std::string site = "cloud-" + std::to_string(i);
    policy.overflow.push_back({.site = site, .replicas_max = 3});
    seen.sites[site].workload.seen = {WorkloadState{3, 3, 3, "1"}, now};
    members[site] = {{Place::kServed, 3, 0}, Health::kUp, Health::kUp, Health::kUp, 60.0, 10.0};
  }
  members["us"] = {{Place::kServed, 4, 0}, Health::kUp, Health::kUp, Health::kUp, 80.0, 10.0};
  Memory memory = Decide(policy, seen, {}, {}, now).memory;
  for (auto _ : state) benchmark::DoNotOptimize(Decide(policy, seen, {}, memory, now));
}
BENCHMARK(BM_Decide)->Arg(1)->Arg(2)->Arg(8);

}  // namespace
}  // namespace spillway

BENCHMARK_MAIN();
