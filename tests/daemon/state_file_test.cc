#include "src/daemon/state_file.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "src/daemon/journal.h"

namespace spillway::daemon {
namespace {

class InFolder : public testing::Test {
 protected:
  InFolder() {
    std::string pattern = testing::TempDir() + "/spillway.XXXXXX";
    dir_ = ::mkdtemp(pattern.data());
  }
  ~InFolder() override { std::filesystem::remove_all(dir_); }
  std::string dir_;
};
using StateFile = InFolder;
using JournalFile = InFolder;

TEST_F(StateFile, LoadsWhatWasSaved) {
  StateFiles store(dir_);
  ASSERT_TRUE(store.Save("shop", "one"));
  ASSERT_TRUE(store.Save("shop", "two"));
  ASSERT_TRUE(store.Save("other", "three"));
  EXPECT_EQ(**store.Load("shop"), "two");
  EXPECT_EQ(**StateFiles(dir_).Load("other"), "three");
}

TEST_F(StateFile, NothingSavedIsNoError) {
  const auto loaded = StateFiles(dir_).Load("shop");
  ASSERT_TRUE(loaded);
  EXPECT_FALSE(loaded->has_value());
}

TEST_F(StateFile, SetsDamageAsideAndKeepsEachOne) {
  StateFiles store(dir_);
  ASSERT_TRUE(store.Save("shop", "bad"));
  EXPECT_EQ(*store.SetAside("shop"), dir_ + "/shop.memory.json.damaged-1");
  EXPECT_FALSE((*store.Load("shop")).has_value());
  ASSERT_TRUE(store.Save("shop", "worse"));
  EXPECT_EQ(*store.SetAside("shop"), dir_ + "/shop.memory.json.damaged-2");
  std::ifstream first(dir_ + "/shop.memory.json.damaged-1");
  std::string text;
  first >> text;
  EXPECT_EQ(text, "bad");
}

TEST_F(StateFile, MakesItsFolderAndSaysWhichItCanNotMake) {
  ASSERT_TRUE(StateFiles::Prepare(dir_ + "/a/b"));
  EXPECT_TRUE(StateFiles(dir_ + "/a/b").Save("shop", "x"));
  std::ofstream(dir_ + "/file") << "x";
  const auto failed = StateFiles::Prepare(dir_ + "/file/b");
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().what.find(dir_ + "/file/b"), std::string::npos);
}

TEST_F(StateFile, AFolderThatHasGoneIsAnErrorAndNotACrash) {
  StateFiles store(dir_ + "/gone");
  EXPECT_FALSE(store.Save("shop", "x"));
}

TEST_F(StateFile, ADryRunBeginsWithTheFilesAndLeavesThemAsTheyAre) {
  StateFiles files(dir_);
  ASSERT_TRUE(files.Save("shop", "real"));
  ASSERT_TRUE(files.Save("bad", "damaged"));
  ScratchState scratch(dir_);
  EXPECT_EQ(**scratch.Load("shop"), "real");
  ASSERT_TRUE(scratch.Save("shop", "tried"));
  ASSERT_TRUE(scratch.SetAside("bad"));
  EXPECT_EQ(**scratch.Load("shop"), "tried");
  EXPECT_FALSE((*scratch.Load("bad")).has_value());
  EXPECT_EQ(**files.Load("shop"), "real");
  EXPECT_EQ(**files.Load("bad"), "damaged");
}

TEST_F(JournalFile, KeepsLinesInOrderAcrossProcesses) {
  FileJournal(dir_).Append("{\"n\":1}");
  FileJournal journal(dir_);
  journal.Append("{\"n\":2}");
  journal.Append("{\"n\":3}");
  EXPECT_EQ(journal.Tail(10), (std::vector<std::string>{"{\"n\":1}", "{\"n\":2}", "{\"n\":3}"}));
  EXPECT_EQ(journal.Tail(2), (std::vector<std::string>{"{\"n\":2}", "{\"n\":3}"}));
}

TEST_F(JournalFile, RotatesAtItsCapAndDropsTheOldest) {
  FileJournal journal(dir_, 10, 2);
  for (int i = 0; i < 6; ++i) journal.Append("line" + std::to_string(i));
  EXPECT_EQ(std::filesystem::file_size(dir_ + "/journal.jsonl"), 6U);
  EXPECT_EQ(journal.Tail(10), (std::vector<std::string>{"line4", "line5"}));
  EXPECT_FALSE(std::filesystem::exists(dir_ + "/journal.2.jsonl"));
}

TEST_F(JournalFile, ALineThatACrashCutOffDoesNotSwallowTheNext) {
  std::ofstream(dir_ + "/journal.jsonl") << "{\"n\":1}\n{\"n\":2";
  FileJournal journal(dir_);
  journal.Append("{\"n\":3}");
  const auto lines = journal.Tail(10);
  EXPECT_EQ(lines.front(), "{\"n\":1}");
  EXPECT_EQ(lines.back(), "{\"n\":3}");
}

TEST_F(JournalFile, CountsWhatItCanNotKeep) {
  FileJournal journal(dir_ + "/gone");
  journal.Append("x");
  journal.Append("y");
  EXPECT_EQ(journal.lost(), 2U);
  EXPECT_TRUE(journal.Tail(10).empty());
}

TEST_F(JournalFile, ALongFileIsReadFromItsEndOnly) {
  {
    std::ofstream file(dir_ + "/journal.jsonl");
    for (int i = 0; i < 100000; ++i) file << "line " << i << "\n";
  }
  const auto lines = FileJournal(dir_).Tail(1000000);
  EXPECT_LT(lines.size(), 100000U);
  EXPECT_EQ(lines.back(), "line 99999");
  EXPECT_EQ(lines.front().rfind("line ", 0), 0U);
}

}  // namespace
}  // namespace spillway::daemon
