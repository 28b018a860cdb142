#include "src/base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <thread>

namespace spillway {
namespace {

namespace fs = std::filesystem;

// A folder of its own for every test.
class File : public ::testing::Test {
 protected:
  File() {
    folder_ = fs::path(::testing::TempDir()) / ::testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~File() override { fs::remove_all(folder_); }

  std::string At(const std::string& name) const { return (folder_ / name).string(); }
  std::size_t Entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator{}));
  }
  fs::path folder_;
};

TEST_F(File, ReadsBackWhatWasWritten) {
  const std::string content("a\0b\nc", 5);
  ASSERT_TRUE(WriteFileAtomically(At("x"), content));
  EXPECT_EQ(*ReadFile(At("x")), content);
  ASSERT_TRUE(WriteFileAtomically(At("x"), ""));
  EXPECT_EQ(*ReadFile(At("x")), "");
  EXPECT_EQ(Entries(), 1U) << "no temporary file is left";
}

TEST_F(File, SetsTheMode) {
  for (const int mode : {0600, 0644}) {
    ASSERT_TRUE(WriteFileAtomically(At("x"), "secret", mode));
    struct stat facts {};
    ASSERT_EQ(::stat(At("x").c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777U, static_cast<unsigned>(mode));
  }
}

TEST_F(File, NamesTheFileAndTheReason) {
  const auto missing = ReadFile(At("missing"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::kMissing);
  EXPECT_EQ(missing.error().what, At("missing") + ": open: No such file or directory");
  const auto folder = ReadFile(folder_.string());
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code, Code::kRejected);
}

TEST_F(File, TheCapIsTheLastLengthThatIsRead) {
  ASSERT_TRUE(WriteFileAtomically(At("x"), std::string(100, 'x')));
  EXPECT_TRUE(ReadFile(At("x"), 100));
  const auto longer = ReadFile(At("x"), 99);
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().code, Code::kRejected);
  EXPECT_NE(longer.error().what.find("longer than 99 bytes"), std::string::npos);
}

TEST_F(File, AFailedWriteLeavesNothingBehind) {
  const auto no_folder = WriteFileAtomically(At("missing/x"), "x");
  ASSERT_FALSE(no_folder);
  EXPECT_EQ(no_folder.error().code, Code::kMissing);
  fs::create_directories(folder_ / "taken" / "inside");
  EXPECT_FALSE(WriteFileAtomically(At("taken"), "x")) << "a folder is not replaced by a file";
  EXPECT_EQ(Entries(), 1U);
}

TEST_F(File, AReaderSeesTheOldOrTheNewContentAndNeverAPart) {
  const std::string old_content(200'000, 'o');
  const std::string new_content(300'000, 'n');
  ASSERT_TRUE(WriteFileAtomically(At("x"), old_content));
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (int i = 0; i < 20; ++i) {
      if (!WriteFileAtomically(At("x"), i % 2 == 0 ? new_content : old_content)) ADD_FAILURE() << "not written";
    }
    done = true;
  });
  do {
    const auto content = ReadFile(At("x"));
    if (!content || (*content != old_content && *content != new_content)) ADD_FAILURE() << "a part was seen";
  } while (!done);
  writer.join();
}

}  // namespace
}  // namespace spillway
