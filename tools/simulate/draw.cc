// A scenario out of a seed.
#include <algorithm>
#include <cmath>
#include <string>

#include "src/base/rng.h"
#include "tools/simulate/scenario.h"

namespace spillway::sim {
namespace {

using Kind = FaultEvent::Kind;

double Between(Rng& rng, double low, double high) { return low + (high - low) * rng.Fraction(); }

template <class T, std::size_t N>
T OneOf(Rng& rng, const T (&values)[N]) {
  return values[rng.Below(N)];
}

void DrawPolicy(Rng& rng, Scenario& scenario) {
  Policy& policy = scenario.app.policy;
  policy.mode = OneOf(rng, {Mode::kWeighted, Mode::kWeighted, Mode::kAuto, Mode::kRoundRobin, Mode::kActivePassive});
  policy.headroom = OneOf(rng, {0.0, 0.1, 0.1, 0.25});
  policy.ramp.canary_share = rng.Chance(0.2) ? 0.1 : 0;
  policy.confirm_for = rng.Chance(0.2) ? Duration{30s} : Duration{};
  policy.drain.keepers = static_cast<int>(rng.Below(3));
  policy.drain.tail_for = rng.Chance(0.5) ? 5min : 15min;
  policy.drain.steps_down = rng.Chance(0.2) ? 1 : 0;
  policy.gate.provision_timeout = rng.Chance(0.5) ? 3min : 10min;
  for (OverflowPolicy& site : policy.overflow) {
    site.replicas_min = rng.Chance(0.3) ? 1 : 0;
    site.replicas_max = 2 + static_cast<int>(rng.Below(9));
    site.capacity_factor = OneOf(rng, {1.0, 1.0, 0.5, 2.0});
  }
}

void DrawWorld(Rng& rng, Scenario& scenario) {
  scenario.ttl = OneOf(rng, {Duration{5s}, Duration{30s}, Duration{30s}, Duration{300s}});
  scenario.crowd.resolvers = OneOf<std::size_t>(rng, {1, 20, 200, 200, 2000, 2000});
  if (scenario.crowd.resolvers == 2000 && rng.Chance(0.7)) scenario.crowd.skew = 0;
  scenario.crowd.connection = OneOf(rng, {Duration{10s}, Duration{2min}, Duration{1h}});
  scenario.probe_interval = OneOf(rng, {Duration{5s}, Duration{5s}, Duration{10s}, Duration{30s}});
  scenario.probes_up = 1 + static_cast<int>(rng.Below(3));
  scenario.probes_down = 1 + static_cast<int>(rng.Below(3));
  scenario.replication_lag = OneOf(rng, {Duration{200ms}, Duration{200ms}, Duration{5s}, Duration{30s}});
  scenario.autoscaler_grace = OneOf(rng, {Duration{1min}, Duration{2min}, Duration{5min}});
  scenario.autoscaler_window = OneOf(rng, {Duration{60s}, Duration{60s}, Duration{120s}});
  scenario.avi_poll = OneOf(rng, {Duration{5s}, Duration{10s}, Duration{15s}});
  scenario.home_max = 2 + static_cast<int>(rng.Below(6));
  scenario.pods.to_running = FromSeconds(Between(rng, 2, 30));
  scenario.pods.to_ready = FromSeconds(Between(rng, 2, 60));
}

// Steps, ramps and spikes; a day; always the same; or a recorded trace, which is a day with the noise of minutes.
DemandCurve DrawDemand(Rng& rng, double most, Duration span) {
  const double low = 0.3 + rng.Fraction() * 0.3 * most;
  const double pick = rng.Fraction();
  if (pick < 0.55) return DemandCurve::Random(rng.Split(), most, span);
  if (pick < 0.65) return DemandCurve::Constant(low + rng.Fraction() * (most - low));
  const DemandCurve day = DemandCurve::Day(low, most, std::max(24.0, Seconds(span) / 3600));
  // Any part of a day may be the one that is seen.
  const Duration from = FromSeconds(std::floor(rng.Fraction() * std::max(0.0, 86400 - Seconds(span))));
  std::string csv = "seconds,demand\n";
  const double noise = pick < 0.8 ? 0 : 0.1;
  for (Duration at{}; at <= span; at += 1min) {
    const double demand = day.At(from + at) * (1 + noise * (2 * rng.Fraction() - 1));
    csv += std::to_string(static_cast<long>(Seconds(at))) + "," + std::to_string(std::max(0.1, demand)) + "\n";
  }
  auto curve = DemandCurve::ParseCsv(csv, "drawn");
  return curve ? std::move(*curve) : DemandCurve::Constant(low);
}

Kind DrawKind(Rng& rng) {
  // Wires break more often than anything else.
  if (rng.Chance(0.4)) return static_cast<Kind>(rng.Below(static_cast<std::uint64_t>(Kind::kForgetHistory)));
  return static_cast<Kind>(rng.Below(static_cast<std::uint64_t>(Kind::kMetricsAway)));
}

FaultEvent DrawFault(Rng& rng, const Scenario& scenario) {
  FaultEvent fault;
  fault.kind = DrawKind(rng);
  fault.at = FromSeconds(std::floor(Between(rng, 0, Seconds(scenario.span) * 0.95)));
  // Some are over before anybody notices, some outlast every patience.
  fault.lasting = FromSeconds(std::floor(rng.Chance(0.5) ? Between(rng, 2, 60) : Between(rng, 60, 900)));
  fault.chance = rng.Chance(0.4) ? 1 : Between(rng, 0.05, 0.6);
  fault.target = static_cast<int>(rng.Below(scenario.sites()));
  const int overflow = 1 + static_cast<int>(rng.Below(scenario.sites() - 1));
  switch (fault.kind) {
    case Kind::kStatus:
      fault.value = OneOf(rng, {401, 403, 409, 410, 412, 419, 429, 500, 503, 504});
      [[fallthrough]];
    case Kind::kCut:
    case Kind::kHang:
    case Kind::kLoseAnswer:
    case Kind::kSlow:
      if (fault.kind == Kind::kSlow) fault.value = Between(rng, 0.2, 8);
      if (rng.Chance(0.5)) fault.target += 100;
      break;
    case Kind::kStale:
      if (rng.Chance(0.5)) fault.target += 100;
      fault.chance = std::min(fault.chance, 0.7);
      break;
    case Kind::kPodsSlow:
      fault.value = Between(rng, 60, 600);
      [[fallthrough]];
    case Kind::kPodsNeverReady:
    case Kind::kPodsUnschedulable:
      break;
    case Kind::kTwoLeaders:
      fault.target = overflow;
      fault.value = 0;
      break;
    case Kind::kForeignReplicas:
      fault.target = overflow;
      fault.value = static_cast<double>(rng.Below(6));
      break;
    case Kind::kForeignTouch:
    case Kind::kDrainOrder:
      fault.target = overflow;
      break;
    case Kind::kForeignRatio:
      fault.value = static_cast<double>(1 + rng.Below(20));
      break;
    case Kind::kLinkBroken:
      fault.target = 0;
      fault.value = overflow;
      break;
    case Kind::kWallStep:
      fault.value = Between(rng, -7200, 7200);
      break;
    case Kind::kModeOrder:
      fault.value = static_cast<double>(rng.Below(4));
      break;
    default:
      break;
  }
  return fault;
}

}  // namespace

Scenario DrawScenario(std::uint64_t seed, Duration span) {
  Rng rng(seed * 0x9e3779b9ULL + 17);
  Scenario scenario = BaseScenario(1 + rng.Below(2));
  scenario.seed = seed;
  scenario.elected = Rng(seed + 0x1ea5e).Chance(0.4);  // from a generator of its own: the rest is drawn as ever
  scenario.span = span;
  DrawPolicy(rng, scenario);
  DrawWorld(rng, scenario);
  double capacity = scenario.home_max;
  for (const OverflowPolicy& site : scenario.app.policy.overflow) {
    capacity += site.replicas_max * site.capacity_factor;
  }
  // Sometimes more comes than all can carry together.
  scenario.demand = DrawDemand(rng, std::min(12.0, capacity * Between(rng, 0.5, 1.1)), span);
  const bool falls = rng.Chance(0.5);
  scenario.settle_demand = falls ? std::max(0.4, (scenario.home_max - 1) / 1.3 - 0.3) : -1;
  scenario.settle = SettleTime(scenario);
  const double hours = Seconds(span) / 3600;
  const int faults = static_cast<int>(std::ceil(hours * Between(rng, 0, 12)));
  for (int i = 0; i < faults; ++i) scenario.faults.push_back(DrawFault(rng, scenario));
  std::stable_sort(scenario.faults.begin(), scenario.faults.end(),
                   [](const FaultEvent& a, const FaultEvent& b) { return a.at < b.at; });
  return scenario;
}

}  // namespace spillway::sim
