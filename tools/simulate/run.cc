#include "tools/simulate/run.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "src/core/keep.h"
#include "tools/simulate/daemon.h"
#include "tools/simulate/trouble_maker.h"

namespace spillway::sim {
namespace {

// At the end of a scenario that has time to settle, nothing may be written for this long.
constexpr Duration kRest = 30min;
// Chosen: about one for each TTL of 30 s and each drain that such noise can start within kRest.
constexpr int kWritesOfNoise = 30;

class Course {
 public:
  Course(const Scenario& scenario, const RunOptions& options);
  ~Course();
  Course(const Course&) = delete;
  Course& operator=(const Course&) = delete;
  Outcomes Go();

 private:
  struct Running {
    std::unique_ptr<Daemon> daemon;
    int number = 0;
  };
  std::unique_ptr<Daemon> Make(int number, Keeper& keeper);
  DaemonHooks HooksOf(int number);
  DaemonControl Control();
  void Start(int number);
  void Stop(int number);
  // The one that leads; the first if none does or all may. Not while none runs.
  Running& Acting();
  const Running& Acting() const { return const_cast<Course*>(this)->Acting(); }  // NOLINT: one search for both
  bool Leads(int number) const;
  void Bury();
  void Collect(Daemon& daemon);
  void TakeSample();
  void Obey(const Override& order);
  void Follow(Duration until);
  void Settle();
  void CheckRest(Duration end);
  void CheckHome();
  void CheckSize();
  std::string WaitsFor() const;
  Outcomes Result(const Books& before);
  Duration At() const { return timeline_.Now() - began_; }

