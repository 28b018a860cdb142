#include "avi/place.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "avi/pools.h"
#include "tests/avi/json_text.h"

namespace spillway::avi {
namespace {

// Rows write a service as "pool:priority=member,member; ...". A member is its site (a foreign one any other word), then
// optionally "*ratio" and "!" for disabled; a pool may end in "!" too.
std::string MemberText(std::string word) {
  bool enabled = true;
  std::string ratio;
  if (word.back() == '!') {
    enabled = false;
    word.pop_back();
  }
  if (const auto star = word.find('*'); star != std::string::npos) {
    ratio = word.substr(star + 1);
    word.resize(star);
  }
  const MemberMatches sites = ThreeSites();
  const std::string ip = sites.contains(word) ? sites.at(word).ip : "192.0.2." + std::to_string(word.size());
  return "{'ip':{'addr':'" + ip + "','type':'V4'},'x_note':'" + word + "'" +
         (ratio.empty() ? "" : ",'ratio':" + ratio) + (enabled ? "" : ",'enabled':false") + "}";
}

std::vector<std::string> Split(const std::string& text, char by) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  while (from <= text.size()) {
    const std::size_t end = std::min(text.find(by, from), text.size());
    std::string part = text.substr(from, end - from);
    part.erase(0, part.find_first_not_of(' '));
    if (!part.empty()) parts.push_back(part);
    from = end + 1;
  }
  return parts;
}

JsonDocument Service(const std::string& row) {
  std::string groups;
  for (const std::string& pool : Split(row, ';')) {
    const auto colon = pool.find(':');
    const auto equals = pool.find('=');
    std::string priority = pool.substr(colon + 1, equals - colon - 1);
    const bool off = priority.back() == '!';
    if (off) priority.pop_back();
    std::string members;
    for (const std::string& member : Split(pool.substr(equals + 1), ',')) {
      members += (members.empty() ? "" : ",") + MemberText(member);
    }
    if (!groups.empty()) groups += ",";
    groups.append("{'name':'").append(pool, 0, colon).append("','x_kept':[1.5,'a'],'priority':").append(priority);
    groups.append(off ? ",'enabled':false" : "");
    groups.append(",'algorithm':'GSLB_ALGORITHM_ROUND_ROBIN','min_health_monitors_up':2,'members':[");
    groups.append(members).append("]}");
  }
  return Json("{'_last_modified':'1700000000000000','name':'shop','num_dns_ip':1,'x_new':{'y':[null,true]},'groups':[" +
              groups + "],'zz':0.25}");
}

// The other way round.
std::string RowOf(const JsonValue& config) {
  std::string row;
  for (const JsonValue& pool : Find(config, "groups")->GetArray()) {
    std::string members;
    for (const JsonValue& member : Find(pool, "members")->GetArray()) {
      members += (members.empty() ? "" : ",") + *StringAt(member, "x_note");
      if (auto ratio = IntAt(member, "ratio")) members += "*" + std::to_string(*ratio);
      if (!BoolAt(member, "enabled").value_or(true)) members += "!";
    }
    row += (row.empty() ? "" : "; ") + *StringAt(pool, "name") + ":" + std::to_string(*IntAt(pool, "priority")) +
           (BoolAt(pool, "enabled").value_or(true) ? "" : "!") + "=" + members;
  }
  return row;
}

struct Row {
  const char* name;
  const char* before;
  Layout want;
  const char* after;
};

const Row kRows[] = {
    {"what is so already stays byte for byte",
     "live:20=us*4,eu*2",
     {{"us", Served(4)}, {"eu", Served(2)}},
     "live:20=us*4,eu*2"},
    {"an absent ratio is 1 and stays absent",
     "live:20=us,eu*2",
     {{"us", Served(1)}, {"eu", Served(2)}},
     "live:20=us,eu*2"},
    {"ratios change in place", "live:20=us*4,eu*2", {{"us", Served(3)}, {"eu", Served(5)}}, "live:20=us*3,eu*5"},
    {"a member that is promoted joins the pool that answers; its emptied pool goes",
     "live:20=us*4; spillway-parked:0=eu*7",
     {{"us", Served(4)}, {"eu", Served(1)}},
     "live:20=us*4,eu*1"},
    {"a member that is parked goes to a pool of priority 0, its ratio untouched",
     "live:20=us*4,eu*2",
     {{"us", Served(4)}, {"eu", Parked()}},
     "live:20=us*4; spillway-parked:0=eu*2"},
    {"standbys get the next priorities below, the first rank highest",
     "live:20=us,eu,ap",
     {{"us", Served(1)}, {"eu", Standby(2)}, {"ap", Standby(1)}},
     "live:20=us; spillway-standby-1:19=ap; spillway-standby-2:18=eu"},
    {"two standbys of one rank share a pool",
     "live:20=us,eu,ap",
     {{"us", Served(1)}, {"eu", Standby(1)}, {"ap", Standby(1)}},
     "live:20=us; spillway-standby-1:19=ap,eu"},
    {"a failover swaps the members of the pool that answers, which keeps its name",
     "live:20=us*4; spillway-standby-1:19=eu",
     {{"us", Standby(1)}, {"eu", Served(1)}},
     "live:20=eu; spillway-standby-1:19=us*4"},
    {"two pools made by hand are recognised and left alone",
     "primary:20=us; secondary:10=eu",
     {{"us", Served(1)}, {"eu", Standby(1)}},
     "primary:20=us; secondary:10=eu"},
    {"a pool made by hand is removed when it is emptied",
     "primary:20=us; secondary:10=eu",
     {{"us", Served(2)}, {"eu", Served(1)}},
     "primary:20=us*2,eu"},
    {"a standby in a pool made by hand stays there while others move",
     "primary:20=us,ap; secondary:10=eu",
     {{"us", Served(2)}, {"eu", Standby(1)}, {"ap", Parked()}},
     "primary:20=us*2; secondary:10=eu; spillway-parked:0=ap"},
    {"where pools made by hand are in the way of the ranks, all standbys move to ours",
     "primary:20=us,ap; secondary:10=eu",
     {{"us", Served(1)}, {"eu", Standby(1)}, {"ap", Standby(2)}},
     "primary:20=us; spillway-standby-2:18=ap; spillway-standby-1:19=eu"},
    {"foreign members and foreign pools stay, and so do their priorities",
     "live:20=us,foreign*9,eu; theirs:19=other; off:3!=another!",
     {{"us", Served(1)}, {"eu", Standby(1)}},
     "live:20=us,foreign*9; theirs:19=other; off:3!=another!; spillway-standby-1:18=eu"},
    {"a site that the layout does not name stays where it is",
     "live:20=us,eu,ap*3",
     {{"us", Served(2)}, {"eu", Parked()}},
     "live:20=us*2,ap*3; spillway-parked:0=eu"},
    {"a disabled member is enabled only when it is to be served",
     "live:20=us,eu!",
     {{"us", Served(1)}, {"eu", Served(3)}},
     "live:20=us,eu*3"},
    {"a disabled member that is not to be served stays as it is",
     "live:20=us*2,eu!",
     {{"us", Served(1)}, {"eu", Parked()}},
     "live:20=us*1,eu!"},
    {"a disabled member named as such stays as it is",
     "live:20=us*2,eu!",
     {{"us", Served(1)}, {"eu", Disabled()}},
     "live:20=us*1,eu!"},
    {"a pool above all others whose members are all disabled is not the one that answers",
     "old:30=us!; live:20=eu",
     {{"us", Served(1)}, {"eu", Standby(1)}},
     "live:20=us; spillway-standby-1:19=eu"},
    {"a standby pool that has come to answer goes on answering",
     "spillway-standby-1:19=eu; spillway-parked:0=us",
     {{"us", Standby(1)}, {"eu", Served(1)}},
     "spillway-standby-1:19=eu; spillway-standby-2:18=us"},
    {"a standby pool of ours whose priority somebody lowered is put right with the next change",
     "live:20=us,ap; spillway-standby-1:12=eu",
     {{"us", Served(1)}, {"ap", Standby(1)}, {"eu", Standby(1)}},
     "live:20=us; spillway-standby-1:19=eu,ap"},
    {"of pools that share the highest priority the one with the sites' members goes on",
     "theirs:20=foreign; live:20=us,eu",
     {{"us", Served(1)}, {"eu", Parked()}},
     "theirs:20=foreign; live:20=us; spillway-parked:0=eu"},
};

// The sites whose member stands somewhere in `config`.
MemberMatches Present(const JsonValue& config) {
  MemberMatches present;
  for (const auto& [site, match] : ThreeSites()) {
    if (!FindSpots(config, match).empty()) present[site] = match;
  }
  return present;
}

TEST(PlaceMembers, ArrangesPoolsAsTheLayoutWants) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    const JsonDocument before = Service(row.before);
    const auto placed = PlaceMembers(before, Present(before), row.want);
    if (!placed) {
      ADD_FAILURE() << placed.error().what;
      continue;
    }
    EXPECT_EQ(RowOf(placed->config), row.after);
    EXPECT_EQ(placed->changed, RowOf(before) != row.after);
  }
}

