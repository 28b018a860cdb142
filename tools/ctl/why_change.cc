// What would make the next decision another one, in numbers.
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "tools/ctl/fields.h"
#include "tools/ctl/story.h"
#include "tools/ctl/text.h"

namespace spillway::ctl {
namespace {

using Lines = std::vector<std::string>;

bool Holds(const JsonValue& state, const char* condition) {
  const auto conditions = ListAt(state, "conditions");
  return std::any_of(conditions.begin(), conditions.end(),
                     [&](const JsonValue& each) { return StringAt(each, "name") == condition; });
}

// The policy that the newest record was decided by: a reload makes one.
const JsonValue* PolicyOf(const JsonValue& state) {
  const auto records = ListAt(state, "decisions");
  return records.Empty() ? nullptr : FindPath(records[0], "question.policy");
}

std::string SpanAt(const JsonValue& policy, const char* path) {
  const auto seconds = NumberAt(policy, path);
  return seconds ? Span(*seconds) : "?";
}

// Sizing: ceil(demand * (1 + headroom) - home's maximum). See src/core/sizing.cc.
void DemandLines(const JsonValue& state, const JsonValue& policy, Lines& lines) {
  const auto demand = NumberAt(state, "demand.replicas");
  const auto most = IntAt(state, "demand.homeMax");
  const auto excess = IntAt(state, "demand.excess");
  const auto headroom = NumberAt(policy, "headroom");
  if (!demand || !most || !excess || !headroom || Holds(state, "HomeDown")) return;
  if (StringAt(state, "mode") == "active-passive") {
    lines.push_back("in this mode no demand moves traffic, only home's failure");
    return;
  }
  const auto bound = [&](std::int64_t count) { return Number(static_cast<double>(*most + count) / (1 + *headroom)); };
  const std::string by = ", with a headroom of " + Percent(*headroom);
  const auto now = "; it is " + Number(*demand);
  if (*excess <= 0) {
    const std::string lasting =
        NumberAt(policy, "confirmFor").value_or(0) > 0 ? ", for " + SpanAt(policy, "confirmFor") : std::string();
    lines.push_back("overflow begins when the demand is above " + bound(0) + lasting + by + now);
    return;
  }
  lines.push_back("an excess of " + std::to_string(*excess + 1) + " when the demand is above " + bound(*excess) + by +
                  now);
  lines.push_back("an excess of " + std::to_string(*excess - 1) + " when the demand has been at most " +
                  bound(*excess - 1) + " for " + SpanAt(policy, "downStabilization"));
}

void InputLines(const JsonValue& state, const JsonValue& policy, Lines& lines) {
  const auto stale = NumberAt(policy, "staleAfter");
  for (const JsonValue& input : ListAt(state, "inputs")) {
    const std::string what = TextAt(input, "name") + ": ";
    const auto age = NumberAt(input, "ageSeconds");
    if (!age) {
      lines.push_back(what + "its first reading; until then what depends on it is held");
    } else if (stale && *age > *stale) {
      lines.push_back(what + "one reading; it is " + Span(*age) + " old, and beyond " + Span(*stale) +
                      " what depends on it is held");
    } else if (stale && StringAt(input, "state") == "failing") {
      lines.push_back(what + "if it still fails in " + Span(*stale - *age) + ", what depends on it is held");
    }
  }
}

void SiteLines(const JsonValue& site, const JsonValue& policy, Lines& lines) {
  const std::string name = TextAt(site, "site");
  const std::string phase = StringAt(site, "phase").value_or("");
  if (phase == "provisioning") {
    for (const JsonValue& condition : ListAt(site, "gate")) {
      if (BoolAt(condition, "holds") == true) continue;
      const std::string token = TextAt(condition, "name");
      const std::string asks = token == "ReplicasReady" ? "; asked for " + SpanAt(policy, "gate.readyFor")
                               : token == "GslbHealthy" ? "; asked for " + SpanAt(policy, "gate.healthyFor")
                                                        : std::string();
      std::string line = name + " may be given traffic once ";
      line += token;
      line += " holds (";
      line += TextAt(condition, "value");
      line += asks;
      lines.push_back(line + ")");
    }
  } else if (phase == "draining") {
    const auto elapsed = NumberAt(site, "drain.elapsedSeconds");
    const auto expected = NumberAt(site, "drain.expectedSeconds");
    if (elapsed && expected) {
      const double left = std::max(0.0, NumberAt(policy, "drain.maxDrain").value_or(*expected) - *elapsed);
      lines.push_back(name + " loses replicas in about " + Span(std::max(0.0, *expected - *elapsed)) +
                      ", at the latest in " + Span(left) + "; a demand that rises before keeps them");
    } else {
      lines.push_back(name + " begins to count down once the lower share is in force at every DNS site");
    }
  } else if (phase == "tail") {
    lines.push_back(name + " gives up its last " + CountText(policy, "drain.keepers") +
                    " once it was in its tail for " + SpanAt(policy, "drain.tailFor"));
  } else if (phase == "down") {
    lines.push_back(name + " gets traffic back once it has been up for " + SpanAt(policy, "failover.failbackAfter") +
                    (BoolAt(policy, "failover.failbackManual") == true ? " and somebody orders the failback" : ""));
  } else if (phase == "home" && StringAt(site, "member.health") == "down") {
    lines.push_back("home is failed over from once it has been down for " + SpanAt(policy, "failover.after"));
  }
}

}  // namespace

std::string ChangeText(const JsonValue& state) {
  static const JsonValue kNothing(rapidjson::kObjectType);
  const JsonValue* known = PolicyOf(state);
  const JsonValue& policy = known == nullptr ? kNothing : *known;
  Lines lines;
  for (const JsonValue& order : ListAt(state, "override.orders")) {
    lines.push_back("the order " + TextAt(order, "kind") + " of " + TextAt(order, "actor") +
                    (Find(order, "expires") != nullptr ? " ends at " + TimeAt(order, "expires")
                                                       : " has no end and must be cleared"));
  }
  DemandLines(state, policy, lines);
  for (const JsonValue& site : ListAt(state, "sites")) SiteLines(site, policy, lines);
  InputLines(state, policy, lines);
  if (lines.empty()) lines.emplace_back("unknown: no record of a decision is kept");
  std::string text = "WOULD CHANGE IT\n";
  for (const std::string& line : lines) text += Wrapped("  - ", line, 4);
  return text;
}

}  // namespace spillway::ctl
