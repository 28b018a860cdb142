#include "src/core/drain.h"

#include <algorithm>
#include <cmath>

#include "src/core/drain_curve.h"

namespace spillway {
namespace {

// Chosen: with a share still due, arriving requests scatter about it; a surplus within this is not residual.
constexpr double kShareNoise = 0.025;

struct Residual {
  double share = 0;      // of the app's requests, beyond what is due to the site
  bool nothing = false;  // no request and no connection at all
};

// nullopt: some site's traffic is not measured.
std::optional<Residual> Measure(const TrafficState& traffic, const SiteName& site, double due) {
  double all = 0;
  for (const auto& [name, member] : traffic.members) {
    if (!member.requests_per_second) return std::nullopt;
    all += *member.requests_per_second;
  }
  const MemberState& member = traffic.members.at(site);
  const double share = all > 0 ? *member.requests_per_second / all : 0;
  return Residual{std::max(0.0, share - due - (due > 0 ? kShareNoise : 0)),
                  *member.requests_per_second == 0 && member.open_connections.value_or(1) == 0};
}

void Forget(SiteMemory& memory) {
  memory.lowered_since.reset();
  memory.quiet_since.reset();
  memory.tail_since.reset();
  memory.residual_first = 0;
  memory.half_at.reset();
  memory.eighth_at.reset();
}

Duration LongestBlind(const Policy& policy, Duration ttl) {
  return std::max(policy.drain.min_drain, FromSeconds(policy.drain.ttl_factor * Seconds(ttl))) +
         policy.drain.connection_grace;
}

// The share decided for the site is what is published, everywhere. Another site's ratio changes it as well as its own.
bool InForce(const Tick& tick, const Trusted& trusted, const SiteName& site) {
  if (!tick.decision.layout || trusted.traffic == nullptr || !trusted.traffic->in_force) return false;
  const auto member = trusted.traffic->members.find(site);
  if (member == trusted.traffic->members.end() || member->second.placement != tick.decision.layout->at(site))
    return false;
  return std::abs(PublishedShare(tick.memory.layout, site) - PublishedShare(*tick.decision.layout, site)) <
         kRoundingError;
}

// The share still given is more than is due (home gets its traffic back in steps), so the site is not lowered yet.
bool StillGiven(const Tick& tick, const SiteName& site) {
  return PublishedShare(*tick.decision.layout, site) >
         tick.decision.sites.at(site).share_intended + tick.policy.ramp.dead_band;
}

// When a measured drain should be over, from `lowered_since`.
Duration ExpectedEnd(const Tick& tick, const SiteMemory& memory, Duration ttl) {
  const DrainPolicy& drain = tick.policy.drain;
  const Duration quiet = memory.quiet_since ? *memory.quiet_since + drain.quiet_for - *memory.lowered_since : 0s;
  const Duration learned = tick.memory.drain_curve.drains > 0 ? ExpectedDrain(tick.memory.drain_curve, memory, tick.now)
                                                              : (memory.quiet_since ? quiet : drain.max_drain);
  return std::min(drain.max_drain, std::max({ttl, quiet, learned}));
}

// Have clients let go of what was taken from the site?
bool Drained(Tick& tick, const TrafficState& traffic, const SiteName& site, SiteMemory& memory) {
  const DrainPolicy& drain = tick.policy.drain;
  const auto residual = Measure(traffic, site, PublishedShare(*tick.decision.layout, site));
  DrainProgress progress{*memory.lowered_since, LongestBlind(tick.policy, traffic.ttl), 0, 0, std::nullopt};
  const bool timed_out = tick.Lasted(memory.lowered_since, drain.max_drain);
  bool done = false;
  if (residual) {
    Mark(memory.quiet_since, residual->share < drain.drained_below, tick.now);
    FollowDrain(memory, residual->share, tick.now);
    const bool a_ttl = tick.Lasted(memory.lowered_since, traffic.ttl);
    done = tick.Lasted(memory.quiet_since, drain.quiet_for) && a_ttl;
    progress.residual = residual->share;
    progress.expected = ExpectedEnd(tick, memory, traffic.ttl);
    progress.learned_from = tick.memory.drain_curve.drains;
  } else {
    progress.expected = std::min(progress.expected, drain.max_drain);
    done = tick.Lasted(memory.lowered_since, progress.expected);
  }
  const double passed = Seconds(tick.now - *memory.lowered_since);
  progress.progress = progress.expected > 0s ? std::min(1.0, passed / Seconds(progress.expected)) : 1.0;
  tick.decision.sites[site].drain = progress;
  if ((done || timed_out) && residual) LearnDrain(tick.memory.drain_curve, memory, tick.now);
  if (done || timed_out) {
    tick.Because(done ? ReasonCode::kDrainDone : ReasonCode::kDrainTimedOut, site,
                 {{"drain_seconds", Seconds(tick.now - *memory.lowered_since)}});
    return true;
  }
  tick.Because(ReasonCode::kDraining, site, {{"drain_seconds", Seconds(tick.now - *memory.lowered_since)}});
  return false;
}

// Drained and without traffic: the keepers stay until the tail is over.
int TailTarget(Tick& tick, const TrafficState& traffic, const SiteName& site, const Sizing::Need& need,
               SiteMemory& memory) {
  const DrainPolicy& drain = tick.policy.drain;
  const int keep = std::min(memory.replicas_target, std::max(need.needed, drain.keepers));
  if (keep <= need.needed) return need.needed;
  Mark(memory.tail_since, true, tick.now);
  const auto residual = Measure(traffic, site, 0);
  const bool nothing = residual && residual->nothing && tick.Lasted(memory.quiet_since, drain.quiet_for) &&
                       tick.Lasted(memory.tail_since, drain.quiet_for);
  if (nothing || tick.Lasted(memory.tail_since, drain.tail_for)) return need.needed;
  tick.Because(ReasonCode::kTail, site, {{"replicas", double(keep)}});
  return keep;
}

// What the Deployment is asked to run beyond the target, up to the site's maximum, and may not be taken at once. A
// lowering that it has not followed yet is still meant, unless the shares moved since: then it is taken back.
int Standing(Tick& tick, const Trusted& trusted, const OverflowPolicy& site, SiteMemory& memory) {
  const WorkloadState* workload = trusted.overflow.at(site.site);
  if (workload == nullptr || !memory.known) return memory.replicas_target;
  const int standing = std::min(workload->replicas_wanted, site.replicas_max);
  if (standing <= memory.replicas_target) {
    memory.lowered_at.clear();
    return memory.replicas_target;
  }
  if (memory.lowered_at != workload->revision) {
    tick.Because(ReasonCode::kRaisedElsewhere, site.site,
                 {{"replicas", double(standing)}, {"target", double(memory.replicas_target)}});
    return standing;
  }
  if (!tick.decision.layout) return standing;
  if (InForce(tick, trusted, site.site) && !StillGiven(tick, site.site)) return memory.replicas_target;
  memory.lowered_at.clear();
  memory.replicas_target = standing;
  return standing;
}

// What may stand now, of `standing`, on the way to what is needed.
int Lower(Tick& tick, const Trusted& trusted, const SiteName& site, const Sizing::Need& need, int standing,
          SiteMemory& memory) {
  const WorkloadState* workload = trusted.overflow.at(site);
  if (!trusted.may_steer || workload == nullptr || !tick.decision.layout) {
    tick.Because(ReasonCode::kHoldScaleDown, site);
    return standing;
  }
  if (!InForce(tick, trusted, site) || StillGiven(tick, site)) {
    Forget(memory);
    tick.Because(ReasonCode::kWaitForWeight, site);
    return standing;
  }
  if (!memory.lowered_since) {
    memory.lowered_since = tick.now;
    tick.Because(ReasonCode::kDrainStarted, site,
                 {{"from_replicas", double(standing)}, {"to_replicas", double(need.needed)}});
  }
  if (!memory.tail_since && !Drained(tick, *trusted.traffic, site, memory)) return standing;
  int next = need.due == 0 ? TailTarget(tick, *trusted.traffic, site, need, memory) : need.needed;
  if (tick.policy.drain.steps_down > 0 && next < standing - tick.policy.drain.steps_down) {
    next = standing - tick.policy.drain.steps_down;
    memory.quiet_since = tick.now;  // the next step after another quiet time
    memory.tail_since.reset();
    tick.WakeBy(tick.now + tick.policy.drain.quiet_for);
  }
  if (next < standing) memory.lowered_at = workload->revision;
  memory.replicas_target = next;
  if (next == need.needed) {
    Forget(memory);
    if (need.due == 0) tick.Because(ReasonCode::kReturnedToRest, site, {{"replicas", double(next)}});
  }
  return next;
}

}  // namespace

void DecideTarget(Tick& tick, const Trusted& trusted, const OverflowPolicy& site, const Sizing::Need& need,
                  bool may_raise) {
  SiteMemory& memory = tick.memory.sites[site.site];
  SiteDecision& decision = tick.decision.sites[site.site];
  decision.replicas_needed = need.needed;
  const int standing = Standing(tick, trusted, site, memory);
  if (memory.known && need.needed < standing) {
    if (may_raise) memory.replicas_target = std::max(memory.replicas_target, need.needed);
    decision.replicas_target = Lower(tick, trusted, site.site, need, standing, memory);
    return;
  }
  if (memory.lowered_since) {
    tick.Because(ReasonCode::kDrainCancelled, site.site, {{"replicas", double(standing)}});
  }
  Forget(memory);
  if (memory.known && need.needed > memory.replicas_target && may_raise) {
    tick.Because(ReasonCode::kDemandRose, site.site,
                 {{"from_replicas", double(memory.replicas_target)}, {"to_replicas", double(need.needed)}});
    memory.replicas_target = need.needed;
  }
  decision.replicas_target = std::max(memory.replicas_target, standing);
}

}  // namespace spillway
