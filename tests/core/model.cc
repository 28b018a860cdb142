#include "tests/core/model.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "src/core/tick.h"

namespace spillway {

Policy SmallPolicy() {
  Policy policy;
  policy.app = "shopping";
  policy.home = "us";
  policy.overflow = {{.site = "eu", .replicas_max = 8}};
  return policy;
}

Observation QuietObservation(Instant now, int home, int overflow) {
  Observation seen;
  HomeDemand demand;
  demand.replicas_current = demand.replicas_desired = home;
  demand.replicas_max = 4;
  demand.load = home;
  seen.home_demand.seen = {demand, now};
  seen.sites["us"].workload.seen = {WorkloadState{home, home, home, "1"}, now};
  seen.sites["eu"].workload.seen = {WorkloadState{overflow, overflow, overflow, "1"}, now};
  TrafficState traffic;
  traffic.ttl = 30s;
  traffic.revision = "1";
  traffic.writable = true;
  traffic.members["us"] = {{Place::kServed, 1, 0}, Health::kUp, Health::kUp, Health::kUp, {}, {}};
  traffic.members["eu"] = {{Place::kStandby, 1, 1}, Health::kUp, Health::kUp, Health::kUp, {}, {}};
  seen.traffic.seen = {traffic, now};
  return seen;
}

const Reason* FindReason(const Decision& decision, ReasonCode code, const std::string& about) {
  for (const Reason& reason : decision.reasons) {
    if (reason.code == code && (about.empty() || reason.about == about)) return &reason;
  }
  return nullptr;
}

const ConditionState* FindCondition(const Decision& decision, ConditionName name) {
  for (const ConditionState& state : decision.conditions) {
    if (state.name == name) return &state;
  }
  return nullptr;
}

const GateCondition& Gate(const Decision& decision, const SiteName& site, GateName name) {
  for (const GateCondition& condition : decision.sites.at(site).gate) {
    if (condition.name == name) return condition;
  }
  throw std::out_of_range("no such gate condition");
}

Model::Model(ModelOptions given) : options(std::move(given)) {
  layout["us"] = {Place::kServed, 1, 0};
  layout["eu"] = {Place::kStandby, 1, 1};
  last_ = QuietObservation(now);
}

void Model::Run(Duration length) {
  for (const Instant end = now + length; now < end;) Step();
}

bool Model::RunUntil(const std::function<bool()>& done, Duration most) {
  for (const Instant end = now + most; now < end;) {
    Step();
    if (done()) return true;
  }
  return false;
}

void Model::Step() {
  now += 1s;
  MoveTheWorld();
  last_ = Observe();
  Outcome outcome = Decide(options.policy, last_, override, memory, now);
  memory = std::move(outcome.memory);
  decision = std::move(outcome.decision);
  Check(decision);
  if (!decision.writes_held) CarryOut(decision);
}

void Model::MoveTheWorld() {
  std::erase_if(starting_, [&](Instant at) {
    if (at > now) return false;
    ++overflow_ready;
    return true;
  });
  Mark(ready_since_, overflow_ready > 0, now);
  Mark(empty_since_, overflow_ready == 0, now);
  if (ready_since_ && now - *ready_since_ >= options.health_lag) overflow_up_ = true;
  if (empty_since_ && now - *empty_since_ >= options.health_lag) overflow_up_ = false;

  const auto shares = PublishedShares(layout);
  double published = shares.contains("eu") ? shares.at("eu") : 0;
  if (!home_up) published = overflow_up_ ? 1 : 0;
  if (!overflow_up_) published = 0;
  // Clients come over at the pace of the TTL.
  overflow_traffic += (published - overflow_traffic) * (1 - std::exp(-1 / Seconds(options.ttl)));
  if (std::abs(published - overflow_traffic) < 0.002) overflow_traffic = published;
  if (overflow_ready == 0) worst_lost = std::max(worst_lost, overflow_traffic);

  const double load = options.demand * (1 - overflow_traffic);
  home_replicas = std::clamp(static_cast<int>(std::ceil(load - 1e-9)), 1, options.home_max);
}

Observation Model::Observe() {
  Observation seen = last_;
  const double load = options.demand * (1 - overflow_traffic);
  if (home_seen) {
    HomeDemand demand;
    demand.replicas_current = demand.replicas_desired = home_replicas;
    demand.replicas_max = options.home_max;
    if (options.load_known) demand.load = load;
    demand.limited = std::ceil(load - 1e-9) > options.home_max;
    if (demand.limited) demand.wish = std::ceil(load - 1e-9);
    seen.home_demand.seen = {demand, now};
    seen.sites["us"].workload.seen = {WorkloadState{home_replicas, home_replicas, home_replicas, "1"}, now};
  }
  if (overflow_seen) {
    seen.sites["eu"].workload.seen = {
        WorkloadState{overflow_wanted, overflow_ready, overflow_wanted, std::to_string(revision_)}, now};
  }
  if (gslb_seen) {
    TrafficState traffic;
    traffic.ttl = options.ttl;
    traffic.writable = gslb_writable;
    if (!gslb_writable) traffic.unwritable_why = "maintenance";
    const auto health = [](bool up) { return up ? Health::kUp : Health::kDown; };
    traffic.members["us"].placement = layout["us"];
    traffic.members["us"].health = health(home_up);
    traffic.members["eu"].placement = layout["eu"];
    traffic.members["eu"].health = health(overflow_up_);
    if (options.measured) {
      traffic.members["us"].requests_per_second = 20 * load;
      traffic.members["eu"].requests_per_second = 20 * options.demand * overflow_traffic;
    }
    seen.traffic.seen = {traffic, now};
  }
  return seen;
}

void Model::CarryOut(const Decision& made) {
  if (made.layout && *made.layout != layout) {
    layout = *made.layout;
    ++layout_writes;
  }
  const int target = made.sites.at("eu").replicas_target;
  if (target == overflow_wanted || !overflow_seen) return;
  ++scale_writes;
  ScaleOverflow(target);
}

void Model::ScaleOverflow(int replicas) {
  ++revision_;
  for (int i = overflow_wanted; i < replicas; ++i) starting_.push_back(now + options.pod_start);
  overflow_wanted = replicas;
  while (!starting_.empty() && overflow_ready + static_cast<int>(starting_.size()) > replicas) starting_.pop_back();
  overflow_ready = std::min(overflow_ready, replicas);
}

void Model::RaiseElsewhere(int replicas) { ScaleOverflow(std::max(replicas, overflow_wanted)); }

void Model::Check(const Decision& made) {
  const auto violated = [&](const std::string& what) {
    violations.push_back(std::to_string(std::llround(Seconds(now.time_since_epoch()))) + " s: " + what);
  };
  const SiteDecision& site = made.sites.at("eu");
  const auto shares = PublishedShares(layout);
  const double published = shares.contains("eu") ? shares.at("eu") : 0;
  if (made.layout && made.layout->at("eu").place == Place::kServed && !site.eligible) {
    violated("1: traffic for a site whose gate is shut");
  }
  if (shares.empty()) violated("2: nobody is served");
  if (made.sites.at("eu").replicas_target < overflow_wanted && published > 0 &&
      site.replicas_target + 1 < published * options.demand) {
    violated("3: fewer replicas than the published share needs");
  }
  if (site.replicas_target < options.policy.overflow[0].replicas_min ||
      site.replicas_target > options.policy.overflow[0].replicas_max) {
    violated("4: target out of range");
  }
}

}  // namespace spillway
