#include "src/core/share_quality.h"

#include <gtest/gtest.h>

#include <cmath>

#include "src/base/rng.h"
#include "tests/core/model.h"

namespace spillway {
namespace {

// Home and "eu" are served 1:1 for long; `measured` of the requests reach home.
class Looking : public testing::Test {
 protected:
  const Decision& Look(double measured) {
    now_ += 30s;
    Observation seen = QuietObservation(now_, 4, 4);
    seen.home_demand.seen->value.load = 4;
    seen.home_demand.seen->value.limited = true;
    seen.home_demand.seen->value.wish = 4;
    auto& members = seen.traffic.seen->value.members;
    for (auto& [site, member] : members) {
      member.placement = layout_.empty() ? Placement{Place::kServed, 1, 0} : layout_.at(site);
    }
    members["us"].requests_per_second = 100 * measured;
    members["eu"].requests_per_second = 100 * (1 - measured);
    if (change_) change_(seen);
    Outcome outcome = Decide(policy_, seen, {}, memory_, now_);
    memory_ = outcome.memory;
    decision_ = outcome.decision;
    if (decision_.layout) layout_ = *decision_.layout;
    return decision_;
  }
  Looking() {
    memory_.demand = {{now_, 7.2}};
    SiteMemory& eu = memory_.sites["eu"];
    eu.known = true;
    eu.replicas_target = 4;
    eu.eligible_since = eu.ready_since = eu.healthy_since = now_;
    memory_.layout = {{"us", {Place::kServed, 1, 0}}, {"eu", {Place::kServed, 1, 0}}};
    memory_.layout_since = now_ - 1h;
    memory_.home_share = {{now_ - 1h, 0.5}};
  }

