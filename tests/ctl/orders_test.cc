// Orders through spillwayctl's code against the daemon's real API over HTTP.
#include "tools/ctl/orders.h"

#include <gtest/gtest.h>

#include <atomic>

#include "tests/base/web.h"
#include "tests/ctl/ctl_orders.h"
#include "tools/ctl/wait.h"

namespace spillway::ctl {
namespace {

using daemon::kAdmin;
using daemon::kViewer;
using daemon::Lines;

class StandsBy final : public Leadership {
 public:
  explicit StandsBy(const LeaderView& view) : view_(view) {}
  std::optional<Term> Lead() const override { return std::nullopt; }
  LeaderView View() const override { return view_; }

 private:
  const LeaderView& view_;
};

TEST_F(CtlOrders, EveryOneOfThemIsGivenAndEnded) {
  struct Row {
    std::vector<std::string> arguments;
    Lines standing;
    const char* says;
  };
  const Row rows[] = {
      {{"pause", "shop"}, {"pause - by otto"}, "accepted: pause of shop, until 20"},
      {{"resume", "shop"}, {}, "accepted: resume of shop\n"},
      {{"mode", "shop", "active-passive", "--ttl", "30m"}, {"mode - by otto"}, "accepted: mode active-passive of shop"},
      {{"override", "clear", "shop"}, {}, "accepted: override clear of shop\n"},
      {{"drain", "shop", "eu"}, {"drain eu by otto"}, "accepted: drain eu of shop, until 20"},
      {{"undrain", "shop", "eu"}, {}, "accepted: undrain eu of shop\n"},
      {{"pin", "shop", "--ratios", "us=15,eu=5"}, {"pin-ratios - by otto"}, "accepted: pin eu=5 us=15 of shop"},
      {{"override", "clear", "shop"}, {}, "accepted"},
      {{"pin", "shop", "--replicas", "eu=5"}, {"pin-replicas - by otto"}, "accepted: pin eu=5 of shop"},
      {{"override", "clear", "shop"}, {}, "accepted"},
      {{"failover", "shop"}, {"failover eu by otto"}, "accepted: failover of shop"},
      {{"failover", "shop", "eu"}, {"failover eu by otto"}, "accepted: failover eu of shop"},
      {{"failback", "shop"}, {"failback - by otto"}, "accepted: failback of shop"},
  };
  for (Row row : rows) {
    row.arguments.insert(row.arguments.end(), {"--reason", "a repair", "--ticket", "CHG-1"});
    const Answer answer = Ctl(row.arguments);
    EXPECT_EQ(answer.exit, kDone) << row.arguments[0] << answer.err;
    EXPECT_NE(answer.out.find(row.says), std::string::npos) << answer.out;
    EXPECT_EQ(Standing(), row.standing) << row.arguments[0];
    Look();
  }
  EXPECT_NE(Ctl({"audit"}).out.find("otto (operator): drain"), std::string::npos) << Ctl({"audit"}).out;
  EXPECT_NE(Ctl({"audit", "shop"}).out.find("because: a repair [CHG-1]"), std::string::npos);
}

TEST_F(CtlOrders, ADryRunShowsThePlanAndDoesNothing) {
  const Answer answer = Ctl({"drain", "shop", "eu", "--dry-run"});
  EXPECT_EQ(answer.exit, kDone) << answer.err;
  EXPECT_EQ(answer.out.rfind("would be accepted: drain eu of shop, until ", 0), 0U) << answer.out;
  EXPECT_NE(answer.out.find("SITE  NOW       AT ONCE  IN THE END\n"), std::string::npos) << answer.out;
  EXPECT_TRUE(Standing().empty());
}

TEST_F(CtlOrders, WhatWasForcedIsMarkedWhereverItIsTold) {
  world_.SetDemand(4, 9.0);
  Look();
  const std::vector<std::string> order = {"mode", "shop", "active-passive", "--reason", "x"};
  EXPECT_EQ(Ctl(order, kAdmin).exit, kRefused);
  std::vector<std::string> by_force = order;
  by_force.emplace_back("--force");
  const Answer answer = Ctl(by_force, kAdmin);
  EXPECT_EQ(answer.out.rfind("!! accepted: mode active-passive of shop, until ", 0), 0U) << answer.out << answer.err;
  EXPECT_NE(OneLine(answer.out).find("; forced past CapacityFloor\n"), std::string::npos) << answer.out;
  const std::string audit = Ctl({"audit"}).out, status = Ctl({"status"}).out;
  EXPECT_EQ(audit.rfind("!! ", 0), 0U) << audit;
  EXPECT_NE(OneLine(audit).find(", FORCED past CapacityFloor"), std::string::npos) << audit;
  EXPECT_NE(audit.find("\n20"), std::string::npos) << "and the refusal is not:\n" << audit;
  EXPECT_NE(status.find("\n!! shop: order mode active-passive by anna until "), std::string::npos) << status;
}

TEST_F(CtlOrders, ARefusalNamesTheRuleItsNumbersAndWhatWouldSatisfyIt) {
  world_.director.reading.failure = Failure{Code::kRetry, "avi: no route", world_.clock.Now()};
  world_.clock.Advance(10min);
  Look();
  const Answer answer = Ctl({"pin", "shop", "--ratios", "us=1,eu=1", "--reason", "x"});
  EXPECT_EQ(answer.exit, kRefused);
  EXPECT_EQ(answer.out, "");
  EXPECT_NE(answer.err.find("spillwayctl: refused by "), std::string::npos) << answer.err;
  EXPECT_NE(answer.err.find("What would satisfy it: "), std::string::npos) << answer.err;
  const auto problem =
      ParseJson(R"({"rule":"CapacityFloor","detail":"Too little.","figures":{"capacity":4,"demand":6.5}})");
  EXPECT_EQ(RefusedText(*problem),
            "spillwayctl: refused by CapacityFloor: Too little.\n  compared: capacity 4, demand 6.5\n");
}

TEST_F(CtlOrders, ARefusalShowsThePlanOnlyIfSomethingWouldMove) {
  const auto told = [](const char* after) {
    const std::string before = R"({"sites":[{"site":"eu","replicas":3,"share":0.43}]})";
    const std::string text = R"({"rule":"R","detail":"No.","plan":{"before":)" + before + R"(,"atOnce":)" + before +
                             R"(,"after":{"sites":[{"site":"eu","replicas":)" + after + R"(,"share":0.43}]}}})";
    return RefusedText(*ParseJson(text));
  };
  EXPECT_EQ(told("3").find("IN THE END"), std::string::npos) << told("3");
  EXPECT_NE(told("0").find("IN THE END"), std::string::npos) << told("0");
}

TEST_F(CtlOrders, TheClocksRulesRefuseTooAndForcePassesTheWindowAlone) {
  world_.config.changes.blocked = {*daemon::ParseBlockedWindow("00:00-12:00"),
                                   *daemon::ParseBlockedWindow("12:00-00:00")};  // always
  world_.config.changes.min_between = 10min;
  Assemble();
  Look();
  const auto answered = Order("mode", daemon::With(R"("mode":"auto")"));
  EXPECT_EQ(answered.status, 409) << answered.body;
  EXPECT_EQ(StringAt(*ParseJson(answered.body), "rule"), "BlockedWindow") << answered.body;
  const auto mode = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"mode", "shop", "auto", "--reason", "x"});
    return Ctl(more, kAdmin);
  };
  const Answer blocked = mode({}), forced = mode({"--force"}), early = mode({"--force"});
  EXPECT_EQ(blocked.exit, kRefused);
  EXPECT_NE(blocked.err.find("spillwayctl: refused by BlockedWindow: "), std::string::npos) << blocked.err;
  EXPECT_NE(blocked.err.find("compared: minutes_left "), std::string::npos) << blocked.err;
  EXPECT_EQ(forced.exit, kDone) << forced.err;
  EXPECT_NE(OneLine(forced.out).find("; forced past BlockedWindow\n"), std::string::npos) << forced.out;
  EXPECT_EQ(early.exit, kRefused);
  EXPECT_NE(early.err.find("spillwayctl: refused by MinimumBetweenChanges: "), std::string::npos) << early.err;
}