TEST(PlaceMembers, DoesNothingTheSecondTime) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    const JsonDocument before = Service(row.before);
    const auto once = PlaceMembers(before, Present(before), row.want);
    ASSERT_TRUE(once);
    const auto twice = PlaceMembers(once->config, Present(before), row.want);
    ASSERT_TRUE(twice);
    EXPECT_FALSE(twice->changed);
    EXPECT_EQ(JsonText(twice->config), JsonText(once->config));
  }
}

TEST(PlaceMembers, CarriesUnknownFieldsByteForByte) {
  const std::string before =
      R"({"_last_modified":"1700000000000001","uuid":"gslbservice-1","name":"shop","ttl":15,"x_future":{"deep":[1,2.5,-3,)"
      R"(18446744073709551615,1e-7,"\u0001",null,{"a":{}}]},"health_monitor_refs":["https://x/api/healthmonitor/h#H"],)"
      R"("groups":[{"priority":20,"x_pool":"p","name":"live","members":[{"ratio":3,"ip":{"type":"V4","addr":"10.1.0.10"},)"
      R"("location":{"location":{"latitude":37.7749292,"longitude":-122.4194155}},"x":[]},{"cluster_uuid":"c",)"
      R"("public_ip":{"ip":{"addr":"198.51.100.7","type":"V4"}},"ip":{"addr":"10.2.0.10","type":"V4"},"x_m":{"k":"v"}}],)"
      R"("algorithm":"GSLB_ALGORITHM_ROUND_ROBIN","enabled":true}],"hm_off":false})";
  const auto parsed = ParseJson(before);
  ASSERT_TRUE(parsed);
  const auto parked = PlaceMembers(*parsed, TwoSites(), {{"us", Served(4)}, {"eu", Parked()}});
  ASSERT_TRUE(parked);
  std::string expected = before;
  const auto replace = [&](const std::string& old_text, const std::string& new_text) {
    const auto at = expected.find(old_text);
    ASSERT_NE(at, std::string::npos) << old_text;
    expected.replace(at, old_text.size(), new_text);
  };
  const std::string eu =
      R"({"cluster_uuid":"c","public_ip":{"ip":{"addr":"198.51.100.7","type":"V4"}},"ip":{"addr":"10.2.0.10","type":"V4"},"x_m":{"k":"v"}})";
  replace("," + eu, "");
  replace(R"("ratio":3)", R"("ratio":4)");
  replace(R"("enabled":true}],"hm_off")",
          R"("enabled":true},{"priority":0,"x_pool":"p","name":"spillway-parked","members":[)" + eu +
              R"(],"algorithm":"GSLB_ALGORITHM_ROUND_ROBIN","enabled":true}],"hm_off")");
  EXPECT_EQ(JsonText(parked->config), expected);

  const auto back = PlaceMembers(parked->config, TwoSites(), {{"us", Served(3)}, {"eu", Served(1)}});
  ASSERT_TRUE(back);
  EXPECT_EQ(JsonText(back->config), JsonText(*parsed));
}

