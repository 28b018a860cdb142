#include "src/daemon/state_json.h"

#include "src/base/time_text.h"
#include "src/daemon/orders_text.h"
#include "src/daemon/words.h"
#include "src/daemon/would_change.h"

namespace spillway::daemon {
namespace {

// To the nearest second: the two clocks of `at` are read one after the other, so that the same instant is a microsecond
// earlier or later in each answer, and nobody who compares two answers should see it move.
std::string Wall(Instant t, Moment at) {
  return Rfc3339(std::chrono::round<std::chrono::seconds>(at.wall - (at.now - t)));
}

void PutInputs(JsonOut& out, const AppView& view, Moment at) {
  out.BeginList("inputs");
  for (const InputState& input : Inputs(view.config->policy, view.observation)) {
    out.Begin().Put("name", input.name);
    out.Put("state", input.failure ? "failing" : input.seen ? "ok" : "waiting");
    if (input.seen) out.Put("ageSeconds", Rounded(Seconds(at.now - *input.seen)));
    if (input.failure) out.Put("detail", input.failure->what).Put("since", Wall(input.failure->since, at));
    out.End();
  }
  out.EndList();
}

void PutDemand(JsonOut& out, const AppView& view) {
  out.Begin("demand");
  if (view.decision) {
    auto rounded = [](const std::optional<double>& value) { return value ? std::optional(Rounded(*value)) : value; };
    out.Put("replicas", rounded(view.decision->demand)).Put("now", rounded(view.decision->demand_now));
    out.Put("excess", view.decision->excess);
    out.Put("homeWanted", rounded(view.decision->home_wanted));
    if (view.decision->home_wanted) out.Put("homeSure", Word(view.decision->home_sure));
    out.BeginList("overflowUsed");
    for (const OverflowUse& use : view.decision->overflow_used) {
      out.Begin();
      if (!use.site.empty()) out.Put("site", use.site);
      out.Put("source", Word(use.source)).Put("replicas", Rounded(use.replicas)).Put("sure", Word(use.sure)).End();
    }
    out.EndList();
  }
  if (const auto& seen = view.observation.home_demand.seen) {
    const HomeDemand& home = seen->value;
    out.Put("homeCurrent", home.replicas_current).Put("homeDesired", home.replicas_desired);
    out.Put("homeMin", home.replicas_min).Put("homeMax", home.replicas_max);
    out.Put("homeLimited", home.limited).Put("homeWish", home.wish).Put("homeLoad", home.load);
    out.Put("source", home.detail);
  }
  out.End();
}

void PutReplicas(JsonOut& out, const AppView& view, const SiteName& site, const OverflowPolicy* overflow) {
  out.Begin("replicas");
  if (view.decision) {
    const auto decided = view.decision->sites.find(site);
    if (decided != view.decision->sites.end()) {
      out.Put("target", decided->second.replicas_target).Put("needed", decided->second.replicas_needed);
    }
  }
  const auto seen = view.observation.sites.find(site);
  if (seen != view.observation.sites.end() && seen->second.workload.seen) {
    const WorkloadState& workload = seen->second.workload.seen->value;
    out.Put("wanted", workload.replicas_wanted).Put("ready", workload.replicas_ready);
    out.Put("total", workload.replicas_total);
  }
  if (overflow != nullptr) {
    out.Put("min", overflow->replicas_min).Put("max", overflow->replicas_max);
  } else if (const auto& home = view.observation.home_demand.seen) {
    out.Put("min", home->value.replicas_min).Put("max", home->value.replicas_max);
  }
  out.End();
}

// What the site's sources of usage told.
void PutUsage(JsonOut& out, const AppView& view, const SiteName& site) {
  const auto at = view.observation.sites.find(site);
  if (at == view.observation.sites.end()) return;
  const SiteObservation& seen = at->second;
  if (!seen.usage.seen && !seen.observer.seen) return;
  out.Begin("usage");
  if (seen.usage.seen) {
    const PodUsage& usage = seen.usage.seen->value;
    out.Put("cpuCores", Rounded(usage.cpu)).Put("podsMeasured", usage.pods_measured);
    out.Put("podsReady", usage.pods_ready);
  }
  if (seen.observer.seen) out.Put("observer", seen.observer.seen->value.detail);
  out.End();
}

void PutTraffic(JsonOut& out, const AppView& view, const SiteName& site) {
  out.Begin("share");
  if (view.decision && view.decision->sites.contains(site)) {
    out.Put("intended", Rounded(view.decision->sites.at(site).share_intended));
  }
  const auto& seen = view.observation.traffic.seen;
  if (!seen) {
    out.End();
    return;
  }
  const auto written = WrittenShares(seen->value);
  out.Put("written", written.contains(site) ? Rounded(written.at(site)) : 0.0);
  const auto measured = MeasuredShares(seen->value);
  if (measured.contains(site)) out.Put("measured", Rounded(measured.at(site)));
  out.End();

  const auto member = seen->value.members.find(site);
  if (member == seen->value.members.end()) return;
  out.Begin("member").Put("placement", PlacementText(member->second.placement));
  out.Put("health", Word(member->second.health)).Put("controllerHealth", Word(member->second.controller));
  out.Put("datapathHealth", Word(member->second.datapath));
  out.Put("requestsPerSecond", member->second.requests_per_second);
  out.Put("openConnections", member->second.open_connections).End();
}

void PutDecided(JsonOut& out, const SiteDecision& decided, const SiteSince& since, Moment at) {
  out.Put("phase", Word(decided.phase));
  if (since.phase) out.Put("since", Rfc3339(*since.phase));
  out.Put("eligible", decided.eligible);
  out.BeginList("gate");
  for (const GateCondition& condition : decided.gate) {
    out.Begin().Put("name", Token(condition.name)).Put("holds", condition.holds).Put("value", condition.value);
    const auto turned = since.gate.find(condition.name);
    if (turned != since.gate.end()) out.Put("since", Rfc3339(turned->second));
    out.End();
  }
  out.EndList();
  if (!decided.drain) return;
  const DrainProgress& drain = *decided.drain;
  const double elapsed = Seconds(at.now - drain.since);
  out.Begin("drain").Put("since", Wall(drain.since, at)).Put("elapsedSeconds", Rounded(elapsed));
  out.Put("expectedSeconds", Rounded(Seconds(drain.expected))).Put("residual", drain.residual);
  out.Put("progress", Rounded(drain.progress)).Put("learnedFrom", drain.learned_from).End();
}

void PutSite(JsonOut& out, const AppView& view, const SiteConfig& site, const OverflowPolicy* overflow, Moment at) {
  out.Begin().Put("site", site.site).Put("role", overflow == nullptr ? "home" : "overflow");
  out.Put("cluster", site.cluster).Put("namespace", site.name_space).Put("deployment", site.deployment);
  PutReplicas(out, view, site.site, overflow);
  PutUsage(out, view, site.site);
  PutTraffic(out, view, site.site);
  if (view.decision && view.decision->sites.contains(site.site)) {
    const auto since = view.since.find(site.site);
    PutDecided(out, view.decision->sites.at(site.site), since == view.since.end() ? SiteSince{} : since->second, at);
  }
  out.End();
}

void PutSites(JsonOut& out, const AppView& view, Moment at) {
  out.BeginList("sites");
  PutSite(out, view, view.config->home, nullptr, at);
  for (std::size_t i = 0; i < view.config->overflow.size(); ++i) {
    PutSite(out, view, view.config->overflow[i], &view.config->policy.overflow.at(i), at);
  }
  out.EndList();
}

void PutGslb(JsonOut& out, const AppView& view) {
  out.Begin("gslb").Put("service", view.config->gslb_service);
  if (const auto& seen = view.observation.traffic.seen) {
    const TrafficState& traffic = seen->value;
    out.Put("ttlSeconds", Seconds(traffic.ttl)).Put("writable", traffic.writable).Put("inForce", traffic.in_force);
    if (!traffic.writable) out.Put("unwritableWhy", traffic.unwritable_why);
    out.BeginList("ratiosVoid");
    for (const std::string& setting : traffic.ratios_void) out.Text(setting);
    out.EndList();
  }
  out.End();
}

void PutBudget(JsonOut& out, const Decision& decision, Moment at) {
  if (decision.resolvers) out.Put("resolvers", Rounded(*decision.resolvers));
  if (!decision.budget) return;
  const BudgetState& budget = *decision.budget;
  out.Begin("budget").Put("replicaHours", Rounded(budget.replica_hours)).Put("cost", Rounded(budget.cost));
  if (budget.replica_hours_max > 0) out.Put("maxReplicaHours", budget.replica_hours_max);
  if (budget.cost_max > 0) out.Put("maxCost", budget.cost_max);
  out.Put("ends", Wall(budget.ends, at)).End();
}

void PutConditions(JsonOut& out, const AppView& view, Moment at) {
  out.BeginList("conditions");
  for (const ConditionState& condition : view.decision->conditions) {
    out.Begin().Put("name", Token(condition.name)).Put("detail", condition.detail);
    out.Put("since", Wall(condition.since, at)).End();
  }
  for (const Advice& advice : view.advice) {
    out.Begin().Put("name", advice.name).Put("detail", advice.detail).Put("since", Wall(advice.since, at)).End();
  }
  out.EndList();
}

void PutReasons(JsonOut& out, const Decision& decision) {
  out.BeginList("reasons");
  for (const Reason& reason : decision.reasons) {
    out.Begin().Put("code", Text(reason.code).token).Put("about", reason.about);
    out.Put("sentence", Text(reason.code).sentence).Begin("figures");
    for (const Figure& figure : reason.used) out.Put(figure.name, Rounded(figure.value));
    out.End();
    if (!reason.detail.empty()) out.Put("detail", reason.detail);
    out.End();
  }
  out.EndList();
}

void PutOverride(JsonOut& out, const Override& override, Moment at) {
  out.Begin("override").BeginList("orders");
  for (const Order& order : override.orders) {
    out.Begin();
    PutOrder(out, order);
    out.Put("since", Wall(order.since, at));
    if (order.expires) out.Put("expires", Wall(*order.expires, at));
    out.End();
  }
  out.EndList().End();
}

template <class Count>
std::map<SiteName, double> SharesOf(const TrafficState& traffic, Count count) {
  std::map<SiteName, double> shares;
  double sum = 0;
  for (const auto& [site, member] : traffic.members) sum += shares[site] = count(member);
  if (sum <= 0) return {};
  for (auto& [site, share] : shares) share /= sum;
  return shares;
}

}  // namespace

std::map<SiteName, double> WrittenShares(const TrafficState& traffic) {
  Layout layout;
  for (const auto& [site, member] : traffic.members) layout[site] = member.placement;
  return PublishedShares(layout);
}

std::map<SiteName, double> MeasuredShares(const TrafficState& traffic) {
  for (const auto& [site, member] : traffic.members) {
    if (member.placement.place == Place::kServed && !member.requests_per_second) return {};
  }
  return SharesOf(traffic, [](const MemberState& member) { return member.requests_per_second.value_or(0); });
}

void PutLeader(JsonOut& out, const LeaderView& leader, Moment at) {
  out.Begin("leader").Put("elected", leader.elected).Put("leads", leader.leads);
  if (leader.elected) {
    out.Put("identity", leader.identity).Put("holder", leader.holder).Put("url", leader.url).Put("term", leader.term);
    if (leader.since) out.Put("since", Wall(*leader.since, at));
  }
  out.End();
}

void PutState(JsonOut& out, const AppView& view, Moment at) {
  const Mode mode = view.decision ? view.decision->mode : view.config->policy.mode;
  out.Put("app", view.config->name).Put("mode", Word(mode)).Put("modeOfPolicy", Word(view.config->policy.mode));
  out.Put("home", view.config->home.site).Put("dryRun", view.dry_run);
  out.Put("time", Rfc3339(at.wall));
  if (view.decision) out.Put("decidedAt", Wall(view.decided_at, at));
  if (view.next_look) out.Put("nextLookSeconds", Rounded(Seconds(*view.next_look - at.now)));
  PutLeader(out, view.leader, at);
  PutOverride(out, view.override, at);
  PutDemand(out, view);
  PutSites(out, view, at);
  PutGslb(out, view);
  if (view.decision) PutBudget(out, *view.decision, at);
  PutInputs(out, view, at);
  if (view.decision) {
    PutConditions(out, view, at);
    PutReasons(out, *view.decision);
  }
  out.BeginList("wouldChange");
  for (const std::string& clause : WouldChange(view, at)) out.Text(clause);
  out.EndList().BeginList("problems");
  for (const Problem& problem : view.problems) {
    out.Begin().Put("about", problem.about).Put("detail", problem.detail).Put("since", Wall(problem.since, at)).End();
  }
  out.EndList().Put("pending", view.pending);
}

std::string RecordText(const AppView& view, const Question& question, const std::vector<std::string>& changes,
                       const std::vector<WriteOutcome>& writes, bool signalled, Moment at) {
  JsonOut out;
  out.Begin().Put("time", Rfc3339Micro(at.wall)).Put("app", view.config->name);
  out.Put("trigger", signalled ? "signal" : "timer").BeginList("changes");
  for (const std::string& change : changes) out.Text(change);
  out.EndList().BeginList("writes");
  for (const WriteOutcome& write : writes) {
    out.Begin().Put("target", write.target);
    if (!write.site.empty()) out.Put("site", write.site);
    out.Put("change", write.change).Put("outcome", write.outcome);
    if (!write.detail.empty()) out.Put("detail", write.detail);
    out.Put("seconds", Seconds(write.took)).End();
  }
  out.EndList().Begin("state");
  PutState(out, view, at);
  out.End();
  // The state is for people; these two are exact, for `tools/sim --replay`.
  out.PutRaw("question", QuestionText(question, at.wall));
  out.PutRaw("answer", AnswerText(*view.decision, at.now));
  out.End();
  return out.Take();
}

}  // namespace spillway::daemon
