// spillwayctl's command line.
#ifndef SPILLWAY_TOOLS_CTL_COMMAND_H_
#define SPILLWAY_TOOLS_CTL_COMMAND_H_

#include <string>
#include <vector>

#include "src/base/result.h"

namespace spillway::ctl {

// An interface: runbooks branch on them.
enum Exit { kDone = 0, kRefused = 1, kUsage = 2, kUnreachable = 3, kDenied = 4, kTimedOut = 5 };

enum class Verb { kHelp, kVersion, kStatus, kWhy, kConfigCheck };

struct Command {
  Verb verb = Verb::kHelp;
  std::string operand;  // an application, or a file
  std::string server = "http://127.0.0.1:9440";
  std::string token_file, ca_file;
  bool json = false;
};

extern const char kUsageText[];

// `arguments` without the program's name. `environment`: SPILLWAY_SERVER, SPILLWAY_TOKEN_FILE and SPILLWAY_CA_FILE are
// asked for; flags win. An error says what is wrong and what is right.
Result<Command> ParseCommand(const std::vector<std::string>& arguments, std::string (*environment)(const char* name));

}  // namespace spillway::ctl

#endif  // SPILLWAY_TOOLS_CTL_COMMAND_H_