  const Scenario& scenario_;
  const RunOptions& options_;
  Timeline timeline_;
  World world_;
  Checks checks_;
  Keeper keepers_[2];
  Lines journal_;
  std::unique_ptr<TroubleMaker> trouble_;
  std::vector<Running> running_;
  std::vector<std::unique_ptr<Daemon>> dying_;
  Override order_;
  Duration wall_step_{};
  int starts_ = 0;
  Instant began_{};
  std::map<std::string, Instant> draining_;
  std::vector<DrainSpan> drains_;
  std::vector<Sample> samples_;
  double overload_ = 0;  // at the last sample
  Duration told_{};      // of the progress
};

Course::Course(const Scenario& scenario, const RunOptions& options)
    : scenario_(scenario), options_(options), world_(scenario, timeline_), checks_(world_) {
  world_.OnStir([this](std::size_t site) {
    checks_.Counted(site);
    for (const Running& running : running_) running.daemon->Poke(site);
  });
  world_.OnTick([this] { checks_.Ticked(); });
  if (options.rival) checks_.OnlyRecord();
  if (options.operators && scenario.faults.empty()) checks_.OrdersExcuseNothing();
  journal_.keep = options.keep_journal;
  keepers_[0].forgets = options.defect == Defect::kLoseMemory;
  for (Keeper& keeper : keepers_) {
    keeper.on_load = [this, &keeper](const std::optional<std::string>& text) {
      checks_.Loaded(keeper.HandedIn(scenario_.app.name), text);
    };
  }
  trouble_ = std::make_unique<TroubleMaker>(world_, checks_, Control());
  keepers_[0].on_save = [this] { trouble_->Saved(); };
}

Course::~Course() {
  for (Running& running : running_) running.daemon->Kill();
}

DaemonControl Course::Control() {
  DaemonControl control;
  control.running = [this] {
    std::vector<Daemon*> daemons;
    for (const Running& running : running_) daemons.push_back(running.daemon.get());
    return daemons;
  };
  const auto crash = [this](int number, Duration back_after) {
    Stop(number);
    const Instant back_at = timeline_.Now() + std::max<Duration>(back_after, 1s);
    timeline_.Add("restart", Timeline::kNoLane, back_at, [this, number] { return Start(number), Instant::max(); });
  };
  control.crash = [this, crash](Duration back_after) {
    crash(scenario_.elected && !running_.empty() ? Acting().number : 0, back_after);
  };
  control.die = [crash](Duration back_after) { crash(0, back_after); };
  control.twin = [this](Duration lasting) {
    if (scenario_.elected || running_.size() > 1) return;
    keepers_[1].CopyFrom(keepers_[0]);
    Start(1);
    timeline_.Add("end of the twin", Timeline::kNoLane, timeline_.Now() + lasting, [this] {
      Stop(1);
      return Instant::max();
    });
  };
  control.order = [this](const Override& order) { Obey(order); };
  control.step_wall = [this](Duration by) {
    wall_step_ += by;
    for (const Running& running : running_) running.daemon->StepWall(by);
  };
  control.keeper = &keepers_[0];
  return control;
}

DaemonHooks Course::HooksOf(int number) {
  DaemonHooks hooks;
  hooks.before = [this](int wire, const HttpRequest& request) {
    trouble_->BeforeWrite(wire, request);
    checks_.Before(wire, request);
  };
  hooks.after = [this, number](int wire, const HttpRequest& request, const HttpResponse& response) {
    checks_.After(wire, request, response);
    if (scenario_.elected) {
      for (const Running& running : running_) {
        if (running.number == number) checks_.Wrote(wire, request, response, running.daemon->identity());
      }
    }
    if (number == 0) trouble_->AfterWrite(request);
  };
  hooks.ignores_lease = options_.defect == Defect::kIgnoreLease;
  hooks.heard = [this, number](int wire) { checks_.Heard(number, wire); };
  if (options_.defect != Defect::kNone) {
    // On its way, before `before`: what others do just before a write is what a tampered one ignores.
    hooks.tamper = [this](int wire, HttpRequest& request) {
      if (wire < kControllers) return;
      if (options_.defect == Defect::kSkip412) trouble_->BeforeWrite(wire, request);
      Tamper(options_.defect, world_, static_cast<std::size_t>(wire - kControllers), request);
    };
  }
  if (options_.rival) {
    hooks.decide = options_.rival(world_);
    return hooks;
  }
  hooks.decide = [this, number, decide = WithDefect(options_.defect)](const Policy& policy, const Observation& seen,
                                                                      const Override& override, const Memory& memory,
                                                                      Instant now) {
    Outcome outcome = decide(policy, seen, override, memory, now);
    if (!Leads(number)) return outcome;  // nothing comes of it
    checks_.Decided(number, policy, seen, override, memory, now, outcome, wall_step_, decide);
    return outcome;
  };
  return hooks;
}

std::unique_ptr<Daemon> Course::Make(int number, Keeper& keeper) {
  return std::make_unique<Daemon>(world_, keeper, journal_, number,
                                  scenario_.seed * 64 + static_cast<unsigned>(++starts_), HooksOf(number), wall_step_);
}

void Course::Start(int number) {
  if (std::any_of(running_.begin(), running_.end(), [&](const Running& r) { return r.number == number; })) return;
  Running running;
  running.daemon = Make(number, keepers_[scenario_.elected ? 0 : number]);
  running.number = number;
  running_.push_back(std::move(running));
  trouble_->Acquaint(*running_.back().daemon);
  running_.back().daemon->app().SetOverride(order_);
}

void Course::Stop(int number) {
  for (Running& running : running_) {
    if (running.number != number) continue;
    running.daemon->Kill();
    dying_.push_back(std::move(running.daemon));
  }
  std::erase_if(running_, [](const Running& running) { return running.daemon == nullptr; });
}

Course::Running& Course::Acting() {
  const auto leading =
      std::find_if(running_.begin(), running_.end(), [](const Running& running) { return running.daemon->leads(); });
  return leading == running_.end() ? running_.front() : *leading;
}

bool Course::Leads(int number) const {
  return std::any_of(running_.begin(), running_.end(),
                     [&](const Running& running) { return running.number == number && running.daemon->leads(); });
}

// The dead whose last step has come to its end.
void Course::Bury() {
  std::erase_if(dying_, [](const std::unique_ptr<Daemon>& daemon) { return daemon->still(); });
}

void Course::Collect(Daemon& daemon) {
  const daemon::AppView view = daemon.app().View();
  if (!view.decision) return;
  for (const auto& [site, decided] : view.decision->sites) {
    const bool drains = decided.phase == Phase::kDraining && decided.drain.has_value();
    const auto began = draining_.find(site);
    if (drains && began == draining_.end()) draining_[site] = timeline_.Now();
    if (drains || began == draining_.end()) continue;
    drains_.push_back({site, began->second - began_, timeline_.Now() - began->second});
    draining_.erase(began);
  }
}

void Course::TakeSample() {
  Sample sample{At(), world_.demand(), 0, {}};
  const double overload = world_.books().overload();
  if (!samples_.empty()) sample.overload = (overload - overload_) / Seconds(sample.at - samples_.back().at);
  overload_ = overload;
  const auto decided = running_.empty() ? std::nullopt : running_.front().daemon->app().View().decision;
  const auto written = PublishedShares(world_.layout(world_.leader()));
  for (std::size_t site = 0; site < scenario_.sites(); ++site) {
    SiteSample one{world_.books().sites[site].load, world_.ready(site), world_.wanted(site), 0, 0, 0};
    const std::string& name = world_.name(site);
    if (written.contains(name)) one.written = written.at(name);
    if (decided && decided->sites.contains(name)) one.intended = decided->sites.at(name).share_intended;
    one.measured = world_.shares()[site];
    sample.sites.push_back(one);
  }
  samples_.push_back(std::move(sample));
}

void Course::Obey(const Override& order) {
  order_ = order;
  for (const Running& running : running_) running.daemon->app().SetOverride(order);
}

void Course::Follow(Duration until) {
  constexpr Duration kStep = 10s;
  while (At() < until && !checks_.violation()) {
    timeline_.RunUntil(timeline_.Now() + std::min(kStep, until - At()));
    Bury();
    if (!running_.empty()) Collect(*Acting().daemon);
    if (options_.operators && !running_.empty() && Acting().daemon->leads() && At() < scenario_.span) {
      if (const auto wanted = options_.operators(Acting().daemon->app(), timeline_.Now())) Obey(*wanted);
    }
    if (options_.sample_every > Duration{} &&
        (samples_.empty() || At() - samples_.back().at >= options_.sample_every)) {
      TakeSample();
    }
    const Duration each = scenario_.span / 100;
    if (options_.progress && At() / each != told_ / each) options_.progress(told_ = At());
  }
}

std::string Course::WaitsFor() const {
  return running_.empty() ? "the daemon does not run" : Acting().daemon->WaitsFor();
}

// Invariant 10: home serves all, and everybody else has gone home.
void Course::CheckHome() {
  const Policy& policy = scenario_.app.policy;
  // Clients that are pinned to home make its load look like a larger whole when only the share of DNS answers is known.
  // Free must be the margin (the wider one) before replicas go; the 0.15 is for rounding.
  const double share = std::max(0.1, world_.published(world_.leader(), 0));
  const double seen = world_.demand() * (1 + scenario_.crowd.pinned * (1 / share - 1));
  if (seen * (1 + policy.headroom) + LowerMargin(seen, true) + 0.15 > scenario_.home_max) return;
  for (std::size_t site = 1; site < scenario_.sites(); ++site) {
    const int wanted = world_.wanted(site);
    if (wanted != policy.overflow[site - 1].replicas_min) {
      checks_.Report(10, "demand fits into home, but " + world_.name(site) + " has " + std::to_string(wanted) +
                             " replicas; waits for: " + WaitsFor());
    }
  }
  const auto shares = PublishedShares(world_.layout(world_.leader()));
  if (shares.size() != 1 || !shares.contains(world_.name(0))) {
    checks_.Report(10, "demand fits into home, but it does not serve alone; waits for: " + WaitsFor());
  }
}

void Course::CheckRest(Duration end) {
  if (checks_.violation() || running_.empty()) return;
  const auto& writes = checks_.writes();
  const auto late = std::count_if(writes.begin(), writes.end(),
                                  [&](const SeenWrite& write) { return write.at > end - kRest + kWarmUp; });
  // Resolvers scatter the share that is realised, and what is measured moves with it: some writes follow the noise.
  const bool quiet = scenario_.crowd.skew <= 0.3 && scenario_.crowd.resolvers >= 1000;
  // With a handful of resolvers a share is all or nothing, and nothing comes to rest.
  const bool few = scenario_.crowd.resolvers <= 20;
  if (!few && late > (quiet ? 0 : kWritesOfNoise)) {
    checks_.Report(8, std::to_string(late) + " writes in the last " + std::to_string(kRest / 1min) +
                          " minutes although nothing changes: " + writes.back().what);
  }
  const daemon::AppView view = Acting().daemon->app().View();
  if (late == 0 && !view.pending.empty()) {
    checks_.Report(kConvergence, "does not come to rest; waits for: " + WaitsFor());
  }
  CheckHome();
  if (quiet) CheckSize();
}

// At rest the replicas ordered carry the demand and the headroom, or a condition says why not.
void Course::CheckSize() {
  if (!checks_.last() || !checks_.last()->conditions.empty() || checks_.failed_over()) return;
  const Policy& policy = scenario_.app.policy;
  if (policy.mode == Mode::kActivePassive) return;
  double carried = scenario_.home_max;
  for (std::size_t site = 1; site < scenario_.sites(); ++site) {
    carried += world_.wanted(site) * policy.overflow[site - 1].capacity_factor;
  }
  // Chosen: what is measured and averaged may be 3 % off.
  const double needed = 0.97 * world_.demand() * (1 + policy.headroom);
  if (carried >= needed) return;
  checks_.Report(kConvergence, "the replicas at rest carry " + std::to_string(carried) + " of " +
                                   std::to_string(needed) + ", and no condition says why: " + WaitsFor());
}

// Until the time to settle is over, or nothing has been written for longer than any timer of the policy lasts.
void Course::Settle() {
  const Duration calm = SettleTime(scenario_) / 2;
  for (Duration at = scenario_.span; at < scenario_.span + scenario_.settle && !checks_.violation();) {
    at = std::min(at + 5min, scenario_.span + scenario_.settle);
    Follow(at);
    const Duration last = checks_.writes().empty() ? Duration{} : checks_.writes().back().at - kWarmUp;
    if (at - std::max(last, scenario_.span) > calm) return;
  }
}

Outcomes Course::Go() {
  timeline_.RunUntil(timeline_.Now() + kWarmUp);
  const Books before = world_.books();
  began_ = timeline_.Now();
  Start(0);
  if (scenario_.elected) Start(1);
  trouble_->Start();
  Follow(scenario_.span);
  if (scenario_.settle > Duration{} && !checks_.violation()) {
    if (!running_.empty()) Stop(1);
    if (options_.operators) Obey({});
    world_.Freeze(scenario_.settle_demand);
    Settle();
    if (options_.must_rest) CheckRest(At());
  }
  return Result(before);
}

Outcomes Course::Result(const Books& before) {
  Outcomes outcomes;
  outcomes.violation = checks_.verdict();
  if (outcomes.violation) outcomes.violation->at -= kWarmUp;
  outcomes.writes = checks_.writes();
  for (SeenWrite& write : outcomes.writes) write.at -= kWarmUp;
  outcomes.books = world_.books().Since(before);
  for (std::size_t site = 1; site < scenario_.sites(); ++site) {
    outcomes.cost += outcomes.books.sites[site].replica_hours * scenario_.app.policy.overflow[site - 1].price;
  }
  outcomes.drains = std::move(drains_);
  outcomes.samples = std::move(samples_);
  outcomes.decisions = checks_.decisions();
  outcomes.played = At();
  outcomes.journal = std::move(journal_.all);
  outcomes.waits_for = WaitsFor();
  outcomes.print = timeline_.steps();
  for (const SeenWrite& write : outcomes.writes) {
    for (const char c : write.what) outcomes.print = outcomes.print * 1099511628211ULL + static_cast<unsigned char>(c);
    outcomes.print = outcomes.print * 1099511628211ULL + static_cast<std::uint64_t>(write.at.count());
  }
  return outcomes;
}

}  // namespace

Outcomes Play(const Scenario& scenario, const RunOptions& options) {
  Course course(scenario, options);
  return course.Go();
}

}  // namespace spillway::sim
