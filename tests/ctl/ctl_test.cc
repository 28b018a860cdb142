// spillwayctl against a real server of the daemon's API.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "src/base/file.h"
#include "src/base/http_server.h"
#include "src/base/time_text.h"
#include "src/daemon/api.h"
#include "tests/ctl/screen_log.h"
#include "tests/daemon/fakes.h"
#include "tools/ctl/run.h"
#include "tools/ctl/story.h"
#include "tools/ctl/text.h"

namespace spillway::ctl {
namespace {

using daemon::Api;
using daemon::App;
using daemon::AuditLog;
using daemon::EventHub;
using daemon::FakeWorld;
using daemon::Loop;

// Of the token "view".
constexpr char kTokens[] = "vera viewer sha256:2bcb43cbc8f6b7ef66331532881143fcbae60a879db3a8fb853f645bb24c2b3c\n";

std::string Nothing(const char*) { return ""; }

Answer RunQuietly(const Command& command) {
  ScreenLog log;
  Screen screen = log.screen();
  return ctl::Run(command, screen);
}

class CtlTest : public testing::Test {
 protected:
  CtlTest()
      : api_({world_.clock, world_.metrics, audit_, events_, history_}), loop_(std::make_shared<Loop>(world_.clock)) {
    loop_->Add(std::make_unique<App>(world_.config, world_.ports(), world_.room()));
    auto server = HttpServer::Start({}, [this](const ServerRequest& request) { return api_.Handle(request); });
    EXPECT_TRUE(server);
    server_ = std::move(*server);
    api_.Serve(loop_);
  }
  Answer Ctl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--server", "http://127.0.0.1:" + std::to_string(server_->port())});
    const auto command = ParseCommand(arguments, Nothing);
    EXPECT_TRUE(command) << command.error().what;
    Answer answer = RunQuietly(*command);
    const bool json = !arguments.empty() && arguments.back() == "json";
    std::istringstream lines(answer.out);
    for (std::string line; !json && std::getline(lines, line);) EXPECT_LE(line.size(), kColumns) << line;
    return answer;
  }
  void Look() { loop_->RunDue(world_.clock.Now()); }
  static std::string WriteTemp(const std::string& name, const std::string& text) {
    std::string path = testing::TempDir() + "/" + name;
    EXPECT_TRUE(WriteFileAtomically(path, text));
    return path;
  }

