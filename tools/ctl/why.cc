#include <algorithm>
#include <utility>

#include "src/base/join.h"
#include "src/base/time_text.h"
#include "tools/ctl/fields.h"
#include "tools/ctl/story.h"
#include "tools/ctl/text.h"

namespace spillway::ctl {
namespace {

std::string DemandText(const JsonValue& state) {
  if (!IntAt(state, "demand.homeMax")) return "not read yet";
  std::string text =
      "desires " + CountText(state, "demand.homeDesired") + " of at most " + CountText(state, "demand.homeMax");
  if (const auto wish = NumberAt(state, "demand.homeWish")) {
    text += ", held back from " + Number(*wish);
  } else if (BoolAt(state, "demand.homeLimited") == true) {
    text += ", held back by its maximum";
  }
  if (const auto load = NumberAt(state, "demand.homeLoad")) text += ", load " + Number(*load);
  return text;
}

std::string UsageText(const JsonValue& state, const std::string& name) {
  const JsonValue* site = SiteOf(state, name);
  const auto cpu = site == nullptr ? std::nullopt : NumberAt(*site, "usage.cpuCores");
  if (!cpu) return "not read yet";
  return CountText(*site, "usage.podsMeasured") + " of " + CountText(*site, "usage.podsReady") +
         " ready pods measured, they use " + Number(*cpu) + " cores";
}

std::string ObserverText(const JsonValue& state, const std::string& name) {
  const JsonValue* site = SiteOf(state, name);
  return site == nullptr ? "?" : StringAt(*site, "usage.observer").value_or("has said nothing yet");
}

std::string WorkloadText(const JsonValue& state, const std::string& name) {
  const JsonValue* site = SiteOf(state, name);
  if (site == nullptr || !IntAt(*site, "replicas.ready")) return "not read yet";
  return CountText(*site, "replicas.ready") + " of " + CountText(*site, "replicas.wanted") + " replicas ready";
}

std::string InputText(const JsonValue& state, const std::string& name) {
  const std::string site = name.substr(name.find(' ') + 1);
  if (name == "demand") return DemandText(state);
  if (name.starts_with("metrics ")) return UsageText(state, site);
  if (name.starts_with("autoscaler ")) return ObserverText(state, site);
  return WorkloadText(state, site);
}

std::string GslbText(const JsonValue& state) {
  if (!NumberAt(state, "gslb.ttlSeconds")) return "not read yet";
  std::string text;
  for (const JsonValue& site : ListAt(state, "sites")) {
    if (!StringAt(site, "member.placement")) continue;
    Join(text, TextAt(site, "site") + " " + TextAt(site, "member.placement") + ", " + TextAt(site, "member.health"));
  }
  text += "; TTL " + Span(*NumberAt(state, "gslb.ttlSeconds"));
  if (BoolAt(state, "gslb.writable") == false) text += "; takes no writes: " + TextAt(state, "gslb.unwritableWhy");
  if (BoolAt(state, "gslb.inForce") == false) text += "; not in force at every DNS site yet";
  return text;
}

std::string SeenText(const JsonValue& state) {
  std::string text = "SEEN\n";
  for (const JsonValue& input : ListAt(state, "inputs")) {
    const std::string name = TextAt(input, "name");
    const auto age = NumberAt(input, "ageSeconds");
    std::string what = name == "gslb" ? GslbText(state) : InputText(state, name);
    if (const auto detail = StringAt(input, "detail")) what += "; now failing: " + *detail;
    const std::string head = "  " + name + ", " + (age ? Span(*age) + " ago" : "never") + ": ";
    text += Wrapped(head, what, 4);
  }
  return text;
}

std::string ReasonsText(const JsonValue& state) {
  std::string text = "BECAUSE\n";
  int number = 0;
  for (const JsonValue& reason : ListAt(state, "reasons")) {
    const std::string about = StringAt(reason, "about").value_or("");
    const std::string detail = StringAt(reason, "detail").value_or("");
    const std::string figures = FiguresText(reason);
    text += Wrapped("  " + std::to_string(++number) + ". ",
                    (about.empty() ? "" : about + ": ") + TextAt(reason, "sentence") +
                        (figures.empty() ? "" : " (" + figures + ")") + (detail.empty() ? "" : " (" + detail + ")") +
                        " [" + TextAt(reason, "code") + "]",
                    5);
  }
  return text;
}

// "home 3.43 (computed) + overflow 2.57 (share, inferred)"
std::string PartsText(const JsonValue& state) {
  const auto home = NumberAt(state, "demand.homeWanted");
  if (!home) return "";
  std::string text = "home " + Number(*home) + " (" + TextAt(state, "demand.homeSure") + ")";
  for (const JsonValue& use : ListAt(state, "demand.overflowUsed")) {
    text += " + " + StringAt(use, "site").value_or("overflow") + " " + Number(NumberAt(use, "replicas").value_or(0)) +
            " (" + TextAt(use, "source") + ", " + TextAt(use, "sure") + ")";
  }
  return text;
}

std::string DecidedText(const JsonValue& state) {
  const auto demand = NumberAt(state, "demand.replicas");
  const auto now = NumberAt(state, "demand.now");
  std::string text = "DECIDED\n";
  text += Wrapped("  demand ",
                  (demand ? Number(*demand) : "unknown") + (now ? " (now " + Number(*now) + ")" : "") + ", excess " +
                      CountText(state, "demand.excess") + ", in replicas of the home site",
                  4);
  if (const std::string parts = PartsText(state); !parts.empty()) text += Wrapped("  told by ", parts, 4);
  for (const JsonValue& site : ListAt(state, "sites")) {
    const auto share = NumberAt(site, "share.intended");
    std::string line = TextAt(site, "phase");
    if (StringAt(site, "role") == "overflow") {
      line += ", " + CountText(site, "replicas.target") + " replicas (" + CountText(site, "replicas.needed") +
              " needed, at most " + CountText(site, "replicas.max") + ")";
    }
    if (share) line += ", share " + Percent(*share);
    text += Wrapped("  " + TextAt(site, "site") + ": ", line, 4);
  }
  return text;
}

// True while a gate that is shut keeps something from happening.
bool GateMatters(const JsonValue& site) {
  return BoolAt(site, "eligible") == false && IntAt(site, "replicas.needed").value_or(0) > 0;
}

// For how long a condition of a gate that matters has been missing: " (missing for 20s)". Not from before the site was
// to start: then nobody missed it.
std::string LackText(const JsonValue& condition, const JsonValue& site, const JsonValue& state) {
  const auto now = ParseRfc3339(StringAt(state, "time").value_or(""));
  const auto turned = ParseRfc3339(StringAt(condition, "since").value_or(""));
  const auto begun = ParseRfc3339(StringAt(site, "since").value_or(""));
  const auto since = std::max(turned, begun);  // the one that is known, where one is not
  if (BoolAt(condition, "holds") == true || !GateMatters(site) || !now || !since) return "";
  return " (missing for " + Span(Seconds(*now - *since)) + ")";
}

std::string GatesText(const JsonValue& state) {
  std::string text;
  for (const JsonValue& site : ListAt(state, "sites")) {
    if (ListAt(site, "gate").Empty()) continue;
    text += "GATE OF " + TextAt(site, "site") + (BoolAt(site, "eligible") == true ? ": open\n" : ": shut\n");
    std::vector<Row> rows;
    for (const JsonValue& condition : ListAt(site, "gate")) {
      rows.push_back({BoolAt(condition, "holds") == true ? "  yes" : "  NO", TextAt(condition, "name"),
                      TextAt(condition, "value") + LackText(condition, site, state)});
    }
    text += Table(rows);
  }
  return text;
}

std::string WaitingText(const JsonValue& state) {
  std::vector<std::string> waits;
  for (const JsonValue& site : ListAt(state, "sites")) {
    const std::string name = TextAt(site, "site");
    if (GateMatters(site)) {
      for (const JsonValue& condition : ListAt(site, "gate")) {
        if (BoolAt(condition, "holds") == true) continue;
        waits.push_back("gate of " + name + ": " + TextAt(condition, "name") + ", " + TextAt(condition, "value") +
                        LackText(condition, site, state));
      }
    }
    if (const auto elapsed = NumberAt(site, "drain.elapsedSeconds")) {
      waits.push_back("drain of " + name + ": " + Span(*elapsed) + " of about " +
                      Span(NumberAt(site, "drain.expectedSeconds").value_or(0)));
    }
  }
  for (const JsonValue& condition : ListAt(state, "conditions")) {
    waits.push_back(TextAt(condition, "name") + " since " + TextAt(condition, "since") + ": " +
                    TextAt(condition, "detail"));
  }
  for (const JsonValue& problem : ListAt(state, "problems")) {
    waits.push_back("problem with " + TextAt(problem, "about") + ": " + TextAt(problem, "detail"));
  }
  if (std::string pending = PendingText(state); !pending.empty()) waits.push_back(std::move(pending));
  std::string text = "WAITED FOR\n";
  if (waits.empty()) text += "  nothing: what is so is what should be so\n";
  for (const std::string& wait : waits) text += Wrapped("  - ", wait, 4);
  return text;
}

std::string ChangeText(const JsonValue& state) {
  std::string text = "WOULD CHANGE IT\n";
  const auto clauses = ListAt(state, "wouldChange");
  if (clauses.Empty()) text += "  nothing that could be told now\n";
  for (const JsonValue& clause : clauses) text += Wrapped("  - ", clause.IsString() ? clause.GetString() : "?", 4);
  return text;
}

std::string LastText(const JsonValue& state) {
  const auto records = ListAt(state, "decisions");
  if (records.Empty()) return "LAST CHANGE\n  none kept\n";
  std::string text = "LAST CHANGES\n";
  for (const JsonValue& record : records) {
    text += Wrapped("  " + TimeAt(record, "time") + " ", ChangesText(record), 4);
  }
  return text;
}

// What changed, and of each write what came of it.
std::string CameOfItText(const JsonValue& record) {
  std::string text = "CHANGED\n";
  for (const JsonValue& change : ListAt(record, "changes")) {
    text += Wrapped("  - ", change.IsString() ? change.GetString() : "?", 4);
  }
  const auto writes = ListAt(record, "writes");
  text += writes.Empty() ? "WRITTEN\n  nothing\n" : "WRITTEN\n";
  for (const JsonValue& write : writes) {
    const auto site = StringAt(write, "site");
    const auto detail = StringAt(write, "detail");
    text += Wrapped("  - ",
                    TextAt(write, "target") + (site ? " " + *site : "") + ", " + TextAt(write, "change") + ": " +
                        TextAt(write, "outcome") + (detail ? ", " + *detail : ""),
                    4);
  }
  return text;
}

}  // namespace

std::string WhyThenText(const JsonValue& record) {
  const JsonValue* state = Find(record, "state");
  if (state == nullptr) return "";
  std::string head = TextAt(*state, "app") + ", mode " + TextAt(*state, "mode");
  if (BoolAt(*state, "dryRun") == true) head += ", dry run: nothing is written";
  head += "; decided " + TextAt(record, "time") +
          (StringAt(record, "trigger") == "signal" ? ", when something was seen" : ", when its time had come");
  return Wrapped("", head, 2) + SeenText(*state) + ReasonsText(*state) + DecidedText(*state) + GatesText(*state) +
         WaitingText(*state) + ChangeText(*state) + CameOfItText(record);
}

std::string WhyText(const JsonValue& state) {
  std::string head = TextAt(state, "app") + ", mode " + TextAt(state, "mode");
  if (BoolAt(state, "dryRun") == true) head += ", dry run: nothing is written";
  if (!StringAt(state, "decidedAt")) {
    return head + "\n" + SeenText(state) + "WAITED FOR\n  the first reading of every input; nothing was decided yet\n";
  }
  head += "; decided " + TextAt(state, "decidedAt");
  if (const auto next = NumberAt(state, "nextLookSeconds"))
    head += ", looks again in " + Span(*next) + " at the latest";
  return Wrapped("", head, 2) + SeenText(state) + ReasonsText(state) + DecidedText(state) + GatesText(state) +
         WaitingText(state) + ChangeText(state) + LastText(state);
}

}  // namespace spillway::ctl
