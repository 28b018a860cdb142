// Orders of every kind, drawn from the seed, in every state that a run of the simulator comes through: what is accepted
// keeps the invariants, now and afterwards, and what is refused says why.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string>

#include "src/base/log.h"
#include "src/base/rng.h"
#include "src/daemon/invariants.h"
#include "tools/simulate/report.h"
#include "tools/simulate/run.h"
#include "tools/simulate/scenario.h"

namespace spillway::sim {
namespace {

// Thousands of decisions would tell of themselves.
const bool kQuiet = (SetUpLog(LogLevel::kError, LogFormat::kText), true);

// Chosen: seconds in CI; by hand SPILLWAY_SEEDS=5..500 tools/test //tests/sim:judged_test --test_env=SPILLWAY_SEEDS.
constexpr char kSeeds[] = "1..4";
constexpr int kOrdersOfALook = 3;

class Operators {
 public:
  Operators(const Scenario& scenario, std::uint64_t seed) : policy_(scenario.app.policy), rng_(seed ^ 0x0bde5ULL) {
    sites_.push_back(policy_.home);
    for (const OverflowPolicy& site : policy_.overflow) sites_.push_back(site.site);
  }

  // Judges some orders as the API does, and gives the last one that was accepted now and then, or ends one.
  std::optional<Override> Ask(const daemon::App& app, Instant now) {
    const daemon::AppView view = app.View();
    if (!view.decision || !wrong_.empty()) return std::nullopt;
    std::optional<Override> given;
    for (int i = 0; i < kOrdersOfALook; ++i) {
      const Order order = Draw(now);
      const bool force = rng_.Chance(0.15);
      const Verdict verdict = app.Judge(order, force);
      ++judged;
      if (verdict.refusal) {
        refused.insert(std::string(Text(verdict.refusal->rule).token));
        CheckRefusal(*verdict.refusal, force);
      } else {
        ++accepted;
        CheckAccepted(view, order, force, verdict);
        given = verdict.override;
      }
    }
    if (rng_.Chance(0.05) && !view.override.orders.empty()) return Override{};  // as DELETE does
    if (!given || !rng_.Chance(0.15)) return std::nullopt;
    told += TimeText(now - Instant{} - kWarmUp) + " stands:";
    for (const Order& order : given->orders) told += " " + std::string(Token(order.kind)) + " " + order.site + ",";
    told += "\n";
    return given;
  }

  const std::string& wrong() const { return wrong_; }
  int judged = 0, accepted = 0;
  std::set<std::string> refused;  // by these rules
  std::string told;               // what was put in force, a line each

 private:
  SiteName AnySite(std::size_t from) { return sites_[from + rng_.Below(sites_.size() - from)]; }

  Order Draw(Instant now) {
    Order order;
    order.kind = static_cast<OrderKind>(rng_.Below(static_cast<std::uint64_t>(OrderKind::kEnd)));
    order.actor = "oncall";
    order.reason = "drawn";
    order.since = now;
    order.expires = now + 1min + Duration(1s) * static_cast<int>(rng_.Below(1800));
    order.mode = static_cast<Mode>(rng_.Below(4));
    order.site = rng_.Chance(0.02) ? "mars" : AnySite(order.kind == OrderKind::kFailover && rng_.Chance(0.9) ? 1 : 0);
    for (const SiteName& site : sites_) {
      if (rng_.Chance(0.97)) order.ratios[site] = static_cast<int>(rng_.Below(rng_.Chance(0.95) ? 6 : 25));
    }
    order.replicas[AnySite(rng_.Chance(0.95) ? 1 : 0)] =
        static_cast<int>(rng_.Below(14)) - (rng_.Chance(0.03) ? 14 : 0);
    return order;
  }

  void Wrong(const std::string& what) {
    if (wrong_.empty()) wrong_ = what;
  }

  static double FigureOf(const Refusal& refusal, std::string_view name) {
    for (const Figure& figure : refusal.compared) {
      if (figure.name == name) return figure.value;
    }
    return -1;
  }

  void CheckRefusal(const Refusal& refusal, bool force) {
    const std::string rule(Text(refusal.rule).token);
    if (refusal.why.empty() || refusal.satisfied_by.empty())
      Wrong(rule + " does not say why, or what would satisfy it");
    if (refusal.rule == SafetyRule::kCapacityFloor) {
      if (force) Wrong("CapacityFloor refused what was forced");
      const double needed = FigureOf(refusal, "needed_replicas");
      const double floor = FigureOf(refusal, "capacity_floor") * FigureOf(refusal, "demand_replicas");
      if (FigureOf(refusal, "capacity_replicas") >= needed || std::abs(needed - floor) > 1e-6) {
        Wrong("CapacityFloor's figures refuse nothing: " + refusal.why);
      }
    }
    if (refusal.rule == SafetyRule::kTrafficBeforeReplicas &&
        FigureOf(refusal, "replicas") >= std::max(1.0, FigureOf(refusal, "needed_replicas"))) {
      Wrong("TrafficBeforeReplicas' figures refuse nothing: " + refusal.why);
    }
  }

