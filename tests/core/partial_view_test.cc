// Whatever is missing, old or contradictory: Decide answers, keeps to its guarantees, and only holds where it is blind.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "src/base/rng.h"
#include "src/core/safety.h"
#include "tests/core/model.h"

namespace spillway {
namespace {

const std::vector<SiteName> kSites{"us", "eu", "ap"};

Policy ThreeSites(Rng& rng) {
  Policy policy = SmallPolicy();
  policy.mode = static_cast<Mode>(rng.Below(4));
  policy.overflow = {{.site = "eu", .replicas_min = int(rng.Below(2)), .replicas_max = 5, .price = 0.1},
                     {.site = "ap", .replicas_max = 3, .capacity_factor = 2}};
  policy.overflow[1].usage = {UsageSource::kMetrics, UsageSource::kAutoscaler, UsageSource::kShare};
  policy.failover.failback_manual = rng.Chance(0.5);
  policy.ramp.correct_bias = rng.Chance(0.5);
  policy.ramp.canary_share = rng.Chance(0.3) ? 0.1 : 0;
  policy.drain.steps_down = int(rng.Below(3));
  policy.drain.keepers = int(rng.Below(3));
  policy.budget.replica_hours = rng.Chance(0.3) ? 1 : 0;
  policy.budget.cost = rng.Chance(0.3) ? 0.2 : 0;
  return policy;
}

template <class T>
void Maybe(Rng& rng, Reading<T>& reading, T value, Instant now) {
  if (rng.Chance(0.05)) return;
  reading.seen = {std::move(value), rng.Chance(0.1) ? now - 10min : now};
  if (rng.Chance(0.1)) reading.failure = Failure{Code::kRetry, "no answer", now - 5s};
}

HomeDemand Autoscaler(Rng& rng) {
  HomeDemand home;
  home.replicas_max = 4;
  home.replicas_current = home.replicas_desired = 1 + int(rng.Below(4));
  home.enforced = rng.Chance(0.8);
  home.limited = rng.Chance(0.4);
  if (home.limited && rng.Chance(0.7)) home.wish = 4 + double(rng.Below(8));
  if (rng.Chance(0.7)) home.load = 6 * rng.Fraction();
  if (rng.Chance(0.5)) home.cpu_per_replica = 0.5;
  return home;
}

MemberState AnyMember(Rng& rng, const Placement& present) {
  MemberState member;
  member.placement = present;
  if (rng.Chance(0.03)) member.placement = {Place::kDisabled, 1, 0};
  member.health = rng.Chance(0.8) ? Health::kUp : rng.Chance(0.7) ? Health::kDown : Health::kUnknown;
  if (rng.Chance(0.8)) member.requests_per_second = rng.Chance(0.2) ? 0 : 100 * rng.Fraction();
  if (rng.Chance(0.5)) member.open_connections = double(rng.Below(3));
  return member;
}

Observation Partial(Rng& rng, const Layout& layout, const Memory& memory, Instant now) {
  Observation seen;
  Maybe(rng, seen.home_demand, Autoscaler(rng), now);
  TrafficState traffic;
  traffic.ttl = std::chrono::seconds(rng.Below(40));
  traffic.writable = rng.Chance(0.9);
  if (!traffic.writable) traffic.unwritable_why = "maintenance";
  if (rng.Chance(0.04)) traffic.ratios_void = {"num_dns_ip is 0"};
  traffic.in_force = rng.Chance(0.9);
  for (const SiteName& site : kSites) {
    const auto known = memory.sites.find(site);
    const int wanted = known == memory.sites.end() ? int(rng.Below(4)) : known->second.replicas_target;
    WorkloadState workload{wanted, rng.Chance(0.8) ? wanted : wanted / 2, wanted, "1"};
    if (rng.Chance(0.97)) Maybe(rng, seen.sites[site].workload, workload, now);
    if (site == "ap") {
      Maybe(rng, seen.sites[site].usage, PodUsage{rng.Fraction(), int(rng.Below(3)), 2}, now);
      Maybe(rng, seen.sites[site].observer, Autoscaler(rng), now);
    }
    if (rng.Chance(0.98)) traffic.members[site] = AnyMember(rng, layout.at(site));
  }
  Maybe(rng, seen.traffic, traffic, now);
  return seen;
}

Order AnyOrder(Rng& rng, Instant now) {
  Order order;
  order.kind = static_cast<OrderKind>(rng.Below(static_cast<std::uint64_t>(OrderKind::kEnd)));
  order.mode = static_cast<Mode>(rng.Below(4));
  order.site = rng.Chance(0.05) ? "mars" : kSites.at(rng.Below(3));
  for (const SiteName& site : kSites) {
    if (rng.Chance(0.9)) order.ratios[site] = int(rng.Below(5));
    if (rng.Chance(0.4)) order.replicas[site] = int(rng.Below(7));
  }
  order.since = now;
  if (rng.Chance(0.8)) order.expires = now + std::chrono::seconds(rng.Below(400));
  order.forced = rng.Chance(0.3);
  return order;
}

bool Blind(const Reading<WorkloadState>& reading, Instant now, Duration stale_after) {
  return !reading.seen || now - reading.seen->as_of > stale_after;
}

void CheckTargets(const Policy& policy, const Observation& seen, const Memory& before, const Decision& decision,
                  Instant now) {
  for (const OverflowPolicy& site : policy.overflow) {
    const SiteDecision& decided = decision.sites.at(site.site);
    const auto known = before.sites.find(site.site);
    EXPECT_LE(decided.replicas_target, site.replicas_max);
    if (known == before.sites.end() || !known->second.known) continue;
    EXPECT_GE(decided.replicas_target, std::min(known->second.replicas_target, site.replicas_min));
    const auto at = seen.sites.find(site.site);
    if (at == seen.sites.end() || Blind(at->second.workload, now, policy.stale_after)) {
      EXPECT_GE(decided.replicas_target, known->second.replicas_target) << "lowered blindly: " << site.site;
    }
  }
}

void CheckDecision(const Policy& policy, const Observation& seen, const Memory& before, const Decision& decision,
                   Instant now) {
  EXPECT_FALSE(decision.reasons.empty());
  EXPECT_GT(decision.wake_at, now);
  EXPECT_LE(decision.wake_at, now + 60s);
  const bool traffic_seen = seen.traffic.seen && now - seen.traffic.seen->as_of <= policy.stale_after;
  if (!traffic_seen || !seen.traffic.seen->value.writable || !seen.traffic.seen->value.ratios_void.empty()) {
    EXPECT_FALSE(decision.layout) << "a layout that can't be written";
  }
  if (decision.layout) {
    EXPECT_FALSE(PublishedShares(*decision.layout).empty()) << "nobody is served";
  }
  CheckTargets(policy, seen, before, decision, now);
}

TEST(PartialView, IsAnsweredAndNeverLoweredBlindly) {
  for (std::uint64_t seed = 1; seed <= 120 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Rng rng(seed);
    const Policy policy = ThreeSites(rng);
    Layout layout{{"us", {Place::kServed, 1, 0}}, {"eu", {Place::kStandby, 1, 1}}, {"ap", {Place::kParked, 1, 0}}};
    Memory memory;
    Override override;
    Instant now{std::chrono::hours{2}};
    for (int step = 0; step < 150 && !HasFailure(); ++step) {
      now += std::chrono::seconds(1 + rng.Below(rng.Chance(0.1) ? 900 : 40));
      const Observation seen = Partial(rng, layout, memory, now);
      if (rng.Chance(0.1)) {
        const Order order = AnyOrder(rng, now);
        const Verdict verdict = Judge(policy, seen, override, order, order.forced, memory, now);
        override = verdict.accepted() ? verdict.override : rng.Chance(0.3) ? With(override, order) : Override{};
      }
      Outcome outcome = Decide(policy, seen, override, memory, now);
      EXPECT_EQ(Decide(policy, seen, override, memory, now).memory, outcome.memory);
      CheckDecision(policy, seen, memory, outcome.decision, now);
      if (outcome.decision.layout) {
        for (const auto& [site, placement] : *outcome.decision.layout) layout[site] = placement;
      }
      memory = std::move(outcome.memory);
    }
  }
}

// What is compared decides what is saved: no field may be left out.
TEST(Memory, DiffersByEveryField) {
  const Instant at{std::chrono::hours{2}};
  const std::function<void(Memory&)> changes[] = {
      [&](Memory& memory) { memory.first_look = at; },
      [](Memory& memory) { memory.sites["eu"]; },
      [&](Memory& memory) {
        memory.demand = {{at, 1}};
      },
      [&](Memory& memory) {
        memory.home_share = {{at, 1}};
      },
      [&](Memory& memory) {
        memory.used = {{at, 1}};
      },
      [&](Memory& memory) { memory.smoothed_at = at; },
      [](Memory& memory) { memory.smoothed = 1; },
      [&](Memory& memory) { memory.excess_since = at; },
      [&](Memory& memory) { memory.probed_at = at; },
      [](Memory& memory) { memory.probed = 1; },
      [&](Memory& memory) { memory.home_down_since = at; },
      [&](Memory& memory) { memory.home_up_since = at; },
      [](Memory& memory) { memory.failed_over = true; },
      [](Memory& memory) { memory.failover_ordered = true; },
      [&](Memory& memory) { memory.failed_over_since = at; },
      [](Memory& memory) { memory.failback_share = 1; },
      [](Memory& memory) { memory.drain_curve.drains = 1; },
      [](Memory& memory) { memory.drain_curve.half_seconds = 1; },
      [](Memory& memory) { memory.drain_curve.eighth_seconds = 1; },
      [](Memory& memory) { memory.drain_curve.end_seconds = 1; },
      [](Memory& memory) { memory.share.looks = 1; },
      [](Memory& memory) { memory.share.bias = 1; },
      [](Memory& memory) { memory.share.published = 1; },
      [](Memory& memory) { memory.share.spread = 1; },
      [](Memory& memory) { memory.share.correction = 1; },
      [&](Memory& memory) { memory.share.looked_at = at; },
      [&](Memory& memory) { memory.share.corrected_at = at; },
      [&](Memory& memory) { memory.budget.since = at; },
      [&](Memory& memory) { memory.budget.counted_at = at; },
      [](Memory& memory) { memory.budget.replica_hours = 1; },
      [](Memory& memory) { memory.budget.cost = 1; },
      [](Memory& memory) { memory.layout["us"]; },
      [&](Memory& memory) { memory.layout_since = at; },
      [&](Memory& memory) { memory.conditions[ConditionName::kPaused] = at; },
  };
  for (const auto& change : changes) {
    Memory memory;
    change(memory);
    EXPECT_NE(memory, Memory{}) << &change - changes;
  }
}

TEST(Memory, DiffersByEveryFieldOfASite) {
  const Instant at{std::chrono::hours{2}};
  const std::function<void(SiteMemory&)> site_changes[] = {
      [](SiteMemory& site) { site.known = true; },
      [](SiteMemory& site) { site.replicas_target = 1; },
      [&](SiteMemory& site) { site.ready_since = at; },
      [&](SiteMemory& site) { site.healthy_since = at; },
      [&](SiteMemory& site) { site.eligible_since = at; },
      [&](SiteMemory& site) { site.provisioning_since = at; },
      [&](SiteMemory& site) { site.lowered_since = at; },
      [&](SiteMemory& site) { site.quiet_since = at; },
      [&](SiteMemory& site) { site.tail_since = at; },
      [](SiteMemory& site) { site.residual_first = 1; },
      [&](SiteMemory& site) { site.half_at = at; },
      [&](SiteMemory& site) { site.eighth_at = at; },
      [](SiteMemory& site) { site.flaps = 1; },
      [&](SiteMemory& site) { site.flapped_at = at; },
  };
  for (const auto& change : site_changes) {
    Memory memory, other;
    change(memory.sites["eu"]);
    other.sites["eu"];
    EXPECT_NE(memory, other) << &change - site_changes;
  }
}

}  // namespace
}  // namespace spillway
