#include "src/daemon/phase_since.h"

#include "src/daemon/words.h"

namespace spillway::daemon {

void PhaseSince::Is(const SiteName& site, const std::string& phase, WallTime at) {
  const auto [stay, is_new] = stays_.try_emplace(site, Stay{phase, std::nullopt});
  if (!is_new && stay->second.phase != phase) stay->second = {phase, at};
}

void PhaseSince::Recall(const JsonValue& state, WallTime at) {
  const JsonValue* sites = Find(state, "sites");
  if (sites == nullptr || !sites->IsArray()) return;
  for (const JsonValue& site : sites->GetArray()) {
    const auto name = StringAt(site, "site");
    const auto phase = StringAt(site, "phase");
    if (name && phase) Is(*name, *phase, at);
  }
}

std::map<SiteName, WallTime> PhaseSince::Look(const Decision& decision, WallTime at) {
  std::map<SiteName, WallTime> since;
  for (const auto& [site, decided] : decision.sites) {
    Is(site, std::string(Word(decided.phase)), at);
    if (const auto& known = stays_.at(site).since) since.emplace(site, *known);
  }
  return since;
}

}  // namespace spillway::daemon
