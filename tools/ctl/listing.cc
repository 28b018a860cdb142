#include "tools/ctl/listing.h"

#include "src/base/join.h"
#include "tools/ctl/fields.h"
#include "tools/ctl/text.h"

namespace spillway::ctl {
namespace {

std::string Plus(const std::string& before, const JsonValue& of, std::string_view name, const std::string& after = "") {
  const auto text = StringAt(of, name);
  return text && !text->empty() ? before + *text + after : "";
}

}  // namespace

std::string RecordText(const JsonValue& record) {
  std::string what = ChangesText(record);
  for (const JsonValue& write : ListAt(record, "writes")) {
    const std::string outcome = TextAt(write, "outcome");
    if (outcome == "done") continue;
    Join(what, TextAt(write, "target") + Plus(" ", write, "site") + ": " + outcome + Plus(", ", write, "detail"));
  }
  return Wrapped(TimeAt(record, "time") + " " + TextAt(record, "app") + ": ", what, 2);
}

std::string EntryText(const JsonValue& entry) {
  std::string what = TextAt(entry, "actor") + " (" + TextAt(entry, "role") + "): " + TextAt(entry, "action") +
                     Plus(" ", entry, "detail") + ", " + TextAt(entry, "outcome") + Plus(" (", entry, "why", ")") +
                     Plus(", because: ", entry, "reason") + Plus(" [", entry, "ticket", "]");
  const bool forced = BoolAt(entry, "forced") == true;
  if (forced) what += ", FORCED" + Plus(" past ", entry, "passed");
  const std::string end = Plus("", entry, "end");
  if (!end.empty())
    what += "; " + end + " at " + TimeAt(entry, "ended");
  else
    what += Find(entry, "expires") != nullptr ? "; until " + TimeAt(entry, "expires") : "";
  return Wrapped((forced ? "!! " : "") + TimeAt(entry, "time") + " " + TextAt(entry, "app") + ": ", what, 2);
}

std::string HistoryText(const JsonValue& answer) {
  std::string text;
  for (const JsonValue& record : ListAt(answer, "decisions")) text += RecordText(record);
  return text.empty() ? "no decision that changed something is kept\n" : text;
}

std::string AuditText(const JsonValue& answer) {
  std::string text;
  for (const JsonValue& entry : ListAt(answer, "audit")) text += EntryText(entry);
  return text.empty() ? "nobody asked for anything\n" : text;
}

std::string DoctorText(const JsonValue& answer) {
  const auto checks = ListAt(answer, "checks");
  const auto sign = [](const std::string& verdict) {
    if (verdict == "ok") return "  ok       ";
    if (verdict == "warning") return "! warning  ";
    return verdict == "failed" ? "! FAILED   " : "  unknown  ";
  };
  std::string text, app;
  for (const JsonValue& finding : checks) {
    if (TextAt(finding, "app") != app) text += (app = TextAt(finding, "app")) + "\n";
    text +=
        Wrapped(sign(TextAt(finding, "verdict")), TextAt(finding, "check") + ": " + TextAt(finding, "evidence"), 13);
    if (const auto fix = StringAt(finding, "fix")) text += Wrapped("           -> ", *fix, 14);
  }
  return text + std::to_string(checks.Size()) + " checks, " + CountText(answer, "failed") + " failed, " +
         CountText(answer, "warnings") + " warnings\n";
}

}  // namespace spillway::ctl