// The shortest text of a number may differ from the one that came in; its value may not.
TEST(PlaceMembers, DoesNotMoveTheLastDigitsOfANumber) {
  for (const double value : {37.774929199999997, -122.41941550000001, 0.1, 1e300, 5e-324}) {
    JsonDocument before = Service("live:20=us,eu");
    SetMember(before, "x_number", JsonValue(value), before.GetAllocator());
    const auto once = ParseJson(JsonText(before));
    ASSERT_TRUE(once);
    const auto placed = PlaceMembers(*once, TwoSites(), {{"us", Served(2)}, {"eu", Parked()}});
    ASSERT_TRUE(placed);
    EXPECT_EQ(NumberAt(placed->config, "x_number"), value);
    EXPECT_EQ(JsonText(*Find(placed->config, "x_number")), JsonText(*Find(*once, "x_number")));
  }
}

TEST(PlaceMembers, FillsInWhatAPoolLeavesOut) {
  const JsonDocument before = Json(
      "{'name':'shop','groups':[{'name':'p','members':[{'ip':{'addr':'10.1.0.10'}},{'ip':{'addr':'10.2.0.10'}}]}]}");
  const auto placed = PlaceMembers(before, TwoSites(), {{"us", Served(1)}, {"eu", Standby(1)}});
  ASSERT_TRUE(placed) << placed.error().what;
  EXPECT_EQ(JsonText(placed->config),
            R"({"name":"shop","groups":[{"name":"p","members":[{"ip":{"addr":"10.1.0.10"}}]},)"
            R"({"name":"spillway-standby-1","members":[{"ip":{"addr":"10.2.0.10"}}],"priority":9}]})");
}

