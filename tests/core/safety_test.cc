#include "src/core/safety.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/core/model.h"

namespace spillway {
namespace {

constexpr Instant kNow{std::chrono::hours{2}};
const Instant kSoon = kNow + 1h;

// A burst of 6 over 4 in its middle: "us" and "eu" are served 4:3, "ap" waits cold. Each overflow site may have 8.
struct Scene {
  Policy policy = SmallPolicy();
  Observation seen = QuietObservation(kNow, 4, 3);
  Memory memory;
  Override standing;
  bool force = false;

  Scene() {
    policy.overflow.push_back({.site = "ap", .replicas_max = 8});
    HomeDemand& home = seen.home_demand.seen->value;
    home.load = 3.42;
    seen.sites["ap"].workload.seen = {WorkloadState{0, 0, 0, "1"}, kNow};
    members()["ap"] = {{Place::kStandby, 1, 1}, Health::kDown, Health::kDown, Health::kDown, {}, {}};
    members()["us"].placement = {Place::kServed, 4, 0};
    members()["eu"].placement = {Place::kServed, 3, 0};
    SiteMemory& eu = memory.sites["eu"];
    eu.known = memory.sites["ap"].known = true;
    eu.replicas_target = 3;
    eu.eligible_since = eu.ready_since = eu.healthy_since = kNow - 1h;
    memory.demand = {{kNow - 1s, 6}};
    memory.home_share = {{kNow - 1h, 4 / 7.}};
    memory.layout_since = kNow - 1h;
    memory.home_up_since = kNow - 1h;
    for (const auto& [site, member] : members()) memory.layout[site] = member.placement;
  }
  std::map<SiteName, MemberState>& members() { return seen.traffic.seen->value.members; }
  // Quiet: demand 2, home alone serves, eu is cold as well.
  void Rest() {
    seen.home_demand.seen->value.load = 2;
    seen.sites["eu"].workload.seen->value = {0, 0, 0, "1"};
    members()["eu"] = {{Place::kStandby, 1, 1}, Health::kDown, Health::kDown, Health::kDown, {}, {}};
    memory.sites["eu"] = {};
    memory.sites["eu"].known = true;
    memory.demand = {{kNow - 1s, 2}};
    memory.home_share = {{kNow - 1h, 1}};
    for (const auto& [site, member] : members()) memory.layout[site] = member.placement;
  }
  Verdict Run(const Order& order) { return Judge(policy, seen, standing, order, force, memory, kNow); }
};

using Kind = OrderKind;
constexpr auto kAccepted = SafetyRule::kEnd;

struct Row {
  const char* name;
  Order order;
  SafetyRule refused_by;
  std::function<void(Scene&)> change = {};
};

void Check(const std::vector<Row>& rows) {
  for (Row row : rows) {
    SCOPED_TRACE(row.name);
    Scene scene;
    if (row.change) row.change(scene);
    if (!row.order.expires) row.order.expires = kSoon;
    const Verdict verdict = scene.Run(row.order);
    EXPECT_EQ(verdict.accepted(), row.refused_by == kAccepted);
    if (!verdict.refusal) continue;
    EXPECT_EQ(Text(verdict.refusal->rule).token, Text(row.refused_by).token) << verdict.refusal->why;
    EXPECT_FALSE(verdict.refusal->why.empty());
    EXPECT_FALSE(verdict.refusal->satisfied_by.empty());
    scene.force = true;
    const Verdict forced = scene.Run(row.order);
    EXPECT_EQ(forced.accepted(), row.refused_by == SafetyRule::kCapacityFloor) << "force passes that rule and no other";
    EXPECT_EQ(forced.refusal.value_or(*verdict.refusal).rule, verdict.refusal->rule);
  }
}

TEST(Judge, RefusesWhatIsNotWellFormed) {
  constexpr auto kRule = SafetyRule::kWellFormed;
  Check({
      {"an order that has expired", {.kind = Kind::kPause, .expires = kNow}, kRule},
      {"a drain of nothing", {.kind = Kind::kDrain}, kRule},
      {"a drain of a stranger", {.kind = Kind::kDrain, .site = "mars"}, kRule},
      {"a failover to home", {.kind = Kind::kFailover, .site = "us"}, kRule},
      {"a failover to a stranger", {.kind = Kind::kFailover, .site = "mars"}, kRule},
      {"a ratio above 20", {.kind = Kind::kPinRatios, .ratios = {{"us", 21}, {"eu", 1}, {"ap", 0}}}, kRule},
      {"a ratio below 0", {.kind = Kind::kPinRatios, .ratios = {{"us", -1}, {"eu", 1}, {"ap", 0}}}, kRule},
      {"ratios that leave out a site", {.kind = Kind::kPinRatios, .ratios = {{"us", 1}, {"eu", 1}}}, kRule},
      {"ratios of a stranger", {.kind = Kind::kPinRatios, .ratios = {{"us", 1}, {"eu", 1}, {"mars", 1}}}, kRule},
      {"no ratio above 0", {.kind = Kind::kPinRatios, .ratios = {{"us", 0}, {"eu", 0}, {"ap", 0}}}, kRule},
      {"replicas of nobody", {.kind = Kind::kPinReplicas}, kRule},
      {"replicas of home", {.kind = Kind::kPinReplicas, .replicas = {{"us", 3}}}, kRule},
      {"replicas of a stranger", {.kind = Kind::kPinReplicas, .replicas = {{"mars", 3}}}, kRule},
      {"fewer than no replicas", {.kind = Kind::kPinReplicas, .replicas = {{"eu", -1}}}, kRule},
  });
}

void HomeUnseen(Scene& scene) { scene.seen.home_demand.seen->as_of = kNow - 2h; }
void AviUnseen(Scene& scene) { scene.seen.traffic.seen->as_of = kNow - 2h; }
void Maintenance(Scene& scene) {
  scene.seen.traffic.seen->value.writable = false;
  scene.seen.traffic.seen->value.unwritable_why = "GSLB is in maintenance mode";
}

TEST(Judge, RefusesWhatCantBeJudged) {
  constexpr auto kRule = SafetyRule::kInputsKnown;
  const Order drain{.kind = Kind::kDrain, .site = "eu"}, failover{.kind = Kind::kFailover, .site = "eu"};
  Check({
      {"a drain while the demand may be another by now", drain, kRule, HomeUnseen},
      {"a drain while home's Deployment is not seen", drain, kRule,
       [](Scene& scene) { scene.seen.sites["us"].workload.seen->as_of = kNow - 2h; }},
      {"a drain while it is not known who is healthy", drain, kRule, AviUnseen},
      {"a failback likewise", {.kind = Kind::kFailback}, kRule, AviUnseen},
      {"anything while the demand was never known", failover, kRule,
       [](Scene& scene) {
         scene.memory.demand.clear();
         scene.seen.home_demand.seen.reset();
       }},
      {"replicas of a site whose Deployment is not seen",
       {.kind = Kind::kPinReplicas, .replicas = {{"eu", 5}}},
       kRule,
       [](Scene& scene) { scene.seen.sites["eu"].workload.seen->as_of = kNow - 2h; }},
      {"but a failover may be judged by the last known demand: home may be lost", failover, kAccepted, HomeUnseen},
      {"and more replicas need no demand",
       {.kind = Kind::kPinReplicas, .replicas = {{"eu", 5}}},
       kAccepted,
       HomeUnseen},
      {"a pause only holds, so it needs nothing",
       {.kind = Kind::kPause},
       kAccepted,
       [](Scene& scene) { scene.seen = {}; }},
      {"a drain of a site that can't be seen itself", drain, kAccepted,
       [](Scene& scene) { scene.seen.sites["eu"].workload.seen->as_of = kNow - 2h; }},
  });
}

TEST(Judge, RefusesToMoveTrafficThatCantBeMoved) {
  Check({
      {"a mode while Avi takes no writes",
       {.kind = Kind::kMode, .mode = Mode::kAuto},
       SafetyRule::kGslbWritable,
       Maintenance},
      {"a mode while a setting makes ratios meaningless",
       {.kind = Kind::kMode, .mode = Mode::kAuto},
       SafetyRule::kGslbWritable,
       [](Scene& scene) { scene.seen.traffic.seen->value.ratios_void = {"num_dns_ip is 0"}; }},
      {"fewer replicas, because their traffic would stay",
       {.kind = Kind::kPinReplicas, .replicas = {{"eu", 2}}},
       SafetyRule::kGslbWritable,
       Maintenance},
      {"but more replicas move nothing", {.kind = Kind::kPinReplicas, .replicas = {{"eu", 5}}}, kAccepted, Maintenance},
  });
}

TEST(Judge, WantsSomebodyHealthyServedAfterwards) {
  constexpr auto kRule = SafetyRule::kHealthyServed;
  const auto down = [](const SiteName& site) {
    return [site](Scene& scene) { scene.members()[site].health = Health::kDown; };
  };
  Check({
      {"home can't be drained when nobody else is up",
       {.kind = Kind::kDrain, .site = "us"},
       kRule,
       [](Scene& scene) { scene.Rest(); }},
      {"the last member that is up can't be drained", {.kind = Kind::kDrain, .site = "eu"}, kRule, down("us")},
      {"nor starved by a ratio",
       {.kind = Kind::kPinRatios, .ratios = {{"us", 1}, {"eu", 0}, {"ap", 1}}},
       kRule,
       down("us")},
      {"home can't get traffic back while it is down", {.kind = Kind::kFailback}, kRule, down("us")},
      {"every site drained but one that is down",
       {.kind = Kind::kDrain, .site = "us"},
       kRule,
       [](Scene& scene) { scene.standing = {{{.kind = Kind::kDrain, .site = "eu"}}}; }},
      {"a pause may not freeze a state in which nobody healthy is answered",
       {.kind = Kind::kPause},
       kRule,
       [&](Scene& scene) {
         down("us")(scene);
         scene.members()["eu"].placement = {Place::kParked, 1, 0};
       }},
      {"a pause while nobody at all is up",
       {.kind = Kind::kPause},
       kAccepted,
       [&](Scene& scene) {
         down("us")(scene);
         down("eu")(scene);
       }},
      {"a standby is answered when the served are down",
       {.kind = Kind::kPause},
       kAccepted,
       [&](Scene& scene) {
         down("us")(scene);
         scene.members()["eu"].placement = {Place::kStandby, 1, 1};
       }},
      {"a failover to a site that another order drains",
       {.kind = Kind::kFailover, .site = "eu"},
       kRule,
       [](Scene& scene) { scene.standing = {{{.kind = Kind::kDrain, .site = "eu"}}}; }},
      {"home can be drained while another is up", {.kind = Kind::kDrain, .site = "us"}, kAccepted},
      {"a failover may name a cold site, since home serves until it is up",
       {.kind = Kind::kFailover, .site = "ap"},
       kAccepted,
       [](Scene& scene) { scene.Rest(); }},
      {"a disabled member does not count as up",
       {.kind = Kind::kDrain, .site = "us"},
       kRule,
       [](Scene& scene) {
         scene.members()["eu"].placement = {Place::kDisabled, 1, 0};
       }},
  });
}

TEST(Judge, WantsTheCapacityToCoverTheDemand) {
  constexpr auto kRule = SafetyRule::kCapacityFloor;
  const Order drain{.kind = Kind::kDrain, .site = "eu"};
  const auto away = [](Mode mode) {
    return [mode](Scene& scene) {
      scene.memory.failed_over = true;
      scene.policy.mode = mode;
    };
  };
  const auto alone = [](Scene& scene) {  // without "ap"
    scene.policy.overflow.pop_back();
    scene.members().erase("ap");
  };
  Check({
      {"the next site can take the part of the drained one", drain, kAccepted},
      {"without another site, home alone can't", drain, kRule, alone},
      {"a floor of two thirds lets four replicas carry six", drain, kAccepted,
       [&](Scene& scene) {
         alone(scene);
         scene.policy.safety.capacity_floor = 2 / 3.;
       }},
      {"a site that did not come up in time counts for nothing", drain, kRule,
       [](Scene& scene) { scene.memory.sites["ap"].provisioning_since = kNow - 1h; }},
      {"nor does one that is down in spite of ready replicas", drain, kRule,
       [](Scene& scene) {
         scene.seen.sites["ap"].workload.seen->value = {1, 1, 1, "1"};
         scene.memory.sites["ap"].ready_since = kNow - 1h;
       }},
      {"nor one that can't be seen", drain, kRule,
       [](Scene& scene) { scene.seen.sites["ap"].workload.seen->as_of = kNow - 2h; }},
      {"active-passive would leave six to home's four", {.kind = Kind::kMode, .mode = Mode::kActivePassive}, kRule},
      {"in round-robin three sites carry three times the weakest",
       {.kind = Kind::kMode, .mode = Mode::kRoundRobin},
       kAccepted},
      {"in round-robin a weak first site holds all back",
       {.kind = Kind::kMode, .mode = Mode::kRoundRobin},
       kRule,
       [](Scene& scene) {
         scene.policy.overflow[0].replicas_max = 1;
         scene.seen.sites["eu"].workload.seen->value = {1, 1, 1, "1"};
         scene.memory.sites["eu"].replicas_target = 1;
       }},
      {"ratios may not give home more than it has",
       {.kind = Kind::kPinRatios, .ratios = {{"us", 3}, {"eu", 1}, {"ap", 0}}},
       kRule},
      {"ratios that fit", {.kind = Kind::kPinRatios, .ratios = {{"us", 2}, {"eu", 1}, {"ap", 0}}}, kAccepted},
      {"replicas that fit together with home's",
       {.kind = Kind::kPinReplicas, .replicas = {{"eu", 2}, {"ap", 0}}},
       kAccepted},
      {"and that don't", {.kind = Kind::kPinReplicas, .replicas = {{"eu", 1}, {"ap", 0}}}, kRule},
      {"a failover needs the others to carry all",
       {.kind = Kind::kFailover, .site = "eu"},
       kRule,
       [](Scene& scene) {
         scene.policy.overflow[0].replicas_max = 3;
         scene.policy.overflow[1].replicas_max = 2;
       }},
      {"a failback to a home that shares", {.kind = Kind::kFailback}, kAccepted, away(Mode::kWeighted)},
      {"in active-passive home then has all", {.kind = Kind::kFailback}, kRule, away(Mode::kActivePassive)},
      {"what is no worse with the order than without is no reason to refuse",
       {.kind = Kind::kMode, .mode = Mode::kAuto},
       kAccepted,
       [](Scene& scene) {
         scene.memory.demand = {{kNow - 1s, 30}};
       }},
  });
}

TEST(Judge, RefusesFewerReplicasThanAPinnedRatioCallsFor) {
  const auto pinned = [](Scene& scene) {
    scene.standing = {{{.kind = Kind::kPinRatios, .ratios = {{"us", 1}, {"eu", 1}, {"ap", 0}}}}};
  };
  Check({
      {"none", {.kind = Kind::kPinReplicas, .replicas = {{"eu", 0}}}, SafetyRule::kTrafficBeforeReplicas, pinned},
      {"too few", {.kind = Kind::kPinReplicas, .replicas = {{"eu", 2}}}, SafetyRule::kTrafficBeforeReplicas, pinned},
      {"just enough", {.kind = Kind::kPinReplicas, .replicas = {{"eu", 3}}}, kAccepted, pinned},
  });
}

TEST(Judge, NamesTheNumbersAndWhatWouldSatisfy) {
  Scene scene;
  const Verdict verdict = scene.Run({.kind = Kind::kMode, .mode = Mode::kActivePassive});
  ASSERT_TRUE(verdict.refusal);
  EXPECT_EQ(verdict.refusal->why, "the capacity afterwards is 4 replicas, the demand of 6 times the floor of 1 is 6");
  EXPECT_EQ(verdict.refusal->satisfied_by.rfind("a demand of at most 4 (wait until it falls), more capacity", 0), 0U);
  EXPECT_EQ(verdict.refusal->compared.at(0).name, "capacity_replicas");
  EXPECT_EQ(verdict.refusal->compared.at(0).value, 4);
}

TEST(Judge, MarksWhatWasForced) {
  Scene scene;
  scene.force = true;
  const Order mode{.kind = Kind::kMode, .mode = Mode::kActivePassive, .expires = kSoon};
  const Verdict verdict = scene.Run(mode);
  EXPECT_TRUE(verdict.accepted());
  EXPECT_TRUE(verdict.forced);
  EXPECT_TRUE(verdict.override.orders.at(0).forced);
  ASSERT_EQ(verdict.warnings.size(), 1U);
  EXPECT_EQ(verdict.warnings[0].substr(0, 8), "forced: ");
  scene.seen.home_demand.seen->value.load = 2;
  scene.memory.demand = {{kNow - 1s, 2}};
  EXPECT_FALSE(scene.Run(mode).forced) << "nothing had to be passed";
}

TEST(Judge, TellsWhatWouldChangeNowAndInTheEnd) {
  Scene scene;
  const Verdict drain = scene.Run({.kind = Kind::kDrain, .site = "eu", .expires = kSoon});
  ASSERT_TRUE(drain.accepted());
  EXPECT_EQ(drain.change.before.sites.at("eu"), (SiteForecast{3, {Place::kServed, 3, 0}, 3 / 7.}));
  EXPECT_EQ(drain.change.at_once.sites.at("eu").placement.place, Place::kServed) << "until ap can carry its part";
  EXPECT_EQ(drain.change.at_once.sites.at("ap").replicas, 3);
  EXPECT_EQ(drain.change.after.sites.at("eu"), (SiteForecast{0, {Place::kParked, 1, 0}, 0}));
  EXPECT_EQ(drain.change.after.sites.at("ap"), (SiteForecast{3, {Place::kServed, 3, 0}, 3 / 7.}));
  EXPECT_EQ(drain.warnings, std::vector<std::string>{"eu serves on until the others can carry its part"});

  scene.Rest();
  const Verdict failover = scene.Run({.kind = Kind::kFailover, .site = "ap", .expires = kSoon});
  ASSERT_TRUE(failover.accepted());
  EXPECT_EQ(failover.change.at_once.sites.at("us").share, 1);
  EXPECT_EQ(failover.change.at_once.sites.at("ap").replicas, 2);
  EXPECT_EQ(failover.change.after.sites.at("ap").share, 1);
  EXPECT_EQ(failover.change.after.sites.at("us").placement.place, Place::kStandby);
  EXPECT_EQ(failover.warnings, std::vector<std::string>{"us serves on until the others are ready and up"});
}

TEST(Judge, IsADryRunOfItself) {
  Scene scene;
  const Memory before = scene.memory;
  const Order order{.kind = Kind::kDrain, .site = "eu", .expires = kSoon};
  const Verdict once = scene.Run(order), again = scene.Run(order);
  EXPECT_EQ(once.override, again.override);
  EXPECT_EQ(once.change.after, again.change.after);
  EXPECT_EQ(scene.memory, before);
}

struct Warning {
  const char* name;
  Order order;
  std::string warning;
  std::function<void(Scene&)> change = {};
};

TEST(Judge, Warns) {
  const Warning rows[] = {
      {"of an order without an end", {.kind = Kind::kPause}, "it has no expiry and stands until somebody ends it"},
      {"of replicas beyond the policy",
       {.kind = Kind::kPinReplicas, .replicas = {{"eu", 20}}, .expires = kSoon},
       "the policy allows eu 8 replicas, so that is what it gets, not 20"},
      {"of a failback with nothing to give back",
       {.kind = Kind::kFailback, .expires = kSoon},
       "home is not failed over, so nothing changes"},
      {"of a pause that stands",
       {.kind = Kind::kFailback, .expires = kSoon},
       "a pause stands: nothing is written until it ends",
       [](Scene& scene) { scene.standing = {{{.kind = Kind::kPause}}}; }},
      {"of a site that counts for nothing because it is not seen",
       {.kind = Kind::kPinReplicas, .replicas = {{"eu", 4}}, .expires = kSoon},
       "the Deployment of ap is not seen, so its capacity counts for nothing",
       [](Scene& scene) { scene.seen.sites["ap"].workload.seen.reset(); }},
      {"of a capacity that is short anyway",
       {.kind = Kind::kMode, .mode = Mode::kAuto, .expires = kSoon},
       "the capacity afterwards is 20 replicas, the demand of 30 times the floor of 1 is 30; without the order it is "
       "no better",
       [](Scene& scene) {
         scene.memory.demand = {{kNow - 1s, 30}};
       }},
  };
  for (const Warning& row : rows) {
    SCOPED_TRACE(row.name);
    Scene scene;
    if (row.change) row.change(scene);
    const Verdict verdict = scene.Run(row.order);
    EXPECT_TRUE(verdict.accepted());
    EXPECT_NE(std::find(verdict.warnings.begin(), verdict.warnings.end(), row.warning), verdict.warnings.end())
        << (verdict.warnings.empty() ? "no warnings" : verdict.warnings.front());
  }
}

}  // namespace
}  // namespace spillway
