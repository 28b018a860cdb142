// What the fuzzers start from, and what they once found, through the same functions.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "src/base/file.h"
#include "tests/fuzz/entries.h"

namespace spillway::fuzz {
namespace {

std::vector<std::filesystem::path> Seeds(std::string_view name) {
  std::vector<std::filesystem::path> paths;
  for (const auto& file : std::filesystem::directory_iterator(std::filesystem::path("tests/fuzz/corpus") / name)) {
    paths.push_back(file.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

class Corpus : public ::testing::TestWithParam<std::pair<std::string_view, Entry>> {};

// Each file, then its beginnings, then itself with single bits turned: what a fuzzer tries first.
TEST_P(Corpus, BreaksNothing) {
  const auto& [name, entry] = GetParam();
  const std::vector<std::filesystem::path> seeds = Seeds(name);
  ASSERT_FALSE(seeds.empty()) << "corpus/" << name << " has no file";
  for (const std::filesystem::path& path : seeds) {
    SCOPED_TRACE(path);
    const Result<std::string> read = ReadFile(path);
    ASSERT_TRUE(read);
    entry(*read);
    const std::size_t step = std::max<std::size_t>(1, read->size() / 24);
    for (std::size_t at = 0; at < read->size(); at += step) {
      entry(std::string_view(*read).substr(0, at));
      std::string turned = *read;
      turned[at] = static_cast<char>(static_cast<unsigned char>(turned[at]) ^ (1U << (at % 8)));
      entry(turned);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Of, Corpus, ::testing::ValuesIn(kEntries),
                         [](const auto& info) { return std::string(info.param.first); });

TEST(CorpusFolders, EachBelongsToAParser) {
  for (const auto& folder : std::filesystem::directory_iterator("tests/fuzz/corpus")) {
    const std::string name = folder.path().filename();
    EXPECT_TRUE(std::any_of(kEntries.begin(), kEntries.end(), [&](const auto& e) { return e.first == name; })) << name;
  }
}

}  // namespace
}  // namespace spillway::fuzz
