#include "tools/simulate/sources.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "src/base/rng.h"

namespace spillway::sim {
namespace {

using daemon::AutoscalerConfig;
using daemon::DemandKind;

std::vector<std::string> Split(const std::string& list) {
  std::vector<std::string> parts;
  std::string part;
  for (const char c : list + ",") {
    if (c != ',') {
      part += c;
      continue;
    }
    parts.push_back(part);
    part.clear();
  }
  return parts;
}

struct Sources {
  std::vector<UsageSource> order;
  std::optional<AutoscalerConfig> observer;
};

std::optional<Sources> Read(const std::string& usage) {
  Sources sources;
  for (const std::string& name : Split(usage)) {
    const bool observes = name == "tsm-observer" || name == "hpa-observer";
    if (!observes && name != "metrics" && name != "share") return std::nullopt;
    const UsageSource source = observes            ? UsageSource::kAutoscaler
                               : name == "metrics" ? UsageSource::kMetrics
                                                   : UsageSource::kShare;
    if (std::find(sources.order.begin(), sources.order.end(), source) != sources.order.end()) return std::nullopt;
    sources.order.push_back(source);
    if (!observes) continue;
    const bool tsm = name == "tsm-observer";
    sources.observer = {tsm ? DemandKind::kTsmDefinition : DemandKind::kHorizontalPodAutoscaler, ""};
  }
  return sources;
}

void Set(const Sources& sources, std::size_t overflow, Scenario& scenario) {
  scenario.app.policy.overflow[overflow].usage = sources.order;
  scenario.app.overflow[overflow].usage.observer = sources.observer;
}

}  // namespace

bool SetSources(const std::string& home, const std::string& usage, Scenario& scenario) {
  if (!home.empty() && home != "tsm" && home != "hpa") return false;
  const auto sources = usage.empty() ? Sources{} : Read(usage);
  if (!sources) return false;
  if (!home.empty()) {
    scenario.app.demand.kind = home == "tsm" ? DemandKind::kTsmDefinition : DemandKind::kHorizontalPodAutoscaler;
  }
  for (std::size_t i = 0; i < scenario.app.overflow.size() && !usage.empty(); ++i) Set(*sources, i, scenario);
  return true;
}

void DrawSources(Scenario& scenario) {
  Rng rng(scenario.seed * 0x2545f491ULL + 11);
  if (rng.Chance(0.5)) scenario.app.demand.kind = DemandKind::kHorizontalPodAutoscaler;
  constexpr const char* kOrders[] = {
      "share", "metrics,share", "metrics", "tsm-observer,share", "hpa-observer", "metrics,hpa-observer,share"};
  for (std::size_t i = 0; i < scenario.app.overflow.size(); ++i) {
    Set(*Read(kOrders[rng.Below(std::size(kOrders))]), i, scenario);
  }
  const auto troubles = rng.Below(1 + static_cast<std::uint64_t>(Seconds(scenario.span) / 1800));
  for (std::uint64_t i = 0; i < troubles; ++i) {
    FaultEvent fault;
    fault.kind = rng.Chance(0.5) ? FaultEvent::Kind::kMetricsAway : FaultEvent::Kind::kMetricsStuck;
    fault.target = static_cast<int>(rng.Below(scenario.sites()));
    fault.at = FromSeconds(std::floor(Seconds(scenario.span) * 0.95 * rng.Fraction()));
    fault.lasting = FromSeconds(std::floor(10 + 900 * rng.Fraction()));
    scenario.faults.push_back(fault);
  }
  std::stable_sort(scenario.faults.begin(), scenario.faults.end(),
                   [](const FaultEvent& a, const FaultEvent& b) { return a.at < b.at; });
}

std::string SourcesText(const Scenario& scenario) {
  const auto word = [](DemandKind kind) { return kind == DemandKind::kTsmDefinition ? "tsm" : "hpa"; };
  std::string text = std::string("home by ") + word(scenario.app.demand.kind);
  for (std::size_t i = 0; i < scenario.app.overflow.size(); ++i) {
    std::string order;
    for (const UsageSource source : scenario.app.policy.overflow[i].usage) {
      const auto& observer = scenario.app.overflow[i].usage.observer;
      order += order.empty() ? " by " : ", ";
      if (source == UsageSource::kMetrics) order += "metrics";
      if (source == UsageSource::kShare) order += "share";
      if (source == UsageSource::kAutoscaler && observer) order += word(observer->kind) + std::string("-observer");
    }
    text += ", " + scenario.app.overflow[i].site + order;
  }
  return text;
}

}  // namespace spillway::sim
