// What the sources of usage told: as inputs, as readiness, and as the state that people and programs read.
#include "src/daemon/picture.h"

#include <gtest/gtest.h>

#include "src/base/json.h"
#include "src/daemon/state_json.h"
#include "tests/daemon/fakes.h"

namespace spillway::daemon {
namespace {

// "shop" with three pods in "eu", which is served half of the answers; they use 1.5 cores where 0.5 are one replica's.
class UsageTest : public testing::Test {
 protected:
  UsageTest() {
    world_.config.policy.overflow[0].usage = {UsageSource::kMetrics, UsageSource::kAutoscaler, UsageSource::kShare};
    world_.workload("eu").Show({3, 3, 3, "e1"});
    TrafficState state = world_.director.reading.seen->value;
    state.members["eu"].placement = {Place::kServed, 1, 0};
    state.members["eu"].health = Health::kUp;
    world_.director.Show(state);
    world_.demand.reading.seen->value.load = 3;
    world_.demand.reading.seen->value.cpu_per_replica = 0.5;
    world_.meter.reading.seen = {PodUsage{1.5, 3, 3}, world_.clock.Now()};
    world_.observer.reading.failure = Failure{Code::kRetry, "the autoscaler is not ready", world_.clock.Now()};
  }
  const InputState* Input(const std::string& name) {
    inputs_ = Inputs(world_.config.policy, Observe(world_.ports()));
    for (const InputState& input : inputs_) {
      if (input.name == name) return &input;
    }
    return nullptr;
  }

  FakeWorld world_;
  std::vector<InputState> inputs_;
};

TEST_F(UsageTest, EachConfiguredSourceIsAnInput) {
  ASSERT_NE(Input("metrics eu"), nullptr);
  EXPECT_EQ(Input("metrics eu")->seen, world_.clock.Now());
  ASSERT_NE(Input("autoscaler eu"), nullptr);
  EXPECT_TRUE(Input("autoscaler eu")->failure);
  world_.meter.reading = {};
  EXPECT_TRUE(Input("metrics eu")->waiting());
  world_.config.policy.overflow[0].usage = {UsageSource::kShare};
  EXPECT_EQ(Input("metrics eu"), nullptr) << "nobody asks for it";
  EXPECT_EQ(Input("autoscaler eu"), nullptr);
}

TEST_F(UsageTest, AnObserverThatHasNothingToSayOfNoPodsDoesNotFail) {
  world_.workload("eu").Show({0, 0, 0, "e2"});
  EXPECT_FALSE(Input("autoscaler eu")->failure);
  EXPECT_FALSE(Input("autoscaler eu")->waiting());
  world_.observer.reading.failure->code = Code::kDenied;
  EXPECT_TRUE(Input("autoscaler eu")->failure) << "a missing right is one, pods or not";
}

TEST_F(UsageTest, TheStateSaysWhereTheOverflowsUsageComesFromAndHowSureThatIs) {
  App app(world_.config, world_.ports(), world_.room());
  const auto state = [&] {
    app.Tick(std::nullopt);
    JsonOut out;
    out.Begin();
    PutState(out, app.View(), {world_.clock.Now(), world_.clock.WallNow()});
    out.End();
    auto document = ParseJson(out.Take());
    EXPECT_TRUE(document);
    return std::move(*document);
  };
  const JsonDocument measured = state();
  EXPECT_EQ(JsonText(*FindPath(measured, "demand.overflowUsed")),
            R"([{"site":"eu","source":"metrics","replicas":3.0,"sure":"measured"}])");
  EXPECT_EQ(NumberAt(measured, "demand.homeWanted"), 3);
  EXPECT_EQ(StringAt(measured, "demand.homeSure"), "computed");
  EXPECT_EQ(NumberAt(measured, "demand.now"), 6);

  world_.meter.reading.seen.reset();
  world_.meter.reading.failure = Failure{Code::kDenied, "forbidden", world_.clock.Now()};
  const JsonDocument inferred = state();
  EXPECT_EQ(StringAt((*FindPath(inferred, "demand.overflowUsed"))[0], "source"), "share");
  EXPECT_EQ(StringAt((*FindPath(inferred, "demand.overflowUsed"))[0], "sure"), "inferred");
  std::string skipped;
  for (const JsonValue& reason : FindPath(inferred, "reasons")->GetArray()) {
    if (StringAt(reason, "code") != "UsageSourceSkipped") continue;
    skipped += *StringAt(reason, "about") + ": " + *StringAt(reason, "detail") + "\n";
  }
  EXPECT_EQ(skipped, "pod metrics of eu: forbidden\nobserving autoscaler of eu: the autoscaler is not ready\n");
}

}  // namespace
}  // namespace spillway::daemon
