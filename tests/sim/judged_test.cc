// Orders of every kind and their ends, drawn from the seed, given at the API's own desk in every state that a run of
// the simulator comes through: what is accepted keeps the invariants, now and afterwards, what is refused says why, a
// dry run answers what the real call does, and once the last order is ended everything comes to rest.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>
#include <string>

#include "src/base/json.h"
#include "src/base/log.h"
#include "src/base/rng.h"
#include "src/daemon/invariants.h"
#include "src/daemon/order_desk.h"
#include "tests/daemon/fakes.h"
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

// The rules of the clock: half an hour into the run nothing moves for ten minutes, and always a minute between changes.
constexpr Duration kBlockedFrom = 30min, kBlockedTo = 40min, kBetween = 1min;
constexpr WallTime kMidnight{std::chrono::hours{24 * 365 * 56}};

class DeskClock final : public Clock {
 public:
  Instant Now() const override { return now; }
  WallTime WallNow() const override { return kMidnight + (now - Instant{}); }
  void SleepUntil(Instant) override {}
  Instant now;
};

class Operators {
 public:
  Operators(const Scenario& scenario, std::uint64_t seed) : policy_(scenario.app.policy), rng_(seed ^ 0x0bde5ULL) {
    sites_.push_back(policy_.home);
    for (const OverflowPolicy& site : policy_.overflow) sites_.push_back(site.site);
  }

  // Asks for some orders at a desk that was opened a moment ago, as after a crash; now and then in earnest.
  std::optional<Override> Ask(daemon::App& app, Instant now) {
    if (!app.View().decision || !wrong_.empty()) return std::nullopt;
    clock_.now = now;
    daemon::OrderDesk desk(app, {clock_, store_, audit_, alone_, [](const std::string&) {}});
    desk.Recall();
    bool given = false;
    for (int i = 0; i < kOrdersOfALook && !given; ++i) given = Try(app, desk, now);
    if (!given && !app.View().override.orders.empty()) given = TryToEnd(app, desk, now);
    if (!given) return std::nullopt;
    const Override standing = app.View().override;
    told += TimeText(now - Instant{} - kWarmUp) + " stands:";
    for (const Order& order : standing.orders) told += " " + std::string(Token(order.kind)) + " " + order.site + ",";
    told += "\n";
    return standing;
  }

  const std::string& wrong() const { return wrong_; }
  int judged = 0, accepted = 0;
  std::set<std::string> refused;                      // by these rules
  std::set<std::string> ends_refused, ends_accepted;  // "undrain: CapacityFloor"; "undrain"
  std::string told;                                   // what was put in force, a line each

 private:
  // True if it was given in earnest and accepted.
  bool Try(daemon::App& app, daemon::OrderDesk& desk, Instant now) {
    const daemon::AppView view = app.View();
    daemon::OrderRequest request;
    request.order = Draw(now);
    request.action = ActionOf(request.order.kind);
    request.ttl = *request.order.expires - now;
    request.force = rng_.Chance(0.15);
    request.dry_run = true;
    const Verdict verdict = app.Judge(request.order, request.force);
    std::string rule = verdict.refusal ? std::string(Text(verdict.refusal->rule).token) : ByTheClock(request, now);
    const HttpResponse tried = Give(desk, request);
    ++judged;
    if (app.View().override != view.override) Wrong("a dry run changed what stands");
    if (RuleOf(tried) != rule) Wrong("expected " + rule + ", answered " + tried.body);
    if (!rule.empty()) refused.insert(rule);
    if (verdict.refusal) CheckRefusal(*verdict.refusal, request.force);
    if (!rule.empty()) return false;
    ++accepted;
    CheckAccepted(view, request.order, request.force, verdict);
    if (!rng_.Chance(0.1)) return false;
    request.dry_run = false;
    const HttpResponse done = Give(desk, request);
    if (WithoutId(done.body) != WithoutId(tried.body)) Wrong("tried: " + tried.body + "\ndone: " + done.body);
    if (app.View().override != verdict.override) Wrong("something else stands than was judged");
    if (request.action != daemon::Action::kPause) moved_at_ = now;
    return true;
  }

