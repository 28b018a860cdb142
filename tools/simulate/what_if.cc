#include "tools/simulate/what_if.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "src/base/file.h"
#include "src/daemon/config.h"
#include "src/daemon/words.h"
#include "tools/simulate/picture.h"
#include "tools/simulate/report.h"
#include "tools/simulate/run.h"
#include "tools/simulate/sources.h"

namespace spillway::sim {
namespace {

// Chosen: as many points as the picture has columns to show them.
constexpr int kSamples = 1500;
constexpr Duration kSampleLeast = 10s;
constexpr double kHoursMost = 24.0 * 366;

Error Wrong(std::string what) { return {Code::kRejected, std::move(what)}; }

Result<Mode> ParseMode(const std::string& text) {
  std::string names;
  for (const Mode mode : daemon::kModes) {
    if (daemon::Word(mode) == text) return mode;
    names += " " + std::string(daemon::Word(mode));
  }
  return Wrong("--mode " + text + ": there are" + names);
}

Result<Defect> ParseDefect(const std::string& text) {
  std::string names;
  for (int i = 0; i < static_cast<int>(Defect::kEnd); ++i) {
    if (Name(static_cast<Defect>(i)) == text) return static_cast<Defect>(i);
    names += " " + std::string(Name(static_cast<Defect>(i)));
  }
  return Wrong("--defect " + text + ": there are" + names);
}

Status TakePolicy(const Flags& flags, Scenario& scenario) {
  if (flags.Has("--mode")) {
    const auto mode = ParseMode(flags.Text("--mode"));
    if (!mode) return mode.error();
    scenario.app.policy.mode = *mode;
  }
  if (!flags.Has("--policy")) return Ok();
  const std::string file = flags.Text("--policy");
  auto read = daemon::LoadConfig(file);
  if (const auto* mistakes = std::get_if<daemon::Mistakes>(&read)) {
    return Wrong("the policy can't be used:\n" + daemon::MistakesText(file, *mistakes));
  }
  const daemon::Config& config = std::get<daemon::Config>(read);
  const std::string wanted = flags.Text("--app", config.apps.empty() ? "" : config.apps.front().name);
  std::string names;
  for (const daemon::AppConfig& app : config.apps) {
    names += " " + app.name;
    if (app.name != wanted) continue;
    const Mode mode = scenario.app.policy.mode;
    scenario.app = app;
    if (flags.Has("--mode")) scenario.app.policy.mode = mode;
    scenario.avi_poll = config.avi.poll_interval;
    return Ok();
  }
  return Wrong(file + " has no application '" + wanted + "'; there are:" + names);
}

Status TakeDemand(const Flags& flags, Scenario& scenario) {
  if (flags.Has("--trace") && flags.Has("--constant")) return Wrong("--trace or --constant, not both");
  const auto constant = flags.Number("--constant", 0, 0, kDemandMost);
  if (!constant) return constant.error();
  if (flags.Has("--constant")) scenario.demand = DemandCurve::Constant(*constant);
  if (!flags.Has("--trace")) return Ok();
  const std::string file = flags.Text("--trace");
  const auto text = ReadFile(file);
  if (!text) return text.error();
  auto curve = DemandCurve::ParseCsv(*text, file);
  if (!curve) return curve.error();
  scenario.demand = std::move(*curve);
  scenario.span = scenario.demand.points().back().at;
  if (scenario.span > Duration{} || flags.Has("--hours")) return Ok();
  return Wrong(file + ": a single point at second 0 lasts no time; give --hours, or a second point");
}

Status TakeWorld(const Flags& flags, Scenario& scenario) {
  const auto hours = flags.Number("--hours", Seconds(scenario.span) / 3600, 0.01, kHoursMost);
  if (!hours) return hours.error();
  scenario.span = FromSeconds(*hours * 3600);
  const auto home_max = flags.Number("--home-max", scenario.home_max, 1, 10000);
  if (!home_max) return home_max.error();
  scenario.home_max = static_cast<int>(*home_max);
  const auto ttl = flags.Number("--ttl", Seconds(scenario.ttl), 1, 86400);
  if (!ttl) return ttl.error();
  scenario.ttl = FromSeconds(*ttl);
  const auto seed = flags.Number("--seed", 1, 0, 1e15);
  if (!seed) return seed.error();
  scenario.seed = static_cast<std::uint64_t>(*seed);
  if (flags.Has("--even")) {
    scenario.crowd.resolvers = 2000;
    scenario.crowd.skew = 0;
  }
  if (SetSources(flags.Text("--home"), flags.Text("--usage"), scenario)) return Ok();
  return Wrong(kSourcesAllowed);
}

Status TakeFaults(const Flags& flags, Scenario& scenario) {
  if (!flags.Has("--fault")) return Ok();
  auto faults = ParseFaults(flags.Text("--fault"), scenario.site_names());
  if (!faults) return faults.error();
  scenario.faults = std::move(*faults);
  return Ok();
}

RunOptions OptionsOf(const Flags& flags, const Scenario& scenario) {
  RunOptions options;
  options.sample_every = std::max<Duration>(kSampleLeast, scenario.span / kSamples);
  if (flags.Has("--quiet")) return options;
  options.progress = [span = scenario.span](Duration at) {
    std::fprintf(stderr, "\r%s of %s simulated (%.0f %%) ", TimeText(at).c_str(), TimeText(span).c_str(),
                 100 * Seconds(at) / Seconds(span));
  };
  return options;
}

}  // namespace

const std::vector<std::string_view> kWhatIfSwitches{"--even"};
const std::vector<std::string_view> kWhatIfValues{"--policy", "--app",      "--trace", "--constant",
                                                  "--mode",   "--home-max", "--ttl",   "--seed",
                                                  "--fault",  "--defect",   "--sites", "--picture"};

Result<Scenario> ScenarioOf(const Flags& flags) {
  const auto sites = flags.Number("--sites", 1, 1, 9);
  if (!sites) return sites.error();
  Scenario scenario = BaseScenario(static_cast<std::size_t>(*sites));
  scenario.demand = DemandCurve::Day(1.5, 7, 24);
  scenario.span = 24h;
  for (const auto take : {TakePolicy, TakeDemand, TakeWorld, TakeFaults}) {
    if (const Status taken = take(flags, scenario); !taken) return taken.error();
  }
  scenario.demand = scenario.demand.Delayed(kWarmUp);  // second 0 of a trace is when spillwayd starts
  return scenario;
}

Result<int> WhatIf(const Flags& flags) {
  const auto scenario = ScenarioOf(flags);
  if (!scenario) return scenario.error();
  const auto defect = ParseDefect(flags.Text("--defect", "none"));
  if (!defect) return defect.error();
  RunOptions options = OptionsOf(flags, *scenario);
  options.defect = *defect;
  const Outcomes outcomes = Play(*scenario, options);
  if (options.progress) std::fprintf(stderr, "\r%48s\r", "");

  if (flags.Has("--explain")) std::printf("%s\n%s\n", Text(*scenario).c_str(), outcomes.waits_for.c_str());
  if (flags.Has("--story")) std::fputs(StoryText(outcomes).c_str(), stdout);
  std::puts((flags.Has("--json") ? ReportJson(*scenario, outcomes) : ReportText(*scenario, outcomes)).c_str());
  if (flags.Has("--picture")) {
    const Status written = WriteFileAtomically(flags.Text("--picture"), PictureSvg(*scenario, outcomes), 0644);
    if (!written) return written.error();
  }
  if (!outcomes.violation) return kDone;
  std::fputs(FailureText(*scenario, *outcomes.violation, Commit(), "the same command").c_str(), stderr);
  return kBroken;
}

}  // namespace spillway::sim
