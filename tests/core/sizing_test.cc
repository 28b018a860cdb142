#include "src/core/sizing.h"

#include <gtest/gtest.h>

#include "tests/core/model.h"

namespace spillway {
namespace {

struct Row {
  const char* name;
  Mode mode;
  double demand;
  HomeStanding home;
  std::set<SiteName> skipped;
  int a_due, b_due, b_needed, excess, missing;
};

// Home's maximum is 4, headroom 10 %. Site a: 0..3 replicas, each worth 1. Site b: 1..4 replicas, each worth 2.
TEST(Size, Table) {
  Policy policy = SmallPolicy();
  policy.overflow = {{.site = "a", .replicas_max = 3},
                     {.site = "b", .replicas_min = 1, .replicas_max = 4, .capacity_factor = 2}};
  constexpr Mode kW = Mode::kWeighted, kR = Mode::kRoundRobin, kA = Mode::kActivePassive, kAuto = Mode::kAuto;
  const HomeStanding up, down{true, 0}, half{false, .5};
  const Row rows[] = {
      {"demand within home's maximum spills nothing, warm standby stays", kW, 3.6, up, {}, 0, 0, 1, 0, 0},
      {"exactly the maximum, headroom included, spills nothing", kW, 4 / 1.1, up, {}, 0, 0, 1, 0, 0},
      {"headroom alone can make an excess", kW, 4, up, {}, 1, 0, 1, 1, 0},
      {"six replicas of demand are 6.6 with headroom, so three spill", kW, 6, up, {}, 3, 0, 1, 3, 0},
      {"what the first site can't take goes to the next, at its capacity factor", kW, 8, up, {}, 3, 1, 1, 5, 0},
      {"the second site rounds up to whole replicas", kW, 9, up, {}, 3, 2, 2, 6, 0},
      {"excess that fits nowhere is counted, in replicas of home", kW, 20, up, {}, 3, 4, 4, 18, 7},
      {"a skipped site's part goes to the next", kW, 6, up, {"a"}, 0, 2, 2, 3, 0},
      {"auto sizes as weighted", kAuto, 6, up, {}, 3, 0, 1, 3, 0},
      {"active-passive orders nothing while home is up; the excess is reported", kA, 6, up, {}, 0, 0, 1, 3, 3},
      {"round-robin sizes for an equal share, not for the excess", kR, 5, up, {}, 3, 0, 1, 2, 0},
      {"round-robin takes another site when the equal share is too much for the first", kR, 8, up, {}, 3, 2, 2, 5, 0},
      {"round-robin that fits nowhere orders nothing", kR, 16, up, {}, 0, 0, 1, 14, 14},
      {"home down: all of the demand, no headroom", kW, 6, down, {}, 3, 2, 2, 6, 0},
      {"home down in active-passive: the others take all", kA, 4, down, {}, 3, 1, 1, 4, 0},
      {"half of home back: the others keep the rest", kW, 6, half, {}, 3, 1, 1, 4, 0},
      {"no demand", kW, 0, up, {}, 0, 0, 1, 0, 0},
      {"home down without demand: one replica for whoever comes", kW, 0, down, {}, 1, 0, 1, 1, 0},
      {"home leaving without demand: the same", kW, 0, {false, 1, true}, {"a"}, 0, 1, 1, 1, 0},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    policy.mode = row.mode;
    const Sizing got = Size(policy, row.demand, 4, row.home, row.skipped);
    EXPECT_EQ(got.sites.at("a").due, row.a_due);
    EXPECT_EQ(got.sites.at("a").needed, row.a_due);
    EXPECT_EQ(got.sites.at("b").due, row.b_due);
    EXPECT_EQ(got.sites.at("b").needed, row.b_needed);
    EXPECT_EQ(got.excess, row.excess);
    EXPECT_EQ(got.missing, row.missing);
  }
}

TEST(Size, NeverLeavesTheBoundsOfASite) {
  Policy policy = SmallPolicy();
  policy.overflow = {{.site = "a", .replicas_min = 2, .replicas_max = 5, .capacity_factor = .7}};
  for (const Mode mode : {Mode::kWeighted, Mode::kRoundRobin, Mode::kActivePassive, Mode::kAuto}) {
    for (double demand = 0; demand < 30; demand += .37) {
      policy.mode = mode;
      const Sizing got = Size(policy, demand, 4, {}, {});
      EXPECT_GE(got.sites.at("a").needed, 2);
      EXPECT_LE(got.sites.at("a").needed, 5);
      EXPECT_GE(got.missing, 0);
    }
  }
}

}  // namespace
}  // namespace spillway