TEST_F(CtlOrders, WhoMayNotIsDeniedAndToldWhatToDo) {
  EXPECT_EQ(Ctl({"pause", "shop", "--reason", "x"}, kViewer).exit, kDenied);
  EXPECT_NE(Ctl({"pause", "shop", "--reason", "x"}, kViewer).err.find("higher role"), std::string::npos);
  EXPECT_EQ(Ctl({"pause", "shop", "--reason", "x"}, "").exit, kDenied);
  EXPECT_EQ(Ctl({"pause", "shop", "--reason", "x", "--force"}).exit, kDenied) << "an operator may not force";
  EXPECT_EQ(Ctl({"pause", "shop", "--reason", "x", "--force"}, kAdmin).exit, kDone);
  EXPECT_EQ(Ctl({"audit"}, kViewer).exit, kDone);
}

TEST_F(CtlOrders, AFieldThatIsWrongIsAUsageErrorThatNamesIt) {
  struct Row {
    std::vector<std::string> arguments;
    const char* says;
  };
  const Row rows[] = {
      {{"mode", "shop", "sideways"}, "mode is none, allowed is one of round-robin"},
      {{"drain", "shop", "mars"}, "site is none, allowed is one of us, eu"},
      {{"pin", "shop", "--ratios", "us=1,eu=21"}, "ratios.eu must be a whole number from 0 to 20"},
      {{"pin", "shop", "--replicas", "us=1"}, "replicas.us is no site"},
      {{"pause", "shop", "--ttl", "forever"}, "ttl must be a duration"},
      {{"pause", "nobody"}, "spillwayd answered 404"},
  };
  for (Row row : rows) {
    row.arguments.insert(row.arguments.end(), {"--reason", "x"});
    const Answer answer = Ctl(row.arguments);
    EXPECT_EQ(answer.exit, kUsage) << answer.err;
    EXPECT_NE(OneLine(answer.err).find(row.says), std::string::npos) << answer.err;
  }
}

