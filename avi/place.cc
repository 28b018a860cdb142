#include "avi/place.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "avi/pools.h"

namespace spillway::avi {
namespace {

using Places = std::map<SiteName, Located>;

// Of a pool's name: its rank if it is one of ours for standbys; 0: it is not.
int StandbyRank(std::string_view name) {
  const std::string_view prefix(kStandbyPrefix);
  if (!name.starts_with(prefix)) return 0;
  const std::string digits(name.substr(prefix.size()));
  const bool number = !digits.empty() && digits.size() < 4 && digits.find_first_not_of("0123456789") == digits.npos;
  return number ? std::atoi(digits.c_str()) : 0;
}

bool Ours(std::string_view name) { return StandbyRank(name) > 0 || name == kParkedPool; }

// `shift` keeps clear of a standby pool that has come to be the one that answers.
std::string PoolFor(const Placement& placement, int shift) {
  if (placement.place == Place::kParked) return kParkedPool;
  return kStandbyPrefix + std::to_string(placement.rank + shift);
}

std::string PlaceText(const Placement& placement) {
  switch (placement.place) {
    case Place::kServed:
      return "served with ratio " + std::to_string(placement.ratio);
    case Place::kStandby:
      return "standby of rank " + std::to_string(placement.rank);
    case Place::kParked:
      return "parked";
    case Place::kDisabled:
      break;
  }
  return "disabled";
}

// What reading the outcome must say. A disabled member stays one unless it is to be served.
Result<Layout> Expected(const JsonValue& config, const Places& before, const Layout& want) {
  Layout expected;
  for (const auto& [site, placement] : want) {
    const auto at = before.find(site);
    if (at == before.end())
      return Error{Code::kRejected, "site \"" + site + "\" has no member in " + ServiceText(config)};
    if (at->second.repeated) {
      return Error{Code::kRejected, "the member of site \"" + site + "\" stands more than once in " +
                                        ServiceText(config) + "; Spillway moves none of them"};
    }
    const bool was_disabled = at->second.placement.place == Place::kDisabled;
    if (placement.place == Place::kDisabled && !was_disabled) {
      return Error{Code::kRejected, "Spillway does not disable members (site \"" + site + "\")"};
    }
    expected[site] = was_disabled && placement.place != Place::kServed ? Placement{Place::kDisabled} : placement;
  }
  return expected;
}

bool Fits(const Places& located, const Layout& expected) {
  return std::all_of(expected.begin(), expected.end(), [&](const auto& entry) {
    const auto at = located.find(entry.first);
    return at != located.end() && at->second.placement == entry.second;
  });
}

// The pool that answers and goes on doing so: of the highest priority, with one of the sites' members in it.
Result<std::size_t> LivePool(const JsonValue& config, const Places& located) {
  const std::vector<Pool> pools = ReadPools(config);
  const std::optional<int> live = LivePriority(pools);
  std::optional<std::size_t> best;
  for (const auto& [site, at] : located) {
    const Pool& pool = pools[at.spot.pool];
    if (!pool.enabled || pool.priority <= 0 || (live && pool.priority != *live)) continue;
    if (!best || pool.priority > pools[*best].priority ||
        (pool.priority == pools[*best].priority && at.spot.pool < *best)) {
      best = at.spot.pool;
    }
  }
  if (best) return *best;
  if (live) {
    return Error{Code::kRejected, "the pool of " + ServiceText(config) + " that answers (priority " +
                                      std::to_string(*live) + ") holds none of the sites' members"};
  }
  return Error{Code::kRejected,
               ServiceText(config) + " has no enabled pool with a priority above 0 that holds a member"};
}

// One attempt on a copy of the document. Pools keep their positions until the emptied ones are dropped at the end.
class Attempt {
 public:
  Attempt(const JsonValue& config, const MemberMatches& matches, std::size_t live) : matches_(matches), live_(live) {
    out_.CopyFrom(config, out_.GetAllocator());
    // The analyser does not see that a document frees its allocator itself.
    shift_ = StandbyRank(ReadPools(out_)[live].name);  // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks)
  }

  // `keep`: a member that already stands as wanted stays in its pool, even if that is not one of ours.
  Status Place(const Places& before, const Layout& expected, bool keep) {
    for (const auto& [site, placement] : expected) {
      if (placement.place == Place::kDisabled) continue;
      const bool stays =
          keep && before.at(site).placement.place != Place::kServed && before.at(site).placement == placement;
      if (!stays) MoveTo(matches_.at(site), placement);
      if (placement.place == Place::kServed) Serve(matches_.at(site), placement.ratio);
    }
    DropEmpty();
    return SetPriorities();
  }

  JsonDocument Take() { return std::move(out_); }

 private:
  using Size = rapidjson::SizeType;

  JsonValue& Groups() { return *Find(out_, "groups"); }
  JsonValue& Members(std::size_t pool) { return *Find(Groups()[static_cast<Size>(pool)], "members"); }
  JsonValue& Member(const Spot& spot) { return Members(spot.pool)[static_cast<Size>(spot.member)]; }

  void MoveTo(const MemberMatch& match, const Placement& placement) {
    const Spot spot = FindSpots(out_, match).front();
    const std::size_t target = placement.place == Place::kServed ? live_ : PoolNamed(PoolFor(placement, shift_));
    if (target == spot.pool) return;
    JsonValue member(std::move(Member(spot)));
    JsonValue& from = Members(spot.pool);
    from.Erase(from.Begin() + static_cast<Size>(spot.member));
    Members(target).PushBack(member, out_.GetAllocator());
  }

