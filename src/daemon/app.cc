#include "src/daemon/app.h"

#include <algorithm>
#include <utility>

#include "src/base/join.h"
#include "src/base/log.h"
#include "src/daemon/changes.h"
#include "src/daemon/state_json.h"
#include "src/daemon/words.h"

namespace spillway::daemon {
namespace {

// Chosen: what a crash may lose of the memory while nothing is written; losing it only delays what is lowered.
constexpr Duration kSaveEvery = 5s;

// Chosen: a decision that asks to be repeated at once may not keep a core busy.
constexpr Duration kShortestWait = 50ms;

// Chosen: what people page through; older ones are in the journal's files.
constexpr std::size_t kRecordsCap = 100;

// A seed of its own for each application, the same at every start.
Rng RngOf(const std::string& app) {
  std::uint64_t seed = 0;
  for (const unsigned char c : app) seed = seed * 131 + c;
  return Rng(seed);
}

std::string ProblemsText(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) Join(text, problem.about + ": " + problem.detail);
  return text.empty() ? "none" : text;
}

std::string ReasonsText(const Decision& decision) {
  std::string text;
  for (const Reason& reason : decision.reasons) {
    Join(text, Text(reason.code).token, ",");
    if (!reason.about.empty()) text += "(" + reason.about + ")";
  }
  return text;
}

bool AllDone(const Plan& plan, const std::vector<WriteOutcome>& writes) {
  const std::size_t wanted = plan.raises.size() + plan.lowers.size() + (plan.layout ? 1 : 0);
  return plan.impossible.empty() && writes.size() == wanted &&
         std::all_of(writes.begin(), writes.end(), [](const WriteOutcome& write) { return write.outcome == "done"; });
}

}  // namespace

App::App(AppConfig config, AppPorts ports, AppRoom room)
    : config_(std::make_shared<const AppConfig>(std::move(config))),
      ports_(std::move(ports)),
      room_(std::move(room)),
      started_(room_.clock.Now()),
      applier_(ports_, room_.clock, room_.leadership, RngOf(config_->name)) {
  view_.config = config_;
  view_.dry_run = room_.dry_run;
  room_.metrics.Declare(*config_);
}

const Leadership& AppRoom::OnlyOne() {
  static const Alone kAlone;
  return kAlone;
}

void App::Recall(const std::optional<Term>& term, Instant now) {
  if (!term) {
    term_.reset();
    recall_at_ = Instant{};
    memory_problem_.reset();
    return;
  }
  if (term_ == term->number || (!term_ && now < recall_at_)) return;
  term_.reset();
  const auto text = room_.store.Load(name());
  if (!text) {
    Complain("read", text.error().what, now);
    return;
  }
  Take(*text, now);
  term_ = term->number;
  memory_problem_.reset();
  if (room_.recalled) room_.recalled(name());
}

void App::Take(const std::optional<std::string>& text, Instant now) {
  if (!text) return;  // nothing was ever saved: what this process saw itself is all there is
  auto memory = ParseMemory(*text, {now, room_.clock.WallNow()});
  if (memory) {
    memory_ = saved_ = std::move(*memory);
    return;
  }
  const std::string why = memory.error().what;
  const auto aside = room_.store.SetAside(name());
  Log(LogLevel::kError, "the memory is damaged; going on without",
      {{"app", name()}, {"why", why}, {"kept", aside ? *aside : aside.error().what}});
}

bool App::Save(Instant now) {
  const auto saved = room_.store.Save(name(), MemoryText(memory_, {now, room_.clock.WallNow()}));
  saved_at_ = now;
  if (saved) {
    saved_ = memory_;
    memory_problem_.reset();
    return true;
  }
  Complain("saved", saved.error().what, now);
  // Somebody else wrote there: what they wrote counts.
  if (saved.error().code == Code::kReread) term_.reset();
  return false;
}

void App::Complain(const std::string& not_done, const std::string& why, Instant now) {
  if (!memory_problem_) Log(LogLevel::kError, "the memory can't be " + not_done, {{"app", name()}, {"why", why}});
  memory_problem_ = Problem{"memory", why + "; nothing is lowered until it can be " + not_done,
                            memory_problem_ ? memory_problem_->since : now};
  recall_at_ = now + kSaveEvery;
}

void App::Flush() {
  if (term_ && room_.leadership.Lead() && memory_ != saved_) Save(room_.clock.Now());
}