TEST_F(CtlOrders, AStandbySendsTheWriterToTheLeader) {
  LeaderView view{true, false, "b", "a", "", 3, std::nullopt, std::nullopt};
  const StandsBy leadership(view);
  daemon::Api standby({world_.clock, world_.metrics, audit_, events_, history_, leadership});
  standby.Admit(std::move(*daemon::Tokens::Parse(daemon::kTokens)));
  standby.Serve(loop_, desks_);
  const auto server = Serve([&](const ServerRequest& request) { return standby.Handle(request); });
  const std::string leader = "http://127.0.0.1:" + std::to_string(server_->port());
  const auto pause = [&](const std::string& url, const std::vector<std::string>& more = {}) {
    view.url = url;
    std::vector<std::string> arguments = {"pause",    "shop",     "--reason",
                                          "a repair", "--server", "http://127.0.0.1:" + std::to_string(server->port())};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Ctl(arguments);
  };
  const Answer answer = pause(leader);
  EXPECT_EQ(answer.exit, kDone) << answer.err;
  EXPECT_NE(answer.out.find("accepted: pause of shop, until "), std::string::npos) << answer.out;
  EXPECT_EQ(Standing(), Lines{"pause - by otto"});
  EXPECT_EQ(Audit(), Lines{"pause by otto: accepted"});
  // One that stands by as well, so that it is asked again, and again only so often.
  EXPECT_EQ(pause("http://127.0.0.1:" + std::to_string(server->port())).exit, kRefused);
  standby.Serve(nullptr);
}

