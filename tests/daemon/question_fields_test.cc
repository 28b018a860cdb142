// No field of what Decide is asked is left out of a record, and none is mistaken for another.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "src/daemon/question_text.h"
#include "tests/core/model.h"

namespace spillway::daemon {
namespace {

constexpr Instant kNow{std::chrono::hours{2}};
constexpr WallTime kWall{std::chrono::hours{490000}};

// Every optional is there, so that every field is written.
Question Full() {
  Question asked;
  asked.now = kNow;
  asked.policy = SmallPolicy();
  asked.observation = QuietObservation(kNow, 4, 3);
  const Failure failure{Code::kDenied, "forbidden", kNow - 3min};
  HomeDemand demand;
  demand.wish = 6.5;
  demand.load = 5.5;
  demand.cpu_per_replica = 0.5;
  demand.detail = "said so";
  asked.observation.home_demand = {Seen<HomeDemand>{demand, kNow - 1s}, failure};
  SiteObservation& eu = asked.observation.sites.at("eu");
  eu.workload.failure = failure;
  eu.usage = {Seen<PodUsage>{{1.5, 2, 3}, kNow - 2s}, failure};
  eu.observer = {Seen<HomeDemand>{demand, kNow - 3s}, failure};
  asked.observation.traffic.failure = failure;
  TrafficState& traffic = asked.observation.traffic.seen->value;
  traffic.ratios_void = {"topology"};
  for (auto& [site, member] : traffic.members) {
    member.requests_per_second = 12.5;
    member.open_connections = 3.5;
  }
  asked.override.orders.push_back({.kind = OrderKind::kPinRatios,
                                   .site = "eu",
                                   .ratios = {{"us", 4}},
                                   .replicas = {{"eu", 2}},
                                   .actor = "anna",
                                   .reason = "repair",
                                   .ticket = "T-1",
                                   .since = kNow - 10s,
                                   .expires = kNow + 1h});
  return asked;
}

template <class... Field>
std::size_t Count(const Field&...) {
  return sizeof...(Field);
}

// A new field breaks one of these: name it here, and the test says whether the record has it.
std::size_t FieldsOf(const OverflowPolicy& value) {
  const auto& [site, min, max, factor, price, usage, cpu] = value;
  return Count(site, min, max, factor, price, usage, cpu);
}
std::size_t FieldsOf(const GatePolicy& value) {
  const auto& [fraction, ready, healthy, damping, timeout] = value;
  return Count(fraction, ready, healthy, damping, timeout);
}
std::size_t FieldsOf(const RampPolicy& value) {
  const auto& [share, length, band, bias] = value;
  return Count(share, length, band, bias);
}
std::size_t FieldsOf(const DrainPolicy& value) {
  const auto& [min, max, factor, grace, below, quiet, keepers, tail, steps] = value;
  return Count(min, max, factor, grace, below, quiet, keepers, tail, steps);
}
std::size_t FieldsOf(const FailoverPolicy& value) {
  const auto& [after, back, step, manual] = value;
  return Count(after, back, step, manual);
}
std::size_t FieldsOf(const SafetyPolicy& value) {
  const auto& [floor] = value;
  return Count(floor);
}
std::size_t FieldsOf(const BudgetPolicy& value) {
  const auto& [hours, cost, window] = value;
  return Count(hours, cost, window);
}
std::size_t FieldsOf(const Policy& value) {
  const auto& [app, mode, home, overflow, averaged, headroom, down, confirm, stale, probe, gate, ramp, drain, failover,
               safety, budget] = value;
  return Count(app, mode, home, overflow, averaged, headroom, down, confirm, stale, probe, gate, ramp, drain, failover,
               safety, budget);
}
std::size_t FieldsOf(const Order& value) {
  const auto& [kind, mode, site, ratios, replicas, actor, reason, ticket, since, expires, forced] = value;
  return Count(kind, mode, site, ratios, replicas, actor, reason, ticket, since, expires, forced);
}
std::size_t FieldsOf(const Failure& value) {
  const auto& [code, what, since] = value;
  return Count(code, what, since);
}
std::size_t FieldsOf(const HomeDemand& value) {
  const auto& [current, desired, min, max, enforced, limited, wish, load, sure, averaged, cpu, detail] = value;
  return Count(current, desired, min, max, enforced, limited, wish, load, sure, averaged, cpu, detail);
}
std::size_t FieldsOf(const WorkloadState& value) {
  const auto& [wanted, ready, total, revision] = value;
  return Count(wanted, ready, total, revision);
}
std::size_t FieldsOf(const PodUsage& value) {
  const auto& [cpu, measured, ready] = value;
  return Count(cpu, measured, ready);
}
std::size_t FieldsOf(const MemberState& value) {
  const auto& [placement, health, controller, datapath, requests, connections] = value;
  return Count(placement, health, controller, datapath, requests, connections);
}
std::size_t FieldsOf(const TrafficState& value) {
  const auto& [members, ttl, revision, writable, why, ratios_void, in_force] = value;
  return Count(members, ttl, revision, writable, why, ratios_void, in_force);
}
std::size_t FieldsOf(const SiteObservation& value) {
  const auto& [workload, usage, observer] = value;
  return Count(workload, usage, observer);
}
std::size_t FieldsOf(const Observation& value) {
  const auto& [demand, sites, traffic] = value;
  return Count(demand, sites, traffic);
}

// Where each kind of struct stands in the record, and how many fields it should have there.
std::vector<std::pair<std::string, std::size_t>> Structs(const Question& asked) {
  const Policy& policy = asked.policy;
  const Observation& seen = asked.observation;
  const SiteObservation& eu = seen.sites.at("eu");
  const TrafficState& traffic = seen.traffic.seen->value;
  return {
      {"policy", FieldsOf(policy)},
      {"policy.gate", FieldsOf(policy.gate)},
      {"policy.ramp", FieldsOf(policy.ramp)},
      {"policy.drain", FieldsOf(policy.drain)},
      {"policy.failover", FieldsOf(policy.failover)},
      {"policy.safety", FieldsOf(policy.safety)},
      {"policy.budget", FieldsOf(policy.budget)},
      {"observation", FieldsOf(seen)},
      {"observation.homeDemand.seen.value", FieldsOf(seen.home_demand.seen->value)},
      {"observation.homeDemand.failure", FieldsOf(*seen.home_demand.failure)},
      {"observation.sites.eu", FieldsOf(eu)},
      {"observation.sites.eu.workload.seen.value", FieldsOf(eu.workload.seen->value)},
      {"observation.sites.eu.usage.seen.value", FieldsOf(eu.usage.seen->value)},
      {"observation.sites.eu.observer.seen.value", FieldsOf(eu.observer.seen->value)},
      {"observation.traffic.seen.value", FieldsOf(traffic)},
      {"observation.traffic.seen.value.members.eu", FieldsOf(traffic.members.at("eu"))},
  };
}

TEST(QuestionFields, EveryOneIsInTheRecord) {
  const Question asked = Full();
  const auto record = ParseJson(QuestionText(asked, kWall));
  ASSERT_TRUE(record);
  for (const auto& [path, fields] : Structs(asked)) {
    const JsonValue* object = FindPath(*record, path);
    ASSERT_TRUE(object != nullptr && object->IsObject()) << path;
    EXPECT_EQ(object->MemberCount(), fields) << path << ": " << JsonText(*object);
  }
  const JsonValue& site = (*record)["policy"]["overflow"][0];
  EXPECT_EQ(site.MemberCount(), FieldsOf(asked.policy.overflow.at(0))) << JsonText(site);
  const JsonValue& order = (*record)["orders"][0];
  EXPECT_EQ(order.MemberCount(), FieldsOf(asked.override.orders.at(0))) << JsonText(order);
}

// The other words of the enumerations; empty: `text` is free.
std::string OtherWord(const std::string& text) {
  static const std::vector<std::vector<std::string>> kWords = {{"round-robin", "weighted", "active-passive", "auto"},
                                                               {"served", "standby", "parked", "disabled"},
                                                               {"up", "down", "unknown"},
                                                               {"metrics", "autoscaler", "share"},
                                                               {"measured", "stated", "computed", "at-least"},
                                                               {"retry", "reread", "rejected", "missing", "denied"},
                                                               {"pin-ratios", "drain", "pause"}};
  for (const auto& words : kWords) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i] == text) return words[(i + 1) % words.size()];
    }
  }
  return "";
}

