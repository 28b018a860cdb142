#include "k8s/lease.h"

#include "tests/k8s/election.h"

namespace spillway::k8s {
namespace {

lab::Fault FaultOf(lab::Fault::Kind kind, const std::string& verb, int times = -1) {
  lab::Fault fault;
  fault.kind = kind;
  fault.verb = verb;
  fault.path_part = "/leases/";
  fault.times = times;
  fault.status = 0;
  return fault;
}

TEST(LeaseTest, TheFirstMakesItAndKeepsItByOneWriteEachRetry) {
  Election election;
  Candidate& a = election.Add("a");
  EXPECT_FALSE(a.lease->Lead());
  election.Run(1s);
  ASSERT_TRUE(a.lease->Lead());
  EXPECT_EQ(election.Stored("spec.holderIdentity"), "a");
  EXPECT_EQ(election.StoredNumber("spec.leaseDurationSeconds"), 15);
  EXPECT_EQ(election.StoredNumber("spec.leaseTransitions"), 0);
  EXPECT_EQ(election.Stored("spec.renewTime").size(), std::string("2026-01-01T10:00:00.000000Z").size());
  const std::string acquired = election.Stored("spec.acquireTime");
  const int reads = election.fake.RequestCounts()["get"];
  const int writes = election.fake.RequestCounts()["update"];
  election.Run(60s);
  EXPECT_TRUE(a.leads());
  EXPECT_EQ(election.fake.RequestCounts()["update"] - writes, 30);
  EXPECT_EQ(election.fake.RequestCounts()["get"], reads) << "what was just written need not be read";
  EXPECT_EQ(election.Stored("spec.acquireTime"), acquired);
  EXPECT_NE(election.Stored("spec.renewTime"), acquired);
  EXPECT_EQ(a.changes, 1);
}

TEST(LeaseTest, OfTwoAtOnceOneWinsAndTheOtherKnowsWhoAndWhere) {
  Election election;
  Candidate& a = election.Add("a");
  Candidate& b = election.Add("b");
  election.Run(5s);
  const Candidate& leader = a.leads() ? a : b;
  const Candidate& other = a.leads() ? b : a;
  ASSERT_TRUE(leader.leads());
  const LeaderView view = other.lease->View();
  EXPECT_TRUE(view.elected);
  EXPECT_FALSE(view.leads);
  EXPECT_EQ(view.holder, leader.lease->View().identity);
  EXPECT_EQ(view.url, "http://" + view.holder + ":9440");
  EXPECT_FALSE(view.failure);
  election.Run(5min);
  EXPECT_TRUE(leader.leads()) << "nobody takes what is renewed";
  EXPECT_EQ(election.StoredNumber("spec.leaseTransitions"), 0);
}

TEST(LeaseTest, AfterTheLeaderWasKilledTheOtherLeadsWithinLeaseAndRetry) {
  for (int moment = 0; moment < 10; ++moment) {
    Election election;
    Candidate& a = election.Add("a");
    Candidate& b = election.Add("b");
    election.Run(10s);
    ASSERT_TRUE(a.leads());
    election.Run(moment * 333ms);
    a.frozen = true;
    const Duration took = election.Until(b, true, 60s);
    EXPECT_GE(took, 13s) << "not before the Lease, renewed at most 2 s before, has run out";
    EXPECT_LE(took, 17s + 200ms);
    EXPECT_EQ(b.lease->Lead()->number, 1);
    EXPECT_EQ(election.StoredNumber("spec.leaseTransitions"), 1);
  }
}

TEST(LeaseTest, WhoIsCutOffStopsTenSecondsAfterItsLastRenewalAndBeforeAnotherBegins) {
  Election election;
  Candidate& a = election.Add("a");
  Candidate& b = election.Add("b");
  election.Run(10s);
  ASSERT_TRUE(a.leads());
  a.wire->connected = false;
  const Duration led_on = election.Until(a, false, 60s);
  EXPECT_GE(led_on, 8s);
  EXPECT_LE(led_on, 10s + 100ms);
  EXPECT_EQ(a.lease->View().holder, "") << "whoever it is now, it is not known here";
  EXPECT_EQ(a.lease->View().failure->what.rfind("cluster \"us\": cannot reach", 0), 0U);
  EXPECT_FALSE(b.leads());
  EXPECT_GE(election.Until(b, true, 60s), 3s);
  a.wire->connected = true;
  election.Run(5s);
  EXPECT_FALSE(a.leads());
  EXPECT_EQ(a.lease->View().holder, "b");
  EXPECT_FALSE(a.lease->View().failure);
}

TEST(LeaseTest, AWriteIsNeverAllowedBeyondTheRenewalAndMovesOnWithIt) {
  Election election;
  Candidate& a = election.Add("a");
  for (int i = 0; i < 100; ++i) {
    election.Run(300ms);
    const auto lead = a.lease->Lead();
    ASSERT_TRUE(lead);
    EXPECT_LE(lead->until, election.clock.Now() + 10s);
    EXPECT_GT(lead->until, election.clock.Now() + 7s);
  }
}

TEST(LeaseTest, WhileTheServerHangsNobodyLeadsAndAfterwardsTheSameTermGoesOn) {
  Election election;
  Candidate& a = election.Add("a");
  election.Run(10s);
  const int fault = election.fake.AddFault(FaultOf(lab::Fault::Kind::kHang, ""));
  EXPECT_LE(election.Until(a, false, 60s), 15s) << "one call hangs for five seconds, and the next";
  election.Run(2min);
  EXPECT_FALSE(a.leads());
  election.fake.RemoveFault(fault);
  EXPECT_LE(election.Until(a, true, 60s), 8s);
  EXPECT_EQ(a.lease->Lead()->number, 0) << "nobody led in between";
}

TEST(LeaseTest, AnAnswerLostAfterTheWriteWasAppliedIsNoLossOfLeadership) {
  Election election;
  Candidate& a = election.Add("a");
  election.fake.AddFault(FaultOf(lab::Fault::Kind::kLoseAnswer, "update", 1));
  EXPECT_LE(election.Until(a, true, 10s), 4s) << "the very first write";
  EXPECT_EQ(election.StoredNumber("spec.leaseTransitions"), 0);
  for (int i = 0; i < 20; ++i) {
    election.fake.AddFault(FaultOf(lab::Fault::Kind::kLoseAnswer, "update", 1));
    election.Run(5s);
    EXPECT_TRUE(a.leads());
  }
  EXPECT_EQ(a.lease->Lead()->number, 0);
}

TEST(LeaseTest, AStolenLeaseEndsTheTermWithinOneRetry) {
  Election election;
  Candidate& a = election.Add("a");
  election.Run(10s);
  election.Merge(R"({"spec":{"holderIdentity":"thief","leaseTransitions":7}})");
  EXPECT_LE(election.Until(a, false, 60s), 2s + 100ms);
  EXPECT_EQ(a.lease->View().holder, "thief");
  EXPECT_GE(election.Until(a, true, 60s), 13s) << "the thief had a whole lease";
  EXPECT_EQ(a.lease->Lead()->number, 8);
}

TEST(LeaseTest, AStrangersLabelCostsNothingAndStays) {
  Election election;
  Candidate& a = election.Add("a");
  election.Run(5s);
  election.Merge(R"({"metadata":{"labels":{"team":"shop"}}})");
  election.Run(5s);
  EXPECT_TRUE(a.leads());
  EXPECT_EQ(a.lease->Lead()->number, 0);
  EXPECT_EQ(election.Stored("metadata.labels.team"), "shop");
}

TEST(LeaseTest, ADeletedLeaseIsMadeAgainAndNeverCountsBack) {
  Election election;
  Candidate& a = election.Add("a");
  election.Run(5s);
  a.frozen = true;
  Candidate& b = election.Add("b");
  election.Until(b, true, 60s);
  ASSERT_EQ(b.lease->Lead()->number, 1);
  election.Delete();
  election.Run(3s);
  EXPECT_TRUE(b.leads());
  EXPECT_GE(election.StoredNumber("spec.leaseTransitions"), 1);
}

TEST(LeaseTest, WallClocksThatJumpMoveNoLeadership) {
  for (const Duration step : {Duration(-2h), Duration(-20s), Duration(3s)}) {
    Election election;
    Candidate& a = election.Add("a");
    Candidate& b = election.Add("b");
    election.Run(10s);
    a.clock.wrong = step;
    EXPECT_TRUE(a.leads());
    election.Run(60s);
    EXPECT_TRUE(a.leads());
    b.clock.wrong = 2h;
    election.Run(60s);
    EXPECT_TRUE(a.leads()) << "times of others are not compared with one's own";
    EXPECT_FALSE(b.leads());
  }
}

// The monotonic clock stands still while a machine is suspended; the wall clock shows it.
TEST(LeaseTest, AProcessThatSleptDoesNotLeadWhenItWakes) {
  Election election;
  Candidate& a = election.Add("a");
  election.Run(10s);
  a.clock.wrong = 11s;
  EXPECT_FALSE(a.lease->Lead());
  EXPECT_LE(election.Until(a, true, 10s), 3s) << "one renewal later it does";
}

TEST(LeaseTest, AProcessThatHungForLongFindsAnotherLeader) {
  Election election;
  Candidate& a = election.Add("a");
  Candidate& b = election.Add("b");
  election.Run(10s);
  a.frozen = true;  // SIGSTOP
  election.Until(b, true, 60s);
  a.frozen = false;
  EXPECT_FALSE(a.lease->Lead()) << "before it has done anything";
  election.Run(30s);
  EXPECT_TRUE(b.leads());
  EXPECT_EQ(a.lease->View().holder, "b");
}

TEST(LeaseTest, AReleasedLeaseIsTakenAtOnce) {
  Election election;
  Candidate& a = election.Add("a");
  Candidate& b = election.Add("b");
  election.Run(10s);
  ASSERT_TRUE(a.leads());
  a.lease->Release(2s);
  EXPECT_FALSE(a.lease->Lead());
  EXPECT_EQ(election.Stored("spec.holderIdentity"), "");
  EXPECT_LE(election.Until(b, true, 60s), 2s + 100ms);
  EXPECT_EQ(b.lease->Lead()->number, 1);
  EXPECT_FALSE(a.leads());
}

TEST(LeaseTest, WhoDoesNotLeadReleasesNothing) {
  Election election;
  Candidate& a = election.Add("a");
  Candidate& b = election.Add("b");
  election.Run(10s);
  (a.leads() ? b : a).lease->Release(2s);
  election.Run(30s);
  EXPECT_NE(a.leads(), b.leads());
  EXPECT_EQ(election.StoredNumber("spec.leaseTransitions"), 0);
}

TEST(LeaseTest, AProcessStartedAgainIsAnotherOneAndWaits) {
  Election election;
  Candidate& first = election.Add("host_1");
  election.Run(10s);
  first.frozen = true;
  Candidate& second = election.Add("host_2");
  EXPECT_GE(election.Until(second, true, 60s), 13s);
}

struct Denied {
  const char* claim;
  std::vector<std::string> verbs;
  const char* sentence;
};

TEST(LeaseTest, AMissingRightIsOneSentence) {
  for (const Denied& row :
       {Denied{"may not read", {}, "cannot read leases \"spillway\" in spillway (403)"},
        Denied{"may not create", {"get"}, "cannot take leases \"spillway\" in spillway (403)"},
        Denied{"may not make it by a write", {"get", "update"}, "cannot take leases \"spillway\" in spillway (403)"}}) {
    Election election;
    lab::User user;
    user.name = "spillway";
    user.token = "secret";
    user.rules = {{{"coordination.k8s.io"}, {"leases"}, {"spillway"}, row.verbs, "spillway"}};
    election.fake.AddUser(user);
    Candidate& a = election.Add("a", [] { return Result<std::string>(std::string("secret")); });
    election.Run(10s);
    EXPECT_FALSE(a.leads()) << row.claim;
    const LeaderView view = a.lease->View();
    ASSERT_TRUE(view.failure) << row.claim;
    EXPECT_EQ(view.failure->what.rfind("cluster \"us\": forbidden: " + std::string(row.sentence), 0), 0U)
        << row.claim << ": " << view.failure->what;
    user.rules[0].verbs = {"get", "create", "update"};
    election.fake.AddUser(user);
    election.Run(3s);
    EXPECT_TRUE(a.leads()) << row.claim << ": mended without a restart";
    EXPECT_FALSE(a.lease->View().failure);
  }
}

TEST(LeaseTest, AMissingNamespaceIsOneSentence) {
  ManualClock clock;
  lab::Cluster fake{clock};
  Candidate a("a", fake, clock);
  a.lease->Step();
  ASSERT_TRUE(a.lease->View().failure);
  EXPECT_EQ(a.lease->View().failure->what,
            "cluster \"us\": cannot take leases \"spillway\" in spillway (404): namespaces \"spillway\" not found");
}

std::string Stored(const std::string& revision, const std::string& holder, const std::string& figure) {
  return R"({"metadata":{"name":"spillway","resourceVersion":")" + revision + R"("},"spec":{"holderIdentity":")" +
         holder + R"(","leaseDurationSeconds":)" + figure + R"(,"leaseTransitions":)" + figure + "}}";
}