TEST_F(CtlOrders, ATokenIsNotShownToWhoIsSaidToLeadUnlessNobodyElseCanReadItAndItIsProvedWho) {
  leader_.leads = false;
  leader_.identity = "b";
  leader_.holder = "a";
  for (const char* url : {"http://192.0.2.1:9440", "http://127.elsewhere.example:9440", "http://[2001:db8::1]:9440"}) {
    leader_.url = url;
    const Answer answer = Ctl({"pause", "shop", "--reason", "x"});
    EXPECT_EQ(answer.exit, kDenied) << url;
    EXPECT_NE(
        OneLine(answer.err).find(std::string("the leader is ") + url + ", where a token could be read on the way"),
        std::string::npos)
        << answer.err;
  }
  ServerOptions options;
  const Identity foreign = *IssueServer(TestPki().foreign_ca, {{}, {"127.0.0.1"}}, Now());
  options.cert_pem = foreign.cert_pem;
  options.key_pem = foreign.key_pem;
  std::atomic<int> asked = 0;
  const auto pretender = ServeTls([&](const ServerRequest&) { return ++asked, JsonReply(200, "{}"); }, options);
  leader_.url = "https://127.0.0.1:" + std::to_string(pretender->port());
  const std::string ca = testing::TempDir() + "/leaders-ca.pem";
  ASSERT_TRUE(WriteFileAtomically(ca, TestPki().ca.cert_pem));
  const Answer answer = Ctl({"pause", "shop", "--reason", "x", "--ca-file", ca});
  EXPECT_EQ(answer.exit, kDenied);
  EXPECT_NE(answer.err.find("certificate verify failed"), std::string::npos) << answer.err;
  EXPECT_EQ(asked, 0);
}

TEST_F(CtlOrders, WaitEndsWhenItIsSo) {
  log_.on_pause = [&](Duration) {
    world_.clock.Advance(1s);
    Look();
  };
  const Answer answer = Ctl({"drain", "shop", "eu", "--reason", "x", "--wait"});
  EXPECT_EQ(answer.exit, kDone) << answer.err << log_.err;
  EXPECT_NE(log_.out.find("accepted: drain eu of shop"), std::string::npos) << log_.out;
  EXPECT_NE(log_.err.find("done\n"), std::string::npos) << log_.err;
}

TEST_F(CtlOrders, WaitTellsWhatIsMissingAndGivesUpWithoutEndingTheOrder) {
  world_.director.error = Error{Code::kRetry, "avi: no route"};
  log_.on_pause = [&](Duration) {
    world_.clock.Advance(1s);
    Look();
  };
  const Answer answer = Ctl({"drain", "shop", "eu", "--reason", "x", "--wait", "--timeout", "20s"});
  EXPECT_EQ(answer.exit, kTimedOut);
  EXPECT_NE(log_.err.find("is to get 0%"), std::string::npos) << log_.err;
  EXPECT_NE(log_.err.find("avi: no route"), std::string::npos) << log_.err;
  EXPECT_NE(answer.err.find("gave up waiting, still: us gets 57.1%, is to get 100%; eu gets"), std::string::npos)
      << answer.err;
  EXPECT_EQ(Standing(), Lines{"drain eu by otto"});
}

TEST_F(CtlOrders, WaitEndsWhenTheOrderIsEnded) {
  bool cleared = false;
  log_.on_pause = [&](Duration) {
    if (!cleared) EXPECT_EQ(Order("override", "").status, 200);
    cleared = true;
    Look();
  };
  const Answer answer = Ctl({"drain", "shop", "eu", "--reason", "x", "--wait"});
  EXPECT_EQ(answer.exit, kRefused) << answer.err;
  EXPECT_NE(answer.err.find("not in force any more"), std::string::npos) << answer.err;
}

TEST_F(CtlOrders, HistoryTellsWhatChanged) {
  const std::string out = Ctl({"history", "shop", "--limit", "5"}).out;
  EXPECT_NE(out.find("Z shop: "), std::string::npos) << out;
  EXPECT_EQ(Ctl({"history", "shop", "--since", "yesterday"}).exit, kUsage);
}

TEST_F(CtlOrders, TheDoctorNamesWhatFailsAndWhatToDo) {
  EXPECT_NE(Ctl({"doctor"}).out.find("shop\n  ok       home's autoscaler: read "), std::string::npos)
      << Ctl({"doctor"}).out;
  world_.workload("eu").reading.failure = Failure{Code::kRetry, "cluster eu: no route to host", world_.clock.Now()};
  Look();
  const Answer answer = Ctl({"doctor", "shop"}, kViewer);
  EXPECT_EQ(answer.exit, kRefused);
  EXPECT_NE(answer.out.find("! FAILED   workload eu: cluster eu: no route to host\n           -> Check network"),
            std::string::npos)
      << answer.out;
  EXPECT_EQ(Ctl({"doctor", "nobody"}).exit, kUsage);
}