  static bool Held(const Override& override, const SiteName& site) {
    return std::any_of(override.orders.begin(), override.orders.end(),
                       [&](const Order& order) { return order.kind == OrderKind::kDrain && order.site == site; });
  }

  // Said a second time, in other words than the rules' own.
  void CheckAccepted(const daemon::AppView& view, const Order& order, bool force, const Verdict& verdict) {
    const std::string what = std::string(Token(order.kind)) + " " + order.site + ": ";
    Memory before;
    for (const auto& [site, now] : verdict.change.before.sites) before.sites[site].replicas_target = now.replicas;
    const auto broken = daemon::BrokenInvariants(policy_, view.observation, before, verdict.change.decision);
    if (!broken.empty()) Wrong(what + "what is decided then breaks " + std::string(Word(broken.front())));
    for (const OverflowPolicy& site : policy_.overflow) {
      const int replicas = verdict.change.after.sites.at(site.site).replicas;
      if (replicas > site.replicas_max) Wrong(what + site.site + " would get " + std::to_string(replicas));
    }
    if (order.kind == OrderKind::kPause || order.kind == OrderKind::kFailback) return;
    const auto& traffic = view.observation.traffic.seen;
    bool healthy = false;
    double most = 0;  // that the sites left could ever carry
    for (const SiteName& site : sites_) {
      if (Held(verdict.override, site)) continue;
      most += MostOf(view, site);
      if (!traffic || !traffic->value.members.contains(site)) continue;
      const MemberState& member = traffic->value.members.at(site);
      healthy = healthy || (member.health == Health::kUp && member.placement.place != Place::kDisabled);
    }
    if (order.kind == OrderKind::kPinReplicas) return;  // those that only add replicas move nobody
    if (!healthy) Wrong(what + "nobody healthy is left");
    const bool no_worse = std::any_of(verdict.warnings.begin(), verdict.warnings.end(), [](const std::string& warning) {
      return warning.find("without the order it is no better") != std::string::npos;
    });
    const double needed = verdict.change.decision.demand.value_or(0) * policy_.safety.capacity_floor;
    if (!force && !no_worse && most + 1e-6 < needed) {
      Wrong(what + "the sites left carry " + std::to_string(most) + " at most, needed are " + std::to_string(needed));
    }
  }

  double MostOf(const daemon::AppView& view, const SiteName& site) const {
    if (site == policy_.home) {
      const auto& demand = view.observation.home_demand.seen;
      return demand ? demand->value.replicas_max : 0;
    }
    for (const OverflowPolicy& overflow : policy_.overflow) {
      if (overflow.site == site) return overflow.replicas_max * overflow.capacity_factor;
    }
    return 0;
  }

  const Policy policy_;
  Rng rng_;
  std::vector<SiteName> sites_;
  std::string wrong_;
};

Scenario Drawn(std::uint64_t seed) {
  Scenario scenario = DrawScenario(seed, 1h);
  // Every second one without faults: there nothing but the orders could leave somebody unserved.
  std::erase_if(scenario.faults, [&](const FaultEvent& fault) {
    return seed % 2 == 0 || fault.kind == FaultEvent::Kind::kDrainOrder ||
           fault.kind == FaultEvent::Kind::kPauseOrder || fault.kind == FaultEvent::Kind::kModeOrder;
  });
  scenario.settle = {};
  return scenario;
}

TEST(Orders, ThatAreAcceptedKeepTheInvariantsAndThoseRefusedSayWhy) {
  const char* const asked = std::getenv("SPILLWAY_SEEDS");
  const std::string seeds = asked == nullptr ? kSeeds : asked;
  const std::uint64_t first = std::stoull(seeds), last = std::stoull(seeds.substr(seeds.find("..") + 2));
  int judged = 0, accepted = 0;
  std::set<std::string> refused;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    const Scenario scenario = Drawn(seed);
    Operators operators(scenario, seed);
    RunOptions options;
    options.operators = [&](const daemon::App& app, Instant now) { return operators.Ask(app, now); };
    const Outcomes outcomes = Play(scenario, options);
    judged += operators.judged;
    accepted += operators.accepted;
    refused.insert(operators.refused.begin(), operators.refused.end());
    ASSERT_EQ(operators.wrong(), "") << "seed " << seed << "\n" << operators.told;
    ASSERT_FALSE(outcomes.violation) << "seed " << seed << ": invariant " << outcomes.violation->invariant << " at "
                                     << TimeText(outcomes.violation->at) << ": " << outcomes.violation->what << "\n"
                                     << operators.told << StoryText(outcomes);
  }
  EXPECT_GT(accepted, judged / 10);
  EXPECT_GE(refused.size(), 4U) << "drawn orders come to many rules";
  RecordProperty("judged", judged);
  RecordProperty("accepted", accepted);
}

}  // namespace
}  // namespace spillway::sim
