#include "tools/ctl/fields.h"
#include "tools/ctl/story.h"
#include "tools/ctl/text.h"

namespace spillway::ctl {
namespace {

std::string ShareText(const JsonValue& site) {
  const auto written = NumberAt(site, "share.written");
  const auto measured = NumberAt(site, "share.measured");
  if (!written) return "?";
  return Percent(*written) + (measured ? " (measured " + Percent(*measured) + ")" : "");
}

std::string ReplicasText(const JsonValue& site) {
  return CountText(site, "replicas.ready") + "/" + CountText(site, "replicas.wanted") + " (max " +
         CountText(site, "replicas.max") + ")";
}

void AddRows(const JsonValue& app, std::vector<Row>& rows) {
  const auto demand = NumberAt(app, "demand.replicas");
  bool first = true;
  for (const JsonValue& site : ListAt(app, "sites")) {
    Row row = {"", "", "", ""};
    if (first) {
      row = {TextAt(app, "app"), TextAt(app, "mode"), demand ? Number(*demand) : "?", CountText(app, "demand.excess")};
    }
    first = false;
    row.insert(row.end(), {TextAt(site, "site"), TextAt(site, "phase"), ReplicasText(site), ShareText(site),
                           TextAt(site, "member.health")});
    rows.push_back(std::move(row));
  }
}

std::string Remarks(const JsonValue& app) {
  const std::string name = TextAt(app, "app");
  std::string text;
  auto remark = [&](const std::string& sentence, const char* mark = "! ") {
    text += Wrapped(mark + name + ": ", sentence, 4);
  };
  for (const JsonValue& order : ListAt(app, "override.orders")) {
    std::string what = "order " + TextAt(order, "kind");
    for (const char* of : {"mode", "site"}) {
      if (const auto named = StringAt(order, of)) what += " " + *named;
    }
    for (const char* of : {"ratios", "replicas"}) {
      const JsonValue* counts = Find(order, of);
      if (counts == nullptr || !counts->IsObject()) continue;
      for (const auto& count : counts->GetObject()) {
        what += " " + std::string(count.name.GetString()) + "=" + CountText(*counts, count.name.GetString());
      }
    }
    const bool forced = BoolAt(order, "forced") == true;
    remark(what + " by " + TextAt(order, "actor") + " until " +
               (Find(order, "expires") != nullptr ? TimeAt(order, "expires") : "it is ended") +
               ", because: " + TextAt(order, "reason") + (forced ? ", FORCED" : ""),
           forced ? "!! " : "! ");
  }
  for (const JsonValue& condition : ListAt(app, "conditions")) {
    remark(TextAt(condition, "name") + " since " + TextAt(condition, "since") + ": " +
           StringAt(condition, "detail").value_or(""));
  }
  for (const JsonValue& input : ListAt(app, "inputs")) {
    if (StringAt(input, "state") == "ok") continue;
    remark("input " + TextAt(input, "name") + " is " + TextAt(input, "state") + ": " +
           StringAt(input, "detail").value_or("not read yet"));
  }
  for (const JsonValue& problem : ListAt(app, "problems")) {
    remark("problem with " + TextAt(problem, "about") + ": " + StringAt(problem, "detail").value_or(""));
  }
  return text;
}

// Empty while the process that was asked leads.
std::string StandbyText(const JsonValue& app) {
  if (BoolAt(app, "leader.leads").value_or(true)) return "";
  const std::string url = StringAt(app, "leader.url").value_or("");
  return "! this spillwayd stands by and writes nothing; " +
         (url.empty() ? "it knows of nobody who leads" : url + " leads") + "\n";
}

}  // namespace

std::string StatusText(const JsonValue& apps) {
  std::vector<Row> rows = {{"APP", "MODE", "DEMAND", "EXCESS", "SITE", "PHASE", "READY", "SHARE", "GSLB"}};
  std::string remarks = apps.Empty() ? "" : StandbyText(apps[0]);
  for (const JsonValue& app : apps.GetArray()) {
    AddRows(app, rows);
    remarks += Remarks(app);
    if (BoolAt(app, "dryRun") == true) {
      remarks += "! " + TextAt(app, "app") + ": dry run, nothing is written\n";
    }
  }
  return Table(rows) + remarks;
}

}  // namespace spillway::ctl
