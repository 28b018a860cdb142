#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "tools/ctl/command.h"
#include "tools/ctl/run.h"

int main(int argc, char** argv) {
  using namespace spillway::ctl;  // NOLINT(google-build-using-namespace): this file is nothing but its shell
  std::signal(SIGPIPE, SIG_IGN);
  const auto command = ParseCommand(std::vector<std::string>(argv + 1, argv + argc), [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  });
  if (!command) {
    std::fprintf(stderr, "spillwayctl: %s\n\n%s", command.error().what.c_str(), kUsageText);
    return kUsage;
  }
  const Answer answer = Run(*command);
  std::fputs(answer.out.c_str(), stdout);
  std::fputs(answer.err.c_str(), stderr);
  return answer.exit;
}
