#include "src/daemon/gauges.h"

#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <algorithm>

#include "src/daemon/state_json.h"
#include "src/daemon/version.h"
#include "src/daemon/words.h"

namespace spillway::daemon {
namespace {

using prometheus::Gauge;
using Labels = std::map<std::string, std::string>;

class Gauges {
 public:
  explicit Gauges(const LeaderView& leader) {
    // Declared even without a value, so that a scrape always shows that they exist.
    New("build_info", "Always 1; the version is in the label.").Add({{"version", kVersion}}).Set(1);
    New("leader", "1 if this process may write; always so without a leader election.")
        .Add({})
        .Set(leader.leads ? 1 : 0);
  }

  void Put(const AppView& view, Instant now) {
    const std::string& app = view.config->name;
    PutDemand(view);
    PutSites(view);
    for (const InputState& input : Inputs(view.config->policy, view.observation)) {
      if (input.seen) input_age_.Add({{"input", app + " " + input.name}}).Set(Seconds(now - *input.seen));
    }
    for (std::size_t i = 0; i < kOrderTokens.size(); ++i) {
      const auto stand = std::count_if(view.override.orders.begin(), view.override.orders.end(),
                                       [&](const Order& order) { return order.kind == static_cast<OrderKind>(i); });
      override_.Add({{"app", app}, {"kind", std::string(kOrderTokens.at(i))}}).Set(static_cast<double>(stand));
    }
    for (const Order& order : view.override.orders) {
      if (!order.expires) continue;
      override_left_.Add({{"app", app}, {"kind", std::string(Token(order.kind))}, {"site", order.site}})
          .Set(Seconds(*order.expires - now));
    }
    const Mode in_force = view.decision ? view.decision->mode : view.config->policy.mode;
    for (const Mode mode : kModes) {
      const bool is = in_force == mode;
      mode_.Add({{"app", app}, {"mode", std::string(Word(mode))}}).Set(is ? 1 : 0);
    }
  }

  std::vector<prometheus::MetricFamily> Collect() const { return registry_.Collect(); }

 private:
  prometheus::Family<Gauge>& New(const std::string& name, const std::string& help) {
    return prometheus::BuildGauge().Name("spillway_" + name).Help(help).Register(registry_);
  }

  void PutDemand(const AppView& view) {
    const std::string& app = view.config->name;
    if (!view.decision) return;
    if (view.decision->demand) demand_.Add({{"app", app}}).Set(*view.decision->demand);
    excess_.Add({{"app", app}}).Set(view.decision->excess);
    if (const auto& budget = view.decision->budget) {
      if (budget->replica_hours_max > 0) {
        budget_.Add({{"app", app}, {"limit", "replica_hours"}}).Set(budget->replica_hours / budget->replica_hours_max);
      }
      if (budget->cost_max > 0) budget_.Add({{"app", app}, {"limit", "cost"}}).Set(budget->cost / budget->cost_max);
    }
    for (const OverflowUse& use : view.decision->overflow_used) {
      used_.Add({{"app", app}, {"site", use.site}, {"source", std::string(Word(use.source))}}).Set(use.replicas);
    }
    for (std::size_t i = 0; i < kConditionTokens.size(); ++i) {
      const auto& holding = view.decision->conditions;
      const bool holds = std::any_of(holding.begin(), holding.end(), [&](const ConditionState& condition) {
        return condition.name == static_cast<ConditionName>(i);
      });
      condition_.Add({{"app", app}, {"condition", std::string(kConditionTokens.at(i))}}).Set(holds ? 1 : 0);
    }
  }

  void PutSites(const AppView& view) {
    const std::string& app = view.config->name;
    if (view.decision) {
      for (const auto& [site, decided] : view.decision->sites) PutDecided(app, site, decided);
    }
    for (const auto& [site, seen] : view.observation.sites) {
      if (!seen.workload.seen) continue;
      replicas_.Add({{"app", app}, {"site", site}, {"state", "ready"}}).Set(seen.workload.seen->value.replicas_ready);
    }
    for (const OverflowPolicy& overflow : view.config->policy.overflow) {
      replicas_.Add({{"app", app}, {"site", overflow.site}, {"state", "max"}}).Set(overflow.replicas_max);
    }
    if (const auto& home = view.observation.home_demand.seen) {
      replicas_.Add({{"app", app}, {"site", view.config->home.site}, {"state", "max"}}).Set(home->value.replicas_max);
    }
    const auto& traffic = view.observation.traffic.seen;
    if (!traffic) return;
    const auto written = WrittenShares(traffic->value);
    for (const auto& [site, member] : traffic->value.members) {
      const auto share = written.find(site);
      share_.Add({{"app", app}, {"site", site}, {"kind", "written"}}).Set(share == written.end() ? 0 : share->second);
    }
    for (const auto& [site, share] : MeasuredShares(traffic->value)) {
      share_.Add({{"app", app}, {"site", site}, {"kind", "measured"}}).Set(share);
    }
  }

  void PutDecided(const std::string& app, const SiteName& site, const SiteDecision& decided) {
    replicas_.Add({{"app", app}, {"site", site}, {"state", "target"}}).Set(decided.replicas_target);
    share_.Add({{"app", app}, {"site", site}, {"kind", "intended"}}).Set(decided.share_intended);
    for (const Phase phase : kPhases) {
      const bool is = decided.phase == phase;
      phase_.Add({{"app", app}, {"site", site}, {"phase", std::string(Word(phase))}}).Set(is ? 1 : 0);
    }
    for (const GateCondition& condition : decided.gate) {
      gate_.Add({{"app", app}, {"site", site}, {"condition", std::string(Token(condition.name))}})
          .Set(condition.holds ? 1 : 0);
    }
  }

  prometheus::Registry registry_;
  prometheus::Family<Gauge>& demand_ = New("demand_replicas", "Demand used for sizing, in replicas of the home site.");
  prometheus::Family<Gauge>& excess_ = New("excess_replicas", "Demand with headroom beyond home's maximum.");
  prometheus::Family<Gauge>& used_ =
      New("overflow_used_replicas", "What overflow serves, by where that is told; no site: all of them together.");
  prometheus::Family<Gauge>& replicas_ = New("site_replicas", "Replicas of a site: decided, ready, and the most.");
  prometheus::Family<Gauge>& share_ = New("site_share", "Share of traffic: decided, in the GSLB service, measured.");
  prometheus::Family<Gauge>& phase_ = New("site_phase", "1 for the phase a site is in.");
  prometheus::Family<Gauge>& gate_ = New("gate_condition", "1 if the condition of the site's gate holds.");
  prometheus::Family<Gauge>& condition_ = New("app_condition", "1 if the condition of the application holds.");
  prometheus::Family<Gauge>& mode_ = New("mode_info", "1 for the mode in force.");
  prometheus::Family<Gauge>& override_ = New("override_active", "Orders of operators that stand, by kind.");
  prometheus::Family<Gauge>& override_left_ =
      New("override_expires_seconds", "Time until an operator's order ends by itself.");
  prometheus::Family<Gauge>& budget_ =
      New("budget_used_ratio", "What was used of a limit of the budget's window; only where one is set.");
  prometheus::Family<Gauge>& input_age_ = New("input_age_seconds", "Time since an input was last confirmed.");
};

}  // namespace

std::vector<prometheus::MetricFamily> CollectGauges(const std::vector<AppView>& apps, const LeaderView& leader,
                                                    Instant now) {
  Gauges gauges(leader);
  for (const AppView& view : apps) gauges.Put(view, now);
  return gauges.Collect();
}

}  // namespace spillway::daemon
