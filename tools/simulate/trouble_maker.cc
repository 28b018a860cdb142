#include "tools/simulate/trouble_maker.h"

#include <algorithm>
#include <utility>

#include "tools/simulate/foreign.h"

namespace spillway::sim {
namespace {

using Kind = FaultEvent::Kind;

// How long after a fault things may still be on their way: back-offs of half a minute, a login that was refused.
constexpr Duration kAftermath = 3min;

std::optional<Trouble::Kind> OnWire(Kind kind) {
  switch (kind) {
    case Kind::kCut:
      return Trouble::Kind::kCut;
    case Kind::kHang:
      return Trouble::Kind::kHang;
    case Kind::kStatus:
      return Trouble::Kind::kStatus;
    case Kind::kLoseAnswer:
      return Trouble::Kind::kLoseAnswer;
    case Kind::kSlow:
      return Trouble::Kind::kSlow;
    case Kind::kStale:
      return Trouble::Kind::kStale;
    case Kind::kDropLines:
      return Trouble::Kind::kDropLines;
    case Kind::kRepeatLines:
      return Trouble::Kind::kRepeatLines;
    default:
      return std::nullopt;
  }
}

}  // namespace

TroubleMaker::TroubleMaker(World& world, Checks& checks, DaemonControl control)
    : world_(world), checks_(checks), control_(std::move(control)), began_(world.timeline().Now()) {}

void TroubleMaker::Start() {
  const Scenario& scenario = world_.scenario();
  began_ = world_.timeline().Now();
  for (std::size_t i = 0; i < scenario.faults.size(); ++i) {
    const FaultEvent& fault = scenario.faults[i];
    due_.push_back({began_ + fault.at, true, i});
    due_.push_back({began_ + std::min(fault.at + fault.lasting, scenario.span), false, i});
  }
  std::stable_sort(due_.begin(), due_.end(), [](const Due& a, const Due& b) { return a.at < b.at; });
  world_.timeline().Add("faults", Timeline::kNoLane, due_.empty() ? Instant::max() : due_.front().at,
                        [this] { return Step(); });
  world_.timeline().Add("healing", Timeline::kNoLane, began_ + scenario.span, [this] {
    HealAll();
    return Instant::max();
  });
}

Instant TroubleMaker::Step() {
  const Instant now = world_.timeline().Now();
  while (next_ < due_.size() && due_[next_].at <= now) {
    const Due& due = due_[next_++];
    const FaultEvent& fault = world_.scenario().faults[due.fault];
    due.begins ? Begin(fault) : End(fault);
  }
  return next_ < due_.size() ? due_[next_].at : Instant::max();
}

void TroubleMaker::Begin(const FaultEvent& fault) {
  checks_.Disturbed(world_.timeline().Now() + fault.lasting + kAftermath);
  if (OnWire(fault.kind)) {
    BeginOnWire(fault);
  } else if (fault.kind <= Kind::kForeignTouch || fault.kind >= Kind::kMetricsAway) {
    BeginInCluster(fault);
  } else if (fault.kind <= Kind::kProbeFails) {
    BeginInFederation(fault);
  } else {
    BeginAtDaemon(fault);
  }
}

void TroubleMaker::BeginOnWire(const FaultEvent& fault) {
  const Instant until = std::min(world_.timeline().Now() + fault.lasting, began_ + world_.scenario().span);
  const Trouble trouble{*OnWire(fault.kind), fault.chance, fault.value, until};
  wires_.emplace_back(fault.target, trouble);
  for (Daemon* daemon : control_.running()) daemon->wire(fault.target).Add(trouble);
}

void TroubleMaker::Acquaint(Daemon& daemon) {
  for (const auto& [wire, trouble] : wires_) daemon.wire(wire).Add(trouble);
}

void TroubleMaker::BeginInCluster(const FaultEvent& fault) {
  const auto site = static_cast<std::size_t>(fault.target);
  lab::PodTimes times = world_.scenario().pods;
  switch (fault.kind) {
    case Kind::kForgetHistory:
      world_.cluster(site).ForgetHistory();
      world_.cluster(site).CutWatches();
      return world_.Stir(site);
    case Kind::kPodsNeverReady:
      times.never_ready = true;
      return world_.SetPods(site, times);
    case Kind::kPodsUnschedulable:
      times.unschedulable = true;
      return world_.SetPods(site, times);
    case Kind::kPodsSlow:
      times.to_ready = FromSeconds(fault.value);
      return world_.SetPods(site, times);
    case Kind::kPodsFail:
      return Repeat(fault, [this, site] { KillPod(world_, site); });
    case Kind::kAutoscalerBlind:
      return world_.SetAutoscaler(true, false);
    case Kind::kAutoscalerFrozen:
      return world_.SetAutoscaler(false, true);
    case Kind::kMetricsAway:
      return world_.SetMetrics(site, false, true);
    case Kind::kMetricsStuck:
      return world_.SetMetrics(site, true, false);
    case Kind::kForeignReplicas:
      return ScaleDeployment(world_, site, static_cast<int>(fault.value));
    case Kind::kForeignTouch:
      ++touches_;
      return;
    default:
      return;
  }
}

void TroubleMaker::BeginInFederation(const FaultEvent& fault) {
  const auto site = static_cast<std::size_t>(fault.target % kControllers);
  const std::string& name = world_.name(site);
  lab::avi::Federation& federation = world_.federation();
  switch (fault.kind) {
    case Kind::kMaintenance:
      return federation.SetMaintenance(true);
    case Kind::kLeaderChange:
      return world_.SetLeader(site);
    case Kind::kExpireSessions:
      return federation.ExpireSessions(name);
    case Kind::kControllerGone:
      return federation.SetAlive(name, false);
    case Kind::kLinkBroken:
      return federation.SetLink(name, world_.name(static_cast<std::size_t>(fault.value)), false);
    case Kind::kTwoLeaders:
      federation.SetLink(name, world_.name(static_cast<std::size_t>(fault.value)), false);
      return world_.SetLeader(site);
    case Kind::kSuspended:
      return federation.SetSuspended(name, true);
    case Kind::kAmko:
      return Repeat(fault, [this] { ApplyFirstGroups(world_, "amko-gslb"); });
    case Kind::kTerraform:
      return ApplyFirstGroups(world_, "");
    case Kind::kForeignEdit:
      ++edits_;
      return;
    case Kind::kForeignRatio:
      EditMember(world_, site, "ratio", std::to_string(static_cast<int>(fault.value)));
      return;
    case Kind::kForeignDisable:
      EditMember(world_, site, "enabled", "false");
      return;
    case Kind::kSiteDown:
      return world_.SetDown(site, true);
    case Kind::kProbeFails:
      return world_.SetProbeFails(site, true);
    default:
      return;
  }
}

void TroubleMaker::BeginAtDaemon(const FaultEvent& fault) {
  Order order;
  order.actor = "oncall";
  order.reason = "because the simulator says so";
  order.since = world_.timeline().Now();
  order.expires = world_.timeline().Now() + fault.lasting;
  switch (fault.kind) {
    case Kind::kCrash:
      return control_.crash(fault.lasting);
    case Kind::kCrashInSave:
      crash_in_save_ = true;
      back_after_ = fault.lasting;
      return;
    case Kind::kCrashInWrite:
      crash_in_write_ = true;
      back_after_ = fault.lasting;
      return;
    case Kind::kSaveFails:
      control_.keeper->fails = true;
      return;
    case Kind::kWallStep:
      return control_.step_wall(FromSeconds(fault.value));
    case Kind::kTwin:
      return control_.twin(fault.lasting);
    case Kind::kDrainOrder:
      order.kind = OrderKind::kDrain;
      order.site = world_.name(static_cast<std::size_t>(fault.target));
      return control_.order({{order}});
    case Kind::kPauseOrder:
      order.kind = OrderKind::kPause;
      return control_.order({{order}});
    case Kind::kModeOrder:
      order.kind = OrderKind::kMode;
      order.mode = static_cast<Mode>(static_cast<int>(fault.value));
      return control_.order({{order}});
    default:
      return;
  }
}

void TroubleMaker::End(const FaultEvent& fault) {
  const auto site = static_cast<std::size_t>(fault.target % kControllers);
  switch (fault.kind) {
    case Kind::kPodsNeverReady:
    case Kind::kPodsUnschedulable:
    case Kind::kPodsSlow:
      return world_.SetPods(site, world_.scenario().pods);
    case Kind::kAutoscalerBlind:
    case Kind::kAutoscalerFrozen:
      return world_.SetAutoscaler(true, true);
    case Kind::kMetricsAway:
    case Kind::kMetricsStuck:
      return world_.SetMetrics(site, true, true);
    case Kind::kMaintenance:
      return world_.federation().SetMaintenance(false);
    case Kind::kControllerGone:
      return world_.federation().SetAlive(world_.name(site), true);
    case Kind::kLinkBroken:
    case Kind::kTwoLeaders:
      return world_.federation().SetLink(world_.name(site), world_.name(static_cast<std::size_t>(fault.value)), true);
    case Kind::kSuspended:
      return world_.federation().SetSuspended(world_.name(site), false);
    case Kind::kAmko:
      return Insist([this] { return DisownService(world_); });
    case Kind::kForeignDisable:
      return Insist([this, site] { return EditMember(world_, site, "enabled", "true"); });
    case Kind::kSiteDown:
      return world_.SetDown(site, false);
    case Kind::kProbeFails:
      return world_.SetProbeFails(site, false);
    case Kind::kSaveFails:
      control_.keeper->fails = false;
      return;
    case Kind::kDrainOrder:
    case Kind::kPauseOrder:
    case Kind::kModeOrder:
      return control_.order({});
    default:
      return;
  }
}

// Every fault has ended by itself; what waits for a write that never came is called off.
void TroubleMaker::HealAll() {
  edits_ = touches_ = 0;
  crash_in_save_ = crash_in_write_ = false;
  wires_.clear();
  for (Daemon* daemon : control_.running()) {
    for (const int wire : daemon->wires()) daemon->wire(wire).Heal();
  }
}

void TroubleMaker::BeforeWrite(int wire, const HttpRequest& request) {
  if (request.method == "GET") return;
  if (wire >= kControllers && request.method == "PUT" && edits_ > 0) {
    --edits_;
    EditDescription(world_, "theirs " + std::to_string(++count_));
  }
  if (wire < kControllers && touches_ > 0) {
    --touches_;
    LabelDeployment(world_, static_cast<std::size_t>(wire), "t" + std::to_string(++count_));
  }
}

// Once now, and again every minute until the fault ends.
void TroubleMaker::Repeat(const FaultEvent& fault, std::function<void()> act) {
  Timeline& timeline = world_.timeline();
  const Instant end = std::min(timeline.Now() + fault.lasting, began_ + world_.scenario().span);
  timeline.Add("again", Timeline::kNoLane, timeline.Now(), [&timeline, end, act = std::move(act)] {
    if (timeline.Now() >= end) return Instant::max();
    act();
    return timeline.Now() + 1min;
  });
}

void TroubleMaker::Insist(std::function<bool()> act) {
  Timeline& timeline = world_.timeline();
  timeline.Add("again", Timeline::kNoLane, timeline.Now(),
               [&timeline, act = std::move(act)] { return act() ? Instant::max() : timeline.Now() + 30s; });
}

void TroubleMaker::AfterWrite(const HttpRequest& request) {
  if (request.method == "GET" || request.target == "/login" || !std::exchange(crash_in_write_, false)) return;
  control_.die(back_after_);
  throw Killed{};
}

void TroubleMaker::Saved() {
  if (!std::exchange(crash_in_save_, false)) return;
  control_.die(back_after_);
  throw Killed{};
}

}  // namespace spillway::sim
