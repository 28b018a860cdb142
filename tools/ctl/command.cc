#include "tools/ctl/command.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "src/base/time_text.h"
#include "src/daemon/config_value.h"

namespace spillway::ctl {
namespace {

Error Wrong(std::string what) { return {Code::kRejected, std::move(what)}; }

std::string Meant(std::string_view wrong, const std::vector<std::string>& known) {
  const std::string meant = daemon::Nearest(wrong, known);
  return meant.empty() ? "" : ", did you mean " + meant + "?";
}

std::optional<int> WholeNumber(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "site=us": one of the values that a runbook asks for.
Status TakeSetting(const std::string& text, std::map<std::string, std::string>& out) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return Wrong("--set " + text + ": write NAME=VALUE");
  const std::string name = text.substr(0, equals);
  if (!out.emplace(name, text.substr(equals + 1)).second) return Wrong("--set " + text + ": " + name + " is set twice");
  return Ok();
}

Status TakeCounts(const std::string& flag, const std::string& text, std::map<std::string, int>& out) {
  Status taken = ParseCounts(text, out);
  return taken ? Ok() : Status(Wrong(flag + " " + text + ": " + taken.error().what));
}

Status TakeDuration(const std::string& flag, const std::string& text, Duration& out) {
  const auto duration = ParseDuration(text);
  if (!duration || *duration <= Duration{}) return Wrong(flag + " " + text + ": write a duration such as 30m or 90s");
  out = *duration;
  return Ok();
}

Status TakeFlag(const std::string& flag, const std::string& value, Command& command) {
  const std::pair<std::string_view, std::string*> texts[] = {
      {"--server", &command.server},         {"--token-file", &command.token_file},
      {"--ca-file", &command.ca_file},       {"--cert-file", &command.cert_file},
      {"--key-file", &command.key_file},     {"--reason", &command.reason},
      {"--ticket", &command.ticket},         {"--ttl", &command.ttl},
      {"--since", &command.since},           {"--at", &command.at},
      {"--progress", &command.progress_file}};
  for (const auto& [name, out] : texts) {
    if (flag != name) continue;
    *out = value;
    return Ok();
  }
  if (flag == "--dry-run") command.dry_run = true;
  if (flag == "--force") command.force = true;
  if (flag == "--wait") command.wait = true;
  if (flag == "--yes") command.yes = true;
  if (flag == "--restart") command.restart = true;
  if (flag == "--set") return TakeSetting(value, command.settings);
  if (flag == "--timeout") return TakeDuration(flag, value, command.timeout);
  if (flag == "--ratios") return TakeCounts(flag, value, command.ratios);
  if (flag == "--replicas") return TakeCounts(flag, value, command.replicas);
  if (flag == "--output") {
    if (value != "table" && value != "json") return Wrong("-o " + value + ": table or json is allowed");
    command.json = value == "json";
  }
  if (flag == "--limit") {
    const auto limit = WholeNumber(value);
    if (!limit || *limit < 1) return Wrong("--limit " + value + ": write a whole number from 1 on");
    command.limit = *limit;
  }
  return Ok();
}

// The command that `words` begin with, and how many words name it.
Result<std::pair<const VerbSpec*, std::size_t>> FindVerb(const std::vector<std::string>& words) {
  std::vector<std::string> known;
  std::string nearly;  // where the first of two words fits
  for (const VerbSpec& spec : Verbs()) {
    const std::size_t blank = spec.words.find(' ');
    known.emplace_back(spec.words.substr(0, blank));
    if (words[0] != known.back()) continue;
    if (blank == std::string_view::npos) return std::pair{&spec, std::size_t{1}};
    if (words.size() > 1 && words[1] == spec.words.substr(blank + 1)) return std::pair{&spec, std::size_t{2}};
    nearly +=
        (nearly.empty() ? "" : ", or ") + ("spillwayctl " + std::string(spec.words)) + " " + std::string(spec.operands);
  }
  if (!nearly.empty()) return Wrong("write: " + nearly);
  return Wrong("unknown command \"" + words[0] + "\"" + Meant(words[0], known) + " spillwayctl help lists them all");
}

struct Given {
  std::vector<std::string> words;
  std::vector<std::string> flags;
};

Result<Given> Split(const std::vector<std::string>& arguments, Command& command) {
  Given given;
  std::vector<std::string> known;
  for (const auto* list : {&CommonFlags(), &OwnFlags()}) {
    for (const FlagSpec& flag : *list) known.emplace_back(flag.name);
  }
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument.size() < 2 || argument[0] != '-') {
      given.words.push_back(argument);
      continue;
    }
    const std::size_t equals = argument.starts_with("--") ? argument.find('=') : std::string::npos;
    std::string name = argument.substr(0, equals);
    if (name == "-o") name = "--output";
    if (name == "-h") name = "--help";
    const FlagSpec* flag = FindFlag(name);
    if (flag == nullptr) return Wrong("unknown flag " + name + Meant(name, known));
    std::string value;
    if (flag->value.empty()) {
      if (equals != std::string::npos) return Wrong(name + " takes no value");
    } else if (equals != std::string::npos) {
      value = argument.substr(equals + 1);
    } else if (++i < arguments.size()) {
      value = arguments[i];
    } else {
      return Wrong(name + " needs a value: " + std::string(flag->value));
    }
    if (Status taken = TakeFlag(name, value, command); !taken) return taken.error();
    given.flags.push_back(name);
  }
  return given;
}

