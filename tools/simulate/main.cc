// tools/sim: many seeds against the invariants, or one what-if with a user's own policy and load.
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "src/base/file.h"
#include "src/base/log.h"
#include "src/daemon/config.h"
#include "tools/simulate/report.h"
#include "tools/simulate/run.h"
#include "tools/simulate/shrink.h"
#include "tools/simulate/sources.h"

namespace spillway::sim {
namespace {

constexpr char kUsage[] = R"(usage:
  tools/sim [--seeds A..B] [--hours H] [--keep-going]
      Draws a world, a policy, a demand and faults from each seed, runs the real daemon code in it for H hours (2), lets
      it settle, and checks the invariants all the while. Exit status 1: one was broken.
  tools/sim --policy FILE [--app NAME] [--trace FILE | --demand N] [--hours H] [--home-max N] [--ttl SECONDS]
      What if: FILE is a spillway.yaml; the trace has lines "seconds,demand", demand in replicas of home.
  Both: --json prints JSON; --picture FILE writes an SVG of a what-if; --story prints every write with its time.
  --defect NAME plants a mistake around the real code (tests/sim/defect_test.cc has the names).
  --even: 2,000 equal resolvers; --crash AT:FOR: spillwayd is dead from second AT on, for FOR seconds.
  --explain prints what was drawn from each seed, and the last decision's reasons.
  --sources draws from each seed how the demand is told; --home tsm|hpa and --usage LIST (some of metrics,
  tsm-observer, hpa-observer, share, in order) say it.
  --seed N draws one scenario's chances (what-if); --constant N, --mode MODE: a what-if without a file.
)";

constexpr int kDone = 0, kBroken = 1, kUsageError = 2;

struct Flags {
  std::map<std::string, std::string> values;
  bool Has(const std::string& name) const { return values.contains(name); }
  std::string Text(const std::string& name, const std::string& standard = "") const {
    const auto at = values.find(name);
    return at == values.end() ? standard : at->second;
  }
  std::optional<double> Number(const std::string& name, double standard) const {
    if (!Has(name)) return standard;
    const std::string text = Text(name);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
    return value;
  }
};

std::optional<Flags> ParseFlags(int argc, char** argv) {
  Flags flags;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--json" || name == "--keep-going" || name == "--story" || name == "--help" || name == "--even" ||
        name == "--explain" || name == "--quiet" || name == "--sources") {
      flags.values[name] = "yes";
    } else if (name.starts_with("--") && i + 1 < argc) {
      flags.values[name] = argv[++i];
    } else {
      return std::nullopt;
    }
  }
  return flags;
}

int Wrong(const std::string& sentence) {
  std::fprintf(stderr, "sim: %s\n%s", sentence.c_str(), kUsage);
  return kUsageError;
}

std::string Commit() {
  const char* commit = std::getenv("SPILLWAY_COMMIT");  // NOLINT(concurrency-mt-unsafe): one thread
  return commit == nullptr ? "unknown" : commit;
}

struct Range {
  std::uint64_t first = 1, last = 20;
};

std::optional<Range> ParseRange(const std::string& text) {
  Range range;
  const std::size_t dots = text.find("..");
  const std::string first = text.substr(0, dots);
  const std::string last = dots == std::string::npos ? first : text.substr(dots + 2);
  const auto read = [](const std::string& digits, std::uint64_t& into) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), into);
    return error == std::errc{} && end == digits.data() + digits.size() && !digits.empty();
  };
  if (!read(first, range.first) || !read(last, range.last) || range.last < range.first) return std::nullopt;
  return range;
}

void PrintStory(const Outcomes& outcomes) {
  for (const SeenWrite& write : outcomes.writes) {
    std::printf("%s %s %s\n", TimeText(write.at).c_str(), write.gslb ? "gslb" : "replicas", write.what.c_str());
  }
}

