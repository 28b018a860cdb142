#include "src/daemon/auth.h"

#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

#include "tests/daemon/api_world.h"

namespace spillway::daemon {
namespace {

// Instructions that `work` takes, counted one by one in a process of its own; -1: this machine lets nobody count.
long Steps(const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(1);
    ::raise(SIGSTOP);
    work();
    ::raise(SIGSTOP);
    ::_exit(0);
  }
  int status = 0;
  long steps = -1;
  ::waitpid(child, &status, 0);
  while (WIFSTOPPED(status) && (steps < 0 || WSTOPSIG(status) == SIGTRAP)) {
    ++steps;
    ::ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr);
    ::waitpid(child, &status, 0);
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, &status, 0);
  return steps;
}

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

TEST(Tokens, TakeTheSameStepsForEveryTokenHoweverNearItIs) {
  // Source: `printf %s view | sha256sum`.
  const std::string digest = "2bcb43cbc8f6b7ef66331532881143fcbae60a879db3a8fb853f645bb24c2b3c";
  std::string first_byte = digest, last_byte = digest;
  first_byte[0] = 'a';
  last_byte[63] = 'a';
  const std::string far(64, 'a');
  const auto steps = [](const std::vector<std::string>& digests) {
    std::string text;
    for (const std::string& one : digests) text += "vera viewer sha256:" + one + "\n";
    const auto tokens = Tokens::Parse(text);
    EXPECT_TRUE(tokens);
    (void)tokens->Check("view");  // so that all functions are bound
    return Steps([&] { (void)tokens->Check("view"); });
  };
  if (steps({far}) < 0) GTEST_SKIP() << "processes may not be traced here";  // and the first time more is bound
  ASSERT_GT(steps({far, far, far}), 1000) << "a digest is made";
  // What the heap happens to look like costs an allocation more or fewer steps; what a comparison gives away, it gives
  // away each time.
  const auto same = [&](const std::vector<std::string>& some, const std::vector<std::string>& others) {
    for (int tries = 0; tries < 10; ++tries) {
      if (const long one = steps(some), other = steps(others); one == other) return true;
    }
    return false;
  };
  EXPECT_TRUE(same({first_byte, far, far}, {far, far, far}));
  EXPECT_TRUE(same({last_byte, far, far}, {far, far, far})) << "31 bytes are right";
  EXPECT_TRUE(same({far, far, last_byte}, {far, far, far}));
  EXPECT_TRUE(same({digest, far, far}, {far, far, digest})) << "where a token stands";
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
