// "Would change it": the numbers at which the next decision is another one.
#include <gtest/gtest.h>

#include <string>

#include "src/base/json.h"
#include "src/core/sizing.h"
#include "tools/ctl/story.h"
#include "tools/ctl/text.h"

namespace spillway::ctl {
namespace {

constexpr char kPolicy[] =
    R"("decisions":[{"question":{"policy":{"headroom":0.1,"confirmFor":0,"staleAfter":90,"downStabilization":300,)"
    R"("gate":{"readyFor":10,"healthyFor":15},"drain":{"maxDrain":900,"keepers":1,"tailFor":900},)"
    R"("failover":{"after":30,"failbackAfter":300,"failbackManual":true}}}}])";

// What is told of a state with these fields.
std::string Told(const std::string& fields) {
  const auto state = ParseJson("{" + fields + (fields.empty() ? "" : ",") + kPolicy + "}");
  EXPECT_TRUE(state) << fields;
  return state ? ChangeText(*state) : "";
}

std::string Demand(double demand, int excess) {
  return R"("mode":"weighted","demand":{"replicas":)" + std::to_string(demand) + R"(,"homeMax":4,"excess":)" +
         std::to_string(excess) + "}";
}

void ExpectTold(const std::string& fields, const std::string& text) {
  EXPECT_NE(Told(fields).find(text), std::string::npos) << Told(fields);
}

TEST(WouldChangeIt, AtRestItIsTheDemandAtWhichOverflowBegins) {
  ExpectTold(Demand(2, 0), "overflow begins when the demand is above 3.64");
}

TEST(WouldChangeIt, InABurstItIsTheNextReplicaEitherWay) {
  ExpectTold(Demand(6, 3), "an excess of 4 when the demand is above 6.36");
  ExpectTold(Demand(6, 3), "an excess of 2 when the demand has been at most 5.45 for 5m");
}

TEST(WouldChangeIt, TheBoundsAreThoseOfTheSizing) {
  Policy policy;
  policy.home = "us";
  policy.overflow.push_back({.site = "eu", .replicas_max = 20});
  policy.headroom = 0.1;
  const auto excess = [&](double demand) { return Size(policy, demand, 4, HomeStanding{}, {}, {}).excess; };
  EXPECT_EQ(excess(4 / 1.1 - 0.001), 0);
  EXPECT_EQ(excess(4 / 1.1 + 0.001), 1);
  for (int is = 1; is < 8; ++is) {
    const std::string told = Told(Demand((4.0 + is) / 1.1 - 0.1, is));
    EXPECT_NE(told.find("above " + Number((4.0 + is) / 1.1)), std::string::npos) << told;
    EXPECT_EQ(excess((4.0 + is) / 1.1 - 0.001), is);
    EXPECT_EQ(excess((4.0 + is) / 1.1 + 0.001), is + 1);
  }
}

TEST(WouldChangeIt, AGateTellsWhatIsMissingAndForHowLong) {
  ExpectTold(R"("sites":[{"site":"eu","phase":"provisioning","gate":[)"
             R"({"name":"ReplicasReady","holds":true,"value":"3/3 ready for 12s of 10s"},)"
             R"({"name":"GslbHealthy","holds":false,"value":"up for 2s of 15s"}]}])",
             "eu may be given traffic once GslbHealthy holds (up for 2s of 15s; asked for 15s)");
}

TEST(WouldChangeIt, ADrainTellsWhenItEndsAtTheLatest) {
  ExpectTold(R"("sites":[{"site":"eu","phase":"draining","drain":{"elapsedSeconds":60,"expectedSeconds":300}}])",
             "eu loses replicas in about 4m, at the latest in 14m");
  ExpectTold(R"("sites":[{"site":"eu","phase":"draining"}])", "once the lower share is in force");
}

TEST(WouldChangeIt, AnInputTellsWhenItIsTooOld) {
  ExpectTold(R"("inputs":[{"name":"gslb","state":"failing","ageSeconds":30}])",
             "gslb: if it still fails in 1m, what depends on it is held");
  ExpectTold(R"("inputs":[{"name":"gslb","state":"failing","ageSeconds":120}])", "it is 2m old, and beyond 1m30s");
  ExpectTold(R"("inputs":[{"name":"gslb","state":"waiting"}])", "gslb: its first reading");
  EXPECT_EQ(Told(R"("inputs":[{"name":"gslb","state":"ok","ageSeconds":3}])").find("gslb"), std::string::npos);
}

TEST(WouldChangeIt, AHomeThatIsAwayTellsHowItComesBack) {
  ExpectTold(R"("sites":[{"site":"us","phase":"down"}])",
             "us gets traffic back once it has been up for 5m and somebody orders the failback");
  ExpectTold(R"("sites":[{"site":"us","phase":"home","member":{"health":"down"}}])", "down for 30s");
}

TEST(WouldChangeIt, AnOrderTellsWhenItEnds) {
  ExpectTold(R"("override":{"orders":[{"kind":"drain","actor":"anna","expires":"2026-01-01T10:00:00.000000Z"}]})",
             "the order drain of anna ends at 2026-01-01T10:00:00Z");
}

TEST(WouldChangeIt, WithoutAnyRecordItSaysSo) {
  EXPECT_NE(ChangeText(*ParseJson("{}")).find("unknown: no record"), std::string::npos);
}

}  // namespace
}  // namespace spillway::ctl