  // True if orders were ended in earnest.
  bool TryToEnd(daemon::App& app, daemon::OrderDesk& desk, Instant now) {
    constexpr std::array kEnds = {daemon::Action::kResume, daemon::Action::kUndrain, daemon::Action::kClear};
    const daemon::AppView view = app.View();
    const Override standing = Unexpired(view.override, now);
    daemon::OrderRequest request;
    request.action = kEnds.at(rng_.Below(kEnds.size()));
    request.order.kind = request.action == daemon::Action::kUndrain ? OrderKind::kDrain : OrderKind::kPause;
    request.order.site = AnySite(0);
    request.force = rng_.Chance(0.15);
    request.dry_run = true;
    Override wanted;
    if (request.action != daemon::Action::kClear) wanted = Without(standing, request.order.kind, request.order.site);
    const Verdict verdict = app.JudgeEnd(wanted, request.force);
    const HttpResponse tried = Give(desk, request);
    const std::string rule = RuleOf(tried), what(daemon::Word(request.action));
    if (app.View().override != view.override) Wrong("a dry run changed what stands");
    if (rule != (verdict.refusal ? Text(verdict.refusal->rule).token : "")) Wrong(what + " answered " + tried.body);
    if (verdict.refusal) CheckRefusal(*verdict.refusal, request.force);
    if (!rule.empty()) ends_refused.insert(what + ": " + rule);
    if (!rule.empty() || wanted == standing) return false;
    ends_accepted.insert(what);
    CheckEnded(view, wanted, request.force, verdict);
    if (!rng_.Chance(0.1)) return false;
    request.dry_run = false;
    const HttpResponse done = Give(desk, request);
    if (WithoutId(done.body) != WithoutId(tried.body)) Wrong("tried: " + tried.body + "\ndone: " + done.body);
    if (app.View().override != wanted) Wrong("something else stands than was judged");
    return true;
  }

  // Said a second time, in other words than the rules' own: home is never given all at once of what it can't carry
  // while others answer too.
  void CheckEnded(const daemon::AppView& view, const Override& wanted, bool force, const Verdict& verdict) {
    CheckInvariants(view, verdict, "an end: ");
    const auto& traffic = view.observation.traffic.seen;
    const auto& home = view.observation.home_demand.seen;
    const auto& at_once = verdict.change.at_once;
    if (!traffic || !home || force || !verdict.change.decision.layout || at_once.writes_held) return;
    if (clock_.now - std::min(traffic->as_of, home->as_of) > policy_.stale_after) return;
    Layout present;
    for (const auto& [site, member] : traffic->value.members) present[site] = member.placement;
    const bool was_alone = ShareOf(PublishedShares(present), policy_.home) > 0.999;
    if (was_alone || at_once.sites.at(policy_.home).share < 0.999 || at_once.mode != Mode::kActivePassive) return;
    const double needed = verdict.change.decision.demand.value_or(0) * policy_.safety.capacity_floor;
    const bool no_worse = std::any_of(verdict.warnings.begin(), verdict.warnings.end(), [](const std::string& warning) {
      return warning.find("without the order it is no better") != std::string::npos;
    });
    if (home->value.replicas_max + 1e-6 < needed && !no_worse) {
      Wrong("an end leaves home alone with " + std::to_string(needed) + ", " + std::to_string(wanted.orders.size()) +
            " orders stand");
    }
  }

  void CheckInvariants(const daemon::AppView& view, const Verdict& verdict, const std::string& what) {
    Memory before;
    for (const auto& [site, now] : verdict.change.before.sites) before.sites[site].replicas_target = now.replicas;
    const auto broken = daemon::BrokenInvariants(policy_, view.observation, before, verdict.change.decision);
    if (!broken.empty()) Wrong(what + "what is decided then breaks " + std::string(Word(broken.front())));
  }

  static daemon::Action ActionOf(OrderKind kind) {
    using daemon::Action;
    const std::map<OrderKind, Action> actions = {{OrderKind::kMode, Action::kMode},
                                                 {OrderKind::kPause, Action::kPause},
                                                 {OrderKind::kDrain, Action::kDrain},
                                                 {OrderKind::kFailover, Action::kFailover},
                                                 {OrderKind::kFailback, Action::kFailback}};
    const auto found = actions.find(kind);
    return found == actions.end() ? Action::kPin : found->second;
  }

