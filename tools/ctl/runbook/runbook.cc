#include "tools/ctl/runbook/runbook.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "src/base/file.h"
#include "tools/ctl/orders.h"
#include "tools/ctl/runbook/book.h"
#include "tools/ctl/runbook/progress.h"
#include "tools/ctl/runbook/runner.h"

namespace spillway::ctl {
namespace {

// Chosen: hundreds of steps fit.
constexpr std::size_t kBytesCap = 256U << 10U;

std::variant<std::string, Answer> TextOf(const std::string& path) {
  auto text = ReadFile(path, kBytesCap);
  if (!text) return Failed(kUsage, text.error().what, "Ready ones are in deploy/runbooks.");
  return std::move(*text);
}

// Of one runbook, application and server, so that what is run on one is never gone on with on another.
std::string StemOf(const Command& command, const Book& book) {
  std::string server = command.server.substr(std::min(command.server.find("//"), command.server.size()));
  std::string stem = book.name + "." + book.app;
  for (const char c : server) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.') {
      stem += c;
    } else if (stem.back() != '_') {
      stem += '_';
    }
  }
  return command.state_folder + "/" + stem;
}

// The text and the settings: another of either is another run.
std::string Identity(const Command& command, const std::string& text) {
  std::string identity = text;
  for (const auto& [name, value] : command.settings) {
    identity.append("\n").append(name).append("=").append(value);
  }
  return identity;
}

Answer Give(Server& server, const Command& order, const std::string& key) {
  const OrderCall call = CallOf(order);
  auto wrote = server.Write(call.method, call.target, call.body, key);
  if (auto* failed = std::get_if<Answer>(&wrote)) return std::move(*failed);
  const HttpResponse& response = std::get<HttpResponse>(wrote);
  if (response.status == 200) return {kDone, response.body, ""};
  const auto document = ParseJson(response.body);
  if (response.status == 409 && document) {
    return {
        kRefused, "",
        "refused by " + StringAt(*document, "rule").value_or("?") + ": " + StringAt(*document, "detail").value_or("?")};
  }
  return server.Meaning(response);
}

std::variant<JsonDocument, Answer> Look(Server& server, const std::string& app) {
  auto got = server.Get("/api/v1/apps/" + PercentEncode(app));
  if (auto* failed = std::get_if<Answer>(&got)) return std::move(*failed);
  auto document = ParseJson(std::get<std::string>(got));
  if (!document) return Failed(kUnreachable, "the answer is no JSON", "Is --server really spillwayd's address?");
  return std::move(*document);
}

// How far it came, or a fresh start.
std::variant<RunProgress, Answer> Resumed(const Command& command, const ProgressFile& file, const std::string& identity,
                                          const Book& book, Screen& screen) {
  RunProgress fresh{NewKey().substr(0, 8), identity, std::vector<StepProgress>(book.steps.size()), false};
  if (command.restart) return fresh;
  auto kept = file.Read();
  if (!kept) return Failed(kUsage, kept.error().what, "--restart begins anew.");
  if (!*kept) return fresh;
  if ((*kept)->book != identity || (*kept)->steps.size() != book.steps.size()) {
    return Failed(kUsage, "an earlier run stopped half-way, and the runbook or its settings were others then",
                  "Run it as it was to go on; or, once you know what stands (spillwayctl status), --restart.");
  }
  screen.err("goes on with run " + (*kept)->run + "\n");
  return std::move(**kept);
}

}  // namespace

Answer CheckRunbook(const Command& command) {
  const std::string& path = command.operands[0];
  auto text = TextOf(path);
  if (auto* failed = std::get_if<Answer>(&text)) return std::move(*failed);
  const auto read = ReadBook(std::get<std::string>(text), command.settings, Unset::kAnyWord);
  if (const auto* mistakes = std::get_if<daemon::Mistakes>(&read)) {
    return {kUsage, "", daemon::MistakesText(path, *mistakes)};
  }
  return {kDone, path + ": no mistakes, " + std::to_string(std::get<Book>(read).steps.size()) + " steps\n", ""};
}

Answer RunRunbook(const Command& command, Screen& screen) {
  const std::string& path = command.operands[0];
  auto text = TextOf(path);
  if (auto* failed = std::get_if<Answer>(&text)) return std::move(*failed);
  const auto read = ReadBook(std::get<std::string>(text), command.settings, Unset::kMistake);
  if (const auto* mistakes = std::get_if<daemon::Mistakes>(&read)) {
    return {kUsage, "", daemon::MistakesText(path, *mistakes)};
  }
  const Book& book = std::get<Book>(read);
  if (command.state_folder.empty() && command.progress_file.empty()) {
    return Failed(kUsage, "there is no HOME to keep how far it came", "Give a file: --progress FILE.");
  }
  const std::string stem = command.progress_file.empty() ? StemOf(command, book) : command.progress_file;
  auto made = Server::At(command);
  if (auto* failed = std::get_if<Answer>(&made)) return std::move(*failed);
  Server& server = std::get<Server>(made);
  Stage stage{[&] { return Look(server, book.app); },
              [&](const Command& order, const std::string& key) { return Give(server, order, key); }, screen,
              command.yes};
  const std::string progress_path = command.progress_file.empty() ? stem + ".json" : stem;
  const auto file = ProgressFile::Hold(progress_path);
  if (!file) return Failed(kUsage, file.error().what, "Wait for it, or give another file: --progress FILE.");
  const std::string identity = Identity(command, std::get<std::string>(text));
  auto resumed = Resumed(command, *file, identity, book, screen);
  if (auto* failed = std::get_if<Answer>(&resumed)) return std::move(*failed);
  RunProgress& progress = std::get<RunProgress>(resumed);
  const Durations durations(stem + ".durations");
  const auto key = [&](const Step& step) { return std::to_string(&step - book.steps.data() + 1) + " " + step.name; };
  const Kept kept{[&](const RunProgress& now) { return file->Write(now); }, [&] { file->Remove(); },
                  [&](const Step& step) { return durations.Usual(key(step)); },
                  [&](const Step& step, double seconds) { durations.Add(key(step), seconds); }};
  if (command.dry_run) return Rehearse(book, progress, kept, stage);
  return Play(book, progress, kept, stage);
}

}  // namespace spillway::ctl
