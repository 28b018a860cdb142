// What the documents tell people to type: each is a command that spillwayctl takes.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "src/base/file.h"
#include "tools/ctl/command.h"
#include "tools/ctl/verbs.h"

namespace spillway::ctl {
namespace {

using Words = std::vector<std::string>;

// As a shell would part them, up to a comment or another command.
Words Parted(const std::string& line) {
  Words words;
  std::string word;
  bool quoted = false, any = false;
  for (const char c : line) {
    if (c == '\'') {
      quoted = !quoted;
      any = true;
    } else if (quoted || std::string(" #;|&)>").find(c) == std::string::npos) {
      word += c;
    } else {
      if (!word.empty() || any) words.push_back(word);
      word.clear();
      any = false;
      if (c != ' ') return words;
    }
  }
  if (!word.empty() || any) words.push_back(word);
  return words;
}

struct Written {
  std::string where, text;
  bool whole = true;  // false: within a sentence, where a command may be named without what it needs
};

void Find(const std::string& path, std::vector<Written>& out) {
  const auto text = ReadFile(path, std::size_t{1} << 20U);
  ASSERT_TRUE(text) << path;
  const std::string name = "spillwayctl ";
  bool code = false;
  for (std::size_t at = 0; at < text->size();) {
    const std::size_t end = std::min(text->find('\n', at), text->size());
    const std::string line = text->substr(at, end - at);
    at = end + 1;
    if (line.starts_with("```")) code = line.starts_with("```sh");
    for (std::size_t from = line.find(name); from != std::string::npos; from = line.find(name, from + 1)) {
      const std::string rest = line.substr(from + name.size());
      if (code) {
        out.push_back({path, rest});
      } else if (from > 0 && line[from - 1] == '`' && rest.find('`') != std::string::npos) {
        out.push_back({path, rest.substr(0, rest.find('`')), false});
      }
    }
  }
}

TEST(Documents, NameNoCommandThatSpillwayctlDoesNotTake) {
  std::vector<Written> written;
  for (const auto& entry : std::filesystem::recursive_directory_iterator("docs")) {
    if (entry.path().extension() == ".md") Find(entry.path(), written);
  }
  Find("README.md", written);
  std::size_t parsed = 0;
  for (const Written& each : written) {
    const Words words = Parted(each.text);
    std::string named;
    bool known = false, more = false;
    for (const std::string& word : words) {
      more = known;
      named += (named.empty() ? "" : " ") + word;
      for (const VerbSpec& spec : Verbs()) known = known || spec.words == named;
    }
    EXPECT_TRUE(known || named == "runbook") << each.where << ": no such command: " << each.text;
    if (!each.whole && !more) continue;
    const auto command = ParseCommand(words, [](const char*) { return std::string(); });
    EXPECT_TRUE(command) << each.where << ": " << each.text << ": " << (command ? "" : command.error().what);
    ++parsed;
  }
  EXPECT_GT(parsed, 20U) << "they are found";
}

}  // namespace
}  // namespace spillway::ctl
