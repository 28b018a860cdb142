#include "src/daemon/config_policy.h"

#include "src/base/time_text.h"

namespace spillway::daemon {
namespace {

// Chosen: the ranges keep out what can only be a slip (a gate that waits a week, a drain of no time at all), not what
// an operator might have a reason for.
constexpr Range<Duration> kUpToAnHour{0s, 1h};
constexpr Range<Duration> kUpToADay{0s, 24h};

void ReadGate(Section in, GatePolicy& out) {
  in.Share("readyFraction", out.ready_fraction, {0.0, 1.0});
  in.Time("readyFor", out.ready_for, kUpToAnHour);
  in.Time("healthyFor", out.healthy_for, kUpToAnHour);
  in.Time("dampingMax", out.damping_max, kUpToADay);
  in.Time("provisionTimeout", out.provision_timeout, {10s, 24h});
  if (out.damping_max < out.healthy_for) {
    in.Wrong("dampingMax", DurationText(out.damping_max) + " is shorter than healthyFor, allowed is at least " +
                               DurationText(out.healthy_for));
  }
  if (out.provision_timeout <= out.ready_for + out.healthy_for) {
    in.Wrong("provisionTimeout",
             DurationText(out.provision_timeout) +
                 " leaves no time to start, allowed is more than readyFor and healthyFor together (" +
                 DurationText(out.ready_for + out.healthy_for) + ")");
  }
  in.Done();
}

void ReadRamp(Section in, RampPolicy& out) {
  in.Share("canaryShare", out.canary_share, {0.0, 0.5});
  in.Time("canaryFor", out.canary_for, kUpToAnHour);
  in.Share("deadBand", out.dead_band, {0.0, 0.2});
  in.Flag("correctBias", out.correct_bias);
  in.Done();
}

void ReadDrain(Section in, DrainPolicy& out) {
  in.Time("minDrain", out.min_drain, kUpToADay);
  in.Time("maxDrain", out.max_drain, kUpToADay);
  in.Number("ttlFactor", out.ttl_factor, {1.0, 100.0});
  in.Time("connectionGrace", out.connection_grace, kUpToADay);
  in.Share("drainedBelow", out.drained_below, {0.0, 0.5});
  in.Time("quietFor", out.quiet_for, kUpToAnHour);
  in.Count("keepers", out.keepers, {0, 100});
  in.Time("tailFor", out.tail_for, kUpToADay);
  in.Count("stepsDown", out.steps_down, {0, 10000});
  if (out.min_drain > out.max_drain) {
    in.Wrong("minDrain", DurationText(out.min_drain) + " is longer than maxDrain, allowed is at most " +
                             DurationText(out.max_drain));
  }
  in.Done();
}

enum class Failback { kAuto, kManual };

void ReadFailover(Section in, FailoverPolicy& out) {
  in.Time("after", out.failover_after, kUpToAnHour);
  in.Time("failbackAfter", out.failback_after, kUpToADay);
  in.Share("failbackStep", out.failback_step, {0.01, 1.0});
  Failback failback = out.failback_manual ? Failback::kManual : Failback::kAuto;
  in.Choice<Failback>("failback", failback, {{"auto", Failback::kAuto}, {"manual", Failback::kManual}});
  out.failback_manual = failback == Failback::kManual;
  in.Done();
}

void ReadSafety(Section in, SafetyPolicy& out, ChangeRules& changes) {
  in.Number("capacityFloor", out.capacity_floor, {0.0, 2.0});
  in.Time("minBetweenChanges", changes.min_between, kUpToADay);
  std::vector<std::string> windows;
  in.Texts("blockedWindows", windows, kBlockedWindow, Need::kOptional);
  for (const std::string& text : windows) {
    if (auto window = ParseBlockedWindow(text)) changes.blocked.push_back(std::move(*window));
  }
  in.Done();
}

void ReadBudget(Section in, BudgetPolicy& out) {
  in.Number("maxReplicaHours", out.replica_hours, {0.0, 999999.0});
  in.Number("maxCost", out.cost, {0.0, 999999.0});
  in.Time("window", out.window, {1h, 8784h});
  in.Done();
}

}  // namespace

void ReadPolicy(Section in, Policy& policy, ChangeRules& changes) {
  in.Share("headroom", policy.headroom, {0.0, 2.0});
  in.Time("downStabilization", policy.down_stabilization, kUpToADay);
  in.Time("confirmFor", policy.confirm_for, kUpToAnHour);
  // A watch on which nothing happens is confirmed every 45 s (k8s/list_watch.h): less would call a calm cluster stale.
  in.Time("staleAfter", policy.stale_after, {60s, 1h});
  in.Time("probeInterval", policy.probe_interval, {5s, 1h});
  if (auto gate = in.Below("gate")) ReadGate(std::move(*gate), policy.gate);
  if (auto ramp = in.Below("ramp")) ReadRamp(std::move(*ramp), policy.ramp);
  if (auto drain = in.Below("drain")) ReadDrain(std::move(*drain), policy.drain);
  if (auto failover = in.Below("failover")) ReadFailover(std::move(*failover), policy.failover);
  if (auto safety = in.Below("safety")) ReadSafety(std::move(*safety), policy.safety, changes);
  if (auto budget = in.Below("budget")) ReadBudget(std::move(*budget), policy.budget);
  in.Done();
}

}  // namespace spillway::daemon
