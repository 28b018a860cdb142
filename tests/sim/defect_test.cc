// The checks can fail: mistakes planted around the real code, and the simulator catches each.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "src/base/log.h"
#include "tools/simulate/report.h"
#include "tools/simulate/run.h"

namespace spillway::sim {
namespace {

// Thousands of decisions would tell of themselves.
const bool kQuiet = (SetUpLog(LogLevel::kError, LogFormat::kText), true);

struct Plant {
  const char* claim;
  Defect defect;
  std::set<int> invariants;  // any of them may be the first to break
};

FaultEvent Fault(FaultEvent::Kind kind, Duration at, Duration lasting, int target = 0) {
  FaultEvent fault;
  fault.kind = kind;
  fault.at = at;
  fault.lasting = lasting;
  fault.target = target;
  return fault;
}

// A burst up and down, with one of each disturbance that a careless controller stumbles over.
Scenario Story(Defect defect) {
  Scenario scenario = BaseScenario(1);
  scenario.crowd.resolvers = 2000;
  scenario.crowd.skew = 0;
  scenario.app.policy.overflow[0].replicas_max = 4;
  scenario.demand = DemandCurve({{0s, 2}, {5min, 2}, {8min, 6}, {40min, 6}, {42min, 2}});
  scenario.span = 80min;
  scenario.settle = SettleTime(scenario);
  using Kind = FaultEvent::Kind;
  switch (defect) {
    case Defect::kForgetSpilledShare:  // needs a demand that stays
      scenario.demand = DemandCurve::Constant(6);
      break;
    case Defect::kTrustStaleInput:  // home is lost while what is remembered of its demand falls
      scenario.faults = {Fault(Kind::kCut, 44min, 30min, 0)};
      break;
    case Defect::kEnableBlind:  // probes need longer than replicas
      scenario.probe_interval = 30s;
      break;
    case Defect::kZeroOnFailedRead:
      scenario.faults = {Fault(Kind::kCut, 20min, 15min, 0)};
      break;
    case Defect::kSkip412:
      scenario.faults = {Fault(Kind::kForeignEdit, 1min, 10min)};
      break;
    case Defect::kLoseMemory:
      scenario.faults = {Fault(Kind::kCrash, 20min, 30s)};
      break;
    case Defect::kIgnoreLease:
      scenario.elected = true;
      break;
    default:
      break;
  }
  return scenario;
}

class Planted : public testing::TestWithParam<Plant> {};

TEST_P(Planted, IsCaught) {
  const Plant& plant = GetParam();
  RunOptions options;
  options.defect = plant.defect;
  const Outcomes outcomes = Play(Story(plant.defect), options);
  ASSERT_TRUE(outcomes.violation) << plant.claim;
  EXPECT_TRUE(plant.invariants.contains(outcomes.violation->invariant))
      << plant.claim << ": invariant " << outcomes.violation->invariant << ", " << outcomes.violation->what;
}

class Clean : public testing::TestWithParam<Defect> {};

TEST_P(Clean, IsTheSameStoryWithoutTheMistake) {
  const Outcomes outcomes = Play(Story(GetParam()));
  EXPECT_FALSE(outcomes.violation) << outcomes.violation->invariant << ": " << outcomes.violation->what;
}

// One of each story; the defects that are not named share that of kNone.
INSTANTIATE_TEST_SUITE_P(Stories, Clean,
                         testing::Values(Defect::kNone, Defect::kForgetSpilledShare, Defect::kTrustStaleInput,
                                         Defect::kEnableBlind, Defect::kZeroOnFailedRead, Defect::kSkip412,
                                         Defect::kLoseMemory, Defect::kIgnoreLease));

INSTANTIATE_TEST_SUITE_P(
    Defects, Planted,
    testing::Values(Plant{"demand is what still reaches home", Defect::kForgetSpilledShare, {8, 10, 11}},
                    Plant{"replicas go as soon as they are not needed", Defect::kScaleDownBeforeDrain, {3}},
                    Plant{"traffic as soon as replicas are ordered", Defect::kWeightAheadOfReadiness, {1}},
                    Plant{"everything ever seen counts as seen now", Defect::kTrustStaleInput, {5}},
                    Plant{"what can't be read is nothing", Defect::kZeroOnFailedRead, {5}},
                    Plant{"healthy without having been probed", Defect::kEnableBlind, {1}},
                    Plant{"a write of the layout sets the description", Defect::kEditForeignField, {7}},
                    Plant{"who wrote before is overwritten", Defect::kSkip412, {7}},
                    Plant{"what is saved is not kept", Defect::kLoseMemory, {9}},
                    Plant{"more replicas than allowed", Defect::kExceedMaximum, {4}},
                    Plant{"home is parked whatever happens", Defect::kParkTheLast, {1, 2}},
                    Plant{"replicas stay for ever", Defect::kNeverScaleDown, {10}},
                    Plant{"who does not hold the lease writes", Defect::kIgnoreLease, {6}}),
    [](const auto& info) {
      std::string name(Name(info.param.defect));
      std::erase(name, '-');
      return name;
    });

}  // namespace
}  // namespace spillway::sim
