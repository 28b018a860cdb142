#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "src/core/safety.h"
#include "tests/core/model.h"

namespace spillway {
namespace {

constexpr Instant kNow{std::chrono::hours{2}};
using Kind = OrderKind;
constexpr auto kAccepted = SafetyRule::kEnd;

// A burst of 6: home has 4 at most, "eu" has 3 of at most 8, and they are answered 4:3.
struct Scene {
  Policy policy = SmallPolicy();
  Observation seen = QuietObservation(kNow, 4, 3);
  Memory memory;
  Override standing;
  bool force = false;

  Scene() {
    seen.home_demand.seen->value.load = 3.42;
    members()["us"].placement = {Place::kServed, 4, 0};
    members()["eu"].placement = {Place::kServed, 3, 0};
    SiteMemory& eu = memory.sites["eu"];
    eu.known = true;
    eu.replicas_target = 3;
    eu.eligible_since = eu.ready_since = eu.healthy_since = kNow - 1h;
    memory.demand = {{kNow - 1s, 6}};
    memory.home_share = {{kNow - 1h, 4 / 7.}};
    memory.layout_since = memory.home_up_since = kNow - 1h;
    for (const auto& [site, member] : members()) memory.layout[site] = member.placement;
  }
  std::map<SiteName, MemberState>& members() { return seen.traffic.seen->value.members; }
  Verdict End(const Override& wanted) { return JudgeEnd(policy, seen, standing, wanted, force, memory, kNow); }
};

const Order kPaused{.kind = Kind::kPause};
const Order kPassive{.kind = Kind::kMode, .mode = Mode::kActivePassive};
const Order kHomeDrained{.kind = Kind::kDrain, .site = "us"};

struct Row {
  const char* name;
  std::vector<Order> standing;
  std::vector<Order> wanted;
  SafetyRule refused_by;
  std::function<void(Scene&)> change = {};
};

void Check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Scene scene;
    scene.standing = {row.standing};
    if (row.change) row.change(scene);
    const Verdict verdict = scene.End({row.wanted});
    EXPECT_EQ(verdict.accepted(), row.refused_by == kAccepted);
    EXPECT_EQ(verdict.override, Override{row.wanted});
    if (!verdict.refusal) continue;
    EXPECT_EQ(Text(verdict.refusal->rule).token, Text(row.refused_by).token) << verdict.refusal->why;
    EXPECT_FALSE(verdict.refusal->why.empty() || verdict.refusal->satisfied_by.empty());
    scene.force = true;
    const Verdict forced = scene.End({row.wanted});
    EXPECT_EQ(forced.accepted(), row.refused_by == SafetyRule::kCapacityFloor) << "force passes that rule and no other";
    EXPECT_EQ(forced.forced, forced.accepted());
  }
}

void Cheap(Scene& scene) { scene.memory.demand = {{kNow - 1s, 3}}, scene.seen.home_demand.seen->value.load = 1.7; }
void HomeLeft(Scene& scene) {
  scene.members()["us"].placement = {Place::kStandby, 1, 1};
  for (const auto& [site, member] : scene.members()) scene.memory.layout[site] = member.placement;
  scene.memory.home_share = {{kNow - 1h, 0}};
  scene.memory.failed_over = scene.memory.failover_ordered = true;
  scene.memory.failed_over_since = kNow - 30min;
}
void ActivePassive(Scene& scene) { scene.policy.mode = Mode::kActivePassive; }

