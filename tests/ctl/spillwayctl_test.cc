// The program itself, as a process.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "src/base/clock.h"
#include "tests/daemon/child_process.h"

namespace spillway::ctl {
namespace {

constexpr char kProgram[] = "tools/ctl/spillwayctl";

TEST(Spillwayctl, ItsMemoryReachesNoDisk) {
  // It waits for a token that nobody writes.
  const std::string token = testing::TempDir() + "/token.pipe";
  ::unlink(token.c_str());
  ASSERT_EQ(::mkfifo(token.c_str(), 0600), 0);
  const ChildProcess child(kProgram, {"status", "--server", "http://127.0.0.1:1", "--token-file", token});
  SystemClock clock;
  const Instant end = clock.Now() + 20s;
  while (child.CoreLimits() != "0 0" && clock.Now() < end) clock.SleepUntil(clock.Now() + 10ms);
  EXPECT_EQ(child.CoreLimits(), "0 0");
}

}  // namespace
}  // namespace spillway::ctl
