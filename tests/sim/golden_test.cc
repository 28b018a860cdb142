// The main stories, as documents: prose, the command that plays them, and what came out.
//
// The command is run as it stands. When a rule changes on purpose, run it and put in what it prints with --story.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "src/base/file.h"
#include "src/base/log.h"
#include "tools/simulate/flags.h"
#include "tools/simulate/report.h"
#include "tools/simulate/run.h"
#include "tools/simulate/what_if.h"

namespace spillway::sim {
namespace {

// Thousands of decisions would tell of themselves.
const bool kQuiet = (SetUpLog(LogLevel::kError, LogFormat::kText), true);

struct Document {
  std::string trace;                   // of `printf '...' > FILE`; "\n" as it is written there
  std::vector<std::string> arguments;  // of tools/sim
  std::string outcome;                 // between "```outcome" and "```"
};

std::string Between(const std::string& text, const std::string& begin, const std::string& end) {
  const std::size_t at = text.find(begin);
  if (at == std::string::npos) return "";
  const std::size_t from = at + begin.size();
  return text.substr(from, text.find(end, from) - from);
}

std::vector<std::string> Words(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : line + " ") {
    if (c != ' ' && c != '\n') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, ""));
    }
  }
  return words;
}

Document ReadDocument(const std::string& file) {
  const auto text = ReadFile("tests/sim/golden/" + file);
  Document document;
  if (!text) return document;
  document.trace = Between(*text, "    printf '", "'");
  for (std::size_t at = document.trace.find("\\n"); at != std::string::npos; at = document.trace.find("\\n")) {
    document.trace.replace(at, 2, "\n");
  }
  document.arguments = Words(Between(*text, "    tools/sim ", "\n\n"));
  document.outcome = Between(*text, "```outcome\n", "```");
  return document;
}

class Golden : public testing::TestWithParam<const char*> {};

TEST_P(Golden, PlaysAsItIsTold) {
  Document document = ReadDocument(GetParam());
  ASSERT_FALSE(document.outcome.empty()) << GetParam() << " has no outcome";
  for (std::size_t i = 0; i + 1 < document.arguments.size(); ++i) {
    if (document.arguments[i] != "--trace") continue;
    document.arguments[i + 1] = testing::TempDir() + GetParam() + ".csv";
    ASSERT_TRUE(WriteFileAtomically(document.arguments[i + 1], document.trace, 0600));
  }
  std::vector<std::string_view> switches = kWhatIfSwitches;
  switches.push_back("--story");
  std::vector<std::string_view> values = kWhatIfValues;
  values.push_back("--hours");
  const auto flags = Flags::Parse(document.arguments, switches, values);
  ASSERT_TRUE(flags) << flags.error().what;
  ASSERT_TRUE(flags->Has("--story")) << "the command prints what stands below it";
  const auto scenario = ScenarioOf(*flags);
  ASSERT_TRUE(scenario) << scenario.error().what;
  const Outcomes outcomes = Play(*scenario);
  EXPECT_FALSE(outcomes.violation) << outcomes.violation->what;
  EXPECT_EQ(StoryText(outcomes), document.outcome) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(Stories, Golden, testing::Values("burst-and-return.md", "crash-in-a-burst.md"),
                         [](const auto& info) {
                           std::string name = info.param;
                           name.erase(name.find('.'));
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace spillway::sim