void App::SetOverride(Override override) {
  const std::lock_guard lock(mutex_);
  override_ = std::move(override);
}

void App::Advise(std::vector<Advice> advice) {
  const std::lock_guard lock(mutex_);
  for (Advice& now : advice) {
    for (const Advice& before : advice_) {
      if (before.name == now.name && before.detail == now.detail) now.since = before.since;
    }
  }
  advice_ = std::move(advice);
}

Override App::StandingOrders() const {
  const std::lock_guard lock(mutex_);
  return override_;
}

Memory App::ToldMemory() const {
  const std::lock_guard lock(mutex_);
  return told_memory_;
}

Verdict App::Judge(const Order& order, bool force) const {
  return spillway::Judge(config_->policy, Observe(ports_), StandingOrders(), order, force, ToldMemory(),
                         room_.clock.Now());
}

Verdict App::JudgeEnd(const Override& wanted, bool force) const {
  return spillway::JudgeEnd(config_->policy, Observe(ports_), StandingOrders(), wanted, force, ToldMemory(),
                            room_.clock.Now());
}

bool App::StillReading(const Observation& observation, Instant now) const {
  if (now >= started_ + kFirstLookBy) return false;
  const auto inputs = Inputs(config_->policy, observation);
  return std::any_of(inputs.begin(), inputs.end(), [](const InputState& input) { return input.waiting(); });
}

Instant App::Tick(std::optional<Instant> signal) {
  const Instant now = room_.clock.Now();
  const Observation observation = Observe(ports_);
  AppView before;
  {
    const std::lock_guard lock(mutex_);
    before = view_;
  }
  if (!before.decision && StillReading(observation, now)) return started_ + kFirstLookBy;
  const std::optional<Term> term = room_.leadership.Lead();
  Account(observation, term.has_value(), now);
  Recall(term, now);
  const Override override = StandingOrders();

  AppView after = before;
  Outcome outcome = room_.decide(config_->policy, observation, override, memory_, now);
  const Memory remembered = std::exchange(memory_, std::move(outcome.memory));
  after.observation = observation;
  after.override = Unexpired(override, now);
  after.leader = room_.leadership.View();
  after.leader.leads = term.has_value();
  after.decision = std::move(outcome.decision);
  after.decided_at = now;
  after.since = phase_since_.Look(*after.decision, room_.clock.WallNow());
  room_.metrics.Decided(name(), after.decision->reasons);
  Check(observation, remembered, *after.decision);

  const Plan plan = MakePlan(config_->home.site, *after.decision, observation);
  const bool enforced = !room_.dry_run && term && !after.decision->writes_held;
  std::vector<WriteOutcome> writes;
  if (enforced) {
    writes = Enforce(plan, *term, now);
    held_plan_.clear();
  } else if (PlanText(plan) != held_plan_) {  // the same plan is not counted again at every look
    writes = Applier::Held(plan);
    held_plan_ = PlanText(plan);
  }
  if (!enforced) applier_.Review({{}, {}, {}, plan.impossible}, now);
  if (term_ && memory_ != saved_ && (!saved_at_ || now >= *saved_at_ + kSaveEvery)) Save(now);
  Count(after, writes, enforced, signal);

  const Instant next =
      Next(*after.decision, plan, enforced && !writes.empty() && writes.back().outcome == "reread", now);
  after.next_look = next;
  after.pending = AllDone(plan, writes) ? "" : PlanText(plan);
  after.problems.clear();
  for (const auto& [about, problem] : applier_.problems()) after.problems.push_back(problem);
  if (memory_problem_) after.problems.push_back(*memory_problem_);
  const auto changes = Changes(before, after, writes);
  std::string record;
  if (!changes.empty()) {
    record = Tell(after, {config_->policy, observation, override, remembered, now}, changes, writes, signal);
  }
  {
    const std::lock_guard lock(mutex_);
    view_ = after;
    told_memory_ = memory_;
  }
  if (room_.looked) room_.looked(after, record);
  return next;
}

void App::Check(const Observation& observation, const Memory& before, const Decision& decision) {
  std::set<Invariant> now_broken;
  for (const Invariant broken : BrokenInvariants(config_->policy, observation, before, decision)) {
    room_.metrics.Violated(broken);
    now_broken.insert(broken);
    if (broken_.contains(broken)) continue;  // told when it began
    Log(LogLevel::kError, "a decision breaks what must always hold; please report it",
        {{"app", name()}, {"rule", std::string(Word(broken))}});
  }
  broken_ = std::move(now_broken);
}