  void Serve(const MemberMatch& match, int ratio) {
    JsonValue& member = Member(FindSpots(out_, match).front());
    if (IntAt(member, "ratio").value_or(kRatioMin) != ratio)
      SetMember(member, "ratio", JsonValue(ratio), out_.GetAllocator());
    if (!BoolAt(member, "enabled").value_or(true)) SetMember(member, "enabled", JsonValue(true), out_.GetAllocator());
  }

  // Made from the pool that answers if it is not there yet.
  std::size_t PoolNamed(const std::string& name) {
    const std::vector<Pool> pools = ReadPools(out_);
    for (std::size_t i = 0; i < pools.size(); ++i) {
      if (pools[i].name == name) return i;
    }
    auto& allocator = out_.GetAllocator();
    JsonValue made(rapidjson::kObjectType);
    for (const auto& field : Groups()[static_cast<Size>(live_)].GetObject()) {
      JsonValue key(field.name, allocator);
      JsonValue value(rapidjson::kArrayType);
      if (field.name != "members") value.CopyFrom(field.value, allocator);
      made.AddMember(key, value, allocator);
    }
    SetMember(made, "name", name, allocator);
    SetMember(made, "priority", JsonValue(0), allocator);
    Groups().PushBack(made, allocator);
    return pools.size();
  }

  void DropEmpty() {
    JsonValue& groups = Groups();
    const std::string live_name = ReadPools(out_)[live_].name;
    for (auto pool = groups.Begin(); pool != groups.End();) {
      pool = ListAt(*pool, "members").Empty() ? groups.Erase(pool) : pool + 1;
    }
    const std::vector<Pool> pools = ReadPools(out_);
    live_ = static_cast<std::size_t>(
        std::find_if(pools.begin(), pools.end(), [&](const Pool& pool) { return pool.name == live_name; }) -
        pools.begin());
  }

  // Ours get theirs anew: 0 for the parked, and the next free ones below the pool that answers for standbys by rank.
  Status SetPriorities() {
    const std::vector<Pool> pools = ReadPools(out_);
    if (live_ == pools.size()) return Error{Code::kRejected, "nobody of " + ServiceText(out_) + " would be answered"};
    std::set<int> taken;
    std::map<int, std::size_t> standbys;
    for (std::size_t i = 0; i < pools.size(); ++i) {
      const bool ours = i != live_ && Ours(pools[i].name);
      if (!ours) taken.insert(pools[i].priority);
      if (ours && pools[i].name == kParkedPool) SetPriority(i, pools[i], 0);
      if (ours && StandbyRank(pools[i].name) > 0) standbys[StandbyRank(pools[i].name)] = i;
    }
    int priority = pools[live_].priority;
    for (const auto& [rank, index] : standbys) {
      do --priority;
      while (taken.contains(priority));
      if (priority <= 0) {
        return Error{Code::kRejected, "pool \"" + pools[live_].name + "\" of " + ServiceText(out_) + " has priority " +
                                          std::to_string(pools[live_].priority) +
                                          ", which leaves no room for standby pools below it; raise it"};
      }
      SetPriority(index, pools[index], priority);
    }
    return Ok();
  }

  void SetPriority(std::size_t index, const Pool& pool, int priority) {
    JsonValue& json = Groups()[static_cast<Size>(index)];
    if (pool.priority != priority || Find(json, "priority") == nullptr)
      SetMember(json, "priority", JsonValue(priority), out_.GetAllocator());
  }

  JsonDocument out_;
  const MemberMatches& matches_;
  std::size_t live_;  // position of the pool that answers
  int shift_ = 0;     // of the ranks in the names of standby pools
};

Error CannotReach(const JsonValue& config, const Places& after, const Layout& expected) {
  for (const auto& [site, placement] : expected) {
    const Placement& got = after.at(site).placement;
    if (got != placement) {
      return {Code::kRejected, ServiceText(config) + " can't be arranged as wanted: site \"" + site + "\" would be " +
                                   PlaceText(got) + ", not " + PlaceText(placement)};
    }
  }
  return {Code::kRejected, "nobody of " + ServiceText(config) + " would be answered"};
}

}  // namespace

Result<Placed> PlaceMembers(const JsonValue& config, const MemberMatches& matches, const Layout& want) {
  const auto before = Locate(config, matches);
  if (!before) return before.error();
  const auto expected = Expected(config, *before, want);
  if (!expected) return expected.error();
  if (Fits(*before, *expected)) {
    Placed same;
    same.config.CopyFrom(config, same.config.GetAllocator());
    return same;  // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks): as above
  }
  if (!BoolAt(config, "enabled").value_or(true)) return Error{Code::kRejected, ServiceText(config) + " is disabled"};
  const auto live = LivePool(config, *before);
  if (!live) return live.error();

  // First with the operator's own pools as they are; where their priorities don't allow that, with ours alone.
  Error why{Code::kRejected, ""};
  for (const bool keep : {true, false}) {
    Attempt attempt(config, matches, *live);
    if (const Status placed = attempt.Place(*before, *expected, keep); !placed) {
      why = placed.error();
      continue;
    }
    Placed out{attempt.Take(), true};
    const auto after = Locate(out.config, matches);
    if (!after) return after.error();
    if (Fits(*after, *expected) && LivePriority(ReadPools(out.config))) return out;
    why = CannotReach(config, *after, *expected);
  }
  return why;
}

}  // namespace spillway::avi
