#include "src/daemon/memory_text.h"

#include <gtest/gtest.h>

#include <string>

namespace spillway::daemon {
namespace {

const Moment kThen{Instant{100h}, WallTime{1000000h}};

// Every field away from its default, so that one that is lost is seen.
Memory Full() {
  int tick = 0;
  auto next = [&] { return kThen.now - std::chrono::minutes(++tick) - 7us; };
  Memory memory;
  memory.first_look = next();
  SiteMemory site;
  site.known = true;
  site.replicas_target = 7;
  site.replicas_needed = 6;
  site.replicas_due = 5;
  site.lowered_at = "4711";
  site.ready_since = next();
  site.healthy_since = next();
  site.eligible_since = next();
  site.provisioning_since = next();
  site.lowered_since = next();
  site.quiet_since = next();
  site.tail_since = next();
  site.residual_first = 0.4;
  site.half_at = next();
  site.eighth_at = next();
  site.flaps = 3;
  site.flapped_at = next();
  memory.sites = {{"eu", site}, {"ap", SiteMemory{}}};
  memory.demand = {{next(), 6.123456789012345}, {next(), 1.5}};
  memory.home_share = {{next(), 1.0}, {next(), 1.0 / 3}};
  memory.home_measured = {{next(), 0.6}, {next(), 0.625}};
  memory.used = {{next(), 0.75}, {next(), 2.5}};
  memory.smoothed_at = next();
  memory.smoothed = 5.25;
  memory.excess_since = next();
  memory.probed_at = next();
  memory.probed = 2;
  memory.home_down_since = next();
  memory.home_up_since = next();
  memory.failed_over = true;
  memory.failover_ordered = true;
  memory.failed_over_since = next();
  memory.failback_share = 0.25;
  memory.layout = {{"us", {Place::kServed, 13, 0}}, {"eu", {Place::kStandby, 1, 2}}, {"ap", {Place::kDisabled, 1, 0}}};
  memory.drain_curve = {3, 30.5, 60.25, 120.125};
  memory.share = {9, 0.06, 0.04, 0.02, -0.05, next(), next()};
  memory.budget = {next(), next(), 17.5, 2.1};
  memory.layout_since = next();
  for (std::size_t i = 0; i < kConditionTokens.size(); ++i) memory.conditions[static_cast<ConditionName>(i)] = next();
  return memory;
}

TEST(MemoryText, KeepsEveryField) {
  const Memory memory = Full();
  // A new field of the struct breaks this line: write it above and in the text.
  const auto& [first_look, sites, demand, home_share, home_measured, used, smoothed_at, smoothed, excess_since,
               probed_at, probed, home_down_since, home_up_since, failed_over, failover_ordered, failed_over_since,
               failback_share, drain_curve, share, budget, layout, layout_since, conditions] = memory;
  const auto& [known, replicas_target, replicas_needed, replicas_due, lowered_at, ready_since, healthy_since,
               eligible_since, provisioning_since, lowered_since, quiet_since, tail_since, residual_first, half_at,
               eighth_at, flaps, flapped_at] = sites.at("eu");
  ASSERT_TRUE(known && first_look && layout_since && flapped_at);

  const auto back = ParseMemory(MemoryText(memory, kThen), kThen);
  ASSERT_TRUE(back) << back.error().what;
  // The same for the values inside.
  const auto& [drains, half_seconds, eighth_seconds, end_seconds] = drain_curve;
  const auto& [looks, bias, published, spread, correction, looked_at, corrected_at] = share;
  const auto& [since, counted_at, replica_hours, cost] = budget;
  ASSERT_TRUE(drains != 0 && looks != 0 && since);
  EXPECT_TRUE(*back == memory) << MemoryText(*back, kThen) << "\n" << MemoryText(memory, kThen);
}

TEST(MemoryText, KeepsAnEmptyMemoryEmpty) {
  const auto back = ParseMemory(MemoryText({}, kThen), kThen);
  ASSERT_TRUE(back);
  EXPECT_TRUE(*back == Memory{});
}

TEST(MemoryText, TimePassesWhileNobodyRuns) {
  Memory memory;
  memory.excess_since = kThen.now - 10s;
  // The next process: another monotonic clock, one minute later.
  const Moment later{Instant{5h}, kThen.wall + 1min};
  const auto back = ParseMemory(MemoryText(memory, kThen), later);
  ASSERT_TRUE(back);
  EXPECT_EQ(*back->excess_since, later.now - 70s);
}

TEST(MemoryText, NothingIsInTheFutureAfterTheWallClockWasSetBack) {
  Memory memory;
  memory.excess_since = kThen.now - 10s;
  const Moment back_in_time{Instant{5h}, kThen.wall - 1h};
  const auto back = ParseMemory(MemoryText(memory, kThen), back_in_time);
  ASSERT_TRUE(back);
  EXPECT_EQ(*back->excess_since, back_in_time.now);
}

TEST(MemoryText, IgnoresUnknownFieldsAndMissesNone) {
  const auto back = ParseMemory(R"({"version":1,"new":[1,2],"sites":{"eu":{"replicasTarget":2,"x":{}}},)"
                                R"("conditions":{"NoSuchCondition":"2026-01-01T00:00:00Z"}})",
                                kThen);
  ASSERT_TRUE(back) << back.error().what;
  EXPECT_EQ(back->sites.at("eu").replicas_target, 2);
  EXPECT_FALSE(back->first_look);
  EXPECT_TRUE(back->conditions.empty());
}

TEST(MemoryText, RefusesDamage) {
  struct Row {
    const char* name;
    std::string text;
  };
  const std::string whole = MemoryText(Full(), kThen);
  const Row rows[] = {
      {"an empty file", ""},
      {"a cut file", whole.substr(0, whole.size() / 2)},
      {"no object", "[]"},
      {"no version", "{}"},
      {"a later version", R"({"version":2})"},
      {"a text for a count", R"({"version":1,"sites":{"eu":{"replicasTarget":"7"}}})"},
      {"a site that is none", R"({"version":1,"sites":{"eu":7}})"},
      {"sites as a list", R"({"version":1,"sites":[]})"},
      {"a time that is none", R"({"version":1,"excessSince":"yesterday"})"},
      {"a sample that is none", R"({"version":1,"demand":[1]})"},
      {"a share that is none", R"({"version":1,"homeShare":[{"share":"all"}]})"},
      {"a place that is none", R"({"version":1,"layout":{"us":{"place":"moon"}}})"},
      {"a flag that is none", R"({"version":1,"failedOver":1})"},
      {"a number that is none", R"({"version":1,"probed":true})"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const auto back = ParseMemory(row.text, kThen);
    ASSERT_FALSE(back);
    EXPECT_EQ(back.error().code, Code::kRejected);
    EXPECT_FALSE(back.error().what.empty());
  }
}

}  // namespace
}  // namespace spillway::daemon