std::vector<WriteOutcome> App::Enforce(const Plan& plan, const Term& term, Instant now) {
  const Plan ready = applier_.Ready(plan, now);
  // Memory first: after a crash in the middle of the writes the next decision must be the same.
  const bool saved = term_ && (ready.empty() || memory_ == saved_ || Save(now));
  return applier_.Apply(plan, ready, !saved, term.number);
}

void App::Count(const AppView& after, const std::vector<WriteOutcome>& writes, bool enforced,
                std::optional<Instant> signal) {
  bool done = false;
  for (const WriteOutcome& write : writes) {
    room_.metrics.Wrote(write, enforced);
    if (write.outcome != "done") continue;
    done = true;
    if (room_.scaled && !write.site.empty()) room_.scaled(after, write);
  }
  if (done && signal) room_.metrics.Reacted(room_.clock.Now() - *signal);
}

void App::Account(const Observation& observation, bool leads, Instant now) {
  const double hours = accounted_ ? Seconds(now - *accounted_) / 3600 : 0;
  for (const OverflowPolicy& site : config_->policy.overflow) {
    int& running = running_[site.site];
    const double used = running * hours;
    if (used > 0 && leads) room_.metrics.BurstUsed(name(), site.site, used * 3600, used * site.price);
    const auto seen = observation.sites.find(site.site);
    if (seen != observation.sites.end() && seen->second.workload.seen) {
      running = seen->second.workload.seen->value.replicas_total;
    }
  }
  accounted_ = now;
}

Instant App::Next(const Decision& decision, const Plan& plan, bool reread, Instant now) const {
  const Instant done = room_.clock.Now();
  Instant next = std::max(decision.wake_at, done + kShortestWait);
  if (reread) next = done;
  if (applier_.cut_short()) next = std::min(next, done + Applier::kShortest);
  if (const auto retry = applier_.NextTry(plan, now)) next = std::min(next, std::max(*retry, done));
  if (term_ && memory_ != saved_ && saved_at_) next = std::min(next, std::max(*saved_at_ + kSaveEvery, done));
  if (!term_ && memory_problem_) next = std::min(next, std::max(recall_at_, done));
  return next;
}

std::string App::Tell(const AppView& after, const Question& question, const std::vector<std::string>& changes,
                      const std::vector<WriteOutcome>& writes, std::optional<Instant> signal) {
  // The record tells of the moment of the decision; the writes after it carry their own durations.
  const Moment at{question.now, room_.clock.WallNow() - (room_.clock.Now() - question.now)};
  std::string record = RecordText(after, question, changes, writes, signal.has_value(), at);
  room_.journal.Append(record);
  const auto& demand = after.decision->demand;
  Log(LogLevel::kInfo, name() + ": " + Joined(changes),
      {{"demand", DemandText(demand)},
       {"excess", std::to_string(after.decision->excess)},
       {"because", ReasonsText(*after.decision)},
       {"problems", ProblemsText(after.problems)}});
  const std::lock_guard lock(mutex_);
  records_.push_back({at.wall, record});
  if (records_.size() > kRecordsCap) records_.pop_front();
  return record;
}

AppView App::View() const {
  AppView view;
  {
    const std::lock_guard lock(mutex_);
    view = view_;
    view.override = override_;
    view.advice = advice_;
  }
  view.override = Unexpired(std::move(view.override), room_.clock.Now());
  view.leader = room_.leadership.View();
  view.observation = Observe(ports_);
  return view;
}

std::vector<std::string> App::Records(std::size_t limit, std::optional<WallTime> since) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> texts;
  for (auto record = records_.rbegin(); record != records_.rend() && texts.size() < limit; ++record) {
    if (since && record->at <= *since) break;
    texts.push_back(record->text);
  }
  return texts;
}

std::optional<std::string> App::RecordWithin(WallTime from, WallTime before) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(records_.rbegin(), records_.rend(),
                                  [&](const Record& record) { return record.at >= from && record.at < before; });
  return found == records_.rend() ? std::nullopt : std::optional(found->text);
}

void App::Remember(const std::string& record, const JsonValue& state, WallTime at) {
  phase_since_.Recall(state, at);
  const std::lock_guard lock(mutex_);
  records_.push_back({at, record});
  if (records_.size() > kRecordsCap) records_.pop_front();
}

}  // namespace spillway::daemon
