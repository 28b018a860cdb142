// Help, manual page and completion, from the list of commands.
#include <algorithm>
#include <map>
#include <string>

#include "src/base/join.h"
#include "tools/ctl/text.h"
#include "tools/ctl/verbs.h"

namespace spillway::ctl {
namespace {

constexpr char kExitCodes[] =
    "exit codes: 0 done, 1 refused by a rule, 2 usage or mistakes, 3 unreachable, 4 denied, 5 timed out";

// What people look for first.
constexpr char kMaintenance[] =
    R"(  spillwayctl status shopping                                               is all well now?
  spillwayctl drain shopping azure-eu --dry-run                             what would happen?
  spillwayctl drain shopping azure-eu --reason 'kernel update' --wait       once it says done, work on it
  spillwayctl undrain shopping azure-eu --reason 'update is done' --wait    and bring it back
Home goes with failover (which starts the others first), comes back with failback, and override clear ends it.
)";

std::string Padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size() + 2), ' ');
  return text;
}

std::string Called(const VerbSpec& spec) {
  return std::string(spec.words) + (spec.operands.empty() ? "" : " ") + std::string(spec.operands);
}

// A line of a list of commands.
std::string Listed(const VerbSpec& spec) { return "  " + Padded(Called(spec), 22) + std::string(spec.summary) + "\n"; }

std::string Called(const FlagSpec& flag) {
  return std::string(flag.name) + (flag.value.empty() ? "" : " ") + std::string(flag.value);
}

std::string FlagsText(const std::vector<FlagSpec>& flags) {
  std::string text;
  for (const FlagSpec& flag : flags) text += "  " + Padded(Called(flag), 24) + std::string(flag.help) + "\n";
  return text;
}

std::vector<FlagSpec> Own(const VerbSpec& spec) {
  std::vector<FlagSpec> own;
  for (const FlagSpec& flag : OwnFlags()) {
    if (Takes(spec, flag.name)) own.push_back(flag);
  }
  return own;
}

// For roff: a hyphen that is meant, a leading dot that is none.
std::string Roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '-' || c == '\\') out += '\\';
    out += c;
  }
  return out.empty() || (out[0] != '.' && out[0] != '\'') ? out : "\\&" + out;
}

std::string Item(const std::string& head, std::string_view text) {
  return ".TP\n.B " + Roff(head) + "\n" + Roff(text) + "\n";
}

std::string Words() {
  std::string words;
  std::string last;
  for (const VerbSpec& spec : Verbs()) {
    const std::string word(spec.words.substr(0, spec.words.find(' ')));
    if (word != last) Join(words, word, " ");
    last = word;
  }
  return words;
}

std::string Flags() {
  std::string flags;
  for (const auto* list : {&CommonFlags(), &OwnFlags()}) {
    for (const FlagSpec& flag : *list) Join(flags, flag.name, " ");
  }
  return flags;
}

}  // namespace

std::string UsageText() {
  std::string text = "usage: spillwayctl COMMAND [FLAGS]\n\nSees and steers spillwayd (docs/api.md).\n\n";
  for (const VerbSpec& spec : Verbs()) text += Listed(spec);
  text += "\nflags of all commands:\n" + FlagsText(CommonFlags());
  text += "\nflags of some (spillwayctl help COMMAND):\n" + FlagsText(OwnFlags());
  return text + "\na site out for maintenance, and back:\n" + kMaintenance + "\n" + kExitCodes + "\n";
}

std::string HelpText(const VerbSpec& spec) {
  std::string text = "usage: spillwayctl " + Called(spec) + (spec.flags.empty() ? "" : " [FLAGS]") + "\n\n" +
                     std::string(spec.summary) + "\n";
  if (const auto own = Own(spec); !own.empty()) text += "\n" + FlagsText(own);
  if (!spec.example.empty()) text += "\nfor example:\n  spillwayctl " + std::string(spec.example) + "\n";
  return text + "\nspillwayctl help lists the flags of all commands.\n" + kExitCodes + "\n";
}

