// spillway-lab: the world that Spillway is made for, on one machine.
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "src/base/clock.h"
#include "src/base/log.h"
#include "tools/lab/lab.h"
#include "tools/lab/serve.h"

int main(int argc, char** argv) {
  using namespace spillway;  // NOLINT(google-build-using-namespace): only inside main
  constexpr int kUsageError = 2;
  std::signal(SIGPIPE, SIG_IGN);
  lab::KeepFewArenas();
  // Blocked before any thread starts, so that none of them takes the signal from sigwait below.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  SetUpLog(LogLevel::kInfo, LogFormat::kText);

  const Result<lab::LabOptions> options = lab::ParseArguments(std::vector<std::string>(argv + 1, argv + argc));
  if (!options) {
    std::fprintf(stderr, "spillway-lab: %s\n%s", options.error().what.c_str(), lab::kUsage.data());
    return kUsageError;
  }
  const SystemClock clock;
  const Result<std::unique_ptr<lab::Lab>> running = lab::Lab::Start(*options, clock);
  if (!running) {
    std::fprintf(stderr, "spillway-lab: %s\n", running.error().what.c_str());
    return 1;
  }
  std::fputs((*running)->Ready().c_str(), stdout);
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ends, &signal);
  return 0;
}
