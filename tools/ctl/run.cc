#include "tools/ctl/run.h"

#include <variant>

#include "src/base/join.h"
#include "src/daemon/config.h"
#include "src/daemon/version.h"
#include "tools/ctl/listing.h"
#include "tools/ctl/orders.h"
#include "tools/ctl/runbook/runbook.h"
#include "tools/ctl/story.h"
#include "tools/ctl/text.h"
#include "tools/ctl/watch.h"

namespace spillway::ctl {
namespace {

std::string TargetOf(const Command& command) {
  const std::string app = command.operands.empty() ? "" : PercentEncode(command.app());
  std::string query = "?limit=" + std::to_string(command.limit);
  if (!command.since.empty()) query += "&since=" + PercentEncode(command.since);
  switch (command.verb) {
    case Verb::kHistory:
      return "/api/v1/apps/" + app + "/decisions" + query;
    case Verb::kWhy:
      return "/api/v1/apps/" + app + (command.at.empty() ? "" : "/decisions/" + PercentEncode(command.at));
    case Verb::kDoctor:
      return "/api/v1/doctor" + (app.empty() ? "" : "?app=" + app);
    case Verb::kAudit:
      return "/api/v1/audit" + query + (app.empty() ? "" : "&app=" + app);
    default:
      return "/api/v1/apps" + (app.empty() ? "" : "/" + app);
  }
}

std::string TextOf(const Command& command, JsonDocument& document) {
  switch (command.verb) {
    case Verb::kWhy:
      return command.at.empty() ? WhyText(document) : WhyThenText(document);
    case Verb::kHistory:
      return HistoryText(document);
    case Verb::kAudit:
      return AuditText(document);
    case Verb::kDoctor:
      return DoctorText(document);
    default:
      break;
  }
  if (command.operands.empty()) {
    const JsonValue* apps = Find(document, "apps");
    return apps != nullptr && apps->IsArray() ? StatusText(*apps) : "";
  }
  JsonDocument list;
  list.SetArray().PushBack(document, list.GetAllocator());
  return StatusText(list);
}

Answer Read(const Command& command) {
  auto made = Server::At(command);
  if (auto* failed = std::get_if<Answer>(&made)) return std::move(*failed);
  auto fetched = std::get<Server>(made).Get(TargetOf(command));
  if (auto* failed = std::get_if<Answer>(&fetched)) return std::move(*failed);
  const std::string& body = std::get<std::string>(fetched);
  auto document = ParseJson(body);
  // What fails is an answer to runbooks too.
  const bool failed = command.verb == Verb::kDoctor && document && IntAt(*document, "failed").value_or(0) > 0;
  if (command.json) return {failed ? kRefused : kDone, body + "\n", ""};
  std::string text = document ? TextOf(command, *document) : "";
  if (text.empty()) {
    return Failed(kUnreachable, "the answer is none of spillwayd's",
                  "Is --server " + command.server + " really spillwayd?");
  }
  return {failed ? kRefused : kDone, std::move(text), ""};
}

Answer CheckConfig(const std::string& path) {
  const auto read = daemon::LoadConfig(path);
  if (const auto* mistakes = std::get_if<daemon::Mistakes>(&read)) {
    return {kUsage, "", daemon::MistakesText(path, *mistakes)};
  }
  return {kDone, path + ": no mistakes\n", ""};
}

Answer Help(const Command& command) {
  if (command.operands.empty()) return {kDone, UsageText(), ""};
  std::string words;
  for (const std::string& word : command.operands) Join(words, word, " ");
  for (const VerbSpec& spec : Verbs()) {
    if (spec.words == words) return {kDone, HelpText(spec), ""};
  }
  if (std::string several = HelpText(words); !several.empty()) return {kDone, several, ""};
  return Failed(kUsage, "there is no command \"" + words + "\"", "spillwayctl help lists them all.");
}

Answer Completion(const std::string& shell) {
  std::string script = CompletionText(shell);
  if (script.empty()) return Failed(kUsage, "no completion for " + shell, "There is one for bash and one for zsh.");
  return {kDone, std::move(script), ""};
}

}  // namespace

Answer Run(const Command& command, Screen& screen) {
  switch (command.verb) {
    case Verb::kHelp:
      return Help(command);
    case Verb::kVersion:
      return {kDone, std::string("spillwayctl ") + daemon::kVersion + "\n", ""};
    case Verb::kConfigCheck:
      return CheckConfig(command.operands[0]);
    case Verb::kRunbookCheck:
      return CheckRunbook(command);
    case Verb::kRunbookRun:
      return RunRunbook(command, screen);
    case Verb::kCompletion:
      return Completion(command.operands[0]);
    case Verb::kMan:
      return {kDone, ManText(), ""};
    case Verb::kWatch:
      return Watch(command, screen);
    default:
      return Writes(command.verb) ? GiveOrder(command, screen) : Read(command);
  }
}

}  // namespace spillway::ctl