std::string HelpText(std::string_view group) {
  const std::string name(group);
  std::string text;
  for (const VerbSpec& spec : Verbs()) {
    if (spec.words.starts_with(name + " ")) text += Listed(spec);
  }
  return text.empty() ? text
                      : "spillwayctl " + name + " is one of\n\n" + text + "\nspillwayctl help " + name +
                            " COMMAND lists its flags.\n";
}

std::string ManText() {
  std::string text =
      ".TH SPILLWAYCTL 1\n.SH NAME\nspillwayctl \\- sees and steers spillwayd\n.SH SYNOPSIS\n"
      ".B spillwayctl\n.I COMMAND\n[\\fIFLAGS\\fR]\n.SH DESCRIPTION\n"
      "spillwayd bursts an application into a cloud and brings it back. spillwayctl shows what it sees and\n"
      "decides, and gives it orders. An order is judged by the safety rules before it is accepted, is kept in\n"
      "the audit trail, and ends by itself. Sent to a standby, it goes to the leader.\n.SH COMMANDS\n";
  for (const VerbSpec& spec : Verbs()) text += Item(Called(spec), spec.summary);
  text += ".SH FLAGS OF ALL COMMANDS\n";
  for (const FlagSpec& flag : CommonFlags()) text += Item(Called(flag), flag.help);
  text += ".SH FLAGS OF SOME COMMANDS\n";
  for (const FlagSpec& flag : OwnFlags()) text += Item(Called(flag), flag.help);
  text += ".SH EXIT STATUS\n";
  const std::pair<const char*, const char*> codes[] = {{"0", "done"},
                                                       {"1", "refused by a rule, or given up"},
                                                       {"2", "usage, or mistakes in a file"},
                                                       {"3", "unreachable"},
                                                       {"4", "denied"},
                                                       {"5", "timed out while waiting"}};
  for (const auto& [code, meaning] : codes) text += Item(code, meaning);
  text += ".SH A SITE OUT FOR MAINTENANCE, AND BACK\n.nf\n" + Roff(kMaintenance) + ".fi\n.SH EXAMPLES\n.nf\n";
  for (const VerbSpec& spec : Verbs()) {
    if (!spec.example.empty()) text += "spillwayctl " + Roff(spec.example) + "\n";
  }
  return text + ".fi\n";
}

std::string CompletionText(std::string_view shell) {
  std::map<std::string, std::string> seconds;  // by the first word
  for (const VerbSpec& spec : Verbs()) {
    const std::size_t blank = spec.words.find(' ');
    if (blank == std::string_view::npos) continue;
    std::string& words = seconds[std::string(spec.words.substr(0, blank))];
    Join(words, spec.words.substr(blank + 1), " ");
  }
  std::string second;
  for (const auto& [first, words] : seconds) second += "    " + first + ") words=\"" + words + "\" ;;\n";
  std::string bash =
      "# spillwayctl completion\n"
      "_spillwayctl() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words\n"
      "  case $before in\n"
      "    spillwayctl | help) words=\"" +
      Words() + "\" ;;\n" + second +
      "    -o | --output) words=\"table json\" ;;\n"
      "    completion) words=\"bash zsh\" ;;\n"
      "    --token-file | --ca-file | --cert-file | --key-file | --progress | check | run) COMPREPLY=($(compgen -f -- "
      "\"$word\")); return "
      ";;\n"
      "    *)\n"
      "      if [[ $word == -* ]]; then\n"
      "        words=\"" +
      Flags() +
      "\"\n"
      "      elif [[ ${COMP_WORDS[1]} == mode && $COMP_CWORD == 3 ]]; then\n"
      "        words=\"round-robin weighted active-passive auto\"\n"
      "      else\n"
      "        words=$(spillwayctl status -o json 2>/dev/null | grep -oE '\"(app|site)\":\"[^\"]*' | cut -d'\"' -f4 | "
      "sort -u)\n"
      "      fi ;;\n"
      "  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
      "}\n"
      "complete -F _spillwayctl spillwayctl\n";
  if (shell == "bash") return bash;
  if (shell == "zsh") return "#compdef spillwayctl\nautoload -Uz bashcompinit && bashcompinit\n" + bash;
  return "";
}

}  // namespace spillway::ctl
