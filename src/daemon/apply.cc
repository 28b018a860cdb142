#include "src/daemon/apply.h"

#include <algorithm>
#include <set>

#include "src/base/join.h"
#include "src/daemon/words.h"

namespace spillway::daemon {
namespace {

constexpr char kGslb[] = "gslb";

std::string TargetOf(const ReplicaWrite& write) { return "workload " + write.site; }

// Calls `visit(target, revision, as_of)` for each write of a plan.
template <class Visit>
void EachWrite(const Plan& plan, Visit visit) {
  for (const auto* writes : {&plan.raises, &plan.lowers}) {
    for (const ReplicaWrite& write : *writes) visit(TargetOf(write), write.revision, write.as_of);
  }
  if (plan.layout) visit(std::string(kGslb), plan.layout->revision, plan.layout->as_of);
}

}  // namespace

Applier::Applier(AppPorts ports, const Clock& clock, const Leadership& leadership, Rng rng)
    : ports_(std::move(ports)), clock_(clock), leadership_(leadership), rng_(rng) {}

WriteGuard& Applier::GuardOf(const std::string& target) {
  return guards_.try_emplace(target, WriteGuard(rng_.Split())).first->second;
}

const WriteGuard* Applier::FindGuard(const std::string& target) const {
  const auto guard = guards_.find(target);
  return guard == guards_.end() ? nullptr : &guard->second;
}

Plan Applier::Ready(const Plan& plan, Instant now) const {
  auto shut = [&](const std::string& target, const std::string& revision, Instant as_of) {
    const WriteGuard* guard = FindGuard(target);
    return guard != nullptr && !guard->Open(now, revision, as_of);
  };
  auto shut_write = [&](const ReplicaWrite& write) { return shut(TargetOf(write), write.revision, write.as_of); };
  Plan ready = plan;
  std::erase_if(ready.raises, shut_write);
  std::erase_if(ready.lowers, shut_write);
  if (ready.layout && shut(kGslb, ready.layout->revision, ready.layout->as_of)) ready.layout.reset();
  // What is lowered goes after the traffic that is taken away: never while that write is still owed.
  if (plan.layout && !ready.layout) ready.lowers.clear();
  return ready;
}

std::optional<Instant> Applier::NextTry(const Plan& plan, Instant now) const {
  std::optional<Instant> next;
  EachWrite(plan, [&](const std::string& target, const std::string& revision, Instant as_of) {
    const WriteGuard* guard = FindGuard(target);
    if (guard == nullptr || guard->Open(now, revision, as_of)) return;
    const Instant at = guard->NextTry();
    if (!next || at < *next) next = at;
  });
  return next;
}

void Applier::Note(const std::string& about, const std::string& detail, Instant now) {
  const auto [problem, is_new] = problems_.try_emplace(about, Problem{about, detail, now});
  if (!is_new) problem->second.detail = detail;
}

void Applier::Ended(const std::string& target, const std::string& revision, const std::optional<Error>& error,
                    WriteOutcome& outcome, Instant began) {
  const Instant now = clock_.Now();
  outcome.took = now - began;
  outcome.outcome = error ? std::string(Word(error->code)) : "done";
  if (error) outcome.detail = error->what;
  GuardOf(target).Attempted(now, revision, error);
  if (!error) {
    problems_.erase(target);
  } else if (error->code != Code::kReread) {  // somebody else's write is the normal course of things
    Note(target, error->what, now);
  }
}

// nullopt: the term is over, or nearly.
std::optional<Duration> Applier::TimeToWrite(std::int64_t term) {
  const auto lead = leadership_.Lead();
  const Instant now = clock_.Now();
  cut_short_ = !lead || lead->number != term || lead->until < now + kShortest;
  if (cut_short_) return std::nullopt;
  return std::min(kDeadline, Duration(lead->until - now));
}

WriteOutcome Applier::Scale(const ReplicaWrite& write, Duration deadline) {
  WriteOutcome outcome{"kubernetes", write.site, ChangeText(write), "", "", {}};
  const Instant began = clock_.Now();
  const auto scaled = ports_.sites.at(write.site)->Scale(write.to, write.revision, deadline);
  Ended(TargetOf(write), write.revision, scaled ? std::nullopt : std::optional(scaled.error()), outcome, began);
  return outcome;
}

WriteOutcome Applier::WriteLayout(const LayoutWrite& write, Duration deadline) {
  WriteOutcome outcome{"avi", "", write.change, "", "", {}};
  const Instant began = clock_.Now();
  const auto written = ports_.traffic->Write(write.want, write.revision, write.urgent, deadline);
  Ended(kGslb, write.revision, written ? std::nullopt : std::optional(written.error()), outcome, began);
  return outcome;
}

std::vector<WriteOutcome> Applier::Apply(const Plan& whole, const Plan& ready, bool only_raise, std::int64_t term) {
  Review(whole, clock_.Now());
  cut_short_ = false;
  std::vector<WriteOutcome> outcomes;
  for (const ReplicaWrite& write : ready.raises) {
    const auto time = TimeToWrite(term);
    if (!time) return outcomes;
    outcomes.push_back(Scale(write, *time));
  }
  if (only_raise) return outcomes;
  if (ready.layout) {
    const auto time = TimeToWrite(term);
    if (!time) return outcomes;
    outcomes.push_back(WriteLayout(*ready.layout, *time));
    if (outcomes.back().outcome != "done") return outcomes;
  }
  for (const ReplicaWrite& write : ready.lowers) {
    const auto time = TimeToWrite(term);
    if (!time) return outcomes;
    outcomes.push_back(Scale(write, *time));
  }
  return outcomes;
}

std::vector<WriteOutcome> Applier::Held(const Plan& plan) {
  std::vector<WriteOutcome> outcomes;
  auto scale = [&](const ReplicaWrite& write) {
    outcomes.push_back({"kubernetes", write.site, ChangeText(write), "held", "", {}});
  };
  std::for_each(plan.raises.begin(), plan.raises.end(), scale);
  if (plan.layout) outcomes.push_back({"avi", "", plan.layout->change, "held", "", {}});
  std::for_each(plan.lowers.begin(), plan.lowers.end(), scale);
  return outcomes;
}

void Applier::Review(const Plan& plan, Instant now) {
  std::set<std::string> wanted;
  EachWrite(plan, [&](const std::string& target, const std::string&, Instant) { wanted.insert(target); });
  const std::string impossible = Joined(plan.impossible, " ");
  if (!impossible.empty()) {
    wanted.insert(kGslb);
    Note(kGslb, impossible, now);
  }
  std::erase_if(problems_, [&](const auto& problem) { return !wanted.contains(problem.first); });
}

}  // namespace spillway::daemon
