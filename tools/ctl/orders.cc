#include "tools/ctl/orders.h"

#include <array>
#include <random>

#include "tools/ctl/fields.h"
#include "tools/ctl/text.h"
#include "tools/ctl/wait.h"

namespace spillway::ctl {
namespace {

JsonValue Counts(const std::map<std::string, int>& counts, JsonDocument::AllocatorType& allocator) {
  JsonValue object(rapidjson::kObjectType);
  for (const auto& [site, count] : counts) SetMember(object, site, JsonValue(count), allocator);
  return object;
}

std::string BodyOf(const Command& command) {
  JsonDocument body;
  body.SetObject();
  auto& allocator = body.GetAllocator();
  const auto text = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) SetMember(body, name, value, allocator);
  };
  text("reason", command.reason);
  text("ticket", command.ticket);
  text("ttl", command.ttl);
  if (command.dry_run) SetMember(body, "dryRun", JsonValue(true), allocator);
  if (command.force) SetMember(body, "force", JsonValue(true), allocator);
  if (command.verb == Verb::kMode) text("mode", command.operands.at(1));
  if (command.verb != Verb::kMode && command.operands.size() > 1) text("site", command.operands.at(1));
  if (!command.ratios.empty()) SetMember(body, "ratios", Counts(command.ratios, allocator), allocator);
  if (!command.replicas.empty()) SetMember(body, "replicas", Counts(command.replicas, allocator), allocator);
  return JsonText(body);
}

std::string Cell(const JsonValue& plan, const char* when, const std::string& site) {
  const JsonValue* forecast = Find(plan, when);
  const JsonValue* found = forecast == nullptr ? nullptr : SiteOf(*forecast, site);
  if (found == nullptr) return "?";
  return CountText(*found, "replicas") + ", " + Percent(NumberAt(*found, "share").value_or(0));
}

// Replicas and share of each site: now, at once, and where it leads.
// Where nothing would move, a refusal needs no table.
std::string PlanText(const JsonValue& answer, bool refused) {
  const JsonValue* plan = Find(answer, "plan");
  if (plan == nullptr) return "";
  std::vector<Row> rows = {{"SITE", "NOW", "AT ONCE", "IN THE END"}};
  const JsonValue* before = Find(*plan, "before");
  if (before == nullptr) return "";
  bool moves = false;
  for (const JsonValue& each : ListAt(*before, "sites")) {
    const std::string site = TextAt(each, "site");
    rows.push_back({site, Cell(*plan, "before", site), Cell(*plan, "atOnce", site), Cell(*plan, "after", site)});
    moves = moves || rows.back()[1] != rows.back()[2] || rows.back()[1] != rows.back()[3];
  }
  if (refused && !moves) return "";
  std::string text = Table(rows) + "replicas decided, share of the traffic\n";
  if (BoolAt(*plan, "after.writesHeld") == true) text += "nothing is written while that holds\n";
  return text;
}

std::string WarningsText(const JsonValue& answer) {
  std::string text;
  for (const JsonValue& warning : ListAt(answer, "warnings")) {
    if (warning.IsString()) text += Wrapped("! ", warning.GetString(), 2);
  }
  return text;
}

std::string Asked(const Command& command) {
  std::string asked(SpecOf(command.verb).words);
  for (std::size_t i = 1; i < command.operands.size(); ++i) asked += " " + command.operands[i];
  for (const auto* counts : {&command.ratios, &command.replicas}) {
    for (const auto& [site, count] : *counts) asked += " " + site + "=" + std::to_string(count);
  }
  return asked + " of " + command.app();
}

}  // namespace

std::string NewKey() {
  std::random_device device;
  std::string key;
  for (int i = 0; i < 4; ++i) {
    std::array<char, 9> part{};
    std::snprintf(part.data(), part.size(), "%08x", device());
    key += part.data();
  }
  return key;
}

OrderCall CallOf(const Command& command) {
  const std::string app = "/api/v1/apps/" + PercentEncode(command.app());
  if (command.verb == Verb::kClear) {
    std::string query;
    const auto add = [&](const char* name, const std::string& value) {
      if (!value.empty()) query += (query.empty() ? "?" : "&") + std::string(name) + "=" + PercentEncode(value);
    };
    add("reason", command.reason);
    add("ticket", command.ticket);
    if (command.dry_run) add("dryRun", "true");
    if (command.force) add("force", "true");
    return {"DELETE", app + "/override" + query, ""};
  }
  return {"POST", app + "/" + std::string(SpecOf(command.verb).words), BodyOf(command)};
}

std::string AcceptedText(const Command& command, const JsonValue& answer) {
  std::string head = command.dry_run ? "would be accepted: " : "accepted: ";
  head += Asked(command);
  if (const auto expires = StringAt(answer, "expires")) head += ", until " + *expires;
  const std::string passed = StringAt(answer, "passed").value_or("");
  if (!passed.empty()) head += "; forced past " + passed;
  return Wrapped(passed.empty() ? "" : "!! ", head, 2) + PlanText(answer, false) + WarningsText(answer);
}

std::string RefusedText(const JsonValue& problem) {
  const std::string figures = FiguresText(problem);
  std::string text = Wrapped("spillwayctl: refused by " + TextAt(problem, "rule") + ": ", TextAt(problem, "detail"), 2);
  if (!figures.empty()) text += Wrapped("  compared: ", figures, 4);
  return text + PlanText(problem, true) + WarningsText(problem);
}

Answer GiveOrder(const Command& command, Screen& screen) {
  auto made = Server::At(command);
  if (auto* failed = std::get_if<Answer>(&made)) return std::move(*failed);
  Server& server = std::get<Server>(made);
  const OrderCall call = CallOf(command);
  auto wrote = server.Write(call.method, call.target, call.body, NewKey());
  if (auto* failed = std::get_if<Answer>(&wrote)) return std::move(*failed);
  const HttpResponse& response = std::get<HttpResponse>(wrote);
  const auto document = ParseJson(response.body);
  if (response.status == 409 && document) {
    return {kRefused, command.json ? response.body + "\n" : "", RefusedText(*document)};
  }
  if (response.status != 200 || !document) return server.Meaning(response);
  const std::string told = command.json ? response.body + "\n" : AcceptedText(command, *document);
  if (!command.wait) return {kDone, told, ""};
  screen.out(told);
  return WaitFor(command, server, screen);
}

}  // namespace spillway::ctl
