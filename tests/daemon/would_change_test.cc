// "Would change it": the numbers at which the next decision is another one.
#include "src/daemon/would_change.h"

#include <gtest/gtest.h>

#include "src/base/figure_text.h"
#include "src/base/time_text.h"
#include "src/core/sizing.h"

namespace spillway::daemon {
namespace {

constexpr Instant kNow = Instant{} + 1h;
constexpr WallTime kWall{std::chrono::hours{490000}};

class WouldChangeIt : public testing::Test {
 protected:
  WouldChangeIt() {
    config_.policy.home = config_.home.site = "us";
    config_.policy.overflow.push_back({.site = "eu", .replicas_max = 20});
    config_.overflow.emplace_back().site = "eu";
    config_.policy.headroom = 0.1;
    view_.decision.emplace();
    HomeDemand home;
    home.replicas_max = 4;
    view_.observation.home_demand.seen = Seen<HomeDemand>{home, kNow};
    view_.observation.traffic.seen = Seen<TrafficState>{{}, kNow};
    for (const char* site : {"us", "eu"}) {
      view_.observation.sites[site].workload.seen = Seen<WorkloadState>{{}, kNow};
    }
  }
  void Demand(double demand, int excess) {
    view_.decision->demand = demand;
    view_.decision->excess = excess;
  }
  std::string Told() {
    view_.config = std::make_shared<const AppConfig>(config_);
    std::string text;
    for (const std::string& clause : WouldChange(view_, {kNow, kWall})) text += clause + "\n";
    return text;
  }
  void ExpectTold(const std::string& text) { EXPECT_NE(Told().find(text), std::string::npos) << Told(); }

  AppConfig config_;
  AppView view_;
};

TEST_F(WouldChangeIt, AtRestItIsTheDemandAtWhichOverflowBegins) {
  Demand(2, 0);
  EXPECT_EQ(Told(), "overflow begins when the demand is above 3.64, with a headroom of 10%; it is 2\n");
  config_.policy.confirm_for = 30s;
  ExpectTold("above 3.64, for 30s, with");
}

TEST_F(WouldChangeIt, InABurstItIsTheNextReplicaEitherWay) {
  Demand(6, 3);
  ExpectTold("an excess of 4 when the demand is above 6.36");
  ExpectTold("an excess of 2 when the demand has been at most 5.45 for 5m");
  view_.decision->mode = Mode::kActivePassive;
  EXPECT_EQ(Told(), "in this mode no demand moves traffic, only home's failure\n");
  view_.decision->conditions.push_back({ConditionName::kHomeDown, "", kNow});
  EXPECT_EQ(Told(), "");
}

TEST_F(WouldChangeIt, TheBoundsAreThoseOfTheSizing) {
  const auto excess = [&](double demand) { return Size(config_.policy, demand, 4, HomeStanding{}, {}, {}).excess; };
  EXPECT_EQ(excess(4 / 1.1 - 0.001), 0);
  EXPECT_EQ(excess(4 / 1.1 + 0.001), 1);
  for (int is = 1; is < 8; ++is) {
    Demand((4.0 + is) / 1.1 - 0.1, is);
    ExpectTold("above " + Number((4.0 + is) / 1.1));
    EXPECT_EQ(excess((4.0 + is) / 1.1 - 0.001), is);
    EXPECT_EQ(excess((4.0 + is) / 1.1 + 0.001), is + 1);
  }
}

TEST_F(WouldChangeIt, AGateTellsWhatIsMissing) {
  SiteDecision& eu = view_.decision->sites["eu"];
  eu.phase = Phase::kProvisioning;
  eu.gate = {{GateName::kReplicasReady, true, "3/3 ready"}, {GateName::kGslbHealthy, false, "up for 2s of 15s"}};
  EXPECT_EQ(Told(), "eu may be given traffic once GslbHealthy holds (up for 2s of 15s; asked for 15s)\n");
  eu.phase = Phase::kRest;
  EXPECT_EQ(Told(), "");
}

TEST_F(WouldChangeIt, ADrainTellsWhenItEndsAtTheLatest) {
  SiteDecision& eu = view_.decision->sites["eu"];
  eu.phase = Phase::kDraining;
  ExpectTold("once the lower share is in force");
  eu.drain = DrainProgress{kNow - 1min, 5min, 0.2, 0, std::nullopt};
  ExpectTold("eu loses replicas in about 4m, at the latest in 14m");
  eu.phase = Phase::kTail;
  ExpectTold("eu gives up its last 1 once it was in its tail for 15m");
}

TEST_F(WouldChangeIt, AnInputTellsWhenItIsTooOld) {
  auto& gslb = view_.observation.traffic;
  gslb.seen->as_of = kNow - 30s;
  EXPECT_EQ(Told(), "");
  gslb.failure = Failure{Code::kRetry, "no route", kNow - 25s};
  EXPECT_EQ(Told(), "gslb: if it still fails in 1m, what depends on it is held\n");
  gslb.seen->as_of = kNow - 2min;
  ExpectTold("it is 2m old, and beyond 1m30s");
  gslb.seen.reset();
  ExpectTold("gslb: its first reading");
}

TEST_F(WouldChangeIt, AHomeThatIsAwayTellsHowItComesBack) {
  SiteDecision& us = view_.decision->sites["us"];
  us.phase = Phase::kDown;
  EXPECT_EQ(Told(), "us gets traffic back once it has been up for 5m\n");
  config_.policy.failover.failback_manual = true;
  ExpectTold("up for 5m and somebody orders the failback");
  us.phase = Phase::kHome;
  view_.observation.traffic.seen->value.members["us"].health = Health::kUp;
  EXPECT_EQ(Told(), "");
  view_.observation.traffic.seen->value.members["us"].health = Health::kDown;
  EXPECT_EQ(Told(), "home is failed over from once it has been down for 30s\n");
}

TEST_F(WouldChangeIt, AnOrderTellsWhenItEnds) {
  Order order;
  order.kind = OrderKind::kDrain;
  order.actor = "anna";
  order.expires = kNow + 1h;
  view_.override.orders = {order};
  EXPECT_EQ(Told(), "the order drain of anna ends at " + Rfc3339(kWall + 1h) + "\n");
  view_.override.orders[0].expires.reset();
  ExpectTold("has no end and must be cleared");
}

}  // namespace
}  // namespace spillway::daemon
