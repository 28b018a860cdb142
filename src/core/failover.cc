#include "src/core/failover.h"

#include <algorithm>

#include "src/core/demand.h"

namespace spillway {
namespace {

void FailBack(Tick& tick, const TrafficState& traffic) {
  Memory& memory = tick.memory;
  const FailoverPolicy& policy = tick.policy.failover;
  if (policy.failback_manual) {
    tick.Holds(ConditionName::kHomeDown, "home is healthy again and waits for an operator's failback");
    return;
  }
  if (!tick.Lasted(memory.home_up_since, policy.failback_after)) return;
  if (memory.failback_share <= 0) {
    memory.failback_share = policy.failback_step;
  } else if (HomeShare(tick.policy, traffic) + tick.policy.ramp.dead_band >= memory.failback_share &&
             tick.Lasted(memory.layout_since, std::max(traffic.ttl, Duration{1s}))) {
    // Not before home has the last step: a cold home grows into it first (pace.h).
    memory.failback_share += policy.failback_step;
  }
  tick.Because(ReasonCode::kFailingBack, tick.policy.home, {{"home_share_most", std::min(1.0, memory.failback_share)}});
  if (memory.failback_share >= 1) {
    memory.failed_over = false;
    memory.failback_share = 0;
  }
}

}  // namespace

HomeStanding JudgeHome(Tick& tick, const Trusted& trusted) {
  Memory& memory = tick.memory;
  const SiteName& home = tick.policy.home;
  if (trusted.traffic != nullptr) {
    const auto member = trusted.traffic->members.find(home);
    const Health health = member == trusted.traffic->members.end() ? Health::kUnknown : member->second.health;
    Mark(memory.home_down_since, health == Health::kDown, tick.now);
    Mark(memory.home_up_since, health == Health::kUp, tick.now);
    if (health == Health::kDown) {
      memory.failback_share = 0;
      tick.Because(ReasonCode::kHomeDown, home, {{"down_seconds", Seconds(tick.now - *memory.home_down_since)}});
      if (!memory.failed_over && tick.Lasted(memory.home_down_since, tick.policy.failover.failover_after)) {
        memory.failed_over = true;
      }
    } else if (memory.failed_over && health == Health::kUp) {
      FailBack(tick, *trusted.traffic);
    }
  }
  if (!memory.failed_over) return {};
  tick.Because(ReasonCode::kFailedOver, home);
  tick.Holds(ConditionName::kHomeDown, "the GSLB member of " + home + " went down and its traffic was failed over");
  return {memory.failback_share <= 0, memory.failback_share};
}

}  // namespace spillway