int RunSeeds(const Flags& flags) {
  const auto range = ParseRange(flags.Text("--seeds", "1..20"));
  const auto hours = flags.Number("--hours", 2);
  if (!range || !hours) return Wrong("--seeds A..B and --hours H");
  int broken = 0;
  std::uint64_t decisions = 0;
  for (std::uint64_t seed = range->first; seed <= range->last; ++seed) {
    Scenario scenario = DrawScenario(seed, FromSeconds(*hours * 3600));
    if (flags.Has("--sources")) DrawSources(scenario);
    if (!SetSources(flags.Text("--home"), flags.Text("--usage"), scenario)) return Wrong("--home or --usage");
    const Outcomes outcomes = Play(scenario);
    decisions += outcomes.decisions;
    if (flags.Has("--explain"))
      std::printf("%s\n%s\n%s\n", SourcesText(scenario).c_str(), Text(scenario).c_str(), outcomes.waits_for.c_str());
    if (flags.Has("--json")) std::printf("%s\n", ReportJson(scenario, outcomes).c_str());
    if (flags.Has("--story")) PrintStory(outcomes);
    if (outcomes.violation) {
      ++broken;
      const Scenario shortest = Shrink(scenario, {}, outcomes.violation->invariant);
      const std::string replay = "tools/sim --seeds " + std::to_string(seed) + ".." + std::to_string(seed) +
                                 " --hours " + flags.Text("--hours", "2") +
                                 (flags.Has("--sources") ? " --sources" : "");
      std::fprintf(stderr, "\n%s", FailureText(shortest, *outcomes.violation, Commit(), replay).c_str());
      if (!flags.Has("--keep-going")) return kBroken;
    }
    if (!flags.Has("--quiet")) {
      std::fprintf(stderr, "\rseed %llu of %llu..%llu, %d broken   ", static_cast<unsigned long long>(seed),
                   static_cast<unsigned long long>(range->first), static_cast<unsigned long long>(range->last), broken);
    }
  }
  std::fprintf(stderr, "\n%llu seeds of %g h, %llu decisions, %d broken\n",
               static_cast<unsigned long long>(range->last - range->first + 1), *hours,
               static_cast<unsigned long long>(decisions), broken);
  return broken == 0 ? kDone : kBroken;
}

Defect ParseDefect(const std::string& text) {
  for (int i = 0; i < static_cast<int>(Defect::kEnd); ++i) {
    if (Name(static_cast<Defect>(i)) == text) return static_cast<Defect>(i);
  }
  return Defect::kNone;
}

std::optional<Mode> ParseMode(const std::string& text) {
  if (text == "weighted") return Mode::kWeighted;
  if (text == "round-robin") return Mode::kRoundRobin;
  if (text == "active-passive") return Mode::kActivePassive;
  if (text == "auto") return Mode::kAuto;
  return std::nullopt;
}

// An error's text; empty: fine.
std::string TakePolicy(const Flags& flags, Scenario& scenario) {
  if (!flags.Has("--policy")) return "";
  auto read = daemon::LoadConfig(flags.Text("--policy"));
  if (const auto* mistakes = std::get_if<daemon::Mistakes>(&read)) {
    return daemon::MistakesText(flags.Text("--policy"), *mistakes);
  }
  const daemon::Config& config = std::get<daemon::Config>(read);
  for (const daemon::AppConfig& app : config.apps) {
    if (flags.Has("--app") && app.name != flags.Text("--app")) continue;
    scenario.app = app;
    scenario.avi_poll = config.avi.poll_interval;
    return "";
  }
  return "no such application in " + flags.Text("--policy");
}

std::string TakeDemand(const Flags& flags, Scenario& scenario) {
  if (const auto constant = flags.Number("--constant", -1); constant && *constant >= 0) {
    scenario.demand = DemandCurve::Constant(*constant);
  }
  if (!flags.Has("--trace")) return "";
  const auto text = ReadFile(flags.Text("--trace"));
  if (!text) return text.error().what;
  auto curve = DemandCurve::ParseCsv(*text);
  if (!curve) return flags.Text("--trace") + ": " + curve.error().what;
  scenario.demand = std::move(*curve);
  if (!flags.Has("--hours")) scenario.span = scenario.demand.points().back().at;
  return "";
}

