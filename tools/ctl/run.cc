#include "tools/ctl/run.h"

#include <variant>

#include "src/base/file.h"
#include "src/base/http_client.h"
#include "src/base/json.h"
#include "src/daemon/config.h"
#include "src/daemon/version.h"
#include "tools/ctl/story.h"
#include "tools/ctl/text.h"

namespace spillway::ctl {
namespace {

// Chosen: a person waits; spillwayd answers from memory within milliseconds.
constexpr Duration kDeadline = 10s;

Answer Failed(Exit exit, const std::string& what, const std::string& next) {
  return {exit, "", Wrapped("spillwayctl: ", what, 2) + Wrapped("  ", next, 2)};
}

// A call's body, or the answer that tells why there is none.
std::variant<std::string, Answer> Fetch(const Command& command, const std::string& path) {
  auto endpoint = ParseEndpoint(command.server);
  if (!endpoint) return Failed(kUsage, endpoint.error().what, "Write --server http://HOST:PORT or https://HOST:PORT.");
  HttpRequest request{"GET", path, {}, ""};
  if (!command.ca_file.empty()) {
    auto ca = ReadFile(command.ca_file);
    if (!ca) return Failed(kUsage, ca.error().what, "Check --ca-file (or SPILLWAY_CA_FILE).");
    endpoint->ca_pem = std::move(*ca);
  }
  if (!command.token_file.empty()) {
    auto token = ReadFile(command.token_file, 1U << 16U);
    if (!token) return Failed(kUsage, token.error().what, "Check --token-file (or SPILLWAY_TOKEN_FILE).");
    token->erase(token->find_last_not_of(" \t\r\n") + 1);
    request.headers.Set("Authorization", "Bearer " + *token);
  }
  HttpClient client(*endpoint);
  auto response = client.Send(request, kDeadline);
  if (!response) {
    if (response.error().code == Code::kDenied) {
      return Failed(kDenied, response.error().what, "Check --ca-file: it must hold the CA of spillwayd's certificate.");
    }
    return Failed(kUnreachable, response.error().what,
                  "Is spillwayd running, and is --server " + command.server + " its controller.listen?");
  }
  if (response->status == 200) return std::move(response->body);
  const auto problem = ParseJson(response->body);
  const std::string detail = problem ? StringAt(*problem, "detail").value_or("") : "";
  const std::string what = "spillwayd answered " + std::to_string(response->status) + ": " + detail;
  switch (response->status) {
    case 401:
      return Failed(kDenied, what,
                    command.token_file.empty() ? "Give a token with --token-file FILE (or SPILLWAY_TOKEN_FILE)."
                                               : "Is the token in " + command.token_file + " in its tokensFile?");
    case 403:
      return Failed(kDenied, what, "Ask for a token with a higher role.");
    case 404:
      return Failed(kUsage, what, "spillwayctl status lists the applications.");
    case 503:
      return Failed(kUnreachable, what, "Ask again in a moment.");
    default:
      return Failed(kRefused, what, "See spillwayd's log.");
  }
}

Answer Told(const Command& command, const std::string& path) {
  auto fetched = Fetch(command, path);
  if (auto* failed = std::get_if<Answer>(&fetched)) return std::move(*failed);
  const std::string& body = std::get<std::string>(fetched);
  if (command.json) return {kDone, body + "\n", ""};
  auto document = ParseJson(body);
  if (!document) {
    return Failed(kUnreachable, "the answer is no JSON", "Is --server " + command.server + " really spillwayd?");
  }
  if (command.verb == Verb::kWhy) return {kDone, WhyText(*document), ""};
  if (!command.operand.empty()) {
    JsonDocument list;
    list.SetArray().PushBack(*document, list.GetAllocator());
    return {kDone, StatusText(list), ""};
  }
  const JsonValue* apps = Find(*document, "apps");
  if (apps == nullptr || !apps->IsArray()) {
    return Failed(kUnreachable, "the answer lists no applications", "Is --server really spillwayd's address?");
  }
  return {kDone, StatusText(*apps), ""};
}

Answer CheckConfig(const std::string& path) {
  const auto read = daemon::LoadConfig(path);
  if (const auto* mistakes = std::get_if<daemon::Mistakes>(&read)) {
    return {kUsage, "", daemon::MistakesText(path, *mistakes)};
  }
  return {kDone, path + ": no mistakes\n", ""};
}

}  // namespace

Answer Run(const Command& command) {
  switch (command.verb) {
    case Verb::kHelp:
      return {kDone, kUsageText, ""};
    case Verb::kVersion:
      return {kDone, std::string("spillwayctl ") + daemon::kVersion + "\n", ""};
    case Verb::kConfigCheck:
      return CheckConfig(command.operand);
    case Verb::kStatus:
    case Verb::kWhy:
      break;
  }
  const std::string app = command.operand.empty() ? "" : "/" + PercentEncode(command.operand);
  return Told(command, "/api/v1/apps" + app);
}

}  // namespace spillway::ctl
