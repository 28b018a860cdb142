#include "tools/ctl/fields.h"

#include "src/base/join.h"
#include "tools/ctl/text.h"

namespace spillway::ctl {

std::string TimeAt(const JsonValue& value, std::string_view dotted) {
  constexpr std::size_t kToTheSecond = std::string_view("2026-01-31T10:00:00").size();
  const std::string time = TextAt(value, dotted);
  return time.size() > kToTheSecond ? time.substr(0, kToTheSecond) + "Z" : time;
}

const JsonValue* SiteOf(const JsonValue& of, const std::string& name) {
  for (const JsonValue& site : ListAt(of, "sites")) {
    if (StringAt(site, "site") == name) return &site;
  }
  return nullptr;
}

std::string FiguresText(const JsonValue& of) {
  const JsonValue* figures = Find(of, "figures");
  if (figures == nullptr || !figures->IsObject()) return "";
  std::string text;
  for (const auto& figure : figures->GetObject()) {
    if (!figure.value.IsNumber()) continue;
    text += text.empty() ? "" : ", ";
    text.append(figure.name.GetString()).append(" ").append(Number(figure.value.GetDouble()));
  }
  return text;
}

std::string PendingText(const JsonValue& state) {
  const std::string pending = StringAt(state, "pending").value_or("");
  return pending.empty() ? "" : "not written yet: " + pending;
}

std::string ChangesText(const JsonValue& record) {
  std::string text;
  for (const JsonValue& change : ListAt(record, "changes")) {
    if (change.IsString()) Join(text, change.GetString());
  }
  return text;
}

}  // namespace spillway::ctl