// Source: https://specifications.freedesktop.org/basedir-spec, XDG_STATE_HOME.
std::string StateFolder(std::string (*environment)(const char* name)) {
  if (const std::string state = environment("XDG_STATE_HOME"); state.starts_with('/')) return state + "/spillway";
  const std::string home = environment("HOME");
  return home.empty() ? "" : home + "/.local/state/spillway";
}

// What only makes sense together.
Status CheckWhole(const VerbSpec& spec, const Command& command) {
  const bool reason_free = spec.verb == Verb::kClear || command.dry_run;
  if (Writes(spec.verb) && command.reason.empty() && !reason_free) {
    return Wrong("--reason is missing: say why, it is kept in the audit trail");
  }
  if (spec.verb == Verb::kPin && command.ratios.empty() == command.replicas.empty()) {
    return Wrong("pin needs exactly one of --ratios SITE=N,... and --replicas SITE=N,...");
  }
  if (command.cert_file.empty() != command.key_file.empty()) return Wrong("--cert-file and --key-file go together");
  if (command.wait && command.dry_run) return Wrong("--wait waits for what --dry-run does not do; give one of them");
  return Ok();
}

}  // namespace

Status ParseCounts(const std::string& text, std::map<std::string, int>& out) {
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const std::string part = text.substr(at, comma - at);
    at = comma + 1;
    const std::size_t equals = part.find('=');
    const auto number = equals == std::string::npos ? std::nullopt : WholeNumber(part.substr(equals + 1));
    if (!number || equals == 0) return Wrong("write SITE=N, several parted by commas");
    const std::string site = part.substr(0, equals);
    if (!out.emplace(site, *number).second) return Wrong(site + " is named twice");
  }
  return Ok();
}

Result<Command> ParseCommand(const std::vector<std::string>& arguments, std::string (*environment)(const char* name)) {
  Command command;
  if (const std::string server = environment("SPILLWAY_SERVER"); !server.empty()) command.server = server;
  command.token_file = environment("SPILLWAY_TOKEN_FILE");
  command.ca_file = environment("SPILLWAY_CA_FILE");
  command.cert_file = environment("SPILLWAY_CERT_FILE");
  command.key_file = environment("SPILLWAY_KEY_FILE");
  command.state_folder = StateFolder(environment);
  const auto given = Split(arguments, command);
  if (!given) return given.error();
  const auto has = [&](std::string_view flag) {
    return std::find(given->flags.begin(), given->flags.end(), flag) != given->flags.end();
  };
  if (has("--version")) {
    command.verb = Verb::kVersion;
    return command;
  }
  if (given->words.empty()) return command;
  const auto found = FindVerb(given->words);
  if (!found) return found.error();
  const auto& [spec, named] = *found;
  command.verb = spec->verb;
  command.operands.assign(given->words.begin() + static_cast<std::ptrdiff_t>(named), given->words.end());
  if (has("--help")) {
    command.operands = {std::string(spec->words)};
    command.verb = Verb::kHelp;
    return command;
  }
  for (const std::string& flag : given->flags) {
    if (!Takes(*spec, flag)) return Wrong(std::string(spec->words) + " does not take " + flag);
  }
  if (command.operands.size() < spec->least || command.operands.size() > spec->most) {
    return Wrong("write: spillwayctl " + std::string(spec->words) + " " + std::string(spec->operands));
  }
  if (Status whole = CheckWhole(*spec, command); !whole) return whole.error();
  return command;
}

}  // namespace spillway::ctl