  FakeWorld world_;
  AuditLog audit_{""};
  EventHub events_{"1"};
  daemon::History history_;
  Api api_;
  std::shared_ptr<Loop> loop_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(CtlTest, StatusShowsEverySiteInOneTable) {
  world_.SetDemand(4, 6.0);
  Look();
  const Answer answer = Ctl({"status"});
  EXPECT_EQ(answer.exit, kDone);
  EXPECT_EQ(answer.out,
            "APP   MODE      DEMAND  EXCESS  SITE  PHASE         READY         SHARE  GSLB\n"
            "shop  weighted  6       3       us    home          4/4 (max 4)   100%   up\n"
            "                                eu    provisioning  0/3 (max 10)  0%     down\n");
  EXPECT_EQ(Ctl({"status", "shop"}).out, answer.out);
}

TEST_F(CtlTest, StatusSaysWhatIsWrong) {
  world_.workload("eu").reading.failure = Failure{Code::kRetry, "cluster eu: no route to host", world_.clock.Now()};
  world_.workload("eu").error = Error{Code::kDenied, "cluster eu: forbidden"};
  world_.SetDemand(4, 6.0);
  Look();
  const std::string out = Ctl({"status"}).out;
  EXPECT_NE(out.find("! shop: input workload eu is failing: cluster eu: no route to host\n"), std::string::npos) << out;
  EXPECT_NE(out.find("! shop: problem with workload eu: cluster eu: forbidden\n"), std::string::npos) << out;
}

TEST_F(CtlTest, StatusOfAStandbySaysWhereTheLeaderIs) {
  world_.leadership.lead.reset();
  Look();
  const std::string out = Ctl({"status"}).out;
  EXPECT_NE(out.find("! this spillwayd stands by and writes nothing; http://other:9440 leads\n"), std::string::npos)
      << out;
}

TEST_F(CtlTest, WhyTellsTheStoryOfTheLastDecision) {
  world_.SetDemand(2, std::nullopt);
  Look();
  world_.SetDemand(4, 6.0);
  loop_->Wake("shop");
  Look();
  world_.clock.Advance(3s);
  const Answer answer = Ctl({"why", "shop"});
  EXPECT_EQ(answer.exit, kDone);
  for (const char* line : {
           "shop, mode weighted; decided 20",
           "  demand, 3s ago: desires 4 of at most 4, held back from 6\n",
           "  workload us, 3s ago: 4 of 4 replicas ready\n",
           "gslb, 3s ago: us served 1, up; eu parked, down; TTL 10s\n",
           "[DemandRose]",
           "excess 3, in replicas of the home site\n",
           "  eu: provisioning, 3 replicas (3 needed, at most 10)",
           "GATE OF eu: shut\n",
           "  NO   ReplicasReady     0/0 ready, 1 asked (missing for 3s)\n",
           "  - gate of eu: ReplicasReady, 0/0 ready, 1 asked (missing for 3s)\n",
           "WOULD CHANGE IT\n  - an excess of 4 when the demand is above 6.36, with a headroom of 10%; it is 6\n",
           "eu replicas 0 -> 3: done\n",
       }) {
    EXPECT_NE(answer.out.find(line), std::string::npos) << line << "\n" << answer.out;
  }
}

TEST_F(CtlTest, WhyOfAnEarlierDecisionTellsWhatWasSeenThenAndWhatCameOfIt) {
  world_.SetDemand(2, std::nullopt);
  Look();
  world_.clock.Advance(5s);
  world_.SetDemand(4, 6.0);
  world_.workload("eu").error = Error{Code::kDenied, "cluster eu: forbidden"};
  loop_->Wake("shop");
  Look();
  const std::string then = Rfc3339(world_.clock.WallNow());
  world_.clock.Advance(5s);
  world_.SetDemand(4, 9.0);
  loop_->Wake("shop");
  Look();
  ASSERT_NE(Ctl({"history", "shop"}).out.find("\n" + then + " shop: "), std::string::npos) << "a time to copy";
  const Answer answer = Ctl({"why", "shop", "--at", then});
  EXPECT_EQ(answer.exit, kDone) << answer.err;
  for (const std::string& line : {
           "shop, mode weighted; decided " + then.substr(0, then.size() - 1),
           std::string("  demand, 0ms ago: desires 4 of at most 4, held back from 6\n"),
           std::string("[DemandRose]"),
           std::string("excess 3, in replicas of the home site\n"),
           std::string("WOULD CHANGE IT\n  - an excess of 4 when the demand is above 6.36"),
           std::string("CHANGED\n  - eu: rest -> provisioning\n"),
           std::string("WRITTEN\n  - kubernetes eu, replicas 0 -> 3: denied, cluster eu: forbidden\n"),
       }) {
    EXPECT_NE(answer.out.find(line), std::string::npos) << line << "\n" << answer.out;
  }
  EXPECT_EQ(answer.out.find("LAST CHANGES"), std::string::npos) << "history has them";
  EXPECT_EQ(Ctl({"why", "shop", "--at", then, "-o", "json"}).out.rfind("{\"time\":\"" + then.substr(0, 19), 0), 0U);

  const Answer gone = Ctl({"why", "shop", "--at", "1970-01-01T00:00:00Z"});
  EXPECT_EQ(gone.exit, kUsage);
  EXPECT_NE(gone.err.find("spillwayctl history APP lists"), std::string::npos) << gone.err;
  const Answer none = Ctl({"why", "shop", "--at", "yesterday"});
  EXPECT_EQ(none.exit, kUsage);
  EXPECT_NE(none.err.find("time must be a time such as"), std::string::npos) << none.err;
}

TEST_F(CtlTest, WhySaysThatNothingIsWaitedFor) {
  Look();
  EXPECT_NE(Ctl({"why", "shop"}).out.find("WAITED FOR\n  nothing: what is so is what should be so\n"),
            std::string::npos)
      << Ctl({"why", "shop"}).out;
}

TEST_F(CtlTest, WhyBeforeTheFirstDecisionSaysWhatIsMissing) {
  world_.director.reading = {};
  Look();
  const std::string out = Ctl({"why", "shop"}).out;
  EXPECT_NE(out.find("  gslb, never: not read yet\n"), std::string::npos) << out;
  EXPECT_NE(out.find("nothing was decided yet"), std::string::npos) << out;
}

TEST_F(CtlTest, JsonIsTheServersAnswer) {
  Look();
  const Answer answer = Ctl({"why", "shop", "-o", "json"});
  EXPECT_EQ(answer.exit, kDone);
  EXPECT_EQ(answer.out.rfind("{\"app\":\"shop\"", 0), 0U);
  EXPECT_EQ(answer.out.back(), '\n');
}

TEST_F(CtlTest, AnUnknownApplicationIsAUsageErrorThatSaysWhatToDo) {
  const Answer answer = Ctl({"why", "../nobody"});
  EXPECT_EQ(answer.exit, kUsage);
  EXPECT_EQ(answer.out, "");
  EXPECT_NE(answer.err.find("404"), std::string::npos) << answer.err;
  EXPECT_NE(answer.err.find("spillwayctl status lists the applications"), std::string::npos) << answer.err;
}

TEST_F(CtlTest, AServerThatIsNotThereIsUnreachable) {
  server_->Stop();
  const Answer answer = Ctl({"status"});
  EXPECT_EQ(answer.exit, kUnreachable);
  EXPECT_NE(answer.err.find("Is spillwayd running"), std::string::npos) << answer.err;
}

TEST_F(CtlTest, ATokenOpensWhatIsDeniedWithoutOne) {
  auto tokens = daemon::Tokens::Parse(kTokens);
  ASSERT_TRUE(tokens) << tokens.error().what;
  api_.Admit(std::move(*tokens));
  Look();

  Answer answer = Ctl({"status"});
  EXPECT_EQ(answer.exit, kDenied);
  EXPECT_NE(answer.err.find("--token-file"), std::string::npos);

  answer = Ctl({"status", "--token-file", WriteTemp("wrong.token", "nope\n")});
  EXPECT_EQ(answer.exit, kDenied);
  EXPECT_EQ(answer.err.find("nope"), std::string::npos) << "a token is never shown";

  EXPECT_EQ(Ctl({"status", "--token-file", WriteTemp("view.token", "view\n")}).exit, kDone);
  EXPECT_EQ(Ctl({"status", "--token-file", "/nowhere/token"}).exit, kUsage);
}

TEST(Ctl, ChecksAConfigurationWithoutAServer) {
  const std::string path = testing::TempDir() + "/bad.yaml";
  std::ofstream(path) << "apiVersion: spillway/v1\navy: {}\n";
  const Answer answer = RunQuietly(*ParseCommand({"config", "check", path}, Nothing));
  EXPECT_EQ(answer.exit, kUsage);
  EXPECT_NE(answer.err.find(path + ":2: avy: is an unknown key, did you mean \"avi\"?\n"), std::string::npos)
      << answer.err;
}

TEST(Ctl, ABadServerAddressIsAUsageError) {
  Command command = *ParseCommand({"status", "--server", "ftp://x"}, Nothing);
  EXPECT_EQ(RunQuietly(command).exit, kUsage);
}

TEST(Ctl, ASecretThatOthersCanReadIsNotUsed) {
  const std::string open = testing::TempDir() + "/open.secret", cert = testing::TempDir() + "/cert.pem";
  ASSERT_TRUE(WriteFileAtomically(open, "x", 0644));
  ASSERT_TRUE(WriteFileAtomically(cert, "x", 0644)) << "which is no secret";
  for (const char* flag : {"--key-file", "--token-file"}) {
    std::vector<std::string> arguments = {"status", "--server", "https://127.0.0.1:1", flag, open};
    if (flag == std::string("--key-file")) arguments.insert(arguments.end(), {"--cert-file", cert});
    const auto command = ParseCommand(arguments, Nothing);
    ASSERT_TRUE(command) << command.error().what;
    const Answer answer = RunQuietly(*command);
    EXPECT_EQ(answer.exit, kUsage) << flag;
    EXPECT_NE(answer.err.find("its mode is 0644"), std::string::npos) << answer.err;
    EXPECT_NE(answer.err.find(std::string("Check ") + flag), std::string::npos) << answer.err;
  }
}

TEST(Text, FitsTheTerminal) {
  EXPECT_EQ(Table({{"A", "B"}, {"long", "x"}}), "A     B\nlong  x\n");
  EXPECT_EQ(Table({{"ü", "b"}, {"xx", "y"}}), "ü   b\nxx  y\n") << "characters count, not bytes";
  EXPECT_EQ(Table({{"a\x1b[31m", "b"}}), "a?[31m  b\n") << "nothing from outside steers the terminal";
  const std::string cut = Table({{std::string(200, 'x')}});
  EXPECT_EQ(cut, std::string(99, 'x') + "…\n");
  EXPECT_EQ(Wrapped("", "/" + std::string(150, 'p'), 2), "/" + std::string(150, 'p') + "\n") << "a path stays whole";
  EXPECT_EQ(Wrapped("- ", std::string(60, 'a') + " " + std::string(60, 'b'), 2),
            "- " + std::string(60, 'a') + "\n  " + std::string(60, 'b') + "\n");
}

TEST(Text, ColoursHeadsWarningsAndFailures) {
  EXPECT_EQ(Coloured("APP  MODE\nshop  auto\n! late\nspillwayctl: no\n"),
            "\x1b[1mAPP  MODE\x1b[0m\nshop  auto\n\x1b[33m! late\x1b[0m\n\x1b[31mspillwayctl: no\x1b[0m\n");
}

TEST(Text, ColoursWhatWasForcedToItsLastLine) {
  EXPECT_EQ(Coloured("!! one\n  and on\ntwo\n  and on\n"),
            "\x1b[31m!! one\x1b[0m\n\x1b[31m  and on\x1b[0m\ntwo\n  and on\n");
}

TEST(Text, WhatIsNotWrittenYetIsTold) {
  const auto state = ParseJson(
      R"({"app":"shop","decidedAt":"2026-01-01T00:00:00Z","pending":"eu replicas 1 -> 3; gslb us served 1 -> served 4"})");
  const std::string why = WhyText(*state);
  EXPECT_NE(why.find("not written yet: eu replicas 1 -> 3; gslb us served 1 -> served 4\n"), std::string::npos) << why;
}

TEST(Text, NumbersReadWell) {
  EXPECT_EQ(Number(6), "6");
  EXPECT_EQ(Number(6.25), "6.25");
  EXPECT_EQ(Number(100), "100");
  EXPECT_EQ(Percent(0.43), "43%");
  EXPECT_EQ(Percent(1.0 / 21), "4.8%");
  EXPECT_EQ(Span(0.02), "20ms");
  EXPECT_EQ(Span(59.9), "59s");
  EXPECT_EQ(Span(60), "1m");
  EXPECT_EQ(Span(200), "3m20s");
  EXPECT_EQ(Span(7500), "2h5m");
}

}  // namespace
}  // namespace spillway::ctl
