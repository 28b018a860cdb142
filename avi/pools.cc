#include "avi/pools.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>
#include <set>
#include <string_view>

namespace spillway::avi {
namespace {

// The address in network order, which is the same for every spelling; `text` itself if it is no address.
std::string AddressBytes(const std::string& text) {
  std::array<char, sizeof(in6_addr)> bytes{};
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return {bytes.data(), sizeof(in_addr)};
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return {bytes.data(), bytes.size()};
  return text;
}

// Lower case, without the dot of the root.
std::string NameKey(std::string_view name) {
  if (!name.empty() && name.back() == '.') name.remove_suffix(1);
  std::string key(name);
  std::transform(key.begin(), key.end(), key.begin(), [](unsigned char c) { return std::tolower(c); });
  return key;
}

bool Enabled(const JsonValue& object) { return BoolAt(object, "enabled").value_or(true); }

// The members of a pool; nullptr if it has none.
const JsonValue* Members(const JsonValue& pool) {
  const JsonValue* members = Find(pool, "members");
  return members != nullptr && members->IsArray() ? members : nullptr;
}

const JsonValue* Groups(const JsonValue& config) {
  const JsonValue* groups = Find(config, "groups");
  return groups != nullptr && groups->IsArray() ? groups : nullptr;
}

Pool ReadPool(const JsonValue& json) {
  Pool pool;
  pool.name = StringAt(json, "name").value_or("");
  pool.priority = static_cast<int>(IntAt(json, "priority").value_or(pool.priority));
  pool.enabled = Enabled(json);
  pool.algorithm = StringAt(json, "algorithm").value_or(pool.algorithm);
  if (const JsonValue* members = Members(json)) {
    pool.members_enabled = static_cast<std::size_t>(std::count_if(members->Begin(), members->End(), Enabled));
  }
  return pool;
}

// But for a standby's rank, which depends on the others.
Placement PlaceOf(const JsonValue& member, const Pool& pool, std::optional<int> live) {
  if (!pool.enabled || !Enabled(member)) return {Place::kDisabled};
  if (pool.priority <= 0) return {Place::kParked};
  if (live && pool.priority < *live) return {Place::kStandby};
  return {Place::kServed, static_cast<int>(IntAt(member, "ratio").value_or(kRatioMin))};
}

void RankStandbys(std::map<SiteName, Located>& located, const std::vector<Pool>& pools) {
  std::set<int, std::greater<>> priorities;
  for (const auto& [site, at] : located) {
    if (at.placement.place == Place::kStandby) priorities.insert(pools[at.spot.pool].priority);
  }
  for (auto& [site, at] : located) {
    if (at.placement.place != Place::kStandby) continue;
    const auto found = priorities.find(pools[at.spot.pool].priority);
    at.placement.rank = static_cast<int>(std::distance(priorities.begin(), found)) + 1;
  }
}

}  // namespace

bool Matches(const MemberMatch& match, const JsonValue& member) {
  if (!match.ip.empty()) {
    const auto ip = StringAt(member, "ip.addr");
    return ip && AddressBytes(*ip) == AddressBytes(match.ip);
  }
  if (!match.fqdn.empty()) {
    const auto fqdn = StringAt(member, "fqdn");
    return fqdn && NameKey(*fqdn) == NameKey(match.fqdn);
  }
  return !match.vs_uuid.empty() && StringAt(member, "vs_uuid") == match.vs_uuid;
}

std::vector<Pool> ReadPools(const JsonValue& config) {
  std::vector<Pool> pools;
  if (const JsonValue* groups = Groups(config)) {
    for (const JsonValue& pool : groups->GetArray()) pools.push_back(ReadPool(pool));
  }
  return pools;
}

bool CanAnswer(const Pool& pool) { return pool.enabled && pool.priority > 0 && pool.members_enabled > 0; }

std::optional<int> LivePriority(const std::vector<Pool>& pools) {
  std::optional<int> live;
  for (const Pool& pool : pools) {
    if (CanAnswer(pool)) live = std::max(live.value_or(0), pool.priority);
  }
  return live;
}

std::vector<Spot> FindSpots(const JsonValue& config, const MemberMatch& match) {
  std::vector<Spot> spots;
  const JsonValue* groups = Groups(config);
  if (groups == nullptr) return spots;
  for (rapidjson::SizeType p = 0; p < groups->Size(); ++p) {
    const JsonValue* members = Members((*groups)[p]);
    if (members == nullptr) continue;
    for (rapidjson::SizeType m = 0; m < members->Size(); ++m) {
      if (Matches(match, (*members)[m])) spots.push_back({p, m});
    }
  }
  return spots;
}

const JsonValue& MemberAt(const JsonValue& config, const Spot& spot) {
  const JsonValue& pool = (*Groups(config))[static_cast<rapidjson::SizeType>(spot.pool)];
  return (*Members(pool))[static_cast<rapidjson::SizeType>(spot.member)];
}

std::string ServiceText(const JsonValue& config) {
  return "GSLB service \"" + StringAt(config, "name").value_or("?") + "\"";
}

Result<std::map<SiteName, Located>> Locate(const JsonValue& config, const MemberMatches& matches) {
  const std::vector<Pool> pools = ReadPools(config);
  if (pools.empty()) return Error{Code::kRejected, ServiceText(config) + " has no pools"};
  const std::optional<int> live = LivePriority(pools);
  std::map<SiteName, Located> located;
  for (const auto& [site, match] : matches) {
    const std::vector<Spot> spots = FindSpots(config, match);
    if (spots.empty()) {
      return Error{Code::kMissing,
                   ServiceText(config) + " has no member " + MatchText(match) + " (of site \"" + site + "\")"};
    }
    const Spot& spot = spots.front();
    Located at{spot, PlaceOf(MemberAt(config, spot), pools[spot.pool], live), spots.size() > 1};
    if (!Enabled(config)) at.placement = {Place::kDisabled};
    located.emplace(site, at);
  }
  RankStandbys(located, pools);
  return located;
}

}  // namespace spillway::avi