bool TakeCrash(const Flags& flags, Scenario& scenario) {
  if (!flags.Has("--crash")) return true;
  const std::string text = flags.Text("--crash");
  const std::size_t colon = text.find(':');
  Flags parts;
  parts.values = {{"at", text.substr(0, colon)}, {"for", colon == std::string::npos ? "" : text.substr(colon + 1)}};
  const auto at = parts.Number("at", 0), lasting = parts.Number("for", 0);
  if (!at || !lasting) return false;
  FaultEvent crash;
  crash.kind = FaultEvent::Kind::kCrash;
  crash.at = FromSeconds(*at);
  crash.lasting = FromSeconds(*lasting);
  scenario.faults.push_back(crash);
  return true;
}

int WhatIf(const Flags& flags) {
  Scenario scenario = BaseScenario(1);
  scenario.demand = DemandCurve::Day(1.5, 7, 24);
  scenario.span = 24h;
  const auto hours = flags.Number("--hours", Seconds(scenario.span) / 3600);
  const auto home_max = flags.Number("--home-max", scenario.home_max);
  const auto ttl = flags.Number("--ttl", Seconds(scenario.ttl));
  const auto seed = flags.Number("--seed", 1);
  const auto mode = ParseMode(flags.Text("--mode", "weighted"));
  if (!hours || !home_max || *home_max < 1 || !ttl || *ttl < 1 || !seed || !mode) return Wrong("a flag has no sense");
  scenario.app.policy.mode = *mode;
  if (const std::string wrong = TakePolicy(flags, scenario); !wrong.empty()) return Wrong(wrong);
  if (const std::string wrong = TakeDemand(flags, scenario); !wrong.empty()) return Wrong(wrong);
  if (!SetSources(flags.Text("--home"), flags.Text("--usage"), scenario)) return Wrong("--home or --usage");
  if (flags.Has("--hours")) scenario.span = FromSeconds(*hours * 3600);
  scenario.home_max = static_cast<int>(*home_max);
  scenario.ttl = FromSeconds(*ttl);
  scenario.seed = static_cast<std::uint64_t>(*seed);
  if (flags.Has("--even")) {
    scenario.crowd.resolvers = 2000;
    scenario.crowd.skew = 0;
  }
  if (!TakeCrash(flags, scenario)) return Wrong("--crash AT:FOR, in seconds");
  RunOptions options;
  options.defect = ParseDefect(flags.Text("--defect"));
  options.sample_every = std::max<Duration>(30s, scenario.span / 900);
  if (!flags.Has("--quiet")) {
    options.progress = [&](Duration at) {
      std::fprintf(stderr, "\r%s of %s ", TimeText(at).c_str(), TimeText(scenario.span).c_str());
    };
  }
  const Outcomes outcomes = Play(scenario, options);
  if (!flags.Has("--quiet")) std::fprintf(stderr, "\r                         \r");
  if (flags.Has("--story")) PrintStory(outcomes);
  std::printf("%s\n",
              flags.Has("--json") ? ReportJson(scenario, outcomes).c_str() : ReportText(scenario, outcomes).c_str());
  if (flags.Has("--picture")) {
    const Status written = WriteFileAtomically(flags.Text("--picture"), PictureSvg(scenario, outcomes), 0644);
    if (!written) return Wrong(written.error().what);
  }
  if (!outcomes.violation) return kDone;
  std::fprintf(stderr, "%s", FailureText(scenario, *outcomes.violation, Commit(), "the same command").c_str());
  return kBroken;
}

int Main(int argc, char** argv) {
  SetUpLog(LogLevel::kError, LogFormat::kText);
  const auto flags = ParseFlags(argc, argv);
  if (!flags) return Wrong("what is meant?");
  if (flags->Has("--help")) {
    std::fputs(kUsage, stdout);
    return kDone;
  }
  const bool what_if = flags->Has("--policy") || flags->Has("--trace") || flags->Has("--constant");
  return what_if ? WhatIf(*flags) : RunSeeds(*flags);
}

}  // namespace
}  // namespace spillway::sim

int main(int argc, char** argv) { return spillway::sim::Main(argc, argv); }
