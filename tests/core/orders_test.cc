// Orders drawn at random, in a world of three sites in which things go wrong: whatever Judge accepts, the invariants
// hold afterwards.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "src/base/rng.h"
#include "src/core/ordered.h"
#include "src/core/safety.h"
#include "tests/core/model.h"

namespace spillway {
namespace {

constexpr int kHomeMax = 4;
constexpr Duration kTtl = 30s;

struct Site {
  int wanted = 0, ready = 0;
  bool up = false, fails = false;  // fails: its pods run, and Avi calls its member down
  double traffic = 0;
  Instant ready_at, turned_at;  // when the last change of pods, or of health, is through
};

class World {
 public:
  explicit World(std::uint64_t seed) : rng_(seed) {
    policy_ = SmallPolicy();
    policy_.overflow = {{.site = "eu", .replicas_max = 6}, {.site = "ap", .replicas_max = 4, .capacity_factor = 2}};
    policy_.mode = static_cast<Mode>(rng_.Below(4));
    policy_.drain.min_drain = 90s;
    policy_.drain.tail_for = 3min;
    policy_.down_stabilization = 60s;
    policy_.gate.provision_timeout = 3min;
    layout_ = {{"us", {Place::kServed, 1, 0}}, {"eu", {Place::kStandby, 1, 1}}, {"ap", {Place::kStandby, 1, 2}}};
    sites_["us"].up = true;
    sites_["us"].traffic = 1;
    sites_["us"].ready = sites_["us"].wanted = 2;
  }

  void Run() {
    for (int second = 0; second < 5400 && !testing::Test::HasFailure(); ++second) {
      now_ += 1s;
      if (second % 60 == 0) Disturb();
      Move();
      const Observation seen = Look();
      if (second % 45 == 20) Order(seen);
      Outcome outcome = Decide(policy_, seen, override_, memory_, now_);
      memory_ = std::move(outcome.memory);
      if (!outcome.decision.writes_held) CheckLayout(outcome.decision);
      for (auto& [site, decided] : outcome.decision.sites) {
        if (site == "us") continue;
        if (outcome.decision.writes_held) decided_[site] = decided.replicas_target;
        if (!outcome.decision.writes_held) Scale(site, decided.replicas_target);
      }
    }
  }
  int accepted = 0, refused = 0;

 private:
  void Disturb() {
    if (rng_.Chance(0.3)) demand_ = 1 + 11 * rng_.Fraction();
    if (rng_.Chance(0.1)) writable_ = !writable_;
    if (!writable_ && rng_.Chance(0.5)) writable_ = true;
    for (auto& [site, state] : sites_) {
      if (rng_.Chance(state.fails ? 0.4 : 0.03)) state.fails = !state.fails;
    }
    if (rng_.Chance(0.15)) override_ = {};
  }

  void Move() {
    const auto shares = PublishedShares(layout_);
    double left = 0;
    for (auto& [site, state] : sites_) {
      if (now_ >= state.ready_at) state.ready = state.wanted;
      const bool should = state.ready > 0 && !state.fails;
      if (should == state.up) state.turned_at = now_ + 10s;
      if (now_ >= state.turned_at) state.up = should;
      const auto share = shares.find(site);
      const double due = share == shares.end() || !state.up ? 0 : share->second;
      state.traffic += (due - state.traffic) * (1 - std::exp(-1 / Seconds(kTtl)));
      left += state.traffic;
    }
    Site& home = sites_["us"];
    home.wanted = std::clamp(static_cast<int>(std::ceil(demand_ * home.traffic / std::max(left, 0.01))), 1, kHomeMax);
    home.ready_at = now_;
  }

  Observation Look() {
    Observation seen;
    HomeDemand home;
    const double load = demand_ * sites_["us"].traffic;
    home.replicas_current = home.replicas_desired = sites_["us"].wanted;
    home.replicas_max = kHomeMax;
    home.load = load;
    home.limited = load > kHomeMax;
    if (home.limited) home.wish = std::ceil(load);
    seen.home_demand.seen = {home, now_};
    TrafficState traffic;
    traffic.ttl = kTtl;
    traffic.writable = writable_;
    if (!writable_) traffic.unwritable_why = "maintenance";
    for (const auto& [site, state] : sites_) {
      seen.sites[site].workload.seen = {WorkloadState{state.wanted, state.ready, state.wanted, "1"}, now_};
      traffic.members[site] = {layout_.at(site), state.up ? Health::kUp : Health::kDown, {}, {}, {}, {}};
    }
    seen.traffic.seen = {traffic, now_};
    return seen;
  }

