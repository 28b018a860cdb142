#include "src/base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

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

TEST_F(File, ASecretThatOthersCanUseIsNotRead) {
  for (const int mode : {0600, 0400}) {
    ASSERT_TRUE(WriteFileAtomically(At("x"), "secret", mode));
    const auto read = ReadSecretFile(At("x"));
    ASSERT_TRUE(read) << read.error().what;
    EXPECT_EQ(*read, "secret");
  }
  for (const int mode : {0640, 0604, 0644, 0620, 0601, 0777}) {
    ASSERT_TRUE(WriteFileAtomically(At("x"), "secret", mode));
    const auto refused = ReadSecretFile(At("x"));
    ASSERT_FALSE(refused) << mode;
    EXPECT_EQ(refused.error().code, Code::kDenied);
    EXPECT_EQ(refused.error().what.rfind(At("x") + ": holds a secret but its mode is 0", 0), 0U)
        << refused.error().what;
    EXPECT_NE(refused.error().what.find("allowed is 0600 or less (chmod go=)"), std::string::npos);
  }
  EXPECT_EQ(ReadSecretFile(At("missing")).error().code, Code::kMissing);
}

// As Kubernetes mounts a Secret: root's, readable by the group of a process that is not root.
TEST_F(File, ASecretOfRootMayBeReadByItsGroup) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make a file of root";
  constexpr unsigned kNobody = 65534;
  std::string pattern = "/tmp/spillway-secret.XXXXXX";
  const int fd = ::mkstemp(pattern.data());
  ASSERT_GE(fd, 0);
  ASSERT_EQ(::fchown(fd, 0, kNobody), 0);
  auto read_with = [&](int mode) {
    EXPECT_EQ(::fchmod(fd, static_cast<mode_t>(mode)), 0);
    EXPECT_EQ(::setegid(kNobody), 0);
    EXPECT_EQ(::seteuid(kNobody), 0);
    const auto read = ReadSecretFile(pattern);
    EXPECT_EQ(::seteuid(0), 0);
    EXPECT_EQ(::setegid(0), 0);
    return read ? std::string() : read.error().what;
  };
  EXPECT_EQ(read_with(0640), "");
  EXPECT_NE(read_with(0644).find("allowed is 0640 or less"), std::string::npos);
  EXPECT_NE(read_with(0660), "");
  ::close(fd);
  ::unlink(pattern.c_str());
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
