#include "src/daemon/audit.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "src/base/json.h"

namespace spillway::daemon {
namespace {

constexpr WallTime kAt{std::chrono::hours{24 * 365 * 50}};

AuditEntry Entry(const std::string& id, WallTime at = kAt, const std::string& app = "shop") {
  AuditEntry entry;
  entry.id = id;
  entry.at = at;
  entry.actor = "otto";
  entry.role = "operator";
  entry.peer = "127.0.0.1";
  entry.app = app;
  entry.action = "drain";
  entry.detail = "site eu";
  entry.reason = "a \"planned\"\nrepair";
  entry.ticket = "CHG-1";
  entry.expires = at + 4h;
  return entry;
}

class AuditTest : public testing::Test {
 protected:
  AuditTest() {
    std::string pattern = testing::TempDir() + "/audit.XXXXXX";
    dir_ = ::mkdtemp(pattern.data());
  }
  ~AuditTest() override { std::filesystem::remove_all(dir_); }
  std::string File() const {
    std::ostringstream text;
    text << std::ifstream(dir_ + "/audit.jsonl").rdbuf();
    return text.str();
  }
  static std::string Ids(const std::vector<AuditEntry>& entries) {
    std::string ids;
    for (const AuditEntry& entry : entries) ids += entry.id + ":" + std::string(Word(entry.outcome)) + " ";
    return ids;
  }

  std::string dir_;
};

TEST_F(AuditTest, KeepsWhatWasAskedAndWhatBecameOfItAcrossProcesses) {
  {
    AuditLog audit(dir_);
    EXPECT_EQ(audit.Open(), 0U);
    ASSERT_TRUE(audit.Append(Entry("a")));
    ASSERT_TRUE(audit.Append(Entry("b", kAt + 1s)));
    ASSERT_TRUE(audit.Follow("a", kAt, AuditOutcome::kAccepted, ""));
    ASSERT_TRUE(audit.Follow("b", kAt, AuditOutcome::kRefused, "CapacityFloor: 3 < 4"));
    ASSERT_TRUE(audit.End("a", kAt + 1h, "cleared by anna"));
    EXPECT_EQ(Ids(audit.Entries(10, std::nullopt, "")), "b:refused a:accepted ");
  }
  AuditLog again(dir_);
  EXPECT_EQ(again.Open(), 0U);
  const auto entries = again.Entries(10, std::nullopt, "");
  ASSERT_EQ(Ids(entries), "b:refused a:accepted ");
  EXPECT_EQ(entries[0].why, "CapacityFloor: 3 < 4");
  EXPECT_EQ(entries[1].reason, "a \"planned\"\nrepair");
  EXPECT_EQ(entries[1].expires, kAt + 4h);
  EXPECT_EQ(entries[1].ended, kAt + 1h);
  EXPECT_EQ(entries[1].end, "cleared by anna");
  auto json = ParseJson(AuditJson(entries[1]));
  ASSERT_TRUE(json);
  EXPECT_EQ(StringAt(*json, "time"), "2019-12-20T00:00:00.000000Z");
  EXPECT_EQ(StringAt(*json, "ticket"), "CHG-1");
}

TEST_F(AuditTest, OnlyGrows) {
  AuditLog audit(dir_);
  audit.Open();
  std::string before;
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(audit.Append(Entry(std::to_string(i))));
    ASSERT_TRUE(audit.Follow(std::to_string(i), kAt, AuditOutcome::kAccepted, ""));
    EXPECT_EQ(File().compare(0, before.size(), before), 0) << "what was written stays as it was";
    before = File();
  }
  struct stat status {};
  ASSERT_EQ(::stat((dir_ + "/audit.jsonl").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(AuditTest, ListsByNumberTimeAndApplication) {
  AuditLog audit(dir_);
  audit.Open();
  for (int i = 0; i < 4; ++i)
    ASSERT_TRUE(audit.Append(Entry(std::to_string(i), kAt + i * 1s, i == 2 ? "till" : "shop")));
  EXPECT_EQ(Ids(audit.Entries(2, std::nullopt, "")), "3:asked 2:asked ");
  EXPECT_EQ(Ids(audit.Entries(9, kAt + 1s, "")), "3:asked 2:asked ");
  EXPECT_EQ(Ids(audit.Entries(9, std::nullopt, "till")), "2:asked ");
}

TEST_F(AuditTest, SaysWhenItCanNotKeepSomething) {
  AuditLog audit(dir_ + "/gone");
  audit.Open();
  const Status kept = audit.Append(Entry("a"));
  ASSERT_FALSE(kept);
  EXPECT_NE(kept.error().what.find("/gone/audit.jsonl"), std::string::npos) << kept.error().what;
  EXPECT_TRUE(audit.Entries(9, std::nullopt, "").empty());
}

TEST_F(AuditTest, SkipsDamagedLinesAndCountsThem) {
  std::ofstream(dir_ + "/audit.jsonl") << "{\"id\":\"a\"}\nnonsense\n{\"id\":\"cut o";
  AuditLog audit(dir_);
  EXPECT_EQ(audit.Open(), 2U);
  ASSERT_TRUE(audit.Append(Entry("b")));
  AuditLog again(dir_);
  EXPECT_EQ(again.Open(), 3U) << "the line that was cut off has an end now, and is still no entry";
  EXPECT_EQ(Ids(again.Entries(9, std::nullopt, "")), "b:asked ");
}

TEST_F(AuditTest, WithoutAFolderItRemembersButWritesNothing) {
  AuditLog audit("");
  audit.Open();
  std::string told;
  audit.OnChange([&](const AuditEntry& entry) { told += entry.id + ":" + std::string(Word(entry.outcome)) + " "; });
  ASSERT_TRUE(audit.Append(Entry("a")));
  ASSERT_TRUE(audit.Follow("a", kAt, AuditOutcome::kAccepted, ""));
  EXPECT_EQ(Ids(audit.Entries(9, std::nullopt, "")), "a:accepted ");
  EXPECT_EQ(told, "a:asked a:accepted ");
}

}  // namespace
}  // namespace spillway::daemon
