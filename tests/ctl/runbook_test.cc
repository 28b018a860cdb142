// Runbooks: what may stand in them, and how they are played against a scripted API.
#include <gtest/gtest.h>

#include <filesystem>

#include "src/base/file.h"
#include "tests/ctl/screen_log.h"
#include "tools/ctl/runbook/book.h"
#include "tools/ctl/runbook/runner.h"

namespace spillway::ctl {
namespace {

constexpr char kHead[] =
    "apiVersion: spillway.runbook/v1\nname: maintenance\ntells: x\nsettings: {app: shop, site: , ticket: ''}\n"
    "app: ${app}\nreason: a repair\nticket: ${ticket}\n";

std::variant<Book, daemon::Mistakes> Read(const std::string& rest, const Settings& settings = {{"site", "eu"}}) {
  return ReadBook(kHead + rest, settings, Unset::kMistake);
}

TEST(Condition, HoldsOrSaysWhatIsSoInstead) {
  const auto state = ParseJson(R"({"decidedAt":"2026-01-01T00:00:00Z","mode":"weighted","demand":{"replicas":6},
      "inputs":[{"name":"gslb","state":"ok"},{"name":"workload us","state":"failing"}],
      "conditions":[{"name":"HomeDown","detail":"us is down"}],
      "override":{"orders":[{"kind":"drain","actor":"otto"}]},
      "sites":[{"site":"us","share":{"written":1,"measured":0.97},"member":{"health":"up"},"phase":"home",
                "replicas":{"ready":4}},
               {"site":"eu","share":{"written":0},"member":{"health":"down"},"phase":"rest",
                "replicas":{"ready":2,"total":3}}]})");
  ASSERT_TRUE(state);
  const std::pair<const char*, const char*> rows[] = {
      {"share of us = 100%", ""},
      {"share of eu > 0%", "share of eu is 0%, is to be > 0%"},
      {"measured share of us >= 97%", ""},
      {"measured share of eu = 0%", "measured share of eu is not known"},
      {"ready of eu >= 2", ""},
      {"ready of eu < 2", "ready of eu is 2, is to be < 2"},
      {"ready of us >= 1", "workload us can't be read now"},
      {"ready of ap >= 1", "there is no site ap"},
      {"pods of eu != 3", "pods of eu is 3, is to be != 3"},
      {"demand <= 6", ""},
      {"phase of eu is rest", ""},
      {"phase of eu is not rest", "phase of eu is rest, is not to be rest"},
      {"health of eu is up", "health of eu is down, is to be up"},
      {"mode is not auto", ""},
      {"served", ""},
      {"settled", ""},
      {"no condition GslbUnseen", ""},
      {"no condition", "there is condition HomeDown (us is down)"},
      {"condition HomeDown", ""},
      {"no order pause", ""},
      {"no order", "there is order drain (by otto)"},
      {"order pause", "there is no order pause"},
  };
  for (const auto& [text, missing] : rows) {
    const auto condition = ParseCondition(text);
    ASSERT_TRUE(condition) << condition.error().what;
    EXPECT_EQ(Missing(*condition, *state), missing) << text;
    EXPECT_NE(Missing(*condition, *ParseJson("{}")), "") << text << ": nothing holds before the first decision";
  }
}

TEST(Runbook, EveryMistakeIsToldWithItsLine) {
  const std::pair<const char*, const char*> rows[] = {
      {"steps: []\n", "f:8: steps: "},
      {"steps:\n- do: drian\n", "f:9: steps[0].do: \"drian\" is unknown (did you mean \"drain\"?)"},
      {"steps:\n- do: drain\n", "f:9: steps[0].site: is missing"},
      {"steps:\n- site: eu\n", "f:9: steps[0].do: is missing"},
      {"steps:\n- do: drain\n  site: ${sight}\n", "f:10: ${sight}: is no setting, allowed are: app, site, ticket"},
      {"steps:\n- do: mode\n  mode: wieghted\n", "f:10: steps[0].mode: \"wieghted\" is unknown (did you mean"},
      {"steps:\n- do: pin\n", "f:9: steps[0].ratios: exactly one of ratios and replicas"},
      {"steps:\n- do: pin\n  ratios: us\n", "f:10: steps[0].ratios: \"us\": write SITE=N"},
      {"steps:\n- do: wait\n", "f:9: steps[0].lasts: is missing"},
      {"steps:\n- do: confirm\n", "f:9: steps[0].question: is missing"},
      {"steps:\n- do: check\n", "f:9: steps[0].after: is missing"},
      {"steps:\n- do: pause\n  ttl: soon\n", "f:10: steps[0].ttl: \"soon\" is not a duration"},
      {"steps:\n- do: pause\n  within: 99h\n", "f:10: steps[0].within: \"99h\" is out of range"},
      {"steps:\n- do: pause\n  onFailure: explode\n", "steps[0].onFailure: \"explode\" is none of them"},
      {"steps:\n- do: resume\n  ttl: 1h\n", "f:10: steps[0].ttl: is an unknown key"},
      {"steps:\n- do: check\n  after: [share of eu = 2]\n", "compares with 2, allowed is a share"},
      {"steps:\n- do: check\n  after: [share of eu ~ 2%]\n", "compares by ~, allowed is one of"},
      {"steps:\n- do: check\n  after: [phase of eu is rsting]\n", "allowed is one of rest, provisioning"},
      {"steps:\n- do: check\n  before: [no served]\n  after: [served]\n",
       "steps[0].before: \"no served\" is no condition"},
      {"steps:\n- do: check\n  during: [everything fine]\n  after: [served]\n", "is no condition, allowed is:"},
      {"onFailure: retry\nsteps:\n- do: pause\n", "f:8: onFailure: "},
      {"steps: [\n", "is not YAML"},
      {"a: &a [*a]\nsteps:\n- do: pause\n", "f:8: a: is an unknown key"},
  };
  for (const auto& [text, says] : rows) {
    const auto read = Read(text);
    const auto* mistakes = std::get_if<daemon::Mistakes>(&read);
    ASSERT_NE(mistakes, nullptr) << text;
    const std::string told = daemon::MistakesText("f", *mistakes);
    EXPECT_NE(told.find(says), std::string::npos) << text << told;
  }
  const auto unset = Read("steps:\n- do: pause\n", {});
  EXPECT_NE(daemon::MistakesText("f", std::get<1>(unset)).find("f:4: settings.site: has no value"), std::string::npos);
  const auto unknown = Read("steps:\n- do: pause\n", {{"site", "eu"}, {"sight", "x"}});
  EXPECT_NE(daemon::MistakesText("f", std::get<1>(unknown)).find("settings.sight: is no setting"), std::string::npos);
}

TEST(Runbook, SettingsFillInAndAnEmptyOneLeavesItsKeyOut) {
  const auto read = Read("steps:\n- do: drain\n  site: ${site}\n  ttl: 2h\n");
  const auto& book = std::get<Book>(read);
  EXPECT_EQ(book.steps[0].order.operands, (std::vector<std::string>{"shop", "eu"}));
  EXPECT_EQ(book.steps[0].order.ttl, "2h");
  EXPECT_EQ(book.steps[0].order.ticket, "");
  EXPECT_EQ(book.steps[0].name, "drain eu");
}

TEST(Runbook, TheReadyOnesHaveNoMistakes) {
  for (const char* name : {"failback", "failover", "home-maintenance", "practice-burst", "site-maintenance"}) {
    const auto text = ReadFile("deploy/runbooks/" + std::string(name) + ".yaml");
    ASSERT_TRUE(text) << text.error().what;
    const auto read = ReadBook(*text, {}, Unset::kAnyWord);
    if (const auto* mistakes = std::get_if<daemon::Mistakes>(&read)) ADD_FAILURE() << MistakesText(name, *mistakes);
  }
}

// A server that takes orders into its list and decides anew at each look.
class Played : public testing::Test {
 protected:
  Answer Run(const std::string& steps, bool yes = false) {
    auto read = Read("onFailure: " + failure_ + "\nsteps:\n" + steps);
    if (const auto* mistakes = std::get_if<daemon::Mistakes>(&read))
      ADD_FAILURE() << daemon::MistakesText("f", *mistakes);
    book_ = std::get<Book>(std::move(read));
    if (progress_.steps.empty()) progress_ = {"r1", "", std::vector<StepProgress>(book_.steps.size()), false};
    Screen screen = log_.screen();
    Stage stage{[&] { return Look(); }, [&](const Command& order, const std::string& key) { return Give(order, key); },
                screen, yes};
    const Kept kept{[&](const RunProgress& now) -> Status {
                      if (--saves_left_ < 0) return Error{Code::kRetry, "the disk is full"};
                      kept_ = now;
                      return Ok();
                    },
                    [&] { finished_ = true; }, [](const Step&) { return std::nullopt; },
                    [&](const Step& step, double) { learned_.push_back(step.name); }};
    return Play(book_, progress_, kept, stage);
  }
  std::variant<JsonDocument, Answer> Look() {
    if (silent_ > 0 && silent_-- > 0) return Answer{kUnreachable, "", "no answer"};
    std::string orders;
    for (const auto& [kind, reason] : standing_) {
      orders.append(orders.empty() ? "" : ",").append(R"({"kind":")").append(kind);
      orders.append(R"(","actor":"otto","reason":")").append(reason).append("\"}");
    }
    if (undecided_ > 0 && undecided_-- > 0) return std::move(*ParseJson(R"({"override":{"orders":[]}})"));
    std::string text = R"({"decidedAt":")" + std::to_string(++decided_) + R"(","override":{"orders":[)" + orders +
                       R"(]},"sites":[{"site":"eu","share":{"intended":0,"written":0},"member":{"health":"down"}},)" +
                       R"({"site":"us","share":{"intended":1,"written":1},"member":{"health":")" + health_ + "\"}}]}";
    return std::move(*ParseJson(text));
  }
  Answer Give(const Command& order, const std::string& key) {
    asked_.push_back(std::string(SpecOf(order.verb).words) + " " + key);
    if (lost_ > 0 && lost_-- > 0) return {kUnreachable, "", "no answer"};
    if (SpecOf(order.verb).words == refused_) return {kRefused, "", "refused by HealthyServed"};
    if (order.verb == Verb::kDrain || order.verb == Verb::kMode || order.verb == Verb::kPause) {
      standing_[std::string(SpecOf(order.verb).words)] = order.reason;
    } else if (order.verb == Verb::kClear) {
      standing_.clear();
    } else if (order.verb == Verb::kUndrain) {
      standing_.erase("drain");
    }
    return {};
  }

