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
  Decision decision;

  Case() {
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

TEST(BrokenInvariants, Table) {
  struct Row {
    const char* name;
    std::function<void(Case&)> change;
    std::vector<Invariant> broken;
  };
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
      {"who is up is parked, so only a member that is down is served",
       [](Case& c) {
         c.seen.traffic.seen->value.members["us"].health = Health::kDown;
         c.decision.layout->at("eu") = {Place::kParked, 1, 0};
       },
       {Invariant::kSomebodyServed}},
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
    EXPECT_EQ(BrokenInvariants(c.policy, c.seen, c.decision), row.broken) << row.name;
  }
}

}  // namespace
}  // namespace spillway::daemon
