#include "tools/ctl/command.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace spillway::ctl {
namespace {

std::string Nothing(const char*) { return ""; }

TEST(Command, RefusesWhatItDoesNotUnderstand) {
  struct Row {
    const char* name;
    std::vector<std::string> arguments;
    const char* says;
  };
  const Row rows[] = {
      {"an unknown command", {"fly"}, "unknown command \"fly\""},
      {"one that is nearly known", {"fialover", "a"}, "did you mean failover?"},
      {"why of nothing", {"why"}, "spillwayctl why APP"},
      {"two applications", {"status", "a", "b"}, "spillwayctl status [APP]"},
      {"config without check", {"config", "x"}, "spillwayctl config check FILE"},
      {"override without clear", {"override", "shop"}, "spillwayctl override clear APP"},
      {"an unknown flag", {"status", "--fast"}, "unknown flag --fast"},
      {"one that is nearly known", {"status", "--sever", "x"}, "did you mean --server?"},
      {"a flag of another command", {"status", "--ttl", "1h"}, "status does not take --ttl"},
      {"a time to live for what ends an order",
       {"resume", "shop", "--reason", "x", "--ttl", "1h"},
       "does not take --ttl"},
      {"a flag without a value", {"status", "--server"}, "--server needs a value: URL"},
      {"a value for a switch", {"pause", "shop", "--reason=x", "--dry-run=yes"}, "--dry-run takes no value"},
      {"an unknown output", {"status", "-o", "xml"}, "table or json"},
      {"no reason", {"pause", "shop"}, "--reason is missing"},
      {"pin of nothing", {"pin", "shop", "--reason", "x"}, "exactly one of --ratios"},
      {"pin of both", {"pin", "shop", "--reason", "x", "--ratios", "us=1", "--replicas", "eu=1"}, "exactly one of"},
      {"a ratio without a number", {"pin", "shop", "--reason", "x", "--ratios", "us"}, "write SITE=N"},
      {"a ratio of no site", {"pin", "shop", "--reason", "x", "--ratios", "=1"}, "write SITE=N"},
      {"a site twice", {"pin", "shop", "--reason", "x", "--ratios", "us=1,us=2"}, "us is named twice"},
      {"a limit that is none", {"history", "shop", "--limit", "0"}, "whole number from 1 on"},
      {"a timeout that is none", {"pause", "shop", "--reason", "x", "--wait", "--timeout", "soon"}, "duration such as"},
      {"waiting for nothing", {"pause", "shop", "--reason", "x", "--wait", "--dry-run"}, "give one of them"},
      {"a certificate without its key", {"status", "--cert-file", "x"}, "go together"},
      {"a drain of no site", {"drain", "shop", "--reason", "x"}, "spillwayctl drain APP SITE"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const auto command = ParseCommand(row.arguments, Nothing);
    ASSERT_FALSE(command);
    EXPECT_NE(command.error().what.find(row.says), std::string::npos) << command.error().what;
  }
}

TEST(Command, TakesTheServerFromTheEnvironmentUnlessAFlagSaysOtherwise) {
  auto environment = [](const char* name) { return std::string(name) + "!"; };
  EXPECT_EQ(ParseCommand({"status"}, environment)->server, "SPILLWAY_SERVER!");
  EXPECT_EQ(ParseCommand({"status"}, environment)->key_file, "SPILLWAY_KEY_FILE!");
  EXPECT_EQ(ParseCommand({"status", "--server=x"}, environment)->server, "x");
  EXPECT_EQ(ParseCommand({"status"}, Nothing)->server, "http://127.0.0.1:9440");
}

TEST(Command, FlagsStandAnywhere) {
  const auto command = ParseCommand({"--reason", "a test", "pin", "--ratios=us=3,eu=1", "shop", "-o", "json"}, Nothing);
  ASSERT_TRUE(command) << command.error().what;
  EXPECT_EQ(command->verb, Verb::kPin);
  EXPECT_EQ(command->app(), "shop");
  EXPECT_EQ(command->ratios, (std::map<std::string, int>{{"us", 3}, {"eu", 1}}));
  EXPECT_TRUE(command->json);
}

TEST(Help, IsOfTheCommandIfThereIsOne) {
  EXPECT_EQ(ParseCommand({"--help"}, Nothing)->operands, std::vector<std::string>{});
  EXPECT_EQ(ParseCommand({"override", "clear", "-h"}, Nothing)->operands, std::vector<std::string>{"override clear"});
  EXPECT_NE(HelpText(SpecOf(Verb::kDrain)).find("spillwayctl drain APP SITE [FLAGS]"), std::string::npos);
  EXPECT_NE(HelpText(SpecOf(Verb::kDrain)).find("--wait"), std::string::npos);
}

TEST(Help, OfAGroupListsItsCommands) {
  EXPECT_EQ(HelpText("runbook").rfind("spillwayctl runbook is one of\n", 0), 0U) << HelpText("runbook");
  EXPECT_NE(HelpText("runbook").find("  runbook run FILE"), std::string::npos) << HelpText("runbook");
  EXPECT_NE(HelpText("runbook").find("  runbook check FILE"), std::string::npos);
  EXPECT_EQ(HelpText("runboo"), "");
  EXPECT_EQ(HelpText("run"), "");
}

TEST(Help, AndTheManualNameEveryCommandAndFlagAndFitTheTerminal) {
  for (const VerbSpec& spec : Verbs()) {
    EXPECT_NE(UsageText().find("  " + std::string(spec.words)), std::string::npos) << spec.words;
    EXPECT_NE(ManText().find(".B " + std::string(spec.words.substr(0, spec.words.find(' ')))), std::string::npos);
  }
  for (const auto* flags : {&CommonFlags(), &OwnFlags()}) {
    for (const FlagSpec& flag : *flags) {
      EXPECT_NE(UsageText().find("  " + std::string(flag.name)), std::string::npos) << flag.name;
      EXPECT_NE(ManText().find(std::string(flag.help.substr(0, flag.help.find('-')))), std::string::npos) << flag.name;
    }
  }
  std::string line;
  for (const char c : UsageText()) {
    c == '\n' ? line.clear() : line.push_back(c);
    EXPECT_LE(line.size(), 110U) << line;
  }
}

TEST(Help, EveryExampleIsUnderstood) {
  for (const VerbSpec& spec : Verbs()) {
    std::vector<std::string> words;
    std::string word;
    bool quoted = false;
    for (const char c : std::string(spec.example) + " ") {
      if (c == '\'') quoted = !quoted;
      if (c == ' ' && !quoted && !word.empty()) words.push_back(std::exchange(word, ""));
      if (c != '\'' && (c != ' ' || quoted)) word += c;
    }
    const auto to_file = std::find(words.begin(), words.end(), ">");
    words.erase(to_file, words.end());
    if (words.empty()) continue;
    const auto command = ParseCommand(words, Nothing);
    ASSERT_TRUE(command) << spec.example << ": " << command.error().what;
    EXPECT_EQ(command->verb, spec.verb) << spec.example;
  }
}

TEST(Completion, IsAScriptThatBashTakes) {
  const std::string path = testing::TempDir() + "/completion.bash";
  std::ofstream(path) << CompletionText("bash");
  const std::string check = "bash -c '. " + path + " && COMP_WORDS=(spillwayctl fai) COMP_CWORD=1 && _spillwayctl && " +
                            "[ \"${COMPREPLY[*]}\" = \"failover failback\" ]'";
  EXPECT_EQ(std::system(check.c_str()), 0);  // NOLINT(cert-env33-c): it is bash that is asked
  EXPECT_EQ(CompletionText("fish"), "");
}

}  // namespace
}  // namespace spillway::ctl
