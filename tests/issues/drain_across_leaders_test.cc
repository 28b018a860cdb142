// Found by the simulator (seed 4633 of two hours): the wall clock was set ahead by an hour while the lease changed
// hands, and the new leader took a drain of half a minute for one that had timed out.
#include <gtest/gtest.h>

#include "src/daemon/memory_text.h"

namespace spillway::daemon {
namespace {

TEST(DrainAcrossLeaders, GoesOnWhereItWas) {
  const Moment then{Instant{100h}, WallTime{1000000h}};
  Memory memory;
  memory.sites["eu"].lowered_since = then.now - 30s;
  memory.sites["eu"].quiet_since = then.now - 20s;
  memory.sites["eu"].tail_since = then.now - 10s;
  memory.sites["eu"].ready_since = then.now - 40s;
  const Moment later{then.now + 5s, then.wall + 1h};
  const auto back = ParseMemory(MemoryText(memory, then), later);
  ASSERT_TRUE(back) << back.error().what;
  const SiteMemory& eu = back->sites.at("eu");
  EXPECT_EQ(eu.lowered_since, later.now - 30s);
  EXPECT_EQ(eu.quiet_since, later.now - 20s);
  EXPECT_EQ(eu.tail_since, later.now - 10s);
  EXPECT_EQ(eu.ready_since, later.now - 40s - 1h) << "all else does";
}

}  // namespace
}  // namespace spillway::daemon
