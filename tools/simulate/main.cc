// tools/sim: many seeds against the invariants, or one what-if with a user's own policy and load.
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/clock.h"
#include "src/base/file.h"
#include "src/base/log.h"
#include "tools/simulate/flags.h"
#include "tools/simulate/replay.h"
#include "tools/simulate/report.h"
#include "tools/simulate/run.h"
#include "tools/simulate/seeds.h"
#include "tools/simulate/sources.h"
#include "tools/simulate/what_if.h"

namespace spillway::sim {
namespace {

constexpr char kUsage[] = R"(usage:
  tools/sim [--seeds A..B] [--hours H] [--jobs N] [--keep-going]
      Draws a world, a policy, a demand and faults from each seed, runs the real daemon code in it for H hours (2), lets
      it settle, and checks the invariants all the while, N seeds at once (1). Exit status 1: one was broken.
      --no-shrink: a failure is told as it was drawn, without looking for its shortest story.
      --journal FILE: every decision that changed something, as spillwayd's journal tells it; --replay reads it.
      --sources draws too how the demand is told: TSM or HPA, metrics, an observer, shares.
  tools/sim --replay JOURNAL
      Makes every decision of a journal.jsonl again, from what its record holds, and tells what comes out otherwise.
  tools/sim --policy FILE [--app NAME] [--trace FILE | --constant N] [--hours H] [--picture FILE]
      What if: FILE is a spillway.yaml; the trace has lines "seconds,demand", demand in replicas of home. Without a
      policy a plain one is played (--mode changes its mode, or the file's), without a demand a day from 1.5 to 7.
      --home-max N (4), --ttl SECONDS (30): the world around it; --seed N draws its chances.
      --sites N (1) overflow sites; --even: 2,000 equal resolvers.
      --fault KIND:AT:FOR[:SITE[:VALUE]],...: what goes wrong from second AT on, for FOR seconds. SITE is home, cloud,
      cloud-2, ..., or that with avi- before it for its controller; a wrong KIND lists them all.
      --picture FILE writes an SVG: demand, replicas, shares, drains, writes, overload over time.
      --defect NAME plants a mistake around the real code (tests/sim/defect_test.cc has the names).
  All: --home tsm|hpa and --usage LIST (some of metrics, tsm-observer, hpa-observer, share, in order) say how the
  demand is told. --json prints JSON; --story prints every write with its time; --explain prints what was drawn, and the last
  decision's reasons; --quiet tells no progress.
)";

int Wrong(const std::string& sentence) {
  std::fprintf(stderr, "sim: %s\ntools/sim --help lists every flag.\n", sentence.c_str());
  return kUsageError;
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

int RunSeeds(const Flags& flags) {
  const auto range = ParseRange(flags.Text("--seeds", "1..20"));
  if (!range) return Wrong("--seeds " + flags.Text("--seeds") + ": A..B is allowed, A not above B");
  const auto hours = flags.Number("--hours", 2, 0.01, 24.0 * 366);
  if (!hours) return Wrong(hours.error().what);
  const auto jobs = flags.Number("--jobs", 1, 1, 1024);
  if (!jobs) return Wrong(jobs.error().what);
  // Of many worlds at once, in each of which things go wrong on purpose, errors tell nothing.
  SetUpLog(LogLevel::kNothing, LogFormat::kText);
  SeedsOptions options;
  options.first = range->first;
  options.last = range->last;
  options.span = FromSeconds(*hours * 3600);
  options.jobs = static_cast<int>(*jobs);
  options.keep_going = flags.Has("--keep-going");
  options.sources = flags.Has("--sources");
  options.shrink = !flags.Has("--no-shrink");
  options.journals = flags.Has("--journal");
  std::string journal;
  options.home = flags.Text("--home");
  options.usage = flags.Text("--usage");
  Scenario any = BaseScenario(1);
  if (!SetSources(options.home, options.usage, any)) return Wrong(kSourcesAllowed);
  options.commit = Commit();
  options.hours_text = flags.Text("--hours", "2");
  const SystemClock clock;
  const Instant began = clock.Now();
  std::uint64_t played = 0, broken = 0;
  const bool screen = isatty(STDERR_FILENO) == 1;  // told in place; in a log, a line for each twentieth
  options.broke = [&](const std::string& failure) {
    ++broken;
    std::fprintf(stderr, "\n%s", failure.c_str());
  };
  options.played = [&](const Scenario& scenario, const Outcomes& outcomes) {
    ++played;
    if (flags.Has("--explain")) std::printf("%s\n", SourcesText(scenario).c_str());
    if (flags.Has("--explain")) std::printf("%s\n%s\n", Text(scenario).c_str(), outcomes.waits_for.c_str());
    if (flags.Has("--json")) std::printf("%s\n", ReportJson(scenario, outcomes).c_str());
    if (flags.Has("--story")) std::fputs(StoryText(outcomes).c_str(), stdout);
    for (const std::string& record : outcomes.journal) journal += record + "\n";
    if (flags.Has("--quiet")) return;
    const std::uint64_t all = range->last - range->first + 1;
    const double left = Seconds(clock.Now() - began) / static_cast<double>(played) * static_cast<double>(all - played);
    if (!screen && played % std::max<std::uint64_t>(1, all / 20) != 0) return;
    std::fprintf(stderr, "%s%s of %s seeds, %s broken, about %s left%s", screen ? "\r" : "",
                 std::to_string(played).c_str(), std::to_string(all).c_str(), std::to_string(broken).c_str(),
                 TimeText(FromSeconds(left)).c_str(), screen ? "   " : "\n");
  };
  const SeedsTally tally = PlaySeeds(options);
  if (screen && !flags.Has("--quiet")) std::fprintf(stderr, "\n");
  if (options.journals) {
    const Status written = WriteFileAtomically(flags.Text("--journal"), journal);
    if (!written) return Wrong(written.error().what);
  }
  const std::string text = TallyText(tally, Seconds(clock.Now() - began));
  std::fputs(text.c_str(), flags.Has("--json") ? stderr : stdout);
  return tally.broken.empty() ? kDone : kBroken;
}

int RunReplay(const Flags& flags) {
  const auto journal = ReadFile(flags.Text("--replay"));
  if (!journal) return Wrong(journal.error().what);
  const Replayed replayed = Replay(*journal);
  for (const std::string& line : replayed.told) std::printf("%s\n", line.c_str());
  std::printf("%zu records, %zu decided again, %zu of them otherwise\n", replayed.records, replayed.decided,
              replayed.different);
  return replayed.decided == replayed.records && replayed.different == 0 ? kDone : kBroken;
}

int Main(int argc, char** argv) {
  SetUpLog(LogLevel::kError, LogFormat::kText);
  std::vector<std::string_view> switches = {"--json",    "--keep-going", "--story",   "--help",
                                            "--explain", "--quiet",      "--sources", "--no-shrink"};
  std::vector<std::string_view> values = {"--seeds", "--hours", "--jobs", "--home", "--usage", "--replay", "--journal"};
  switches.insert(switches.end(), kWhatIfSwitches.begin(), kWhatIfSwitches.end());
  values.insert(values.end(), kWhatIfValues.begin(), kWhatIfValues.end());
  const auto flags = Flags::Parse({argv + 1, argv + argc}, switches, values);
  if (!flags) return Wrong(flags.error().what);
  if (flags->Has("--help")) {
    std::fputs(kUsage, stdout);
    return kDone;
  }
  if (flags->Has("--replay")) return RunReplay(*flags);
  const auto given = [&](std::string_view name) { return flags->Has(std::string(name)); };
  const bool what_if = std::any_of(kWhatIfValues.begin(), kWhatIfValues.end(), given) ||
                       std::any_of(kWhatIfSwitches.begin(), kWhatIfSwitches.end(), given);
  if (!what_if) return RunSeeds(*flags);
  if (flags->Has("--seeds")) return Wrong("--seeds draws everything; it does not go with a flag of a what-if");
  const auto ended = WhatIf(*flags);
  return ended ? *ended : Wrong(ended.error().what);
}

}  // namespace
}  // namespace spillway::sim

int main(int argc, char** argv) { return spillway::sim::Main(argc, argv); }
