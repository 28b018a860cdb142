// Whole stories in the closed loop of the model: what the product promises, end to end, in seconds of virtual time.
#include <gtest/gtest.h>

#include <string>

#include "tests/core/model.h"

namespace spillway {
namespace {

struct Row {
  const char* name;
  Mode mode;
  bool load_known, measured;
  int overflow_at_rest_of_story;
};

class ConstantLoad : public testing::TestWithParam<Row> {};

TEST_P(ConstantLoad, OfSixOverFourSettlesAndThenWritesNothing) {
  ModelOptions options;
  options.policy.mode = GetParam().mode;
  options.load_known = GetParam().load_known;
  options.measured = GetParam().measured;
  Model model(options);
  model.Run(15min);
  EXPECT_EQ(model.overflow_wanted, GetParam().overflow_at_rest_of_story);
  const int scale_writes = model.scale_writes, layout_writes = model.layout_writes;
  model.Run(60min);
  EXPECT_EQ(model.scale_writes, scale_writes);
  EXPECT_EQ(model.layout_writes, layout_writes);
  EXPECT_EQ(model.worst_lost, 0);
  EXPECT_EQ(model.violations, std::vector<std::string>{});
}

INSTANTIATE_TEST_SUITE_P(Modes, ConstantLoad,
                         testing::Values(Row{"weighted", Mode::kWeighted, true, false, 3},
                                         Row{"weighted_measured", Mode::kWeighted, true, true, 3},
                                         Row{"weighted_by_desired", Mode::kWeighted, false, false, 3},
                                         Row{"round_robin", Mode::kRoundRobin, true, false, 4},
                                         Row{"round_robin_by_desired", Mode::kRoundRobin, false, false, 4},
                                         Row{"auto", Mode::kAuto, true, false, 3},
                                         Row{"active_passive", Mode::kActivePassive, true, false, 0}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Story, BurstAndReturnLosesNothing) {
  for (const bool measured : {false, true}) {
    SCOPED_TRACE(measured ? "measured" : "not measured");
    ModelOptions options;
    options.demand = 2;
    options.measured = measured;
    Model model(options);
    model.Run(10min);
    EXPECT_EQ(model.scale_writes + model.layout_writes, 0) << "a quiet world is left alone";

    model.options.demand = 5.9;
    ASSERT_TRUE(model.RunUntil([&] { return model.overflow_ready == 3; }, 2min));
    EXPECT_EQ(model.overflow_traffic, 0) << "weight never runs ahead of ready replicas";
    ASSERT_TRUE(model.RunUntil([&] { return model.overflow_traffic > 0.4; }, 5min));
    EXPECT_EQ(model.decision.sites.at("eu").phase, Phase::kServing);

    model.options.demand = 2;
    ASSERT_TRUE(model.RunUntil([&] { return model.layout.at("eu").place != Place::kServed; }, 10min));
    EXPECT_EQ(model.overflow_ready, 3) << "weight first, replicas later";
    ASSERT_TRUE(model.RunUntil([&] { return model.overflow_wanted < 3; }, 20min));
    EXPECT_EQ(model.overflow_wanted, 1) << "the last replica leaves last";
    ASSERT_TRUE(model.RunUntil([&] { return model.overflow_wanted == 0; }, 20min));
    EXPECT_EQ(model.worst_lost, 0);
    EXPECT_EQ(model.violations, std::vector<std::string>{});
    const int writes = model.scale_writes + model.layout_writes;
    model.Run(60min);
    EXPECT_EQ(model.scale_writes + model.layout_writes, writes) << "back at rest, nothing is written";
    EXPECT_EQ(model.decision.sites.at("eu").phase, Phase::kRest);
  }
}

TEST(Story, DemandThatComesBackDuringADrainCancelsItAtOnce) {
  ModelOptions options;
  Model model(options);
  model.Run(10min);
  model.options.demand = 2;
  ASSERT_TRUE(model.RunUntil([&] { return model.decision.sites.at("eu").phase == Phase::kDraining; }, 10min));
  model.Run(1min);
  model.options.demand = 6;
  const int scale_writes = model.scale_writes;
  ASSERT_TRUE(model.RunUntil([&] { return model.layout.at("eu").place == Place::kServed; }, 3min));
  EXPECT_EQ(model.scale_writes, scale_writes) << "the replicas were still there";
}

// Noise about a whole number must not take a site out and in again: what holds on and what comes back are two
// thresholds.
TEST(Story, DemandJustBelowAWholeReplicaDoesNotBringBackTheOneThatIsLeaving) {
  ModelOptions options;
  options.policy.headroom = 0;
  options.demand = 4.9;
  Model model(options);
  model.Run(15min);
  ASSERT_EQ(model.overflow_wanted, 1);
  ASSERT_EQ(model.layout.at("eu").place, Place::kServed);
  model.options.demand = 3.75;
  ASSERT_TRUE(model.RunUntil([&] { return model.layout.at("eu").place != Place::kServed; }, 10min));
  const int layout_writes = model.layout_writes;
  model.options.demand = 3.95;
  EXPECT_TRUE(model.RunUntil([&] { return model.overflow_wanted == 0; }, 30min)) << "it holds on to what it let go";
  model.Run(60min);
  EXPECT_EQ(model.layout_writes, layout_writes);
}

// Somebody's kubectl scale, or an autoscaler that was left on the Deployment, is no reason to take replicas from
// clients.
TEST(Story, ReplicasThatSomebodyElseAddedGoAfterADrainAndTheRestServesOn) {
  ModelOptions options;
  Model model(options);
  model.Run(15min);
  const int wanted = model.overflow_wanted;
  ASSERT_EQ(model.layout.at("eu").place, Place::kServed);
  model.RaiseElsewhere(wanted + 2);
  model.Run(1min);
  EXPECT_EQ(model.overflow_wanted, wanted + 2);
  EXPECT_TRUE(model.RunUntil([&] { return model.overflow_wanted == wanted; }, 10min));
  model.Run(10min);
  EXPECT_EQ(model.overflow_wanted, wanted);
  EXPECT_EQ(model.violations, std::vector<std::string>{});
}

// Everything that decides is in memory, so a restart at any second changes nothing.
TEST(Story, RestartWithTheSavedMemoryChangesNothing) {
  ModelOptions options;
  options.demand = 6;
  Model once(options), restarted(options);
  for (int second = 0; second < 3600; ++second) {
    if (second == 900) once.options.demand = restarted.options.demand = 2;
    once.Run(1s);
    const Memory saved = restarted.memory;
    restarted.memory = saved;
    restarted.Run(1s);
    ASSERT_EQ(once.overflow_wanted, restarted.overflow_wanted) << second;
    ASSERT_EQ(once.layout, restarted.layout) << second;
  }
}

// Without memory the worst is that nothing is lowered for one calm period.
TEST(Story, LosingTheMemoryAtAnyMomentNeitherLowersNorRaisesByItself) {
  for (int lost_at = 30; lost_at < 2400; lost_at += 90) {
    SCOPED_TRACE("memory lost after " + std::to_string(lost_at) + " s");
    ModelOptions options;
    Model model(options);
    for (int second = 0; second < lost_at; ++second) {
      if (second == 900) model.options.demand = 2;
      model.Run(1s);
    }
    const int wanted = model.overflow_wanted;
    const Layout layout = model.layout;
    model.memory = {};
    model.Run(1s);
    EXPECT_GE(model.overflow_wanted, wanted);
    if (layout.at("eu").place == Place::kServed) {
      EXPECT_EQ(model.layout.at("eu").place, Place::kServed);
    }
    EXPECT_TRUE(model.RunUntil([&] { return lost_at < 900 || model.overflow_wanted == 0; }, 90min));
    EXPECT_EQ(model.worst_lost, 0);
    EXPECT_EQ(model.violations, std::vector<std::string>{});
  }
}

struct LostRow {
  const char* name;
  bool Model::*sense;
};
class LostSense : public testing::TestWithParam<LostRow> {};

TEST_P(LostSense, HoldsWhatIsAndComesBackByItself) {
  ModelOptions options;
  Model model(options);
  model.Run(15min);
  const int wanted = model.overflow_wanted;
  const Layout layout = model.layout;
  ASSERT_EQ(wanted, 3);
  model.*(GetParam().sense) = false;
  model.Run(5min);
  model.options.demand = 1;  // nobody can know
  model.Run(25min);
  EXPECT_EQ(model.overflow_wanted, wanted);
  if (std::string(GetParam().name) != "overflow_cluster") {
    EXPECT_EQ(model.layout, layout);
  }
  EXPECT_FALSE(model.decision.conditions.empty());
  model.*(GetParam().sense) = true;
  EXPECT_TRUE(model.RunUntil([&] { return model.overflow_wanted == 0; }, 60min));
  EXPECT_EQ(model.worst_lost, 0);
  EXPECT_EQ(model.violations, std::vector<std::string>{});
}

INSTANTIATE_TEST_SUITE_P(Senses, LostSense,
                         testing::Values(LostRow{"home_cluster", &Model::home_seen},
                                         LostRow{"overflow_cluster", &Model::overflow_seen},
                                         LostRow{"gslb", &Model::gslb_seen},
                                         LostRow{"gslb_writes", &Model::gslb_writable}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Story, HomeGoesDownAndComesBackInSteps) {
  ModelOptions options;
  options.demand = 3;
  Model model(options);
  model.Run(10min);
  model.home_up = false;
  ASSERT_TRUE(model.RunUntil([&] { return model.overflow_traffic > 0.9; }, 10min));
  EXPECT_GE(model.overflow_wanted, 3);
  EXPECT_NE(FindCondition(model.decision, ConditionName::kHomeDown), nullptr);
  model.home_up = true;
  ASSERT_TRUE(model.RunUntil([&] { return model.layout.at("us").place == Place::kServed; }, 10min));
  EXPECT_LT(PublishedShares(model.layout).at("us"), 0.5) << "a cold home is not trampled";
  ASSERT_TRUE(model.RunUntil([&] { return model.overflow_wanted == 0; }, 60min));
  EXPECT_EQ(model.violations, std::vector<std::string>{});
}

}  // namespace
}  // namespace spillway
