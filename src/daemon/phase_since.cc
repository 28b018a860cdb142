#include "src/daemon/phase_since.h"

#include "src/base/time_text.h"
#include "src/daemon/words.h"

namespace spillway::daemon {
namespace {

constexpr std::string_view kPhase = "phase";

std::string_view Held(bool holds) { return holds ? "yes" : "no"; }

}  // namespace

std::optional<WallTime> PhaseSince::Is(const SiteName& site, std::string_view what, std::string_view now, WallTime at) {
  const auto [stay, is_new] = stays_.try_emplace({site, std::string(what)}, Stay{std::string(now), std::nullopt});
  if (!is_new && stay->second.is != now) stay->second = {std::string(now), at};
  return stay->second.since;
}

void PhaseSince::Recall(const JsonValue& state, WallTime at) {
  for (const JsonValue& site : ListAt(state, "sites")) {
    const auto name = StringAt(site, "site");
    const auto phase = StringAt(site, "phase");
    if (!name || !phase) continue;
    Is(*name, kPhase, *phase, at);
    for (const JsonValue& condition : ListAt(site, "gate")) {
      const auto token = StringAt(condition, "name");
      const auto holds = BoolAt(condition, "holds");
      // Not every turn of a condition is worth a record, but a record says when the last one was.
      if (!token || !holds) continue;
      stays_[{*name, *token}] = {std::string(Held(*holds)), ParseRfc3339(StringAt(condition, "since").value_or(""))};
    }
  }
}

std::map<SiteName, SiteSince> PhaseSince::Look(const Decision& decision, WallTime at) {
  std::map<SiteName, SiteSince> sites;
  for (const auto& [site, decided] : decision.sites) {
    SiteSince& since = sites[site];
    since.phase = Is(site, kPhase, Word(decided.phase), at);
    for (const GateCondition& condition : decided.gate) {
      const auto known = Is(site, Token(condition.name), Held(condition.holds), at);
      if (known) since.gate.emplace(condition.name, *known);
    }
  }
  return sites;
}

}  // namespace spillway::daemon
