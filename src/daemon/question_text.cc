#include "src/daemon/question_text.h"

#include "src/daemon/field_words.h"
#include "src/daemon/memory_text.h"

namespace spillway::daemon {

template <class Visitor, OneOf<OverflowPolicy> M>
void Describe(Visitor& visit, M& site) {
  visit.Field("site", site.site);
  visit.Field("replicasMin", site.replicas_min);
  visit.Field("replicasMax", site.replicas_max);
  visit.Field("capacityFactor", site.capacity_factor);
  visit.Field("price", site.price);
  visit.Field("usage", site.usage);
  visit.Field("cpuPerReplica", site.cpu_per_replica);
}

template <class Visitor, OneOf<GatePolicy> M>
void Describe(Visitor& visit, M& gate) {
  visit.Field("readyFraction", gate.ready_fraction);
  visit.Field("readyFor", gate.ready_for);
  visit.Field("healthyFor", gate.healthy_for);
  visit.Field("dampingMax", gate.damping_max);
  visit.Field("provisionTimeout", gate.provision_timeout);
}

template <class Visitor, OneOf<RampPolicy> M>
void Describe(Visitor& visit, M& ramp) {
  visit.Field("canaryShare", ramp.canary_share);
  visit.Field("canaryFor", ramp.canary_for);
  visit.Field("deadBand", ramp.dead_band);
  visit.Field("correctBias", ramp.correct_bias);
}

template <class Visitor, OneOf<DrainPolicy> M>
void Describe(Visitor& visit, M& drain) {
  visit.Field("minDrain", drain.min_drain);
  visit.Field("maxDrain", drain.max_drain);
  visit.Field("ttlFactor", drain.ttl_factor);
  visit.Field("connectionGrace", drain.connection_grace);
  visit.Field("drainedBelow", drain.drained_below);
  visit.Field("quietFor", drain.quiet_for);
  visit.Field("keepers", drain.keepers);
  visit.Field("tailFor", drain.tail_for);
  visit.Field("stepsDown", drain.steps_down);
}

template <class Visitor, OneOf<FailoverPolicy> M>
void Describe(Visitor& visit, M& failover) {
  visit.Field("after", failover.failover_after);
  visit.Field("failbackAfter", failover.failback_after);
  visit.Field("failbackStep", failover.failback_step);
  visit.Field("failbackManual", failover.failback_manual);
}

template <class Visitor, OneOf<SafetyPolicy> M>
void Describe(Visitor& visit, M& safety) {
  visit.Field("capacityFloor", safety.capacity_floor);
}

template <class Visitor, OneOf<BudgetPolicy> M>
void Describe(Visitor& visit, M& budget) {
  visit.Field("replicaHours", budget.replica_hours);
  visit.Field("cost", budget.cost);
  visit.Field("window", budget.window);
}

template <class Visitor, OneOf<Policy> M>
void Describe(Visitor& visit, M& policy) {
  visit.Field("app", policy.app);
  visit.Field("mode", policy.mode);
  visit.Field("home", policy.home);
  visit.Field("overflow", policy.overflow);
  visit.Field("averagedOver", policy.averaged_over);
  visit.Field("headroom", policy.headroom);
  visit.Field("downStabilization", policy.down_stabilization);
  visit.Field("confirmFor", policy.confirm_for);
  visit.Field("staleAfter", policy.stale_after);
  visit.Field("probeInterval", policy.probe_interval);
  visit.Field("gate", policy.gate);
  visit.Field("ramp", policy.ramp);
  visit.Field("drain", policy.drain);
  visit.Field("failover", policy.failover);
  visit.Field("safety", policy.safety);
  visit.Field("budget", policy.budget);
}

template <>
struct EnumValues<OrderKind> {
  static constexpr auto kAll = [] {
    std::array<OrderKind, kOrderTokens.size()> all{};
    for (std::size_t i = 0; i < all.size(); ++i) all.at(i) = static_cast<OrderKind>(i);
    return all;
  }();
};

template <class Visitor, OneOf<Order> M>
void Describe(Visitor& visit, M& order) {
  visit.Field("kind", order.kind);
  visit.Field("mode", order.mode);
  visit.Field("site", order.site);
  visit.Field("ratios", order.ratios);
  visit.Field("replicas", order.replicas);
  visit.Field("actor", order.actor);
  visit.Field("reason", order.reason);
  visit.Field("ticket", order.ticket);
  visit.Field("since", order.since);
  visit.Ahead("expires", order.expires);
  visit.Field("forced", order.forced);
}

template <class Visitor, OneOf<Failure> M>
void Describe(Visitor& visit, M& failure) {
  visit.Field("code", failure.code);
  visit.Field("what", failure.what);
  visit.Field("since", failure.since);
}

template <class Visitor, OneOf<HomeDemand> M>
void Describe(Visitor& visit, M& demand) {
  visit.Field("replicasCurrent", demand.replicas_current);
  visit.Field("replicasDesired", demand.replicas_desired);
  visit.Field("replicasMin", demand.replicas_min);
  visit.Field("replicasMax", demand.replicas_max);
  visit.Field("enforced", demand.enforced);
  visit.Field("limited", demand.limited);
  visit.Field("wish", demand.wish);
  visit.Field("load", demand.load);
  visit.Field("sure", demand.sure);
  visit.Field("averagedOver", demand.averaged_over);
  visit.Field("cpuPerReplica", demand.cpu_per_replica);
  visit.Field("detail", demand.detail);
}

template <class Visitor, OneOf<WorkloadState> M>
void Describe(Visitor& visit, M& workload) {
  visit.Field("wanted", workload.replicas_wanted);
  visit.Field("ready", workload.replicas_ready);
  visit.Field("total", workload.replicas_total);
  visit.Field("revision", workload.revision);
}

template <class Visitor, OneOf<PodUsage> M>
void Describe(Visitor& visit, M& usage) {
  visit.Field("cpu", usage.cpu);
  visit.Field("podsMeasured", usage.pods_measured);
  visit.Field("podsReady", usage.pods_ready);
}

template <class Visitor, OneOf<MemberState> M>
void Describe(Visitor& visit, M& member) {
  visit.Field("placement", member.placement);
  visit.Field("health", member.health);
  visit.Field("controller", member.controller);
  visit.Field("datapath", member.datapath);
  visit.Field("requestsPerSecond", member.requests_per_second);
  visit.Field("openConnections", member.open_connections);
}

template <class Visitor, OneOf<TrafficState> M>
void Describe(Visitor& visit, M& traffic) {
  visit.Field("members", traffic.members);
  visit.Field("ttl", traffic.ttl);
  visit.Field("revision", traffic.revision);
  visit.Field("writable", traffic.writable);
  visit.Field("unwritableWhy", traffic.unwritable_why);
  visit.Field("ratiosVoid", traffic.ratios_void);
  visit.Field("inForce", traffic.in_force);
}

template <class Visitor, class T>
void DescribeReading(Visitor& visit, T& reading) {
  visit.Field("seen", reading.seen);
  visit.Field("failure", reading.failure);
}
template <class Visitor, class T>
void Describe(Visitor& visit, Reading<T>& reading) {
  DescribeReading(visit, reading);
}
template <class Visitor, class T>
void Describe(Visitor& visit, const Reading<T>& reading) {
  DescribeReading(visit, reading);
}
template <class Visitor, class T>
void Describe(Visitor& visit, Seen<T>& seen) {
  visit.Field("asOf", seen.as_of);
  visit.Field("value", seen.value);
}
template <class Visitor, class T>
void Describe(Visitor& visit, const Seen<T>& seen) {
  visit.Field("asOf", seen.as_of);
  visit.Field("value", seen.value);
}

template <class Visitor, OneOf<SiteObservation> M>
void Describe(Visitor& visit, M& site) {
  visit.Field("workload", site.workload);
  visit.Field("usage", site.usage);
  visit.Field("observer", site.observer);
}

template <class Visitor, OneOf<Observation> M>
void Describe(Visitor& visit, M& observation) {
  visit.Field("homeDemand", observation.home_demand);
  visit.Field("sites", observation.sites);
  visit.Field("traffic", observation.traffic);
}

std::string QuestionText(const Question& question, WallTime wall) {
  const Moment at{question.now, wall};
  JsonOut out;
  FieldWriter write(out, at);
  out.Begin();
  write.Field("policy", question.policy);
  write.Field("observation", question.observation);
  write.Field("orders", question.override.orders);
  out.PutRaw("memory", MemoryText(question.memory, at)).End();
  return out.Take();
}

Result<Question> ReadQuestion(const JsonValue& json, Instant now, WallTime wall) {
  const Moment at{now, wall};
  const JsonValue* memory = Find(json, "memory");
  if (memory == nullptr || !memory->IsObject() || Find(json, "policy") == nullptr) {
    return Error{Code::kRejected, "no question in it: \"policy\" and \"memory\" are missing"};
  }
  Question question;
  question.now = now;
  auto remembered = ReadMemory(*memory, at);
  if (!remembered) return remembered.error();
  question.memory = std::move(*remembered);
  std::string wrong;
  FieldReader read(json, at, wrong);
  question.policy.overflow.clear();
  read.Field("policy", question.policy);
  read.Field("observation", question.observation);
  read.Field("orders", question.override.orders);
  if (!wrong.empty()) return Error{Code::kRejected, wrong};
  return question;
}

std::string AnswerText(const Decision& decision, Instant now) {
  JsonOut out;
  FieldWriter write(out, {});
  out.Begin().Begin("sites");
  for (const auto& [site, decided] : decision.sites) {
    out.Begin(site).Put("target", decided.replicas_target).Put("needed", decided.replicas_needed);
    out.Put("shareIntended", decided.share_intended).Put("phase", Word(decided.phase));
    out.Put("eligible", decided.eligible).End();
  }
  out.End();
  if (decision.layout) write.Field("layout", *decision.layout);
  out.Put("demand", decision.demand).Put("demandNow", decision.demand_now).Put("excess", decision.excess);
  out.Put("writesHeld", decision.writes_held).BeginList("conditions");
  for (const ConditionState& condition : decision.conditions) out.Text(Token(condition.name));
  out.EndList().BeginList("reasons");
  for (const Reason& reason : decision.reasons) {
    out.Text(std::string(Text(reason.code).token) + (reason.about.empty() ? "" : " " + reason.about));
  }
  out.EndList().Put("wakeSeconds", Seconds(decision.wake_at - now)).End();
  return out.Take();
}

namespace {

void Compare(const std::string& path, const JsonValue* was, const JsonValue* is, std::vector<std::string>& out) {
  if (was != nullptr && is != nullptr && was->IsObject() && is->IsObject()) {
    const std::string dot = path.empty() ? "" : path + ".";
    for (const auto& member : was->GetObject()) {
      const std::string name = member.name.GetString();
      Compare(dot + name, &member.value, Find(*is, name), out);
    }
    for (const auto& member : is->GetObject()) {
      const std::string name = member.name.GetString();
      if (!was->HasMember(name.c_str())) Compare(dot + name, nullptr, &member.value, out);
    }
    return;
  }
  const std::string old_text = was == nullptr ? "absent" : JsonText(*was);
  const std::string new_text = is == nullptr ? (was != nullptr && was->IsNull() ? "null" : "absent") : JsonText(*is);
  if (old_text != new_text) out.push_back(path + ": was " + old_text + ", is " + new_text);
}

}  // namespace

std::vector<std::string> Differences(const JsonValue& was, const JsonValue& is) {
  std::vector<std::string> differences;
  Compare("", &was, &is, differences);
  return differences;
}

}  // namespace spillway::daemon