  void Order(const Observation& seen) {
    const std::vector<SiteName> names{"us", "eu", "ap"};
    spillway::Order order;
    order.kind = static_cast<OrderKind>(rng_.Below(static_cast<std::uint64_t>(OrderKind::kEnd)));
    order.since = now_;
    order.expires = now_ + std::chrono::seconds(30 + rng_.Below(900));
    order.mode = static_cast<Mode>(rng_.Below(4));
    order.site = names.at(rng_.Below(3));
    if (order.kind == OrderKind::kPinRatios) {
      for (const SiteName& site : names) order.ratios[site] = static_cast<int>(rng_.Below(7));
    }
    if (order.kind == OrderKind::kPinReplicas) order.replicas[names.at(1 + rng_.Below(2))] = int(rng_.Below(8));
    const bool force = rng_.Chance(0.2);
    const Verdict verdict = Judge(policy_, seen, override_, order, force, memory_, now_);
    ++(verdict.accepted() ? accepted : refused);
    if (!verdict.accepted()) return;
    EXPECT_FALSE(verdict.forced && !force);
    override_ = verdict.override;
    story_ += "\n" + At() + std::string(Token(order.kind)) + " " + order.site;
  }

  std::string At() const { return std::to_string(std::llround(Seconds(now_.time_since_epoch()))) + " s: "; }

  void CheckLayout(const Decision& decision) {
    if (!decision.layout || !writable_ || *decision.layout == layout_) return;
    const auto before = PublishedShares(layout_), after = PublishedShares(*decision.layout);
    bool answered = false, could_be = false;
    for (const auto& [site, placement] : *decision.layout) {
      const Site& state = sites_.at(site);
      const bool held = Digest(policy_, override_, now_).drained.contains(site);
      could_be = could_be || (state.up && !held);
      answered = answered || (state.up && (placement.place == Place::kServed || placement.place == Place::kStandby));
      const double rise = (after.contains(site) ? after.at(site) : 0) - (before.contains(site) ? before.at(site) : 0);
      if (site == "us" || rise < 1e-9) continue;
      EXPECT_GT(state.ready, 0) << At() << "weight of " << site << " ahead of its replicas" << story_;
      EXPECT_TRUE(state.up) << At() << "weight for " << site << ", which is down" << story_;
      EXPECT_TRUE(Gate(decision, site, GateName::kNotHeld).holds)
          << At() << "more weight for " << site << ", which is drained" << story_;
    }
    if (could_be) {
      EXPECT_TRUE(answered) << At() << "nobody who is up is answered" << story_;
    }
    layout_ = *decision.layout;
  }

  void Scale(const SiteName& site, int target) {
    Site& state = sites_.at(site);
    const bool decided_before = std::exchange(decided_[site], target) == target;  // during a pause, say
    if (target == state.wanted) return;
    const OverflowPolicy& of = policy_.overflow[site == "eu" ? 0 : 1];
    EXPECT_GE(target, of.replicas_min) << At() << site << story_;
    EXPECT_LE(target, of.replicas_max) << At() << site << story_;
    if (target < state.wanted) {
      EXPECT_TRUE(writable_ || decided_before) << At() << site << " lowered while its weight can't be" << story_;
      const auto shares = PublishedShares(layout_);
      const double share = shares.contains(site) ? shares.at(site) : 0;
      EXPECT_TRUE(target > 0 || share <= 0) << At() << site << " emptied while it is answered" << story_;
      if (target == 0) {
        EXPECT_LT(state.traffic, 0.05) << At() << site << " emptied before its clients left" << story_;
      }
    }
    state.ready = std::min(state.ready, target);
    state.ready_at = now_ + (target > state.wanted ? 20s : 0s);
    state.wanted = target;
  }

  Rng rng_;
  Policy policy_;
  Memory memory_;
  Override override_;
  Instant now_{std::chrono::hours{2}};
  Layout layout_;
  std::map<SiteName, int> decided_;
  std::map<SiteName, Site> sites_{{"us", {}}, {"eu", {}}, {"ap", {}}};
  double demand_ = 2;
  bool writable_ = true;
  std::string story_;
};

TEST(Orders, WhatIsAcceptedKeepsTheInvariants) {
  int accepted = 0, refused = 0;
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed);
    world.Run();
    accepted += world.accepted;
    refused += world.refused;
    if (HasFailure()) return;
  }
  EXPECT_GT(accepted, 500) << "the test must reach both answers";
  EXPECT_GT(refused, 500);
}

}  // namespace
}  // namespace spillway