  Policy policy_ = SmallPolicy();
  Instant now_{std::chrono::hours{2}};
  Memory memory_;
  Decision decision_;
  Layout layout_;
  std::function<void(Observation&)> change_;
};

TEST_F(Looking, TellsHowManyResolversThereSeemToBe) {
  for (int i = 0; i < 7; ++i) EXPECT_FALSE(Look(i % 2 == 0 ? 0.8 : 0.2).resolvers) << "too few looks";
  for (int i = 0; i < 40; ++i) Look(i % 2 == 0 ? 0.2 : 0.8);
  ASSERT_TRUE(decision_.resolvers);
  EXPECT_NEAR(*decision_.resolvers, 2.8, 0.4);
  EXPECT_NE(FindCondition(decision_, ConditionName::kTooFewResolvers), nullptr);
}

TEST_F(Looking, ACrowdIsNotTooFew) {
  for (int i = 0; i < 40; ++i) Look(i % 2 == 0 ? 0.52 : 0.48);
  EXPECT_GT(*decision_.resolvers, 300);
  EXPECT_EQ(FindCondition(decision_, ConditionName::kTooFewResolvers), nullptr);
}

TEST_F(Looking, TooFewStaysSaidUntilThereAreClearlyMore) {
  for (int i = 0; i < 40; ++i) Look(i % 2 == 0 ? 0.8 : 0.2);
  ASSERT_NE(FindCondition(decision_, ConditionName::kTooFewResolvers), nullptr);
  for (int i = 0; i < 200; ++i) Look(i % 2 == 0 ? 0.74 : 0.26);  // N is 4.3
  EXPECT_NE(FindCondition(decision_, ConditionName::kTooFewResolvers), nullptr);
  for (int i = 0; i < 200; ++i) Look(i % 2 == 0 ? 0.7 : 0.3);  // N is 6.3
  EXPECT_EQ(FindCondition(decision_, ConditionName::kTooFewResolvers), nullptr);
}

// The estimate against resolvers that really draw: the spread realised is p (1 - p) / N.
TEST_F(Looking, FindsTheNumberOfResolversThatDraw) {
  constexpr std::uint64_t kSeed = 4;
  for (const int resolvers : {1, 3, 20}) {
    memory_.share = {};
    Rng rng(kSeed);
    double sum = 0;
    for (int look = 0; look < 400; ++look) {
      int home = 0;
      for (int i = 0; i < resolvers; ++i) home += rng.Fraction() < 0.5 ? 1 : 0;
      Look(double(home) / resolvers);
      if (look >= 100 && decision_.resolvers) sum += 1 / *decision_.resolvers;
    }
    EXPECT_NEAR(300 / sum, resolvers, 0.25 * resolvers) << "seed " << kSeed;
  }
}

struct Untold {
  const char* name;
  std::function<void(Observation&)> change;
};

TEST_F(Looking, LearnsNothingFromWhatTellsNothing) {
  const Untold rows[] = {
      {"a member whose requests are not measured",
       [](Observation& seen) { seen.traffic.seen->value.members["eu"].requests_per_second.reset(); }},
      {"no request at all",
       [](Observation& seen) {
         for (auto& [site, member] : seen.traffic.seen->value.members) member.requests_per_second = 0;
       }},
      {"a GSLB service that is not seen", [](Observation& seen) { seen.traffic.seen->as_of -= 1h; }},
  };
  for (const Untold& row : rows) {
    SCOPED_TRACE(row.name);
    change_ = row.change;
    memory_.share = {};
    for (int i = 0; i < 20; ++i) Look(0.5);
    EXPECT_EQ(memory_.share.looks, 0);
  }
}

TEST_F(Looking, LooksOnlyOnceATtlAndOnlyAtRatiosThatHaveStood) {
  memory_.layout_since = now_;
  for (int i = 0; i < 2; ++i) Look(0.5);
  EXPECT_EQ(memory_.share.looks, 0) << "three TTLs have not passed";
  Look(0.5);
  EXPECT_EQ(memory_.share.looks, 1);
  now_ -= 20s;
  Look(0.5);
  EXPECT_EQ(memory_.share.looks, 1) << "ten seconds later";
}

// Five per cent of the clients never leave home, so what is measured there is more than what is published.
TEST_F(Looking, LeansAgainstABiasSlowlyAndStops) {
  policy_.ramp.correct_bias = true;
  const auto measured = [&] {
    const auto shares = PublishedShares(layout_);
    return 0.12 + 0.88 * (shares.contains("us") ? shares.at("us") : 0.5);
  };
  int writes = 0;
  Layout last = layout_;
  for (int i = 0; i < 400; ++i) {
    Look(measured() + (i % 2 == 0 ? 0.01 : -0.01));
    if (layout_ != last) ++writes;
    last = layout_;
  }
  EXPECT_NEAR(measured(), 0.5, 0.026) << "one step, or less, is left";
  EXPECT_LE(writes, 5);
  EXPECT_LT(memory_.share.correction, 0);
}

TEST_F(Looking, NeverFollowsTheNoise) {
  policy_.ramp.correct_bias = true;
  for (int i = 0; i < 200; ++i) Look(i % 2 == 0 ? 0.56 : 0.44);
  EXPECT_EQ(memory_.share.correction, 0);
}

TEST_F(Looking, IsOffByDefault) {
  for (int i = 0; i < 100; ++i) Look(0.6);
  EXPECT_EQ(memory_.share.correction, 0);
}

TEST_F(Looking, ACorrectionNeverGoesBeyondTenPoints) {
  policy_.ramp.correct_bias = true;
  for (int i = 0; i < 400; ++i) Look(0.9);
  EXPECT_NEAR(memory_.share.correction, -0.1, 1e-9);
}

struct Lean {
  const char* name;
  bool on;
  Mode mode;
  HomeStanding home;
  std::map<SiteName, double> shares;
  double expected;
};

TEST(LeanAgainstBias, Table) {
  const HomeStanding stays{}, leaves{false, 1.0, true};
  const Lean rows[] = {
      {"home's share is moved, the others in proportion", true, Mode::kWeighted, stays, {{"us", .5}, {"eu", .5}}, .45},
      {"auto too", true, Mode::kAuto, stays, {{"us", .5}, {"eu", .5}}, .45},
      {"not when it is off", false, Mode::kWeighted, stays, {{"us", .5}, {"eu", .5}}, .5},
      {"equal shares stay equal", true, Mode::kRoundRobin, stays, {{"us", .5}, {"eu", .5}}, .5},
      {"not while home gives its traffic away", true, Mode::kWeighted, leaves, {{"us", .5}, {"eu", .5}}, .5},
      {"not when home serves alone", true, Mode::kWeighted, stays, {{"us", 1}}, 1},
      {"not near the ends", true, Mode::kWeighted, stays, {{"us", .96}, {"eu", .04}}, .96},
      {"never beyond them", true, Mode::kWeighted, stays, {{"us", .07}, {"eu", .93}}, .05},
  };
  for (const Lean& row : rows) {
    SCOPED_TRACE(row.name);
    Policy policy = SmallPolicy();
    policy.mode = row.mode;
    policy.ramp.correct_bias = row.on;
    const Ordered none;
    const Observation seen;
    Tick tick{policy, seen, none, Instant{1h}, {}, {}, {}};
    tick.memory.share.correction = -0.05;
    std::map<SiteName, double> shares = row.shares;
    LeanAgainstBias(tick, row.home, shares);
    EXPECT_NEAR(shares.at("us"), row.expected, 1e-9);
    if (shares.contains("eu")) {
      EXPECT_NEAR(shares.at("eu"), 1 - row.expected, 1e-9);
    }
  }
}

}  // namespace
}  // namespace spillway