// Another value of the same kind.
void Change(JsonValue& leaf, JsonDocument::AllocatorType& memory) {
  if (leaf.IsBool()) {
    leaf.SetBool(!leaf.GetBool());
  } else if (leaf.IsInt()) {
    leaf.SetInt(leaf.GetInt() + 1);
  } else if (leaf.IsNumber()) {
    leaf.SetDouble(leaf.GetDouble() + 0.5);
  } else {
    const std::string text = leaf.GetString();
    const bool time = text.size() > 20 && text.back() == 'Z';
    const std::string other = time                      ? "2020-01-01T00:00:00.000000Z"
                              : OtherWord(text).empty() ? text + "x"
                                                        : OtherWord(text);
    leaf.SetString(other.c_str(), memory);
  }
}

// Calls visit(leaf) for every value that is neither object nor list.
template <class Visit>
void EachLeaf(JsonValue& value, const std::string& path, Visit visit) {
  if (value.IsObject()) {
    for (auto& member : value.GetObject()) EachLeaf(member.value, path + "." + member.name.GetString(), visit);
  } else if (value.IsArray()) {
    for (auto& item : value.GetArray()) EachLeaf(item, path + "[]", visit);
  } else {
    visit(value, path);
  }
}

TEST(QuestionFields, EachComesBackAsItselfAlone) {
  const std::string text = QuestionText(Full(), kWall);
  std::size_t leaves = 0;
  auto record = ParseJson(text);
  ASSERT_TRUE(record);
  for (const char* part : {"policy", "observation", "orders"}) {
    EachLeaf((*record)[part], part, [&](JsonValue& leaf, const std::string& path) {
      ++leaves;
      const JsonValue was(leaf, record->GetAllocator());
      Change(leaf, record->GetAllocator());
      const std::string changed = JsonText(*record);
      ASSERT_NE(changed, text) << path;
      const auto read = ReadQuestion(*record, kNow, kWall);
      ASSERT_TRUE(read) << path << ": " << read.error().what;
      EXPECT_EQ(QuestionText(*read, kWall), changed) << path;
      leaf.CopyFrom(was, record->GetAllocator());
    });
  }
  EXPECT_GT(leaves, 100U);
}

}  // namespace
}  // namespace spillway::daemon
