#include "src/core/gate.h"

#include <gtest/gtest.h>

#include "tests/core/model.h"

namespace spillway {
namespace {

constexpr Instant kNow{std::chrono::hours{2}};

// Home holds a wish of 6 against 4, and overflow has what `change` makes of 3 of 3 ready.
Observation Bursting(Instant now, int ready = 3, Health health = Health::kUp) {
  Observation seen = QuietObservation(now, 4, 3);
  seen.home_demand.seen->value.limited = true;
  seen.home_demand.seen->value.wish = 6;
  seen.sites["eu"].workload.seen->value.replicas_ready = ready;
  seen.traffic.seen->value.members["eu"].health = health;
  return seen;
}

class Gates : public testing::Test {
 protected:
  const Decision& At(Duration after, Observation seen, const Override& override = {}) {
    Outcome outcome = Decide(policy_, seen, override, memory_, kNow + after);
    memory_ = outcome.memory;
    decision_ = outcome.decision;
    return decision_;
  }
  bool Eligible() const { return decision_.sites.at("eu").eligible; }
  bool Holds(GateName name) const { return Gate(decision_, "eu", name).holds; }

  Policy policy_ = SmallPolicy();
  Memory memory_;
  Decision decision_;
};

TEST_F(Gates, OpenOnlyAfterReadyAndHealthyHaveLastedLongEnough) {
  At(0s, Bursting(kNow));
  EXPECT_FALSE(Holds(GateName::kReplicasReady));
  EXPECT_FALSE(Holds(GateName::kGslbHealthy));
  At(10s, Bursting(kNow + 10s));
  EXPECT_TRUE(Holds(GateName::kReplicasReady));
  EXPECT_FALSE(Holds(GateName::kGslbHealthy));
  EXPECT_EQ(Gate(decision_, "eu", GateName::kGslbHealthy).value, "up for 10s of 15s");
  EXPECT_FALSE(Eligible());
  EXPECT_EQ(decision_.layout->at("eu").place, Place::kStandby);
  At(15s, Bursting(kNow + 15s));
  EXPECT_TRUE(Eligible());
  EXPECT_EQ(decision_.layout->at("eu"), (Placement{Place::kServed, 3, 0}));
  EXPECT_EQ(decision_.layout->at("us"), (Placement{Place::kServed, 4, 0}));
}

TEST_F(Gates, ADipStartsTheWaitAnew) {
  At(0s, Bursting(kNow));
  At(9s, Bursting(kNow + 9s, 1));
  At(15s, Bursting(kNow + 15s));
  EXPECT_FALSE(Holds(GateName::kReplicasReady));
  At(25s, Bursting(kNow + 25s));
  EXPECT_TRUE(Eligible());
}

TEST_F(Gates, AskForTheReadyFractionOfTheTarget) {
  policy_.gate.ready_fraction = 0.5;
  At(0s, Bursting(kNow, 1));
  At(20s, Bursting(kNow + 20s, 1));
  EXPECT_FALSE(Eligible()) << "1 of 3 is less than half";
  At(20s, Bursting(kNow + 20s, 2));
  At(30s, Bursting(kNow + 30s, 2));
  EXPECT_TRUE(Eligible());
  EXPECT_NEAR(decision_.sites.at("eu").share_intended, 2 / 6., 1e-9) << "weight follows the ready ones";
}

TEST_F(Gates, MoreReplicasOnTheirWayDoNotShutAnOpenOne) {
  At(0s, Bursting(kNow));
  At(15s, Bursting(kNow + 15s));
  ASSERT_TRUE(Eligible());
  Observation seen = Bursting(kNow + 20s);
  seen.home_demand.seen->value.wish = 10;
  At(20s, seen);
  EXPECT_EQ(decision_.sites.at("eu").replicas_target, 7);
  EXPECT_TRUE(Eligible());
}

TEST_F(Gates, AMemberThatGoesDownShutsItAndWaitsLongerEachTime) {
  At(0s, Bursting(kNow));
  At(15s, Bursting(kNow + 15s));
  ASSERT_TRUE(Eligible());
  At(20s, Bursting(kNow + 20s, 3, Health::kDown));
  EXPECT_FALSE(Eligible());
  EXPECT_NE(FindCondition(decision_, ConditionName::kMemberFlapping), nullptr);
  At(21s, Bursting(kNow + 21s));
  At(36s, Bursting(kNow + 36s));
  EXPECT_FALSE(Eligible()) << "15 s are no longer enough";
  At(51s, Bursting(kNow + 51s));
  EXPECT_TRUE(Eligible());
}

TEST(HealthyFor, DoublesUpToTheCap) {
  GatePolicy gate;
  EXPECT_EQ(HealthyFor(gate, 0), 15s);
  EXPECT_EQ(HealthyFor(gate, 1), 30s);
  EXPECT_EQ(HealthyFor(gate, 5), 480s);
  EXPECT_EQ(HealthyFor(gate, 6), 600s);
  EXPECT_EQ(HealthyFor(gate, 1000), 600s);
}

TEST_F(Gates, BlindnessFreezesAnOpenOne) {
  At(0s, Bursting(kNow));
  At(15s, Bursting(kNow + 15s));
  ASSERT_TRUE(Eligible());
  Observation seen = Bursting(kNow + 200s);
  seen.sites["eu"].workload.seen->as_of = kNow + 15s;
  At(200s, seen);
  EXPECT_FALSE(Holds(GateName::kObservationFresh));
  EXPECT_TRUE(Eligible()) << "its weight stays while Avi says it is up";
  EXPECT_EQ(decision_.sites.at("eu").replicas_target, 3);
}

TEST_F(Gates, BlindnessNeverOpensAShutOne) {
  At(0s, Bursting(kNow));
  for (int i = 1; i < 30; ++i) {
    Observation seen = Bursting(kNow + 10s * i);
    seen.sites["eu"].workload.seen->as_of = kNow - 100s;
    At(10s * i, seen);
    EXPECT_FALSE(Eligible());
  }
}

TEST_F(Gates, AnUnwritableGslbKeepsItShut) {
  for (int i = 0; i < 10; ++i) {
    Observation seen = Bursting(kNow + 10s * i);
    seen.traffic.seen->value.writable = false;
    seen.traffic.seen->value.unwritable_why = "GSLB is in maintenance mode";
    At(10s * i, seen);
  }
  EXPECT_FALSE(Holds(GateName::kGslbWritable));
  EXPECT_EQ(Gate(decision_, "eu", GateName::kGslbWritable).value, "GSLB is in maintenance mode");
  EXPECT_FALSE(Eligible());
  EXPECT_FALSE(decision_.layout);
  EXPECT_EQ(FindCondition(decision_, ConditionName::kGslbNotWritable)->detail, "GSLB is in maintenance mode");
}

TEST_F(Gates, AnOperatorsDrainShutsIt) {
  At(0s, Bursting(kNow));
  At(15s, Bursting(kNow + 15s));
  Order drain{.kind = OrderKind::kDrain, .site = "eu", .forced = true};
  At(20s, Bursting(kNow + 20s), {{drain}});
  EXPECT_FALSE(Holds(GateName::kNotHeld));
  EXPECT_EQ(decision_.layout->at("eu").place, Place::kParked);
}

TEST_F(Gates, APauseHoldsTheWritesAndFreezesTheGate) {
  At(0s, Bursting(kNow));
  At(15s, Bursting(kNow + 15s));
  const Override order{{{.kind = OrderKind::kPause, .expires = kNow + 60s}}};
  EXPECT_TRUE(At(20s, Bursting(kNow + 20s), order).writes_held);
  EXPECT_TRUE(Eligible());
  EXPECT_FALSE(At(60s, Bursting(kNow + 60s), order).writes_held) << "it ended by itself";
}

TEST_F(Gates, ADisabledMemberIsLeftAlone) {
  for (int i = 0; i < 5; ++i) {
    Observation seen = Bursting(kNow + 10s * i);
    seen.traffic.seen->value.members["eu"].placement = {Place::kDisabled, 5, 0};
    At(10s * i, seen);
  }
  EXPECT_FALSE(Eligible());
  EXPECT_EQ(decision_.layout->at("eu"), (Placement{Place::kDisabled, 5, 0}));
  EXPECT_NE(FindCondition(decision_, ConditionName::kForeignPlacement), nullptr);
}

struct ValueRow {
  const char* name;
  std::function<void(Observation&)> change;
  GateName gate;
  bool holds;
  const char* value;
};

TEST_F(Gates, EachConditionHasItsNameAndItsValue) {
  const auto nothing = [](Observation&) {};
  const ValueRow rows[] = {
      {"ready for long enough", nothing, GateName::kReplicasReady, true, "3/3 ready, 2 asked for 10s or more"},
      {"too few are ready", [](Observation& seen) { seen.sites["eu"].workload.seen->value.replicas_ready = 1; },
       GateName::kReplicasReady, false, "1/3 ready, 2 asked"},
      {"the Deployment is not seen", [](Observation& seen) { seen.sites["eu"].workload = {}; },
       GateName::kReplicasReady, false, "Deployment of eu not seen"},
      {"up for long enough", nothing, GateName::kGslbHealthy, true, "up for 15s or more"},
      {"the member is down", [](Observation& seen) { seen.traffic.seen->value.members["eu"].health = Health::kDown; },
       GateName::kGslbHealthy, false, "down"},
      {"nobody knows", [](Observation& seen) { seen.traffic.seen->value.members["eu"].health = Health::kUnknown; },
       GateName::kGslbHealthy, false, "unknown"},
      {"the member is not there", [](Observation& seen) { seen.traffic.seen->value.members.erase("eu"); },
       GateName::kGslbHealthy, false, "not seen"},
      {"all is fresh", nothing, GateName::kObservationFresh, true, "seen in time"},
      {"the Deployment is old", [](Observation& seen) { seen.sites["eu"].workload.seen->as_of -= 1h; },
       GateName::kObservationFresh, false, "its Deployment is not seen"},
      {"the GSLB service is old", [](Observation& seen) { seen.traffic.seen->as_of -= 1h; },
       GateName::kObservationFresh, false, "the GSLB service is not seen"},
      {"the member is not in the service", [](Observation& seen) { seen.traffic.seen->value.members.erase("eu"); },
       GateName::kObservationFresh, false, "its GSLB member is not seen"},
      {"it takes writes", nothing, GateName::kGslbWritable, true, "yes"},
      {"the service can't be seen", [](Observation& seen) { seen.traffic.seen->as_of -= 1h; }, GateName::kGslbWritable,
       false, "the GSLB service is not seen"},
      {"ratios mean nothing", [](Observation& seen) { seen.traffic.seen->value.ratios_void = {"num_dns_ip is 0"}; },
       GateName::kGslbWritable, false, "num_dns_ip is 0"},
      {"a weighted share follows the capacity", nothing, GateName::kShareFits, true, "follows its capacity"},
      {"nobody holds it", nothing, GateName::kNotHeld, true, "not held"},
      {"somebody disabled it",
       [](Observation& seen) { seen.traffic.seen->value.members["eu"].placement.place = Place::kDisabled; },
       GateName::kNotHeld, false, "its member is disabled in Avi"},
  };
  At(0s, Bursting(kNow));
  const Memory before = memory_;
  for (const ValueRow& row : rows) {
    SCOPED_TRACE(row.name);
    memory_ = before;
    Observation seen = Bursting(kNow + 15s);
    row.change(seen);
    At(15s, seen);
    EXPECT_EQ(Holds(row.gate), row.holds);
    EXPECT_EQ(Gate(decision_, "eu", row.gate).value, row.value);
  }
}

TEST_F(Gates, RoundRobinWaitsUntilTheEqualShareFits) {
  policy_.mode = Mode::kRoundRobin;
  for (int i = 0; i < 3; ++i) At(10s * i, Bursting(kNow + 10s * i, 2));
  EXPECT_EQ(decision_.sites.at("eu").replicas_target, 4) << "6.6 / 2, rounded up";
  EXPECT_FALSE(Holds(GateName::kShareFits)) << "two replicas can't carry three";
  EXPECT_EQ(Gate(decision_, "eu", GateName::kShareFits).value, "equal share 3.0, carries 2.0 replicas");
  At(30s, Bursting(kNow + 30s, 3));
  At(40s, Bursting(kNow + 40s, 3));
  EXPECT_TRUE(Eligible());
  EXPECT_EQ(decision_.layout->at("us").ratio, decision_.layout->at("eu").ratio);
}

}  // namespace
}  // namespace spillway
