#include "src/base/own_memory.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace spillway {
namespace {

// Ends the process that asks: it is not undone.
void EndKept() {
  KeepMemoryToOurselves();
  rlimit core = {.rlim_cur = 1, .rlim_max = 1};
  ::getrlimit(RLIMIT_CORE, &core);
  ::_exit(::prctl(PR_GET_DUMPABLE) == 0 && core.rlim_cur == 0 && core.rlim_max == 0 ? 0 : 1);
}

TEST(OwnMemoryDeathTest, IsDumpedNowhereAndClosedToOthers) {
  ASSERT_EQ(::prctl(PR_GET_DUMPABLE), 1) << "or it would not show";
  EXPECT_EXIT(EndKept(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace spillway
