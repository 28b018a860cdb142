#include "src/daemon/plan.h"

#include <gtest/gtest.h>

#include "tests/daemon/fakes.h"

namespace spillway::daemon {
namespace {

class PlanTest : public testing::Test {
 protected:
  Plan Make() { return MakePlan("us", decision_, Observe(world_.ports())); }
  FakeWorld world_{true};
  Decision decision_;
};

TEST_F(PlanTest, IsEmptyWhereWhatShouldBeIs) {
  decision_.sites["eu"].replicas_target = 0;
  decision_.layout = Layout{{"us", {Place::kServed, 1, 0}}, {"eu", {Place::kParked, 9, 9}}};
  const Plan plan = Make();
  EXPECT_TRUE(plan.empty()) << PlanText(plan);
  EXPECT_EQ(PlanText(plan), "");
}

TEST_F(PlanTest, RaisesAndLowersEachWithTheRevisionItWasDerivedFrom) {
  world_.workload("ap").Show({5, 5, 5, "a7"});
  decision_.sites["eu"].replicas_target = 3;
  decision_.sites["ap"].replicas_target = 2;
  const Plan plan = Make();
  EXPECT_EQ(PlanText(plan), "eu replicas 0 -> 3; ap replicas 5 -> 2");
  EXPECT_EQ(plan.raises.at(0).revision, "eu1");
  EXPECT_EQ(plan.lowers.at(0).revision, "a7");
}

TEST_F(PlanTest, NeverScalesHome) {
  decision_.sites["us"].replicas_target = 9;
  EXPECT_TRUE(Make().empty());
}

TEST_F(PlanTest, WritesNothingToWhatWasNeverSeen) {
  world_.workload("eu").reading = {};
  world_.director.reading = {};
  decision_.sites["eu"].replicas_target = 3;
  decision_.layout = Layout{{"us", {Place::kParked, 1, 0}}};
  EXPECT_TRUE(Make().empty());
}

TEST_F(PlanTest, WritesTheLayoutOnlyForADifferenceThatCounts) {
  decision_.layout = Layout{{"us", {Place::kServed, 1, 7}}};
  EXPECT_FALSE(Make().layout) << "a rank means nothing where a site is served";
  decision_.layout = Layout{{"us", {Place::kServed, 2, 0}}};
  EXPECT_EQ(Make().layout->change, "us served 1 -> served 2");
  decision_.layout = Layout{{"eu", {Place::kStandby, 1, 1}}};
  EXPECT_EQ(Make().layout->change, "eu parked -> standby 1");
  decision_.layout.reset();
  EXPECT_FALSE(Make().layout);
}

TEST_F(PlanTest, SaysWhyALayoutCanNotBeWritten) {
  decision_.layout = Layout{{"us", {Place::kServed, 2, 0}}, {"mars", {Place::kServed, 1, 0}}};
  Plan plan = Make();
  EXPECT_FALSE(plan.layout);
  EXPECT_EQ(plan.impossible.at(0), "The GSLB service has no member for site mars, so its layout is not written.");

  world_.director.reading.seen->value.writable = false;
  world_.director.reading.seen->value.unwritable_why = "the leader is in maintenance mode";
  decision_.layout = Layout{{"us", {Place::kServed, 2, 0}}};
  plan = Make();
  EXPECT_FALSE(plan.layout);
  EXPECT_EQ(plan.impossible.at(0), "The GSLB service takes no writes now: the leader is in maintenance mode.");
}

TEST_F(PlanTest, IsUrgentWhileASiteThatIsServedIsDown) {
  decision_.layout = Layout{{"us", {Place::kServed, 2, 0}}};
  EXPECT_FALSE(Make().layout->urgent);
  world_.director.reading.seen->value.members["us"].health = Health::kDown;
  EXPECT_TRUE(Make().layout->urgent);
}

TEST_F(PlanTest, IsUrgentAfterAFailover) {
  decision_.layout = Layout{{"us", {Place::kServed, 2, 0}}};
  decision_.sites["us"].phase = Phase::kDown;
  EXPECT_TRUE(Make().layout->urgent);
}

}  // namespace
}  // namespace spillway::daemon