  using Lines = std::vector<std::string>;
  ScreenLog log_;
  Book book_;
  RunProgress progress_, kept_;
  std::map<std::string, std::string> standing_;
  std::string health_ = "up", refused_, failure_ = "stop";
  Lines asked_, learned_;
  int decided_ = 0, undecided_ = 0, silent_ = 0, lost_ = 0, saves_left_ = 1000;
  bool finished_ = false;
};

constexpr char kDrainAndBack[] =
    "- {do: check, after: [served]}\n- {do: drain, site: eu, after: [share of eu = 0%]}\n- {do: undrain, site: eu}\n";

TEST_F(Played, GivesEachOrderOnceUnderAKeyOfTheRun) {
  const Answer answer = Run(kDrainAndBack);
  EXPECT_EQ(answer.exit, kDone) << answer.err;
  EXPECT_EQ(asked_, (Lines{"drain r1-2", "undrain r1-3"}));
  EXPECT_EQ(learned_, (Lines{"drain eu", "undrain eu"}));
  EXPECT_TRUE(finished_);
}

TEST_F(Played, GoesOnWhereAKilledRunStoppedUnderTheSameKey) {
  saves_left_ = 3;  // the check is begun and done, the drain is begun; then, its order given, nothing is kept any more
  EXPECT_EQ(Run(kDrainAndBack).exit, kUsage);
  EXPECT_EQ(asked_, Lines{"drain r1-2"});
  EXPECT_FALSE(finished_);
  progress_ = kept_;
  saves_left_ = 1000;
  EXPECT_EQ(Run(kDrainAndBack).exit, kDone) << log_.err;
  EXPECT_EQ(asked_, (Lines{"drain r1-2", "drain r1-2", "undrain r1-3"}));
}

