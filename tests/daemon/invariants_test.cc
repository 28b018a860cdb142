#include "src/daemon/invariants.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/core/model.h"

namespace spillway::daemon {
namespace {

constexpr Instant kNow{std::chrono::hours{2}};

// Home and "eu" serve, three replicas each, and that is what is decided.
struct Case {
  Policy policy = SmallPolicy();
  Observation seen = QuietObservation(kNow, 3, 3);
  Memory before;
  Decision decision;

  Case() {
    before.sites["eu"].replicas_target = 3;
    auto& members = seen.traffic.seen->value.members;
    for (auto& [site, member] : members) {
      member.placement = {Place::kServed, 1, 0};
      member.health = Health::kUp;
      decision.sites[site].eligible = true;
      decision.sites[site].replicas_target = 3;
    }
    decision.layout = Layout{{"us", {Place::kServed, 1, 0}}, {"eu", {Place::kServed, 1, 0}}};
  }
};

struct Row {
  const char* name;
  std::function<void(Case&)> change;
  std::vector<Invariant> broken;
};

TEST(BrokenInvariants, Table) {
  const auto stand_by = [](Case& c) { c.seen.traffic.seen->value.members["eu"].placement = {Place::kStandby, 1, 1}; };
  const Row rows[] = {
      {"all is well", [](Case&) {}, {}},
      {"a gate that shut while the site serves: its weight may stay",
       [](Case& c) { c.decision.sites["eu"].eligible = false; },
       {}},
      {"new traffic through a gate that is shut",
       [&](Case& c) {
         stand_by(c);
         c.decision.sites["eu"].eligible = false;
       },
       {Invariant::kGateBeforeTraffic}},
      {"new traffic through one that is open", [&](Case& c) { stand_by(c); }, {}},
      {"the one that is up is taken away, so only a member that is down is served",
       [](Case& c) {
         c.seen.traffic.seen->value.members["us"].health = Health::kDown;
         c.decision.layout->at("eu") = {Place::kParked, 1, 0};
       },
       {Invariant::kSomebodyServed}},
      {"home fails while the cloud is up and still parked: it is given traffic after failoverAfter",
       [](Case& c) {
         c.seen.traffic.seen->value.members["us"].health = Health::kDown;
         c.seen.traffic.seen->value.members["eu"].placement = {Place::kParked, 1, 0};
         c.decision.layout->at("eu") = {Place::kParked, 1, 0};
       },
       {}},
      {"who is up stands by, so Avi answers it",
       [](Case& c) {
         c.seen.traffic.seen->value.members["us"].health = Health::kDown;
         c.decision.layout->at("eu") = {Place::kStandby, 1, 1};
       },
       {}},
      {"nobody is up, so nobody can be served",
       [](Case& c) {
         for (auto& [site, member] : c.seen.traffic.seen->value.members) member.health = Health::kDown;
       },
       {}},
      {"no replica while it is published as served",
       [](Case& c) { c.decision.sites["eu"].replicas_target = 0; },
       {Invariant::kTrafficBeforeReplicas}},
      {"somebody puts a site into service whose last replica had to go",
       [](Case& c) { c.before.sites["eu"].replicas_target = c.decision.sites["eu"].replicas_target = 0; },
       {}},
      {"no replica once it stands by",
       [&](Case& c) {
         stand_by(c);
         c.decision.layout->at("eu") = {Place::kStandby, 1, 1};
         c.decision.sites["eu"].replicas_target = 0;
       },
       {}},
      {"more than the maximum",
       [](Case& c) { c.decision.sites["eu"].replicas_target = 1000; },
       {Invariant::kWithinLimits}},
      {"no layout is decided", [](Case& c) { c.decision.layout.reset(); }, {}},
      {"Avi was never seen", [](Case& c) { c.seen.traffic.seen.reset(); }, {}},
  };
  for (const Row& row : rows) {
    Case c;
    row.change(c);
    EXPECT_EQ(BrokenInvariants(c.policy, c.seen, c.before, c.decision), row.broken) << row.name;
  }
}

}  // namespace
}  // namespace spillway::daemon
