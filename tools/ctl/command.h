// spillwayctl's command line.
#ifndef SPILLWAY_TOOLS_CTL_COMMAND_H_
#define SPILLWAY_TOOLS_CTL_COMMAND_H_

#include <map>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/base/time.h"
#include "tools/ctl/verbs.h"

namespace spillway::ctl {

// An interface: runbooks branch on them.
enum Exit { kDone = 0, kRefused = 1, kUsage = 2, kUnreachable = 3, kDenied = 4, kTimedOut = 5 };

// Chosen: longer than a burst, a drain of 15 minutes and a staged return take one after the other.
constexpr Duration kWaitMost = 30min;

struct Command {
  Verb verb = Verb::kHelp;
  std::vector<std::string> operands;
  std::string server = "http://127.0.0.1:9440";
  std::string token_file, ca_file, cert_file, key_file;
  bool json = false;
  // Of orders.
  std::string reason, ticket, ttl;
  bool dry_run = false, force = false, wait = false;
  Duration timeout = kWaitMost;
  std::map<std::string, int> ratios, replicas;
  // Of lists.
  int limit = 20;
  std::string since;
  std::string at;  // of which decision; empty: the last one
  // Of runbooks.
  std::map<std::string, std::string> settings;
  std::string progress_file;  // empty: in state_folder
  std::string state_folder;   // empty: the environment names none
  bool yes = false, restart = false;

  const std::string& app() const { return operands.at(0); }
};

// `arguments` without the program's name. `environment`: SPILLWAY_SERVER, SPILLWAY_TOKEN_FILE, SPILLWAY_CA_FILE,
// SPILLWAY_CERT_FILE and SPILLWAY_KEY_FILE are asked for, and XDG_STATE_HOME or HOME; flags win. An error says what is
// wrong and what is right. What only the server can judge (names, reasons, times to live) is left to it.
Result<Command> ParseCommand(const std::vector<std::string>& arguments, std::string (*environment)(const char* name));

// "us=3,azure-eu=1", added to `out`. kRejected says what to write.
Status ParseCounts(const std::string& text, std::map<std::string, int>& out);

}  // namespace spillway::ctl

#endif  // SPILLWAY_TOOLS_CTL_COMMAND_H_
