#include "tools/simulate/oracle.h"

#include <algorithm>
#include <cmath>

#include "src/core/ratios.h"

namespace spillway::sim {
namespace {

// Chosen: as often as Avi is polled, which is how soon anything it orders can be seen to work.
constexpr Duration kLook = 5s;
constexpr double kRounding = 1e-6;
// Below half of the smallest share that ratios can express nothing is closer than something.
constexpr double kShareLeast = 0.5 / (kRatioMin + kRatioMax);

int Ceil(double replicas) { return static_cast<int>(std::ceil(std::max(0.0, replicas) - kRounding)); }

bool Up(const Observation& seen, const SiteName& site) {
  if (!seen.traffic.seen) return false;
  const auto member = seen.traffic.seen->value.members.find(site);
  return member != seen.traffic.seen->value.members.end() && member->second.health == Health::kUp;
}

}  // namespace

Duration FarEnough(const Scenario& scenario) {
  return scenario.pods.to_running + scenario.pods.to_ready + 3 * scenario.probe_interval + scenario.avi_poll +
         std::max(scenario.app.policy.gate.ready_for, scenario.app.policy.gate.healthy_for) + scenario.ttl;
}

bool Oracle::Open(const GatePolicy& gate, const SiteName& site, bool ready, bool up, Instant now) {
  const auto lasted = [now](std::map<SiteName, Instant>& since, const SiteName& name, bool holds, Duration asked) {
    if (!holds) since.erase(name);
    return holds && now - since.try_emplace(name, now).first->second >= asked;
  };
  const bool ready_long = lasted(ready_since_, site, ready, gate.ready_for);
  return lasted(up_since_, site, up, gate.healthy_for) && ready_long;
}

bool Oracle::Hears(const Observation& seen) {
  const bool alone = world_.shares()[0] > 1 - kRounding;
  if (alone && world_.demand() <= world_.scenario().home_max) heard_ = false;
  if (seen.home_demand.seen && seen.home_demand.seen->value.limited) heard_ = true;
  return heard_ || !options_.waits_for_home;
}

double Oracle::Demand(Instant now) const {
  double most = world_.demand();
  for (Duration at = kLook; at <= options_.ahead; at += kLook) most = std::max(most, world_.DemandAt(now + at));
  return most;
}

std::map<SiteName, int> Oracle::Due(const Policy& policy, double demand) const {
  std::map<SiteName, int> due;
  double work = demand * (1 + policy.headroom);
  const int home_max = world_.scenario().home_max;
  const bool spills = work > home_max + kRounding && policy.mode != Mode::kActivePassive;
  const bool equal = policy.mode == Mode::kRoundRobin;
  work = equal ? work / static_cast<double>(1 + policy.overflow.size()) : work - home_max;
  for (const OverflowPolicy& site : policy.overflow) {
    const int count = spills ? std::min(Ceil(work / site.capacity_factor), site.replicas_max) : 0;
    due[site.site] = count;
    if (!equal) work -= count * site.capacity_factor;
  }
  return due;
}

Decision Oracle::operator()(const Policy& policy, const Observation& seen, Instant now) {
  const auto due = Due(policy, Hears(seen) ? Demand(now) : 0);
  const bool equal = policy.mode == Mode::kRoundRobin;
  const double missing = std::max(0, world_.wanted(0) - world_.ready(0));
  std::map<SiteName, double> shares{{policy.home, equal ? 1 : std::max(1.0, world_.scenario().home_max - missing)}};
  double sum = shares[policy.home];
  Decision decision;
  decision.sites[policy.home] = {};
  for (std::size_t i = 0; i < policy.overflow.size(); ++i) {
    const OverflowPolicy& site = policy.overflow[i];
    const std::size_t number = i + 1;
    const double serving = std::min(due.at(site.site), world_.ready(number)) * site.capacity_factor;
    if (Open(policy.gate, site.site, serving > 0, Up(seen, site.site), now)) {
      sum += shares[site.site] = equal ? 1 : serving;
    }
    const double arriving =
        world_.shares()[number] > kRounding ? std::max(kRounding * 2, world_.books().sites[number].load) : 0;
    const int held = Ceil(arriving * (1 + policy.headroom) / site.capacity_factor);
    const int wanted = std::clamp(std::max(due.at(site.site), std::min(held, replicas_[site.site])), site.replicas_min,
                                  site.replicas_max);
    replicas_[site.site] = wanted;
    SiteDecision& decided = decision.sites[site.site];
    decided.replicas_target = wanted;
    decided.replicas_needed = due.at(site.site);
  }
  for (auto& [site, share] : shares) share /= sum;
  std::erase_if(shares, [&](const auto& entry) { return entry.second < kShareLeast && entry.first != policy.home; });
  sum = 0;
  for (const auto& [site, share] : shares) sum += share;
  for (auto& [site, share] : shares) decision.sites[site].share_intended = share /= sum;

  Layout layout;
  const auto ratios = FitRatios(shares);
  for (const auto& [site, decided] : decision.sites) {
    const auto ratio = ratios.find(site);
    layout[site] =
        ratio == ratios.end() ? Placement{Place::kParked, 1, 0} : Placement{Place::kServed, ratio->second, 0};
  }
  decision.layout = layout;
  decision.wake_at = now + kLook;
  return decision;
}

}  // namespace spillway::sim
