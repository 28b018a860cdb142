#include "avi/wire.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

#include "avi/pools.h"

namespace spillway::avi {
namespace {

// Marks that AMKO leaves in created_by; "mcc-gslb" is its oldest.
// Source: AMKO 2.1.1, gslb/gslbutils/constants.go.
constexpr auto kForeignOwners = std::to_array<std::string_view>({"amko-", "mcc-gslb"});

// Beyond it a TTL would be no duration. Source: Avi GSLB swagger 30.2.1, GslbService.ttl: 0 to 86400.
constexpr std::int64_t kTtlSecondsMost = 86400;

// Nothing has been found out, as against "found to be bad". Source: Avi GSLB swagger 30.2.1, OperationalStatus.state
// (its default is OPER_UNAVAIL).
constexpr auto kUnknownStates =
    std::to_array<std::string_view>({"OPER_UNAVAIL", "OPER_UNKNOWN", "OPER_PARTITIONED", "OPER_INITIALIZING",
                                     "OPER_PROCESSING", "OPER_SE_PROCESSING", "OPER_CREATING", "OPER_UPGRADING"});
constexpr auto kDownStates = std::to_array<std::string_view>(
    {"OPER_DOWN", "OPER_DISABLED", "OPER_DISABLING", "OPER_FAILED", "OPER_INACTIVE", "OPER_UNUSED", "OPER_RESOURCES",
     "OPER_ERROR_DISABLED", "OPER_AGGREGATE_DOWN", "OPER_AWAIT_MANUAL_PLACEMENT"});

Health HealthAt(const JsonValue& value, std::string_view path) {
  return HealthOf(StringAt(value, path).value_or("OPER_UNAVAIL"));
}

// Of several probing sites: agreed, or unknown.
Health DatapathHealth(const JsonValue& member) {
  std::optional<Health> agreed;
  for (const JsonValue& probe : ListAt(member, "datapath_status")) {
    const Health health = HealthAt(probe, "oper_status.state");
    if (health == Health::kUnknown) continue;
    if (agreed && *agreed != health) return Health::kUnknown;
    agreed = health;
  }
  return agreed.value_or(Health::kUnknown);
}

void ReadMemberRuntime(const JsonValue& member, MemberState& out) {
  out.health = HealthAt(member, "oper_status.state");
  out.controller = HealthAt(member, "controller_status.state");
  out.datapath = DatapathHealth(member);
  out.requests_per_second = NumberAt(member, "vserver_l7_metrics.avg_complete_responses");
  if (!out.requests_per_second) out.requests_per_second = NumberAt(member, "vserver_l4_metrics.avg_complete_conns");
  out.open_connections = NumberAt(member, "vserver_l4_metrics.max_open_conns");
}

const JsonValue* RuntimePools(const JsonValue* runtime) {
  if (runtime == nullptr) return nullptr;
  if (runtime->IsArray()) {
    for (const JsonValue& one : runtime->GetArray()) {
      if (const JsonValue* pools = RuntimePools(&one)) return pools;
    }
    return nullptr;
  }
  const JsonValue* pools = Find(*runtime, "groups");
  return pools != nullptr && pools->IsArray() ? pools : nullptr;
}

// In the pool of that name, else anywhere: just after a move the runtime may still show the member where it was.
const JsonValue* RuntimeMember(const JsonValue* pools, const std::string& pool_name, const MemberMatch& match) {
  const JsonValue* elsewhere = nullptr;
  if (pools == nullptr) return nullptr;
  for (const JsonValue& pool : pools->GetArray()) {
    for (const JsonValue& member : ListAt(pool, "members")) {
      if (!Matches(match, member)) continue;
      if (StringAt(pool, "name") == pool_name) return &member;
      elsewhere = &member;
    }
  }
  return elsewhere;
}

// The runtime may know the member by less than the configuration does: any of its identities will do.
const JsonValue* RuntimeMember(const JsonValue* pools, const std::string& pool_name, const JsonValue& configured,
                               const MemberMatch& match) {
  if (const JsonValue* found = RuntimeMember(pools, pool_name, match)) return found;
  for (const MemberMatch& other :
       {MemberMatch{.ip = StringAt(configured, "ip.addr").value_or(""), .fqdn = {}, .vs_uuid = {}},
        MemberMatch{.ip = {}, .fqdn = StringAt(configured, "fqdn").value_or(""), .vs_uuid = {}}}) {
    if (MatchText(other).empty()) continue;
    if (const JsonValue* found = RuntimeMember(pools, pool_name, other)) return found;
  }
  return nullptr;
}

void ReadAnswerCount(const JsonValue& config, std::vector<std::string>& out) {
  const auto answers = IntAt(config, "num_dns_ip").value_or(0);
  if (answers == 1) return;
  out.push_back(answers == 0 ? "num_dns_ip is not 1: every answer holds all addresses, so ratios only order them"
                             : "num_dns_ip is " + std::to_string(answers) +
                                   ", not 1: an answer holds several addresses, so ratios only order them");
}

void ReadLivePools(const std::vector<Pool>& pools, const std::map<SiteName, Located>& located,
                   std::vector<std::string>& out) {
  const std::optional<int> live = LivePriority(pools);
  std::vector<std::string> names;
  bool ours = false;
  for (std::size_t i = 0; i < pools.size(); ++i) {
    if (!CanAnswer(pools[i]) || pools[i].priority != live) continue;
    names.push_back(pools[i].name);
    ours = ours ||
           std::any_of(located.begin(), located.end(), [&](const auto& entry) { return entry.second.spot.pool == i; });
    if (pools[i].algorithm != Pool{}.algorithm) {
      out.push_back("pool \"" + pools[i].name + "\" chooses by " + pools[i].algorithm + ", which ignores ratios");
    }
  }
  if (names.size() > 1) {
    out.push_back("pools \"" + names[0] + "\" and \"" + names[1] + "\" share the highest priority " +
                  std::to_string(*live) + ", so ratios hold only inside each");
  }
  if (!names.empty() && !ours) {
    out.push_back("pool \"" + names[0] + "\" of priority " + std::to_string(*live) +
                  " answers before all others and holds none of the sites' members");
  }
}

std::vector<std::string> ReadRatiosVoid(const JsonValue& config, const std::map<SiteName, Located>& located,
                                        const MemberMatches& matches) {
  std::vector<std::string> out;
  ReadAnswerCount(config, out);
  if (BoolAt(config, "site_persistence_enabled").value_or(false)) {
    out.emplace_back("site_persistence_enabled is on: a client that returns is sent to its first site");
  }
  if (BoolAt(config, "topology_policy_enabled").value_or(false)) {
    out.emplace_back("topology_policy_enabled is on: topology rules choose before ratios do");
  }
  if (StringAt(config, "pool_algorithm") == "GSLB_SERVICE_ALGORITHM_GEO") {
    out.emplace_back("pool_algorithm is GSLB_SERVICE_ALGORITHM_GEO: pools are chosen by place, not by priority");
  }
  ReadLivePools(ReadPools(config), located, out);
  for (const auto& [site, at] : located) {
    if (at.repeated) out.push_back("member " + MatchText(matches.at(site)) + " stands in the service more than once");
  }
  return out;
}

void ReadOwner(const JsonValue& config, TrafficState& out) {
  const std::string creator = StringAt(config, "created_by").value_or("");
  out.writable = std::none_of(kForeignOwners.begin(), kForeignOwners.end(),
                              [&](std::string_view mark) { return creator.starts_with(mark); });
  if (out.writable) return;
  out.unwritable_why = ServiceText(config) + " belongs to AMKO (created_by \"" + creator + "\"), which would undo it";
}

bool Near(const std::optional<double>& a, const std::optional<double>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  if (*a == 0 || *b == 0) return *a == *b;
  // Chosen: what a drain or a share is judged by moves further; the noise of a quiet service does not.
  return std::abs(*a - *b) <= 0.1 * std::max(std::abs(*a), std::abs(*b));
}

bool SameMember(const MemberState& a, const MemberState& b) {
  return a.placement == b.placement && a.health == b.health && a.controller == b.controller &&
         a.datapath == b.datapath && Near(a.requests_per_second, b.requests_per_second) &&
         Near(a.open_connections, b.open_connections);
}

}  // namespace

Health HealthOf(const std::string& state) {
  if (state == "OPER_UP") return Health::kUp;
  if (std::find(kUnknownStates.begin(), kUnknownStates.end(), state) != kUnknownStates.end()) return Health::kUnknown;
  if (std::find(kDownStates.begin(), kDownStates.end(), state) != kDownStates.end()) return Health::kDown;
  return Health::kUnknown;
}

Result<ServiceView> ReadService(const JsonValue& config, const JsonValue* runtime, const MemberMatches& matches) {
  const auto located = Locate(config, matches);
  if (!located) return located.error();
  const std::vector<Pool> pools = ReadPools(config);
  const JsonValue* runtime_pools = RuntimePools(runtime);
  ServiceView view;
  for (const auto& [site, at] : *located) {
    MemberState& member = view.traffic.members[site];
    member.placement = at.placement;
    const JsonValue& configured = MemberAt(config, at.spot);
    if (auto cluster = StringAt(configured, "cluster_uuid")) view.clusters.insert(*cluster);
    const JsonValue* seen = RuntimeMember(runtime_pools, pools[at.spot.pool].name, configured, matches.at(site));
    if (seen != nullptr) ReadMemberRuntime(*seen, member);
  }
  const auto ttl = IntAt(config, "ttl");
  view.traffic.ttl = ttl ? std::chrono::seconds{std::clamp<std::int64_t>(*ttl, 0, kTtlSecondsMost)} : kTtlUnset;
  view.traffic.revision = StringAt(config, "_last_modified").value_or("");
  view.traffic.ratios_void = ReadRatiosVoid(config, *located, matches);
  ReadOwner(config, view.traffic);
  return view;
}

bool SameForDecisions(const TrafficState& a, const TrafficState& b) {
  return a.ttl == b.ttl && a.revision == b.revision && a.writable == b.writable &&
         a.unwritable_why == b.unwritable_why && a.ratios_void == b.ratios_void && a.in_force == b.in_force &&
         std::equal(a.members.begin(), a.members.end(), b.members.begin(), b.members.end(),
                    [](const auto& x, const auto& y) { return x.first == y.first && SameMember(x.second, y.second); });
}

}  // namespace spillway::avi
