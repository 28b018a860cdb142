// Every command by everybody, and every field of every order wrong once, through the real API.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "src/base/time_text.h"
#include "tests/ctl/ctl_orders.h"

namespace spillway::ctl {
namespace {

using daemon::kAdmin;
using daemon::kOperator;
using daemon::kViewer;
using daemon::Lines;
using Arguments = std::vector<std::string>;

constexpr char kBook[] =
    "apiVersion: spillway.runbook/v1\nname: hold\ntells: x\napp: shop\nreason: a repair\n"
    "steps: [{do: pause, after: [order pause]}, {do: resume, after: [no order]}]\n";

Arguments With(Arguments arguments, const Arguments& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

class Roles : public CtlOrders {
 protected:
  Roles() {
    // Decisions go on while a runbook waits.
    log_.on_pause = [this](Duration wait) { Pass(wait); };
  }
  void Pass(Duration time) {
    world_.clock.Advance(time);
    world_.Confirm();
    Look();
  }
  static std::string File(const std::string& name, const std::string& text) {
    std::string path = testing::TempDir() + "/" + name;
    EXPECT_TRUE(WriteFileAtomically(path, text));
    return path;
  }
};

TEST_F(Roles, EveryCommandDoesForEachRoleWhatTheRoleMay) {
  enum class Needs { kNobody, kViewer, kOperator, kAdmin };
  struct Row {
    Verb verb;
    Arguments arguments;
    Needs needs;
    Exit exit = kDone;  // for those who may
  };
  const Arguments why = {"--reason", "a repair"};
  const std::string book = File("hold.yaml", kBook);
  const Row rows[] = {
      {Verb::kStatus, {"status"}, Needs::kViewer},
      {Verb::kStatus, {"status", "shop"}, Needs::kViewer},
      {Verb::kWhy, {"why", "shop"}, Needs::kViewer},
      {Verb::kWhy, {"why", "shop", "--at", Rfc3339(world_.clock.WallNow())}, Needs::kViewer},
      {Verb::kHistory, {"history", "shop"}, Needs::kViewer},
      {Verb::kAudit, {"audit"}, Needs::kViewer},
      {Verb::kAudit, {"audit", "shop"}, Needs::kViewer},
      {Verb::kDoctor, {"doctor"}, Needs::kViewer},
      {Verb::kPause, With({"pause", "shop"}, why), Needs::kOperator},
      {Verb::kPause, With({"pause", "shop", "--dry-run"}, why), Needs::kOperator},
      {Verb::kPause, With({"pause", "shop", "--force"}, why), Needs::kAdmin},
      {Verb::kResume, With({"resume", "shop"}, why), Needs::kOperator},
      {Verb::kResume, With({"resume", "shop", "--force"}, why), Needs::kAdmin},
      {Verb::kMode, With({"mode", "shop", "auto"}, why), Needs::kOperator},
      {Verb::kDrain, With({"drain", "shop", "eu"}, why), Needs::kOperator},
      {Verb::kDrain, With({"drain", "shop", "eu", "--force"}, why), Needs::kAdmin},
      {Verb::kUndrain, With({"undrain", "shop", "eu"}, why), Needs::kOperator},
      {Verb::kPin, With({"pin", "shop", "--ratios", "us=15,eu=5"}, why), Needs::kOperator},
      {Verb::kPin, With({"pin", "shop", "--replicas", "eu=4"}, why), Needs::kOperator},
      {Verb::kClear, {"override", "clear", "shop"}, Needs::kOperator},
      {Verb::kClear, {"override", "clear", "shop", "--force"}, Needs::kAdmin},
      {Verb::kFailover, With({"failover", "shop", "eu"}, why), Needs::kOperator},
      {Verb::kFailback, With({"failback", "shop"}, why), Needs::kOperator},
      {Verb::kClear, {"override", "clear", "shop"}, Needs::kOperator},
      {Verb::kRunbookRun, {"runbook", "run", book}, Needs::kOperator},
      {Verb::kRunbookCheck, {"runbook", "check", book}, Needs::kNobody},
      {Verb::kConfigCheck, {"config", "check", "/nowhere"}, Needs::kNobody, kUsage},
      {Verb::kCompletion, {"completion", "bash"}, Needs::kNobody},
      {Verb::kMan, {"man"}, Needs::kNobody},
      {Verb::kHelp, {"help"}, Needs::kNobody},
      {Verb::kVersion, {"version"}, Needs::kNobody},
  };
  const std::pair<const char*, Needs> callers[] = {
      {"", Needs::kNobody}, {kViewer, Needs::kViewer}, {kOperator, Needs::kOperator}, {kAdmin, Needs::kAdmin}};
  std::set<Verb> asked = {Verb::kWatch};  // in a thread of its own: watch_test, and below
  for (const Row& row : rows) {
    asked.insert(row.verb);
    for (const auto& [token, has] : callers) {
      const Lines before = Standing();
      Arguments arguments = row.arguments;
      if (row.verb == Verb::kRunbookRun) {
        arguments = With(arguments, {"--progress", testing::TempDir() + "/run-" + token, "--restart"});
      }
      const bool may = has >= row.needs;
      const Answer answer = Ctl(arguments, token);
      EXPECT_EQ(answer.exit, may ? row.exit : kDenied) << row.arguments[0] << " by \"" << token << "\": " << answer.err;
      if (!may) EXPECT_EQ(Standing(), before) << row.arguments[0] << " by \"" << token << "\"";
      Pass(1s);  // no caller writes too often
    }
  }
  EXPECT_EQ(Ctl({"watch"}, "").exit, kDenied);
  for (const VerbSpec& spec : Verbs()) EXPECT_TRUE(asked.contains(spec.verb)) << spec.words << " has no row";
}

TEST_F(Roles, AnUnknownTokenOpensNothingAndIsNotRepeatedToAnybody) {
  for (const Arguments& arguments : {Arguments{"status"}, {"pause", "shop", "--reason", "x"}, {"audit"}}) {
    const Answer answer = Ctl(arguments, "guessed-word");
    EXPECT_EQ(answer.exit, kDenied);
    EXPECT_EQ((answer.out + answer.err).find("guessed-word"), std::string::npos) << answer.err;
  }
  EXPECT_TRUE(Audit().empty()) << "who nobody knows has no name to write down";
}

TEST_F(Roles, EveryFieldOfEveryOrderIsRefusedWhereItIsWrong) {
  const Arguments orders[] = {{"pause", "shop"},
                              {"mode", "shop", "auto"},
                              {"drain", "shop", "eu"},
                              {"pin", "shop", "--ratios", "us=1,eu=1"},
                              {"pin", "shop", "--replicas", "eu=4"},
                              {"failover", "shop", "eu"},
                              {"failback", "shop"},
                              {"resume", "shop"},
                              {"undrain", "shop", "eu"}};
  struct Wrong {
    Arguments arguments;
    const char* says;
  };
  const Wrong of_all[] = {
      {{}, "reason"},
      {{"--reason", ""}, "reason"},
      {{"--reason", "a\nb"}, "reason"},
      {{"--reason", std::string(501, 'x')}, "reason"},
      {{"--reason", "x", "--ticket", std::string(101, 'x')}, "ticket"},
      {{"--reason", "x", "--ticket", "a\tb"}, "ticket"},
      {{"--reason", "x", "--ttl", "9s"}, "ttl"},
      {{"--reason", "x", "--ttl", "169h"}, "ttl"},
      {{"--reason", "x", "--ttl", "soon"}, "ttl"},
      {{"--reason", "x", "--reasn", "x"}, "--reasn"},
  };
  const Wrong of_one[] = {
      {{"mode", "shop", "fast"}, "mode is none"},
      {{"drain", "shop", "mars"}, "site is none"},
      {{"undrain", "shop", "mars"}, "site is none"},
      {{"failover", "shop", "us"}, "allowed is one of eu"},
      {{"pin", "shop"}, "ratios"},
      {{"pin", "shop", "--ratios", "us=1"}, "ratios.eu is missing"},
      {{"pin", "shop", "--ratios", "us=1,eu=21"}, "ratios.eu must be"},
      {{"pin", "shop", "--ratios", "us=1,eu=1,ap=1"}, "ratios.ap is no site"},
      {{"pin", "shop", "--replicas", "eu=-1"}, "eu"},
      {{"pin", "shop", "--replicas", "ap=1"}, "replicas.ap is no site"},
      {{"pin", "shop", "--replicas", "eu=2", "--ratios", "us=1,eu=1"}, "exactly one"},
      {{"resume", "shop", "--ttl", "1h"}, "--ttl"},
      {{"undrain", "shop", "eu", "--ttl", "1h"}, "--ttl"},
      {{"drain", "nobody", "eu"}, "404"},
  };
  const auto check = [&](const Arguments& arguments, const char* says) {
    const Answer answer = Ctl(arguments, kAdmin);
    EXPECT_EQ(answer.exit, kUsage) << arguments[0] << " " << says;
    EXPECT_NE(OneLine(answer.err).find(says), std::string::npos) << arguments[0] << ": " << answer.err;
    Pass(1s);
  };
  for (const Arguments& order : orders) {
    for (const Wrong& wrong : of_all) check(With(order, wrong.arguments), wrong.says);
  }
  for (const Wrong& wrong : of_one) check(With(wrong.arguments, {"--reason", "x"}), wrong.says);
  EXPECT_TRUE(Standing().empty());
  EXPECT_TRUE(Audit().empty()) << "what is malformed was never asked";
}

TEST_F(Roles, OfTwoOperatorsAtOnceOneIsToldWhatTheOtherDid) {
  Answer answers[2];
  std::thread other([&] {
    const auto command = ParseCommand({"--server", "http://127.0.0.1:" + std::to_string(server_->port()), "drain",
                                       "shop", "eu", "--reason", "x", "--token-file", TokenFile(kAdmin)},
                                      [](const char*) { return std::string(); });
    ScreenLog log;
    Screen screen = log.screen();
    answers[1] = ctl::Run(*command, screen);
  });
  answers[0] = Ctl({"drain", "shop", "us", "--reason", "x"});
  other.join();
  EXPECT_EQ(std::set<int>({answers[0].exit, answers[1].exit}), std::set<int>({kDone, kRefused}));
  const Answer& refused = answers[answers[0].exit == kRefused ? 0 : 1];
  EXPECT_NE(refused.err.find("HealthyServed"), std::string::npos) << refused.err;
  EXPECT_EQ(Standing().size(), 1U);
}

}  // namespace
}  // namespace spillway::ctl
