#include "src/core/failover.h"

#include <algorithm>
#include <cmath>

#include "src/core/demand.h"

namespace spillway {
namespace {

void FailOver(Tick& tick, bool ordered) {
  Memory& memory = tick.memory;
  memory.failback_share = 0;
  if (memory.failed_over) return;
  memory.failed_over = true;
  memory.failover_ordered = ordered;
  memory.failed_over_since = tick.now;
}

void EndFailover(Memory& memory) {
  memory.failed_over = memory.failover_ordered = false;
  memory.failed_over_since.reset();
  memory.failback_share = 0;
}

// An operator's failback counts for the failover that stood when it was given.
bool FailbackOrdered(const Tick& tick) {
  const auto& since = tick.memory.failed_over_since;
  return tick.order.failback_at && (!since || *tick.order.failback_at >= *since);
}

void FailBack(Tick& tick, const TrafficState& traffic) {
  Memory& memory = tick.memory;
  const FailoverPolicy& policy = tick.policy.failover;
  const bool ordered = FailbackOrdered(tick);
  if (ordered) tick.Because(ReasonCode::kFailbackOrdered, tick.policy.home);
  if (policy.failback_manual && !memory.failover_ordered && !ordered) {
    tick.Holds(ConditionName::kHomeDown, "home is healthy again and waits for an operator's failback");
    return;
  }
  if (!ordered && !tick.Lasted(memory.home_up_since, policy.failback_after)) return;
  if (memory.failback_share <= 0) {
    memory.failback_share = policy.failback_step;
  } else if (HomeShare(tick.policy, traffic) + tick.policy.ramp.dead_band >= memory.failback_share &&
             tick.Lasted(memory.layout_since, std::max(traffic.ttl, Duration{1s}))) {
    // Not before home has the last step: a cold home grows into it first (pace.h).
    memory.failback_share += policy.failback_step;
  }
  const double steps_left = std::ceil((1 - std::min(1.0, memory.failback_share)) / policy.failback_step);
  tick.Because(ReasonCode::kFailingBack, tick.policy.home,
               {{"home_share_most", std::min(1.0, memory.failback_share)},
                {"seconds_left_least", steps_left * Seconds(std::max(traffic.ttl, Duration{1s}))}});
  if (memory.failback_share >= 1) EndFailover(memory);
}

// No overflow site could be given traffic now.
bool NobodyElse(const Tick& tick, const TrafficState& traffic) {
  return std::none_of(tick.policy.overflow.begin(), tick.policy.overflow.end(), [&](const OverflowPolicy& site) {
    const auto memory = tick.memory.sites.find(site.site);
    const auto member = traffic.members.find(site.site);
    return memory != tick.memory.sites.end() && memory->second.eligible_since && member != traffic.members.end() &&
           member->second.health != Health::kDown;
  });
}

// A healthy home that an operator wants without traffic.
void Leave(Tick& tick, bool served) {
  if (served) {
    EndFailover(tick.memory);
  } else {
    FailOver(tick, true);
  }
}

}  // namespace

HomeStanding JudgeHome(Tick& tick, const Trusted& trusted) {
  Memory& memory = tick.memory;
  const SiteName& home = tick.policy.home;
  const bool ordered_away = tick.order.failover_to || tick.order.Held(home);
  if (ordered_away) tick.Because(ReasonCode::kFailoverOrdered, tick.order.failover_to.value_or(home));
  if (trusted.traffic != nullptr) {
    const auto member = trusted.traffic->members.find(home);
    const bool known = member != trusted.traffic->members.end();
    const Health health = known ? member->second.health : Health::kUnknown;
    Mark(memory.home_down_since, health == Health::kDown, tick.now);
    Mark(memory.home_up_since, health == Health::kUp, tick.now);
    if (health == Health::kDown) {
      memory.failback_share = 0;
      tick.Because(ReasonCode::kHomeDown, home, {{"down_seconds", Seconds(tick.now - *memory.home_down_since)}});
      if (tick.Lasted(memory.home_down_since, tick.policy.failover.failover_after)) FailOver(tick, false);
    } else if (ordered_away) {
      if (known) Leave(tick, member->second.placement.place == Place::kServed);
    } else if (memory.failed_over && health == Health::kUp && NobodyElse(tick, *trusted.traffic)) {
      tick.Because(ReasonCode::kHomeIsTheLast, home);
      EndFailover(memory);
    } else if (memory.failed_over && health == Health::kUp) {
      FailBack(tick, *trusted.traffic);
    }
  }
  if (!memory.failed_over) return {false, 1.0, ordered_away};
  tick.Because(ReasonCode::kFailedOver, home);
  if (!memory.failover_ordered) {
    tick.Holds(ConditionName::kHomeDown, "the GSLB member of " + home + " went down and its traffic was failed over");
  }
  return {memory.failback_share <= 0, memory.failback_share, false};
}

}  // namespace spillway