  HttpResponse Give(daemon::OrderDesk& desk, const daemon::OrderRequest& request) {
    return desk.Give(request, {{"oncall", daemon::Role::kAdmin}, "127.0.0.1", "", ""}).response;
  }

  // Empty: accepted.
  static std::string RuleOf(const HttpResponse& response) {
    if (response.status == 200) return "";
    if (response.status == 422) return std::string(Text(SafetyRule::kWellFormed).token);
    const auto body = ParseJson(response.body);
    return body ? StringAt(*body, "rule").value_or(response.body) : response.body;
  }

  static std::string WithoutId(std::string body) {
    const std::size_t at = body.find("\"id\":");
    if (at != std::string::npos) body.erase(at, body.find(',', at) - at);
    return body;
  }

  std::string ByTheClock(const daemon::OrderRequest& request, Instant now) const {
    if (request.action == daemon::Action::kPause) return "";
    const Duration at = now - Instant{};
    if (!request.force && at >= kBlockedFrom && at < kBlockedTo) return "BlockedWindow";
    return moved_at_ && now < *moved_at_ + kBetween ? "MinimumBetweenChanges" : "";
  }

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
    CheckInvariants(view, verdict, what);
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
  DeskClock clock_;
  daemon::FakeStore store_;
  daemon::AuditLog audit_{""};
  const Alone alone_;
  std::optional<Instant> moved_at_;
  std::string wrong_;
};

Scenario Drawn(std::uint64_t seed) {
  Scenario scenario = DrawScenario(seed, 1h);
  // Every second one without faults: there nothing but the orders could leave somebody unserved.
  std::erase_if(scenario.faults, [&](const FaultEvent& fault) {
    return seed % 2 == 0 || fault.kind == FaultEvent::Kind::kDrainOrder ||
           fault.kind == FaultEvent::Kind::kPauseOrder || fault.kind == FaultEvent::Kind::kModeOrder;
  });
  scenario.app.changes.blocked = {*daemon::ParseBlockedWindow("00:30-00:40")};
  scenario.app.changes.min_between = kBetween;
  return scenario;
}

TEST(Orders, ThatAreAcceptedKeepTheInvariantsAndThoseRefusedSayWhy) {
  ::setenv("TZ", "UTC", 1);  // NOLINT(concurrency-mt-unsafe): there is one thread
  const char* const asked = std::getenv("SPILLWAY_SEEDS");
  const std::string seeds = asked == nullptr ? kSeeds : asked;
  const std::uint64_t first = std::stoull(seeds), last = std::stoull(seeds.substr(seeds.find("..") + 2));
  int judged = 0, accepted = 0;
  std::set<std::string> refused, ends_refused, ends_accepted;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    const Scenario scenario = Drawn(seed);
    Operators operators(scenario, seed);
    RunOptions options;
    options.operators = [&](daemon::App& app, Instant now) { return operators.Ask(app, now); };
    const Outcomes outcomes = Play(scenario, options);
    judged += operators.judged;
    accepted += operators.accepted;
    refused.insert(operators.refused.begin(), operators.refused.end());
    ends_refused.insert(operators.ends_refused.begin(), operators.ends_refused.end());
    ends_accepted.insert(operators.ends_accepted.begin(), operators.ends_accepted.end());
    ASSERT_EQ(operators.wrong(), "") << "seed " << seed << "\n" << operators.told;
    ASSERT_FALSE(outcomes.violation) << "seed " << seed << ": invariant " << outcomes.violation->invariant << " at "
                                     << TimeText(outcomes.violation->at) << ": " << outcomes.violation->what << "\n"
                                     << operators.told << StoryText(outcomes);
  }
  EXPECT_GT(accepted, judged / 10);
  EXPECT_GE(refused.size(), 6U) << "drawn orders come to many rules";
  EXPECT_EQ(ends_accepted, (std::set<std::string>{"override clear", "resume", "undrain"}));
  std::string told;
  for (const std::string& each : ends_refused) told += each + ", ";
  EXPECT_FALSE(ends_refused.empty()) << "drawn ends come to a rule";
  RecordProperty("ends_refused", told);
  RecordProperty("judged", judged);
  RecordProperty("accepted", accepted);
}

}  // namespace
}  // namespace spillway::sim
