#include "tools/ctl/command.h"

namespace spillway::ctl {
namespace {

std::string* ValueOf(const std::string& flag, Command& command, std::string& output) {
  if (flag == "--server") return &command.server;
  if (flag == "--token-file") return &command.token_file;
  if (flag == "--ca-file") return &command.ca_file;
  if (flag == "-o" || flag == "--output") return &output;
  return nullptr;
}

Status TakeVerb(const std::vector<std::string>& words, Command& command) {
  if (words.empty()) return Ok();
  const std::string& verb = words[0];
  auto wrong = [](const std::string& what) { return Error{Code::kRejected, what}; };
  if (verb == "status") {
    if (words.size() > 2) return wrong("status takes at most one application");
    command.verb = Verb::kStatus;
    if (words.size() == 2) command.operand = words[1];
    return Ok();
  }
  if (verb == "why") {
    if (words.size() != 2) return wrong("why takes one application: spillwayctl why APP");
    command.verb = Verb::kWhy;
    command.operand = words[1];
    return Ok();
  }
  if (verb == "config") {
    if (words.size() != 3 || words[1] != "check") return wrong("write: spillwayctl config check FILE");
    command.verb = Verb::kConfigCheck;
    command.operand = words[2];
    return Ok();
  }
  return wrong("unknown command \"" + verb + "\"; known are status, why, config check");
}

}  // namespace

const char kUsageText[] =
    "usage: spillwayctl [--server URL] [--token-file FILE] [--ca-file FILE] [-o table|json] COMMAND\n"
    "\n"
    "  status [APP]        every application or one: demand, replicas, shares, what is wrong\n"
    "  why APP             the last decision: what was seen, what followed, what is waited for\n"
    "  config check FILE   every mistake in a configuration file\n"
    "\n"
    "  --server URL        spillwayd's address (SPILLWAY_SERVER; http://127.0.0.1:9440)\n"
    "  --token-file FILE   a file with the token, if spillwayd asks for one (SPILLWAY_TOKEN_FILE)\n"
    "  --ca-file FILE      the CA of spillwayd's certificate, if not the system's (SPILLWAY_CA_FILE)\n"
    "\n"
    "exit codes: 0 done, 1 refused by a rule, 2 usage or mistakes, 3 unreachable, 4 denied, 5 timed out\n";

Result<Command> ParseCommand(const std::vector<std::string>& arguments, std::string (*environment)(const char* name)) {
  Command command;
  if (const std::string server = environment("SPILLWAY_SERVER"); !server.empty()) command.server = server;
  command.token_file = environment("SPILLWAY_TOKEN_FILE");
  command.ca_file = environment("SPILLWAY_CA_FILE");
  std::vector<std::string> words;
  std::string output = "table";
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--help" || argument == "-h") return Command{};
    if (argument == "--version") {
      command.verb = Verb::kVersion;
      return command;
    }
    if (argument.empty() || argument[0] != '-') {
      words.push_back(argument);
      continue;
    }
    const std::size_t equals = argument.find('=');
    std::string* value = ValueOf(argument.substr(0, equals), command, output);
    if (value == nullptr) return Error{Code::kRejected, "unknown flag " + argument};
    if (equals != std::string::npos) {
      *value = argument.substr(equals + 1);
    } else if (++i < arguments.size()) {
      *value = arguments[i];
    } else {
      return Error{Code::kRejected, argument + " needs a value"};
    }
  }
  if (output != "table" && output != "json") return Error{Code::kRejected, "-o can be table or json"};
  command.json = output == "json";
  if (Status taken = TakeVerb(words, command); !taken) return taken.error();
  return command;
}

}  // namespace spillway::ctl
