// tools/bench control: the comparison of controllers.
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "src/base/file.h"
#include "src/base/log.h"
#include "tools/simulate/comparison.h"
#include "tools/simulate/flags.h"

namespace spillway::sim {
namespace {

constexpr char kUsage[] = R"(usage: tools/bench control [--json] [--only TRACE] [--trace FILE] [--seed N] [--even]
  Plays load curves through the old loop, Spillway in each mode, and oracles, in one simulated world.
  --only TRACE: one of the curves by name; --trace FILE: your own instead, lines "seconds,demand".
  --seed N (1): of the crowd and of the noisy curve; --even: 2,000 equal resolvers, so shares hardly scatter.
)";

int Wrong(const std::string& sentence) {
  std::fprintf(stderr, "control: %s\n%s", sentence.c_str(), kUsage);
  return kUsageError;
}

Result<std::vector<Trace>> TracesOf(const Flags& flags, std::uint64_t seed) {
  if (flags.Has("--trace")) {
    const std::string file = flags.Text("--trace");
    const auto text = ReadFile(file);
    if (!text) return text.error();
    auto curve = DemandCurve::ParseCsv(*text, file);
    if (!curve) return curve.error();
    const Duration span = curve->points().back().at;
    if (span < 1min) return Error{Code::kRejected, file + ": lasts less than a minute"};
    return std::vector<Trace>{{"trace", file, std::move(*curve), span}};
  }
  std::vector<Trace> traces = Traces(seed);
  if (!flags.Has("--only")) return traces;
  std::string names;
  for (const Trace& trace : traces) {
    if (trace.name == flags.Text("--only")) return std::vector<Trace>{trace};
    names += " " + trace.name;
  }
  return Error{Code::kRejected, "--only " + flags.Text("--only") + ": there are" + names};
}

int Main(int argc, char** argv) {
  // The old loop and the oracles break what the daemon's own check holds, thousands of times.
  SetUpLog(LogLevel::kNothing, LogFormat::kText);
  const auto flags =
      Flags::Parse({argv + 1, argv + argc}, {"--json", "--even", "--quiet", "--help"}, {"--only", "--trace", "--seed"});
  if (!flags) return Wrong(flags.error().what);
  if (flags->Has("--help")) {
    std::fputs(kUsage, stdout);
    return kDone;
  }
  const auto seed = flags->Number("--seed", 1, 0, 1e15);
  if (!seed) return Wrong(seed.error().what);
  Scenario world = BaseScenario(1);
  world.seed = static_cast<std::uint64_t>(*seed);
  if (flags->Has("--even")) {
    world.crowd.resolvers = 2000;
    world.crowd.skew = 0;
  }
  const auto traces = TracesOf(*flags, world.seed);
  if (!traces) return Wrong(traces.error().what);
  std::vector<Score> scores;
  for (const Trace& trace : *traces) {
    for (const Contender& contender : Contenders()) {
      if (!flags->Has("--quiet")) std::fprintf(stderr, "\r%s, %s%40s", trace.name.c_str(), contender.name.c_str(), "");
      scores.push_back(Run(world, trace, contender));
    }
  }
  if (!flags->Has("--quiet")) std::fprintf(stderr, "\r%79s\r", "");
  if (flags->Has("--json")) {
    std::puts(ComparisonJson(scores, world.seed).c_str());
    return kDone;
  }
  std::printf("seed %llu, home at most %d, TTL %.0f s, pods ready in %.0f s, %zu resolvers\n",
              static_cast<unsigned long long>(world.seed), world.home_max, Seconds(world.ttl),
              Seconds(world.pods.to_running + world.pods.to_ready), world.crowd.resolvers);
  for (const Trace& trace : *traces) std::printf("  %-10s %s\n", trace.name.c_str(), trace.what.c_str());
  std::fputs(ComparisonText(scores).c_str(), stdout);
  return kDone;
}

}  // namespace
}  // namespace spillway::sim

int main(int argc, char** argv) { return spillway::sim::Main(argc, argv); }
