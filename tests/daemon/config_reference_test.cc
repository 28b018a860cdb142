// The reference page and the reader say the same, key by key.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "src/daemon/config.h"

namespace spillway::daemon {
namespace {

std::string RowOf(const ConfigKey& key) {
  return "| `" + key.path + "` | " + key.type + " | " + key.standard + " | " + key.allowed + " |";
}

TEST(ConfigReference, HasOneRightRowForEveryKeyAndNoOther) {
  std::ifstream file("docs/configuration.md");
  ASSERT_TRUE(file.is_open());
  std::set<std::string> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("| `", 0) == 0) rows.insert(line);
  }
  std::string missing;
  std::size_t found = 0;
  for (const ConfigKey& key : ConfigKeys()) {
    const std::string row = RowOf(key);
    const auto at = rows.lower_bound(row);
    const bool there = at != rows.end() && at->rfind(row, 0) == 0;
    found += there ? 1 : 0;
    // What it means must be there as well.
    EXPECT_TRUE(!there || at->size() > row.size() + 5) << row << " has no meaning";
    if (!there) missing += row + "\n";
  }
  EXPECT_EQ(missing, "") << "rows that docs/configuration.md lacks or has otherwise";
  EXPECT_EQ(found, rows.size()) << "the page has rows for keys that do not exist";
}

TEST(ConfigReference, ItsExampleIsValid) {
  std::ifstream file("docs/configuration.md");
  std::stringstream page;
  page << file.rdbuf();
  const std::string text = page.str();
  const std::string opening = "```yaml\n";
  const std::size_t begin = text.find(opening);
  ASSERT_NE(begin, std::string::npos);
  const std::size_t end = text.find("```", begin + opening.size());
  const auto read = ParseConfig(text.substr(begin + opening.size(), end - begin - opening.size()));
  const auto* mistakes = std::get_if<Mistakes>(&read);
  EXPECT_EQ(mistakes, nullptr) << MistakesText("docs/configuration.md", *mistakes);
}

}  // namespace
}  // namespace spillway::daemon
