// What spillwayctl can do: the one list that parsing, help, completion and the man page are made from.
#ifndef SPILLWAY_TOOLS_CTL_VERBS_H_
#define SPILLWAY_TOOLS_CTL_VERBS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::ctl {

enum class Verb {
  kHelp,
  kVersion,
  kStatus,
  kWatch,
  kWhy,
  kMode,
  kPause,
  kResume,
  kDrain,
  kUndrain,
  kPin,
  kFailover,
  kFailback,
  kClear,
  kHistory,
  kAudit,
  kDoctor,
  kRunbookRun,
  kRunbookCheck,
  kConfigCheck,
  kCompletion,
  kMan,
};

struct VerbSpec {
  Verb verb;
  std::string_view words;     // as typed: "override clear"
  std::string_view operands;  // "APP SITE", "[APP]"
  std::string_view summary;   // one line
  std::size_t least, most;    // operands
  std::string_view flags;     // its own flags, parted by blanks, besides those of all
  std::string_view example;   // a command line without the program's name; may be empty
};

struct FlagSpec {
  std::string_view name;   // "--ttl"
  std::string_view value;  // "DURATION"; empty: a switch
  std::string_view help;   // one line
};

// In the order of the help.
const std::vector<VerbSpec>& Verbs();
// Flags that every command takes, and those that some take.
const std::vector<FlagSpec>& CommonFlags();
const std::vector<FlagSpec>& OwnFlags();

const VerbSpec& SpecOf(Verb verb);
const FlagSpec* FindFlag(std::string_view name);
bool Takes(const VerbSpec& spec, std::string_view flag);

// It gives or ends an order.
bool Writes(Verb verb);

// The whole help; the help of one command.
std::string UsageText();
std::string HelpText(const VerbSpec& spec);
// Of the commands that begin with the word `group`, "runbook"; empty: none does.
std::string HelpText(std::string_view group);
// spillwayctl(1), in roff.
std::string ManText();
// A completion script for "bash" or "zsh"; empty for another shell.
std::string CompletionText(std::string_view shell);

}  // namespace spillway::ctl

#endif  // SPILLWAY_TOOLS_CTL_VERBS_H_
