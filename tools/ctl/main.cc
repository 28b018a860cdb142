#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "src/base/clock.h"
#include "src/base/own_memory.h"
#include "tools/ctl/command.h"
#include "tools/ctl/run.h"
#include "tools/ctl/text.h"

namespace {

volatile std::sig_atomic_t interrupted = 0;

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Colours are for terminals, and for who did not ask for none. Source: https://no-color.org
bool Colours(int descriptor) {
  return isatty(descriptor) == 1 && Environment("NO_COLOR").empty() && Environment("TERM") != "dumb";
}

void Print(std::FILE* to, bool coloured, const std::string& text) {
  std::fputs(coloured ? spillway::ctl::Coloured(text).c_str() : text.c_str(), to);
  std::fflush(to);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace spillway;       // NOLINT(google-build-using-namespace): this file is nothing but its shell
  using namespace spillway::ctl;  // NOLINT(google-build-using-namespace)
  KeepMemoryToOurselves();
  std::signal(SIGPIPE, SIG_IGN);
  // SIGTERM comes from a service manager: a runbook then says where it goes on.
  for (const int signal : {SIGINT, SIGTERM}) {
    std::signal(signal, [](int) { interrupted = 1; });
    siginterrupt(signal, 1);  // a question must not outlive it
  }
  const bool out_coloured = Colours(STDOUT_FILENO), err_coloured = Colours(STDERR_FILENO);
  const auto command = ParseCommand(std::vector<std::string>(argv + 1, argv + argc), Environment);
  if (!command) {
    Print(stderr, err_coloured, Wrapped("spillwayctl: ", command.error().what, 2));
    return kUsage;
  }
  SystemClock clock;
  Screen screen;
  screen.out = [&](const std::string& text) { Print(stdout, out_coloured, text); };
  screen.err = [&](const std::string& text) { Print(stderr, err_coloured, text); };
  screen.stopped = [] { return interrupted != 0 || std::ferror(stdout) != 0; };
  screen.now = [&] { return clock.Now(); };
  screen.wall = [&] { return clock.WallNow(); };
  screen.ask = [&](const std::string& question) -> std::optional<std::string> {
    if (isatty(STDIN_FILENO) != 1) return std::nullopt;
    screen.err(question);
    std::string line;
    if (!std::getline(std::cin, line)) return std::nullopt;
    return line;
  };
  // In slices, so that an interruption is felt at once.
  screen.pause = [&](Duration wait) {
    const Instant end = clock.Now() + wait;
    while (interrupted == 0 && clock.Now() < end) clock.SleepUntil(std::min(end, clock.Now() + 50ms));
  };
  screen.redraws = isatty(STDOUT_FILENO) == 1 && !command->json && Environment("TERM") != "dumb";
  const Answer answer = Run(*command, screen);
  Print(stdout, out_coloured && !command->json, answer.out);
  Print(stderr, err_coloured, answer.err);
  return answer.exit;
}