TEST_F(Played, AsksAgainUnderTheSameKeyWhenNoAnswerCame) {
  lost_ = 2;
  silent_ = 1;
  EXPECT_EQ(Run("- {do: pause}\n").exit, kDone) << log_.err;
  EXPECT_EQ(asked_, (Lines{"pause r1-1", "pause r1-1", "pause r1-1"}));
}

TEST_F(Played, StopsWhereARuleRefusesAndTriesThatStepAgain) {
  refused_ = "undrain";
  const Answer answer = Run(kDrainAndBack);
  EXPECT_EQ(answer.exit, kRefused);
  EXPECT_NE(answer.err.find("stopped at step 3, undrain eu: refused by HealthyServed"), std::string::npos)
      << answer.err;
  EXPECT_FALSE(finished_);
  refused_.clear();
  EXPECT_EQ(Run(kDrainAndBack).exit, kDone);
  EXPECT_EQ(asked_, (Lines{"drain r1-2", "undrain r1-3", "undrain r1-3"}));
}

TEST_F(Played, UndoesWhatItBeganWhenSomebodyIsNotServed) {
  failure_ = "undo";
  log_.on_pause = [&](Duration) { health_ = "down"; };
  const Answer answer = Run("- {do: drain, site: eu}\n- {do: wait, lasts: 1m, during: [served]}\n");
  EXPECT_EQ(answer.exit, kRefused);
  EXPECT_EQ(asked_, (Lines{"drain r1-1", "undrain r1-undo-1"}));
  EXPECT_NE(log_.err.find("it is not safe to go on: us gets 100% and its health is down"), std::string::npos)
      << log_.err;
  EXPECT_NE(answer.err.find("what it did is undone"), std::string::npos) << answer.err;
  EXPECT_TRUE(finished_);
}

