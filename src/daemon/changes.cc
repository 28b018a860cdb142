#include "src/daemon/changes.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "src/daemon/words.h"

namespace spillway::daemon {
namespace {

void SiteChanges(const AppView& after, const SiteName& site, const SiteDecision& was, const SiteDecision& is,
                 std::vector<std::string>& changes) {
  if (was.phase != is.phase) {
    changes.push_back(site + ": " + std::string(Word(was.phase)) + " -> " + std::string(Word(is.phase)));
  }
  if (site == after.config->home.site) return;
  if (was.eligible != is.eligible) changes.push_back(site + ": gate " + (is.eligible ? "opens" : "shuts"));
  if (was.replicas_target != is.replicas_target) {
    changes.push_back(site + ": target " + std::to_string(was.replicas_target) + " -> " +
                      std::to_string(is.replicas_target));
  }
}

std::set<std::string> Names(const AppView& view) {
  std::set<std::string> names;
  if (view.decision) {
    for (const ConditionState& condition : view.decision->conditions) names.emplace(Token(condition.name));
  }
  for (const Problem& problem : view.problems) names.insert("problem with " + problem.about);
  return names;
}

// A write that failed as the one before it did: its problem stands and was told. A precondition that did not hold is
// never like the one before.
bool FailsOn(const AppView& before, const WriteOutcome& write) {
  if (write.outcome == "done" || write.outcome == "held" || write.outcome == Word(Code::kReread)) return false;
  const std::string about = write.site.empty() ? "gslb" : "workload " + write.site;
  return std::any_of(before.problems.begin(), before.problems.end(),
                     [&](const Problem& problem) { return problem.about == about && problem.detail == write.detail; });
}

}  // namespace

std::vector<std::string> Changes(const AppView& before, const AppView& after, const std::vector<WriteOutcome>& writes) {
  std::vector<std::string> changes;
  if (!before.decision) changes.emplace_back("first look");
  if (before.decision && before.leader.leads != after.leader.leads) {
    changes.emplace_back(after.leader.leads ? "leads" : "stands by");
  }
  if (before.decision && after.decision) {
    for (const auto& [site, is] : after.decision->sites) {
      const auto was = before.decision->sites.find(site);
      if (was != before.decision->sites.end()) SiteChanges(after, site, was->second, is, changes);
    }
  }
  const auto had = Names(before);
  const auto has = Names(after);
  for (const std::string& name : has) {
    if (!had.contains(name)) changes.push_back(name + " begins");
  }
  for (const std::string& name : had) {
    if (!has.contains(name)) changes.push_back(name + " ends");
  }
  for (const WriteOutcome& write : writes) {
    if (FailsOn(before, write)) continue;
    changes.push_back((write.site.empty() ? "gslb" : write.site) + " " + write.change + ": " + write.outcome);
  }
  return changes;
}

}  // namespace spillway::daemon