TEST(LeaseTest, FiguresBeyondTheirRangeNeitherFreeALeaseNorTurnATermBack) {
  ManualClock clock;
  const auto server = std::make_shared<ScriptedServer>(clock);
  Cluster cluster("us", TestAccess(), clock, server, server, 1);
  const auto lease = cluster.StandFor({"spillway", "spillway", "a", "", {}}, 7);
  server->Answer(200, Stored("1", "b", "9223372036854775807"));
  clock.SleepUntil(lease->Step());
  EXPECT_EQ(lease->View().holder, "b") << "in microseconds that duration would be over before it began";
  EXPECT_EQ(lease->View().term, 2147483647);
  server->Answer(200, Stored("2", "", "9223372036854775807"));
  server->Answer(200, Stored("3", "a", "2147483647"));
  lease->Step();
  EXPECT_EQ(server->sent.size(), 3U);
  EXPECT_NE(server->sent.back().body.find("\"leaseTransitions\":2147483648"), std::string::npos)
      << server->sent.back().body;
}

// Everything at once: whatever happens, never two, and in the end one.
TEST(LeaseTest, ThroughABadHourAtMostOneLeads) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    Rng rng(seed);
    Election election;
    for (const char* name : {"a", "b", "c"}) election.Add(name);
    for (int i = 0; i < 150; ++i) {
      Candidate& one = *election.all[rng.Below(3)];
      if (rng.Chance(0.2)) one.wire->connected = !one.wire->connected;
      if (rng.Chance(0.1)) one.frozen = !one.frozen;
      if (rng.Chance(0.1)) one.clock.wrong += std::chrono::seconds(rng.Below(60)) - 30s;
      if (rng.Chance(0.1)) election.fake.AddFault(FaultOf(lab::Fault::Kind::kLoseAnswer, "update", 1));
      if (rng.Chance(0.05)) election.fake.AddFault(FaultOf(lab::Fault::Kind::kHang, "update", 1));
      election.Run(std::chrono::milliseconds(rng.Below(8000)));
      if (testing::Test::HasFailure()) FAIL() << "seed " << seed;
    }
    for (const auto& one : election.all) {
      one->frozen = false;
      one->wire->connected = true;
    }
    election.fake.ClearFaults();
    election.Run(20s);
    EXPECT_EQ(std::count_if(election.all.begin(), election.all.end(), [](const auto& one) { return one->leads(); }), 1)
        << "seed " << seed;
  }
}

}  // namespace
}  // namespace spillway::k8s