TEST(Progress, IsDoneWhenEverythingIsWrittenReadyAndDrained) {
  struct Row {
    const char* name;
    const char* state;
    const char* still;
  };
  const Row rows[] = {
      {"at rest", R"({"sites":[{"site":"eu","role":"overflow","share":{"intended":0,"written":0}}]})", ""},
      {"a share that is not written", R"({"sites":[{"site":"eu","share":{"intended":0.5,"written":0.1}}]})",
       "eu gets 10%, is to get 50%"},
      {"a share as near as ratios come", R"({"sites":[{"site":"eu","share":{"intended":0.44,"written":0.43}}]})", ""},
      {"replicas that start", R"({"sites":[{"site":"eu","role":"overflow","replicas":{"target":3,"ready":1}}]})",
       "eu has 1 of 3 replicas ready"},
      {"a gate that is shut", R"({"sites":[{"site":"eu","role":"overflow","phase":"provisioning"}]})",
       "eu's gate is shut"},
      {"replicas that were pinned and get no traffic",
       R"({"sites":[{"site":"eu","role":"overflow","phase":"provisioning","eligible":true}]})", ""},
      {"a drain", R"({"sites":[{"site":"eu","drain":{"elapsedSeconds":30,"expectedSeconds":90}}]})",
       "eu drains, 30s of about 1m30s"},
      {"a home without traffic that late clients still ask",
       R"({"time":"2026-01-01T00:00:30Z","sites":[{"site":"us","role":"home","since":"2026-01-01T00:00:00Z",
           "share":{"intended":0,"written":0,"measured":0.3}}]})",
       "30% of the requests still come to us, for clients keep its address for a while"},
      {"a home that hardly anybody asks any more",
       R"({"time":"2026-01-01T00:00:30Z","sites":[{"site":"us","role":"home","since":"2026-01-01T00:00:00Z",
           "share":{"intended":0,"written":0,"measured":0.01}}]})",
       ""},
      {"a home whose last clients never let go",
       R"({"time":"2026-01-01T00:15:01Z","sites":[{"site":"us","role":"home","since":"2026-01-01T00:00:00Z",
           "share":{"intended":0,"written":0,"measured":0.3}}]})",
       ""},
      {"a home without traffic, of which nothing is measured, while its answers live",
       R"({"time":"2026-01-01T00:01:29Z","gslb":{"ttlSeconds":30},"sites":[{"site":"us","role":"home",
           "since":"2026-01-01T00:00:00Z","share":{"intended":0,"written":0}}]})",
       "clients may keep the address of us for another 1s"},
      {"and after that",
       R"({"time":"2026-01-01T00:01:30Z","gslb":{"ttlSeconds":30},"sites":[{"site":"us","role":"home",
           "since":"2026-01-01T00:00:00Z","share":{"intended":0,"written":0}}]})",
       ""},
      {"the keepers that stay for late clients", R"({"sites":[{"site":"eu","phase":"tail"}]})", ""},
      {"a write that is due", R"({"pending":"eu replicas 3"})", "not written yet: eu replicas 3"},
      {"a follower that lags", R"({"gslb":{"inForce":false}})", "not in force at every DNS site"},
      {"a return in steps",
       R"({"reasons":[{"code":"FailingBack","about":"us","sentence":"In steps."},{"code":"Steady"}]})", "us: In steps"},
      {"a problem", R"({"problems":[{"about":"gslb","detail":"no route"}]})", "problem with gslb: no route"},
  };
  for (const Row& row : rows) {
    const Progress progress = ProgressOf(*ParseJson(row.state));
    EXPECT_EQ(progress.still, row.still) << row.name;
    EXPECT_EQ(progress.done, progress.still.empty()) << row.name;
  }
}

}  // namespace
}  // namespace spillway::ctl
