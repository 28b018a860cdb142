#include "tools/simulate/scenario.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace spillway::sim {
namespace {

constexpr auto kNames = std::to_array<std::string_view>({"cut",
                                                         "hang",
                                                         "status",
                                                         "lose-answer",
                                                         "slow",
                                                         "stale",
                                                         "drop-lines",
                                                         "repeat-lines",
                                                         "forget-history",
                                                         "pods-never-ready",
                                                         "pods-unschedulable",
                                                         "pods-slow",
                                                         "pods-fail",
                                                         "autoscaler-blind",
                                                         "autoscaler-frozen",
                                                         "foreign-replicas",
                                                         "foreign-touch",
                                                         "maintenance",
                                                         "leader-change",
                                                         "expire-sessions",
                                                         "controller-gone",
                                                         "link-broken",
                                                         "two-leaders",
                                                         "suspended",
                                                         "amko",
                                                         "terraform",
                                                         "foreign-edit",
                                                         "foreign-ratio",
                                                         "foreign-disable",
                                                         "site-down",
                                                         "probe-fails",
                                                         "crash",
                                                         "crash-in-save",
                                                         "crash-in-write",
                                                         "save-fails",
                                                         "wall-step",
                                                         "twin",
                                                         "drain-order",
                                                         "pause-order",
                                                         "mode-order",
                                                         "metrics-away",
                                                         "metrics-stuck"});
static_assert(kNames.size() == static_cast<std::size_t>(FaultEvent::Kind::kEnd), "one name per kind");

std::string ClockText(Duration at) {
  const auto seconds = static_cast<long>(Seconds(at));
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%ld:%02ld:%02ld", seconds / 3600, seconds / 60 % 60, seconds % 60);
  return text.data();
}

}  // namespace

std::string_view Name(FaultEvent::Kind kind) { return kNames.at(static_cast<std::size_t>(kind)); }

std::string Text(const FaultEvent& fault, const std::vector<std::string>& sites) {
  std::array<char, 96> figures{};
  std::snprintf(figures.data(), figures.size(), " for %.0f s, chance %.2f, value %g", Seconds(fault.lasting),
                fault.chance, fault.value);
  const bool controller = fault.target >= 100;
  return ClockText(fault.at) + " " + std::string(Name(fault.kind)) + " at " + (controller ? "avi " : "") +
         sites.at(static_cast<std::size_t>(fault.target % 100)) + figures.data();
}

std::string Text(const Scenario& scenario) {
  constexpr auto kModes = std::to_array<const char*>({"round-robin", "weighted", "active-passive", "auto"});
  const Policy& policy = scenario.app.policy;
  std::array<char, 512> line{};
  std::snprintf(
      line.data(), line.size(),
      "mode %s, headroom %.2f, home max %d, TTL %.0f s, %zu resolvers (skew %.1f), pods in %.0f s, Avi every "
      "%.0f s, settles at %.2f\n"
      "probes every %.0f s, %d up, %d down; followers %.1f s behind; connections of %.0f s; autoscaler's grace "
      "%.0f s, window %.0f s\n",
      kModes.at(static_cast<std::size_t>(policy.mode)), policy.headroom, scenario.home_max, Seconds(scenario.ttl),
      scenario.crowd.resolvers, scenario.crowd.skew, Seconds(scenario.pods.to_running + scenario.pods.to_ready),
      Seconds(scenario.avi_poll),
      scenario.settle_demand >= 0 ? scenario.settle_demand : scenario.demand.At(scenario.span),
      Seconds(scenario.probe_interval), scenario.probes_up, scenario.probes_down, Seconds(scenario.replication_lag),
      Seconds(scenario.crowd.connection), Seconds(scenario.autoscaler_grace), Seconds(scenario.autoscaler_window));
  std::string text = line.data();
  if (scenario.elected) text += "two daemons, one of them elected\n";
  for (const OverflowPolicy& site : policy.overflow) {
    std::snprintf(line.data(), line.size(), "%s: %d to %d replicas, factor %.1f\n", site.site.c_str(),
                  site.replicas_min, site.replicas_max, site.capacity_factor);
    text += line.data();
  }
  for (const FaultEvent& fault : scenario.faults) text += Text(fault, scenario.site_names()) + "\n";
  return text;
}

std::vector<std::string> Scenario::site_names() const {
  std::vector<std::string> names{app.home.site};
  for (const daemon::SiteConfig& site : app.overflow) names.push_back(site.site);
  return names;
}

Scenario BaseScenario(std::size_t overflows) {
  Scenario scenario;
  daemon::AppConfig& app = scenario.app;
  app.name = app.policy.app = "shop";
  app.gslb_service = "shop";
  app.home.site = app.policy.home = "home";
  for (std::size_t i = 0; i < overflows; ++i) {
    daemon::SiteConfig site;
    site.site = i == 0 ? "cloud" : "cloud-" + std::to_string(i + 1);
    app.overflow.push_back(site);
    OverflowPolicy policy;
    policy.site = site.site;
    policy.replicas_max = 10;
    policy.price = 0.25;
    app.policy.overflow.push_back(policy);
  }
  return scenario;
}

Duration SettleTime(const Scenario& scenario) {
  const Policy& policy = scenario.app.policy;
  const Duration ttls = FromSeconds(policy.drain.ttl_factor * Seconds(scenario.ttl));
  // What may have to happen one after the other: the window empties, a failover comes back, a damped member waits, a
  // drain and its tail; and once more, because what one of them does may start the next.
  const Duration once = std::max(policy.down_stabilization, 2 * (ttls + scenario.autoscaler_window)) +
                        policy.gate.damping_max + policy.drain.max_drain + policy.drain.tail_for + ttls;
  return once * 2 + policy.failover.failback_after + 10 * scenario.ttl + 2 * policy.gate.damping_max;
}

}  // namespace spillway::sim
