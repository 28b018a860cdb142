#include "src/daemon/auth.h"

#include <gtest/gtest.h>

#include "tests/daemon/api_world.h"

namespace spillway::daemon {
namespace {

TEST(Tokens, ReadRolesAndRefuseWhatIsNone) {
  const std::string digest(64, 'a');
  const auto tokens =
      Tokens::Parse("# x\n\na viewer sha256:" + digest + "\nb\tadmin  sha256:" + std::string(64, 'B') + "\r\n");
  ASSERT_TRUE(tokens) << tokens.error().what;
  EXPECT_FALSE(tokens->Check("anything"));
  EXPECT_FALSE(tokens->Check(""));
  for (const std::string& bad : {std::string("a viewer"), "a king sha256:" + digest, "a viewer md5:" + digest,
                                 "a viewer sha256:" + digest + "a", "a viewer sha256:" + std::string(64, 'g'),
                                 "a viewer sha256:" + digest + " more", std::string("# only a comment")}) {
    const auto refused = Tokens::Parse("\n" + bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().what.find(digest), std::string::npos) << "no digest in a message";
  }
}

TEST(Tokens, KnowACallerByTheTokenBehindTheDigest) {
  const auto tokens = Tokens::Parse(kTokens);
  ASSERT_TRUE(tokens);
  const auto caller = tokens->Check("view");
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->name, "vera");
  EXPECT_EQ(caller->role, Role::kViewer);
  EXPECT_FALSE(tokens->Check("view "));
}

TEST(Tokens, KnowACallerByTheSubjectOfACertificate) {
  const auto tokens = Tokens::Parse("carl operator cert:CN=carl,O=Acme Network  \r\n");
  ASSERT_TRUE(tokens) << tokens.error().what;
  const auto caller = tokens->CheckSubject("CN=carl,O=Acme Network");
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->name, "carl");
  EXPECT_EQ(caller->role, Role::kOperator);
  for (const char* other : {"", "CN=carl", "CN=carl,O=Acme Network  ", "cn=carl,O=Acme Network"}) {
    EXPECT_FALSE(tokens->CheckSubject(other)) << other;
  }
  EXPECT_FALSE(tokens->Check("CN=carl,O=Acme Network"));
  EXPECT_FALSE(Tokens::Parse("carl operator cert:"));
  EXPECT_FALSE(Tokens::Parse("carl king cert:CN=carl"));
}

}  // namespace
}  // namespace spillway::daemon