TEST(PlaceMembers, RefusesWhatItMayNotOrCanNotDo) {
  struct Refusal {
    const char* name;
    const char* before;
    Layout want;
    Code code;
    const char* part;
  };
  const Refusal rows[] = {
      {"nobody would be answered", "live:20=us,eu", {{"us", Parked()}, {"eu", Parked()}}, Code::kRejected, "answered"},
      {"it never disables", "live:20=us,eu", {{"us", Served(1)}, {"eu", Disabled()}}, Code::kRejected, "\"eu\""},
      {"a site without a member", "live:20=us", {{"us", Served(1)}, {"eu", Served(1)}}, Code::kRejected, "\"eu\""},
      {"no room below priority 1",
       "live:1=us,eu",
       {{"us", Served(1)}, {"eu", Standby(1)}},
       Code::kRejected,
       "priority 1"},
      {"a foreign pool answers before ours",
       "theirs:30=foreign; live:20=us,eu",
       {{"us", Served(1)}, {"eu", Served(1)}},
       Code::kRejected,
       "none of the sites' members"},
      {"everything is parked, by somebody",
       "live:0=us,eu",
       {{"us", Served(1)}, {"eu", Parked()}},
       Code::kRejected,
       "no enabled pool"},
      {"the pool is disabled",
       "live:20!=us,eu",
       {{"us", Served(1)}, {"eu", Parked()}},
       Code::kRejected,
       "no enabled pool"},
      {"our own standby pool is disabled",
       "live:20=us,eu; spillway-standby-1:19!=foreign",
       {{"us", Served(1)}, {"eu", Standby(1)}},
       Code::kRejected,
       "would be disabled, not standby of rank 1"},
      {"a member stands twice",
       "live:20=us,eu; other:10=eu",
       {{"us", Served(1)}, {"eu", Parked()}},
       Code::kRejected,
       "more than once"},
  };
  for (const Refusal& row : rows) {
    SCOPED_TRACE(row.name);
    const JsonDocument before = Service(row.before);
    const auto placed = PlaceMembers(before, Present(before), row.want);
    if (placed) {
      ADD_FAILURE() << RowOf(placed->config);
      continue;
    }
    EXPECT_EQ(placed.error().code, row.code);
    EXPECT_NE(placed.error().what.find(row.part), std::string::npos) << placed.error().what;
  }
}

TEST(PlaceMembers, NamesTheAddressAndTheServiceOfAMissingMember) {
  const JsonDocument before = Service("live:20=us");
  const auto placed = PlaceMembers(before, TwoSites(), {{"us", Served(1)}, {"eu", Served(1)}});
  ASSERT_FALSE(placed);
  EXPECT_EQ(placed.error().code, Code::kMissing);
  EXPECT_EQ(placed.error().what, "GSLB service \"shop\" has no member 10.2.0.10 (of site \"eu\")");
}

TEST(PlaceMembers, LeavesADisabledServiceAlone) {
  JsonDocument before = Service("live:20=us,eu");
  SetMember(before, "enabled", JsonValue(false), before.GetAllocator());
  const auto placed = PlaceMembers(before, TwoSites(), {{"us", Served(1)}, {"eu", Served(1)}});
  ASSERT_FALSE(placed);
  EXPECT_EQ(placed.error().what, "GSLB service \"shop\" is disabled");
}

// Every layout can be reached from every other, and the way back restores what people configured.
TEST(PlaceMembers, ReachesEveryLayoutFromEveryOther) {
  const std::vector<Placement> places = {Served(7), Standby(1), Parked()};
  std::vector<Layout> layouts = {{{"us", Served(1)}, {"eu", Standby(1)}, {"ap", Standby(2)}},
                                 {{"us", Standby(2)}, {"eu", Standby(1)}, {"ap", Served(3)}}};
  for (const Placement& us : places) {
    for (const Placement& eu : places) {
      for (const Placement& ap : places) {
        Layout layout{{"us", us}, {"eu", eu}, {"ap", ap}};
        if (!PublishedShares(layout).empty()) layouts.push_back(layout);
      }
    }
  }
  for (const Layout& from : layouts) {
    for (const Layout& to : layouts) {
      const JsonDocument start = Service("live:20=us,foreign*9,eu,ap; theirs:19=other");
      const auto first = PlaceMembers(start, ThreeSites(), from);
      ASSERT_TRUE(first) << first.error().what;
      const auto second = PlaceMembers(first->config, ThreeSites(), to);
      ASSERT_TRUE(second) << second.error().what;
      const auto located = Locate(second->config, ThreeSites());
      ASSERT_TRUE(located);
      for (const auto& [site, at] : *located) ASSERT_EQ(at.placement, to.at(site)) << RowOf(second->config);
      for (const JsonValue& pool : Find(second->config, "groups")->GetArray()) {
        ASSERT_FALSE(Find(pool, "members")->Empty());
      }
    }
  }
}

}  // namespace
}  // namespace spillway::avi