TEST_F(Played, ClearsOnceWhateverItBegan) {
  failure_ = "undo";
  log_.on_pause = [&](Duration) { health_ = standing_.size() == 2 ? "down" : "up"; };
  const Answer answer =
      Run("- {do: mode, mode: auto}\n- {do: drain, site: eu}\n- {do: mode, mode: weighted, during: [served]}\n");
  EXPECT_EQ(answer.exit, kRefused);
  EXPECT_EQ(asked_, (Lines{"mode r1-1", "drain r1-2", "mode r1-3", "override clear r1-undo-1", "undrain r1-undo-2"}));
}

TEST_F(Played, NeverClearsOrdersOfOthers) {
  standing_["drain"] = "somebody else's repair";
  const Answer answer = Run("- {do: clear}\n");
  EXPECT_EQ(answer.exit, kRefused);
  EXPECT_NE(answer.err.find("drain by otto"), std::string::npos) << answer.err;
  EXPECT_TRUE(asked_.empty());
}

TEST_F(Played, GoesOnAfterAFailureWhereTheFileSaysSo) {
  refused_ = "pause";
  EXPECT_EQ(Run("- {do: pause, onFailure: go on}\n- {do: drain, site: eu}\n").exit, kDone);
  EXPECT_EQ(asked_, (Lines{"pause r1-1", "drain r1-2"}));
}

