// spillwayd: wires the rooms together and waits for signals.
#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "src/base/clock.h"
#include "src/base/log.h"
#include "src/base/own_memory.h"
#include "src/daemon/config.h"
#include "src/daemon/doctor.h"
#include "src/daemon/flags.h"
#include "src/daemon/probe.h"
#include "src/daemon/service.h"
#include "src/daemon/version.h"

namespace spillway::daemon {
namespace {

constexpr int kDone = 0, kFailed = 1, kUsageOrConfig = 2;

// To be blocked before any thread starts, so that only the main thread takes them.
sigset_t OurSignals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, number);
  return set;
}

// Each client is a descriptor; what spillwayd itself opens must not be what finds none left.
void AllowManyDescriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void Reload(Service& service, const std::string& path) {
  auto read = LoadConfig(path);
  if (const auto* mistakes = std::get_if<Mistakes>(&read)) {
    std::fputs(MistakesText(path, *mistakes).c_str(), stderr);
    Log(LogLevel::kError, "reload refused: the file has mistakes; nothing changes",
        {{"file", path}, {"mistakes", std::to_string(mistakes->size())}});
    service.ReportBadReload("The configuration file " + path + " has " + std::to_string(mistakes->size()) +
                            (mistakes->size() == 1 ? " mistake" : " mistakes") +
                            "; spillwayd runs on with the one before.");
    return;
  }
  const Status reloaded = service.Reload(std::get<Config>(std::move(read)));
  if (reloaded) {
    Log(LogLevel::kInfo, "reloaded", {{"file", path}});
    return;
  }
  Log(LogLevel::kError, "reload refused; nothing changes", {{"why", reloaded.error().what}});
  service.ReportBadReload("The configuration was not reloaded: " + reloaded.error().what + ".");
}

int Serve(Config config, const Flags& flags) {
  const sigset_t signals = OurSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  SystemClock clock;
  const std::string host = config.controller.host;
  const auto& map = config.controller.config_map;
  const std::string state =
      map ? "configmap " + map->name_space + "/" + map->name + " of " + map->cluster : config.controller.state_dir;
  Service service(std::move(config), flags.dry_run, clock);
  if (const Status started = service.Start(); !started) {
    Log(LogLevel::kError, "can't start", {{"why", started.error().what}});
    return kFailed;
  }
  Log(LogLevel::kInfo, "spillwayd listens",
      {{"address", host + ":" + std::to_string(service.port())},
       {"version", kVersion},
       {"state", state},
       {"dry_run", flags.dry_run ? "true" : "false"}});
  while (true) {
    int number = 0;
    sigwait(&signals, &number);
    if (number != SIGHUP) break;
    Reload(service, flags.config);
  }
  Log(LogLevel::kInfo, "spillwayd ends; traffic and replicas stay as they are");
  service.Stop();
  return kDone;
}

int Examined(const Config& config) {
  SystemClock clock;
  const std::vector<Finding> findings = Probe(config, clock);
  std::fputs(FindingsText(findings).c_str(), stdout);
  const bool failed = std::any_of(findings.begin(), findings.end(),
                                  [](const Finding& finding) { return finding.verdict == Grade::kFailed; });
  return failed ? kFailed : kDone;
}

int Main(const std::vector<std::string>& arguments) {
  const auto flags = ParseFlags(arguments);
  if (!flags) {
    std::fprintf(stderr, "spillwayd: %s\n%s", flags.error().what.c_str(), kUsage);
    return kUsageOrConfig;
  }
  if (flags->help) {
    std::fputs(kUsage, stdout);
    return kDone;
  }
  if (flags->version) {
    std::printf("spillwayd %s\n", kVersion);
    return kDone;
  }
  SetUpLog(flags->log_level, flags->log_format);
  auto read = LoadConfig(flags->config);
  if (const auto* mistakes = std::get_if<Mistakes>(&read)) {
    std::fputs(MistakesText(flags->config, *mistakes).c_str(), stderr);
    return kUsageOrConfig;
  }
  if (flags->check) {
    std::printf("%s: no mistakes\n", flags->config.c_str());
    return flags->probe ? Examined(std::get<Config>(read)) : kDone;
  }
  return Serve(std::get<Config>(std::move(read)), *flags);
}

}  // namespace
}  // namespace spillway::daemon

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  spillway::KeepMemoryToOurselves();
  spillway::daemon::AllowManyDescriptors();
  // Many threads that rarely allocate: without this each keeps an arena of its own, and memory grows with watches.
  mallopt(M_ARENA_MAX, 2);
  return spillway::daemon::Main(std::vector<std::string>(argv + 1, argv + argc));
}
