#include "avi/wire.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/avi/json_text.h"

namespace spillway::avi {
namespace {

constexpr const char* kUs = "{'ip':{'addr':'10.1.0.10'},'ratio':14,'cluster_uuid':'cluster-us','vs_uuid':'vs-us'}";
constexpr const char* kEu = "{'ip':{'addr':'10.2.0.10'},'ratio':6,'cluster_uuid':'cluster-eu','vs_uuid':'vs-eu'}";

std::string Pool(const std::string& fields, const std::string& members) {
  return "{'algorithm':'GSLB_ALGORITHM_ROUND_ROBIN'," + fields + ",'members':[" + members + "]}";
}

JsonDocument Config(const std::string& groups, const std::string& more = "'num_dns_ip':1") {
  return Json("{'name':'shop','_last_modified':'1700000000000000'," + more + ",'groups':[" + groups + "]}");
}

TEST(ReadService, RecognisesAnyLayout) {
  struct Row {
    const char* name;
    std::string groups;
    std::string more;
    Placement us, eu;
  };
  const std::string both = std::string(kUs) + "," + kEu;
  const std::string eu_off = "{'ip':{'addr':'10.2.0.10'},'enabled':false}";
  const Row rows[] = {
      {"one pool: both are served", Pool("'name':'a','priority':20", both), "'num_dns_ip':1", Served(14), Served(6)},
      {"an absent ratio is 1, an absent priority 10, an absent enabled true",
       "{'name':'a','members':[{'ip':{'addr':'10.1.0.10'}}]}," + Pool("'name':'b','priority':9", kEu), "'num_dns_ip':1",
       Served(1), Standby(1)},
      {"two pools by priority, in any order",
       Pool("'name':'b','priority':10", kEu) + "," + Pool("'name':'a','priority':20", kUs), "'num_dns_ip':1",
       Served(14), Standby(1)},
      {"priority 0 is parked", Pool("'name':'a','priority':20", kUs) + "," + Pool("'name':'b','priority':0", kEu),
       "'num_dns_ip':1", Served(14), Parked()},
      {"all at priority 0", Pool("'name':'a','priority':0", both), "'num_dns_ip':1", Parked(), Parked()},
      {"a disabled member", Pool("'name':'a','priority':20", std::string(kUs) + "," + eu_off), "'num_dns_ip':1",
       Served(14), Disabled()},
      {"a disabled pool, even the highest",
       Pool("'name':'a','priority':20", kUs) + "," + Pool("'name':'b','priority':30,'enabled':false", kEu),
       "'num_dns_ip':1", Served(14), Disabled()},
      {"a disabled service", Pool("'name':'a','priority':20", both), "'enabled':false", Disabled(), Disabled()},
      {"a pool without an enabled member does not answer",
       Pool("'name':'b','priority':30", eu_off) + "," + Pool("'name':'a','priority':20", kUs), "'num_dns_ip':1",
       Served(14), Disabled()},
      {"behind a foreign pool both are standbys",
       Pool("'name':'x','priority':90", "{'ip':{'addr':'192.0.2.1'}}") + "," + Pool("'name':'a','priority':20", both),
       "'num_dns_ip':1", Standby(1), Standby(1)},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const auto view = ReadService(Config(row.groups, row.more), nullptr, TwoSites());
    ASSERT_TRUE(view) << view.error().what;
    EXPECT_EQ(view->traffic.members.at("us").placement, row.us);
    EXPECT_EQ(view->traffic.members.at("eu").placement, row.eu);
  }
}

TEST(ReadService, RanksStandbysDenselyByPriority) {
  const JsonDocument config =
      Config(Pool("'name':'c','priority':3", "{'ip':{'addr':'10.3.0.10'}}") + "," +
             Pool("'name':'x','priority':7", "{'ip':{'addr':'192.0.2.1'}}") + "," +
             Pool("'name':'b','priority':9", kEu) + "," + Pool("'name':'a','priority':20", kUs));
  const auto view = ReadService(config, nullptr, ThreeSites());
  ASSERT_TRUE(view);
  EXPECT_EQ(view->traffic.members.at("eu").placement, Standby(1));
  EXPECT_EQ(view->traffic.members.at("ap").placement, Standby(2));
}

TEST(ReadService, FindsMembersByAnyIdentityAndNeverByPosition) {
  const JsonDocument config = Config(
      Pool("'name':'a','priority':20",
           "{'fqdn':'Shop.EU.example.','ratio':2},{'ip':{'addr':'2001:db8:0:0::1'},'ratio':3},"
           "{'vs_uuid':'virtualservice-9','ip':{'addr':'10.9.9.9'},'ratio':4},{'ip':{'addr':'10.1.0.100'},'ratio':5}"));
  const MemberMatches matches = {{"name", {.ip = {}, .fqdn = "shop.eu.example", .vs_uuid = {}}},
                                 {"six", ByIp("2001:DB8::1")},
                                 {"vs", {.ip = {}, .fqdn = {}, .vs_uuid = "virtualservice-9"}}};
  const auto view = ReadService(config, nullptr, matches);
  ASSERT_TRUE(view) << view.error().what;
  EXPECT_EQ(view->traffic.members.at("name").placement, Served(2));
  EXPECT_EQ(view->traffic.members.at("six").placement, Served(3));
  EXPECT_EQ(view->traffic.members.at("vs").placement, Served(4));

  const auto missing = ReadService(config, nullptr, {{"us", ByIp("10.1.0.10")}});  // 10.1.0.100 is another
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::kMissing);
  EXPECT_EQ(missing.error().what, "GSLB service \"shop\" has no member 10.1.0.10 (of site \"us\")");
}

TEST(ReadService, NamesWhatMakesRatiosMeaningless) {
  struct Row {
    const char* name;
    std::string groups, more;
    const char* part;  // nullptr: nothing does
  };
  const std::string both = std::string(kUs) + "," + kEu;
  const std::string plain = Pool("'name':'a','priority':20", both);
  const Row rows[] = {
      {"nothing", plain, "'num_dns_ip':1", nullptr},
      {"num_dns_ip unset", plain, "'ttl':15", "num_dns_ip is not 1"},
      {"num_dns_ip 0", plain, "'num_dns_ip':0", "num_dns_ip is not 1"},
      {"num_dns_ip 2", plain, "'num_dns_ip':2", "num_dns_ip is 2"},
      {"persistence", plain, "'num_dns_ip':1,'site_persistence_enabled':true", "site_persistence_enabled"},
      {"topology", plain, "'num_dns_ip':1,'topology_policy_enabled':true", "topology_policy_enabled"},
      {"geo pools", plain, "'num_dns_ip':1,'pool_algorithm':'GSLB_SERVICE_ALGORITHM_GEO'", "pool_algorithm"},
      {"priority pools", plain, "'num_dns_ip':1,'pool_algorithm':'GSLB_SERVICE_ALGORITHM_PRIORITY'", nullptr},
      {"another member algorithm", "{'name':'a','algorithm':'GSLB_ALGORITHM_TOPOLOGY','members':[" + both + "]}",
       "'num_dns_ip':1", "pool \"a\" chooses by GSLB_ALGORITHM_TOPOLOGY"},
      {"another algorithm where nobody is answered from",
       Pool("'name':'a','priority':20", kUs) + ",{'name':'b','algorithm':'GSLB_ALGORITHM_GEO','members':[" + kEu + "]}",
       "'num_dns_ip':1", nullptr},
      {"two pools share the highest priority",
       Pool("'name':'a','priority':20", kUs) + "," + Pool("'name':'b','priority':20", kEu), "'num_dns_ip':1",
       "pools \"a\" and \"b\" share"},
      {"a foreign pool answers first", plain + "," + Pool("'name':'x','priority':90", "{'ip':{'addr':'192.0.2.1'}}"),
       "'num_dns_ip':1", "pool \"x\" of priority 90"},
      {"a member stands twice", plain + "," + Pool("'name':'b','priority':10", kEu), "'num_dns_ip':1",
       "member 10.2.0.10 stands in the service more than once"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const auto view = ReadService(Config(row.groups, row.more), nullptr, TwoSites());
    ASSERT_TRUE(view) << view.error().what;
    const std::vector<std::string>& found = view->traffic.ratios_void;
    if (row.part == nullptr) {
      EXPECT_TRUE(found.empty()) << found.front();
    } else {
      ASSERT_EQ(found.size(), 1U);
      EXPECT_NE(found.front().find(row.part), std::string::npos) << found.front();
    }
  }
}

TEST(ReadService, KeepsOffWhatAmkoOwns) {
  for (const char* creator : {"amko-6f1c", "amko-gslb", "mcc-gslb"}) {
    const auto view = ReadService(Config(Pool("'name':'a'", std::string(kUs) + "," + kEu),
                                         "'num_dns_ip':1,'created_by':'" + std::string(creator) + "'"),
                                  nullptr, TwoSites());
    ASSERT_TRUE(view);
    EXPECT_FALSE(view->traffic.writable);
    EXPECT_EQ(view->traffic.unwritable_why, "GSLB service \"shop\" belongs to AMKO (created_by \"" +
                                                std::string(creator) + "\"), which would undo it");
  }
  for (const char* creator : {"admin", "", "amkoo", "not-amko-"}) {
    const auto view = ReadService(
        Config(Pool("'name':'a'", std::string(kUs) + "," + kEu), "'created_by':'" + std::string(creator) + "'"),
        nullptr, TwoSites());
    ASSERT_TRUE(view);
    EXPECT_TRUE(view->traffic.writable) << creator;
    EXPECT_EQ(view->traffic.unwritable_why, "");
  }
}

TEST(ReadService, TakesTheTtlOrTheDnsProfilesDefault) {
  const std::string pool = Pool("'name':'a'", std::string(kUs) + "," + kEu);
  EXPECT_EQ(ReadService(Config(pool, "'ttl':15"), nullptr, TwoSites())->traffic.ttl, 15s);
  EXPECT_EQ(ReadService(Config(pool, "'ttl':0"), nullptr, TwoSites())->traffic.ttl, 0s);
  EXPECT_EQ(ReadService(Config(pool), nullptr, TwoSites())->traffic.ttl, 30s);
  EXPECT_EQ(ReadService(Config(pool, "'ttl':9223372036854775807"), nullptr, TwoSites())->traffic.ttl, 24h)
      << "the most that a controller takes; as microseconds it would be negative";
  EXPECT_EQ(ReadService(Config(pool, "'ttl':-1"), nullptr, TwoSites())->traffic.ttl, 0s);
}

constexpr const char* kRuntime =
    "{'groups':[{'name':'old','members':[{'ip':{'addr':'10.1.0.10'},'oper_status':{'state':'OPER_DOWN'}}]},"
    "{'name':'a','members':["
    "{'ip':{'addr':'10.1.0.10'},'oper_status':{'state':'OPER_UP'},'controller_status':{'state':'OPER_DOWN'},"
    "'datapath_status':[{'oper_status':{'state':'OPER_UP'}},{'oper_status':{'state':'OPER_UNKNOWN'}}],"
    "'vserver_l4_metrics':{'avg_complete_conns':7,'max_open_conns':30.5},"
    "'vserver_l7_metrics':{'avg_complete_responses':120.25}},"
    "{'ip':{'addr':'10.2.0.10'},'oper_status':{'state':'OPER_DISABLED'},"
    "'datapath_status':[{'oper_status':{'state':'OPER_UP'}},{'oper_status':{'state':'OPER_DOWN'}}],"
    "'vserver_l4_metrics':{'avg_complete_conns':7}}]}]}";

TEST(ReadService, JoinsTheRuntimeByPoolAndAddress) {
  const JsonDocument config = Config(Pool("'name':'a'", std::string(kUs) + "," + kEu));
  for (const std::string& text : {std::string(kRuntime), "[{'uuid':'x'}," + std::string(kRuntime) + "]"}) {
    const JsonDocument runtime = Json(text);
    const auto view = ReadService(config, &runtime, TwoSites());
    ASSERT_TRUE(view);
    const MemberState& us = view->traffic.members.at("us");
    EXPECT_EQ(us.health, Health::kUp);
    EXPECT_EQ(us.controller, Health::kDown);
    EXPECT_EQ(us.datapath, Health::kUp);
    EXPECT_EQ(us.requests_per_second, 120.25);
    EXPECT_EQ(us.open_connections, 30.5);
    const MemberState& eu = view->traffic.members.at("eu");
    EXPECT_EQ(eu.health, Health::kDown);
    EXPECT_EQ(eu.controller, Health::kUnknown);
    EXPECT_EQ(eu.datapath, Health::kUnknown) << "two probing sites that disagree";
    EXPECT_EQ(eu.requests_per_second, 7);
    EXPECT_FALSE(eu.open_connections);
  }
}

TEST(ReadService, KnowsNothingOfHealthWithoutARuntime) {
  const JsonDocument config = Config(Pool("'name':'a'", std::string(kUs) + "," + kEu));
  const JsonDocument odd = Json("{'groups':[{'name':'a','members':[{'ip':'10.1.0.10'},7,null]},3]}");
  const JsonDocument number = Json("5");
  for (const JsonValue* runtime : {static_cast<const JsonValue*>(nullptr), static_cast<const JsonValue*>(&odd),
                                   static_cast<const JsonValue*>(&number)}) {
    const auto view = ReadService(config, runtime, TwoSites());
    ASSERT_TRUE(view);
    EXPECT_EQ(view->traffic.members.at("us").health, Health::kUnknown);
    EXPECT_FALSE(view->traffic.members.at("us").requests_per_second);
  }
}

TEST(ReadService, RefusesWhatIsNoService) {
  for (const char* text : {"{}", "{'groups':[]}", "{'groups':{}}", "[]", "7"}) {
    const auto view = ReadService(Json(text), nullptr, TwoSites());
    ASSERT_FALSE(view) << text;
    EXPECT_EQ(view.error().code, Code::kRejected);
  }
  EXPECT_FALSE(ReadService(Json("{'groups':[7,{'members':8},{'members':[9,{'ip':4}]}]}"), nullptr, TwoSites()));
}

TEST(HealthOf, CallsOnlyOneStateUp) {
  EXPECT_EQ(HealthOf("OPER_UP"), Health::kUp);
  for (const char* state : {"OPER_DOWN", "OPER_DISABLED", "OPER_FAILED", "OPER_INACTIVE", "OPER_AGGREGATE_DOWN"}) {
    EXPECT_EQ(HealthOf(state), Health::kDown) << state;
  }
  for (const char* state : {"OPER_UNAVAIL", "OPER_UNKNOWN", "OPER_INITIALIZING", "", "OPER_NEW_IN_33", "oper_up"}) {
    EXPECT_EQ(HealthOf(state), Health::kUnknown) << state;
  }
}

TEST(SameForDecisions, IgnoresTheNoiseOfCounters) {
  TrafficState a;
  a.members["us"].requests_per_second = 100;
  TrafficState b = a;
  b.members["us"].requests_per_second = 105;
  EXPECT_TRUE(SameForDecisions(a, b));
  b.members["us"].requests_per_second = 120;
  EXPECT_FALSE(SameForDecisions(a, b));
  b.members["us"].requests_per_second = std::nullopt;
  EXPECT_FALSE(SameForDecisions(a, b));
  b = a;
  b.members["us"].health = Health::kUp;
  EXPECT_FALSE(SameForDecisions(a, b));
  b = a;
  b.in_force = false;
  EXPECT_FALSE(SameForDecisions(a, b));
}

}  // namespace
}  // namespace spillway::avi