TEST_F(Played, AStepWhoseTimeIsOverFails) {
  const Answer answer = Run("- {do: drain, site: eu, after: [share of eu > 0%], within: 20s}\n");
  EXPECT_EQ(answer.exit, kTimedOut);
  EXPECT_NE(answer.err.find("in vain, still: share of eu is 0%, is to be > 0%"), std::string::npos) << answer.err;
}

TEST_F(Played, AnOrderThatSomebodyEndedFailsItsStep) {
  log_.on_pause = [&](Duration) { standing_.clear(); };
  const Answer answer = Run("- {do: drain, site: eu, after: [share of eu > 0%]}\n");
  EXPECT_EQ(answer.exit, kRefused);
  EXPECT_NE(answer.err.find("not in force any more"), std::string::npos) << answer.err;
}

TEST_F(Played, AnOrderIsNotTakenForEndedBySpillwaydThatHasJustStarted) {
  undecided_ = 3;
  EXPECT_EQ(Run("- {do: drain, site: eu, during: [served], after: [share of eu = 0%]}\n").exit, kDone) << log_.err;
  EXPECT_EQ(undecided_, 0);
}

TEST_F(Played, NorAreOrdersOfOthersClearedThatItDoesNotShowYet) {
  undecided_ = 1;
  const Answer answer = Run("- {do: clear}\n");
  EXPECT_EQ(answer.exit, kRefused);
  EXPECT_NE(answer.err.find("does not say which orders stand"), std::string::npos) << answer.err;
  EXPECT_TRUE(asked_.empty());
}

TEST_F(Played, WithoutAPersonItWaitsForOne) {
  const std::string steps = "- {do: confirm, question: 'go?'}\n- {do: pause}\n";
  const Answer answer = Run(steps);
  EXPECT_EQ(answer.exit, kUsage);
  EXPECT_NE(answer.err.find("--yes"), std::string::npos) << answer.err;
  EXPECT_TRUE(asked_.empty());
  log_.answer = "no";
  EXPECT_EQ(Run(steps).exit, kRefused);
  log_.answer = "yes";
  EXPECT_EQ(Run(steps).exit, kDone);
}

TEST_F(Played, AWaitLastsAsLongAsItSays) {
  const Instant before = log_.now;
  EXPECT_EQ(Run("- {do: wait, lasts: 5m, during: [served]}\n").exit, kDone);
  EXPECT_GE(log_.now - before, 5min);
}

TEST(RunProgress, SurvivesAndIsHeldByOne) {
  const std::string path = testing::TempDir() + "/new/folder/run.json";
  std::filesystem::remove_all(testing::TempDir() + "/new");
  auto file = ProgressFile::Hold(path);
  ASSERT_TRUE(file) << file.error().what;
  EXPECT_FALSE(ProgressFile::Hold(path)) << "another process waits";
  EXPECT_FALSE(file->Read()->has_value());
  const RunProgress progress{"r1", "text\nsite=eu", {{Reached::kDone, WallTime(5s), 2.5}, {}}, true};
  ASSERT_TRUE(file->Write(progress));
  const auto read = file->Read();
  ASSERT_TRUE(read && *read);
  EXPECT_EQ(ProgressText(**read), ProgressText(progress));
  ASSERT_TRUE(WriteFileAtomically(path, R"({"run":"x","book":"","undoing":false,"steps":[{"reached":9}]})"));
  EXPECT_FALSE(file->Read());
  file->Remove();
  EXPECT_FALSE(file->Read()->has_value());
}

TEST(Durations, TheUsualOneIsTheMedian) {
  const std::string path = testing::TempDir() + "/took";
  std::filesystem::remove(path);
  const Durations durations(path);
  EXPECT_FALSE(durations.Usual("2 drain eu"));
  for (const double seconds : {10.0, 400.0, 12.0}) durations.Add("2 drain eu", seconds);
  durations.Add("3 other", 1);
  EXPECT_EQ(durations.Usual("2 drain eu"), 12);
}

}  // namespace
}  // namespace spillway::ctl