TEST(JudgeEnd, RefusesAnEndAfterWhichTooLittleIsCarried) {
  constexpr auto kRule = SafetyRule::kCapacityFloor;
  const Order even{.kind = Kind::kPinRatios, .ratios = {{"us", 1}, {"eu", 1}}};
  const Order unlike{.kind = Kind::kPinRatios, .ratios = {{"us", 5}, {"eu", 1}}};
  const Order few{.kind = Kind::kPinReplicas, .replicas = {{"eu", 1}}};
  Check({
      {"an undrain that gives home all of what only the cloud can carry", {kHomeDrained, kPassive}, {kPassive}, kRule},
      {"but not in a mode that splits", {kHomeDrained}, {}, kAccepted},
      {"nor when home can carry it", {kHomeDrained, kPassive}, {kPassive}, kAccepted, Cheap},
      {"nor when the floor lets home's four carry six",
       {kHomeDrained, kPassive},
       {kPassive},
       kAccepted,
       [](Scene& scene) { scene.policy.safety.capacity_floor = 2 / 3.; }},
      {"an undrain of home while ratios give it five parts of six",
       {kHomeDrained, unlike},
       {unlike},
       kRule,
       [](Scene& scene) { scene.policy.overflow[0].replicas_max = 60; }},
      {"a pause's end before a mode that leaves home alone", {kPaused, kPassive}, {kPassive}, kRule},
      {"a pause's end before replicas too few", {kPaused, few}, {few}, kRule},
      {"a pause's end that changes nothing", {kPaused}, {}, kAccepted},
      {"a pause's end where what it holds carries no more",
       {kPaused, kPassive},
       {kPassive},
       kAccepted,
       [](Scene& scene) {
         scene.members()["eu"].placement = {Place::kStandby, 1, 1};
       }},
      {"a clearing that gives way to a policy that leaves home alone", {even}, {}, kRule, ActivePassive},
      {"a clearing that gives way to a policy that splits", {even, kPassive}, {}, kAccepted},
      {"an undrain of a home that has been left, and comes back by itself",
       {kHomeDrained, kPassive},
       {kPassive},
       kRule,
       HomeLeft},
      {"a clearing of a failover likewise",
       {{.kind = Kind::kFailover, .site = "eu"}},
       {},
       kRule,
       [](Scene& scene) {
         HomeLeft(scene);
         ActivePassive(scene);
       }},
      {"a home that waits for an operator's failback changes nothing yet",
       {kHomeDrained, kPassive},
       {kPassive},
       kAccepted,
       [](Scene& scene) {
         HomeLeft(scene);
         scene.policy.failover.failback_manual = true;
         scene.memory.failover_ordered = false;
       }},
  });
}

TEST(JudgeEnd, RefusesToGoOnWithAnOrderThatTakesTheOnlySiteThatIsUp) {
  constexpr auto kRule = SafetyRule::kHealthyServed;
  const auto down = [](const SiteName& site) {
    return [site](Scene& scene) { scene.members()[site].health = Health::kDown; };
  };
  Check({
      {"a drain given during the pause", {kPaused, kHomeDrained}, {kHomeDrained}, kRule, down("eu")},
      {"while the other is up it may go", {kPaused, kHomeDrained}, {kHomeDrained}, kAccepted},
      {"who is down and drained loses nothing", {kPaused, kHomeDrained}, {kHomeDrained}, kAccepted, down("us")},
      {"cleared together with the drain nobody is taken", {kPaused, kHomeDrained}, {}, kAccepted, down("eu")},
      {"the end of the drain alone changes nothing yet", {kPaused, kHomeDrained}, {kPaused}, kAccepted, down("eu")},
      {"an undrain only gives more sites", {kHomeDrained}, {}, kAccepted, down("eu")},
  });
}

// What is not seen is not moved, so the way out of an order does not wait for it.
TEST(JudgeEnd, NeedsNothingThatCantBeSeen) {
  const std::vector<Order> standing = {kPaused, kPassive}, wanted = {kPassive};
  Check({
      {"the GSLB service", standing, wanted, kAccepted,
       [](Scene& scene) { scene.seen.traffic.seen->as_of = kNow - 2h; }},
      {"the demand", standing, wanted, kAccepted, [](Scene& scene) { scene.seen.home_demand.seen->as_of = kNow - 2h; }},
      {"anything at all", standing, wanted, kAccepted, [](Scene& scene) { scene.seen = {}; }},
      {"a GSLB that takes no writes",
       {kPaused},
       {},
       kAccepted,
       [](Scene& scene) { scene.seen.traffic.seen->value.writable = false; }},
  });
}

TEST(JudgeEnd, SaysWhatIsShortWithAndWithoutTheOrder) {
  Scene scene;
  scene.standing = {{kHomeDrained}};
  scene.memory.demand = {{kNow - 1s, 30}};
  const Verdict verdict = scene.End({});
  EXPECT_TRUE(verdict.accepted());
  EXPECT_EQ(verdict.warnings,
            std::vector<std::string>{"the capacity afterwards is 12 replicas, the demand of 30 times the floor of 1 is "
                                     "30; without the order it is no better"});
  scene.standing = {{kHomeDrained, kPassive}};
  scene.force = true;
  const Verdict forced = scene.End({{kPassive}});
  EXPECT_TRUE(forced.forced);
  EXPECT_EQ(forced.warnings.at(0).rfind("forced: the capacity afterwards is 4 replicas", 0), 0U);
}

}  // namespace
}  // namespace spillway
