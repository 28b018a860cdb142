// Rows 46 to 55: how a member becomes UP, what is probed, and what the DNS service answers from.
#include <algorithm>

#include "tests/lab/avi/client.h"

namespace spillway::lab::avi {
namespace {

std::vector<std::string> Probed(const Federation& federation, std::string_view site) {
  std::vector<std::string> ips;
  for (const ProbeTarget& target : federation.ProbeTargets(site)) ips.push_back(target.ip);
  return ips;
}

MemberView Dns(const Federation& federation, std::string_view site, std::string_view ip) {
  for (const ServiceView& service : federation.DnsView(site)) {
    for (const PoolView& pool : service.pools) {
      for (const MemberView& member : pool.members) {
        if (member.ip == ip) return member;
      }
    }
  }
  return {};
}

const std::string us_ip(kUsIp);  // NOLINT(cert-err58-cpp)
const std::string eu_ip(kEuIp);  // NOLINT(cert-err58-cpp)

TEST_F(AviFake, Row46_TheInventoryHasConfigAndRuntimeInTheSwaggersShape) {
  const std::string uuid = CreateShop();
  AllUp();
  federation.SetTraffic(eu_ip, 12.5, 7);
  const JsonDocument body = us.Json("GET", "/api/gslbservice-inventory/" + uuid);
  EXPECT_EQ(StringAt(body, "uuid"), uuid);
  EXPECT_EQ(StringAt(body, "config.name"), "shop");
  EXPECT_EQ(IntAt(body["config"]["groups"][0]["members"][0], "ratio"), 14);
  EXPECT_EQ(Find(body["config"], "ttl"), nullptr);  // GslbServiceConfig has none
  EXPECT_EQ(StringAt(body, "runtime.oper_status.state"), "OPER_UP");
  const JsonValue& pool = body["runtime"]["groups"][0];
  EXPECT_EQ(StringAt(pool, "name"), "live");
  EXPECT_EQ(StringAt(pool, "oper_status.state"), "OPER_UP");
  const JsonValue& member = pool["members"][1];
  EXPECT_EQ(StringAt(member, "ip.addr"), eu_ip);
  EXPECT_EQ(StringAt(member, "site_name"), "eu");
  EXPECT_EQ(StringAt(member, "cluster_uuid"), "cluster-eu");
  EXPECT_EQ(StringAt(member, "vip_type"), "AVI_VIP");
  EXPECT_EQ(StringAt(member, "oper_status.state"), "OPER_UP");
  EXPECT_EQ(StringAt(member, "controller_status.state"), "OPER_UP");
  ASSERT_EQ(member["datapath_status"].Size(), 2U);
  EXPECT_EQ(StringAt(member["datapath_status"][1], "site_uuid"), "cluster-eu");
  EXPECT_EQ(NumberAt(member, "vserver_l7_metrics.avg_complete_responses"), 12.5);
  EXPECT_EQ(NumberAt(member, "vserver_l4_metrics.avg_complete_conns"), 12.5);
  EXPECT_EQ(NumberAt(member, "vserver_l4_metrics.max_open_conns"), 7);
  EXPECT_EQ(Find(pool["members"][0], "vserver_l7_metrics"), nullptr);
  EXPECT_EQ(IntAt(us.Json("GET", "/api/gslbservice-inventory"), "count"), 1);
}

TEST_F(AviFake, Row46_AChangeOfStateHasItsTime) {
  const std::string uuid = CreateShop();
  AllUp();
  const std::int64_t at = clock.WallNow().time_since_epoch() / 1s;
  clock.Advance(40s);
  EXPECT_EQ(IntAt(Member(us, uuid, 0, 1), "oper_status.last_changed_time.secs"), at);
  EXPECT_EQ(IntAt(Member(us, uuid, 0, 1), "controller_status.last_changed_time.secs"), at);
}

TEST_F(AviFake, Row46_NothingIsUpBeforeAnybodySaidSo) {
  const std::string uuid = CreateShop();
  EXPECT_EQ(MemberState(us, uuid, 0, 0), "OPER_UNAVAIL");
  federation.SetControllerStatus(us_ip, true);
  federation.SetDatapath("us", us_ip, true);
  EXPECT_EQ(MemberState(us, uuid, 0, 0), "OPER_UNAVAIL");  // the other site's probes are not heard of yet
  federation.SetDatapath("eu", us_ip, true);
  EXPECT_EQ(MemberState(us, uuid, 0, 0), "OPER_UNAVAIL");
  clock.Advance(15s);
  EXPECT_EQ(MemberState(us, uuid, 0, 0), "OPER_UP");
}

TEST_F(AviFake, Row46_ConsolidatedNeedsEveryApplicableSource) {
  const std::string uuid = CreateShop();
  struct Row {
    const char* name;
    bool controller, us_probe, eu_probe;
    const char* state;
  };
  const Row rows[] = {
      {"all up", true, true, true, "OPER_UP"},
      {"the controller says down", false, true, true, "OPER_DOWN"},
      {"this site's probes say down", true, false, true, "OPER_DOWN"},
      {"the other site's probes say down", true, true, false, "OPER_DOWN"},
      {"all up again", true, true, true, "OPER_UP"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    federation.SetControllerStatus(us_ip, row.controller);
    federation.SetDatapath("us", us_ip, row.us_probe);
    federation.SetDatapath("eu", us_ip, row.eu_probe);
    clock.Advance(15s);
    const JsonDocument member = Member(us, uuid, 0, 0);
    EXPECT_EQ(StringAt(member, "oper_status.state"), row.state);
    EXPECT_EQ(StringAt(member, "controller_status.state"), row.controller ? "OPER_UP" : "OPER_DOWN");
    EXPECT_EQ(StringAt(member["datapath_status"][0], "oper_status.state"), row.us_probe ? "OPER_UP" : "OPER_DOWN");
    EXPECT_EQ(StringAt(member["datapath_status"][1], "oper_status.state"), row.eu_probe ? "OPER_UP" : "OPER_DOWN");
    // A DNS service goes by its own probes.
    EXPECT_EQ(Dns(federation, "us", us_ip).up, row.controller && row.us_probe);
    EXPECT_EQ(Dns(federation, "eu", us_ip).up, row.controller && row.eu_probe);
  }
}

TEST_F(AviFake, Row46_WithoutControllerHealthOnlyProbesCount) {
  const auto uuid = federation.Create(
      "gslbservice", ServiceJson("shop", "shop.gslb.example", "", R"(,"controller_health_status_enabled":false)"));
  ASSERT_TRUE(uuid);
  for (const char* site : {"us", "eu"}) federation.SetDatapath(site, us_ip, true);
  clock.Advance(15s);
  EXPECT_EQ(MemberState(us, *uuid, 0, 0), "OPER_UP");
  EXPECT_EQ(Find(Member(us, *uuid, 0, 0), "controller_status"), nullptr);
}

TEST_F(AviFake, Row47_RuntimeIsAnObject) {
  const std::string uuid = CreateShop();
  EXPECT_EQ(StringAt(us.Json("GET", "/api/gslbservice/" + uuid + "/runtime/"), "name"), "shop");
  const JsonDocument joined = us.Json("GET", "/api/gslbservice/" + uuid + "?join_subresources=runtime");
  EXPECT_EQ(StringAt(joined, "runtime.name"), "shop");
}

TEST(AviFakeRuntimeList, Row47_RuntimeIsAListOfOneIfSoSwitched) {
  ManualClock clock;
  FederationOptions options = TwoSites();
  options.runtime_as_list = true;
  Federation federation(clock, options);
  const auto uuid = federation.Create("gslbservice", ServiceJson("shop", "shop.gslb.example"));
  ASSERT_TRUE(uuid);
  Client client(federation.controller("us"));
  client.Login();
  const JsonDocument list = client.Json("GET", "/api/gslbservice/" + *uuid + "/runtime");
  ASSERT_TRUE(list.IsArray());
  EXPECT_EQ(StringAt(list[0], "name"), "shop");
  const JsonDocument inventory = client.Json("GET", "/api/gslbservice-inventory/" + *uuid);
  ASSERT_TRUE(inventory["runtime"].IsArray());
  EXPECT_EQ(StringAt(inventory["runtime"][0], "name"), "shop");
}

TEST_F(AviFake, Row48_ADeadSiteIsDownAfterTwentyUnansweredAsks) {
  const std::string uuid = CreateShop();
  AllUp();
  federation.SetAlive("eu", false);
  for (int i = 0; i < 19; ++i) clock.Advance(15s);
  EXPECT_EQ(MemberState(us, uuid, 0, 1), "OPER_UP");
  clock.Advance(15s);
  const JsonDocument member = Member(us, uuid, 0, 1);
  EXPECT_EQ(StringAt(member, "controller_status.state"), "OPER_DOWN");
  // Headless: its virtual service still serves, and this site's probes see it.
  EXPECT_EQ(StringAt(member["datapath_status"][0], "oper_status.state"), "OPER_UP");
  EXPECT_EQ(StringAt(member, "oper_status.state"), "OPER_DOWN");
  EXPECT_EQ(MemberState(us, uuid, 0, 0), "OPER_UP");  // home does not suffer for it
  EXPECT_TRUE(Dns(federation, "eu", eu_ip).up);
  federation.SetAlive("eu", true);
  clock.Advance(15s);
  EXPECT_EQ(MemberState(us, uuid, 0, 1), "OPER_UP");
}

TEST_F(AviFake, Row49_TheControllerCountsAsOneMonitor) {
  const std::string pool =
      PoolJson("live", 20, MemberJson("us", 1) + "," + MemberJson("eu", 1), R"(,"min_health_monitors_up":1)");
  const auto uuid = federation.Create("gslbservice", ServiceJson("shop", "shop.gslb.example", pool));
  ASSERT_TRUE(uuid);
  AllUp();
  federation.SetControllerStatus(us_ip, false);
  EXPECT_EQ(MemberState(us, *uuid, 0, 0), "OPER_UP");  // the one data-plane monitor is enough
  federation.SetDatapath("us", us_ip, false);
  EXPECT_EQ(MemberState(us, *uuid, 0, 0), "OPER_DOWN");
  federation.SetControllerStatus(us_ip, true);
  EXPECT_EQ(MemberState(us, *uuid, 0, 0), "OPER_UP");  // so is the controller
}

TEST_F(AviFake, Row49_MoreMonitorsThanThereAreKeepAMemberDown) {
  const std::string pool = PoolJson("live", 20, MemberJson("us", 1), R"(,"min_health_monitors_up":3)");
  const auto uuid = federation.Create("gslbservice", ServiceJson("shop", "shop.gslb.example", pool));
  ASSERT_TRUE(uuid);
  AllUp();
  EXPECT_EQ(MemberState(us, *uuid, 0, 0), "OPER_DOWN");
}

TEST_F(AviFake, Row49_AThirdPartyMemberHasNoControllerStatus) {
  const std::string member = R"({"ip":{"addr":"10.30.0.10","type":"V4"},"cluster_uuid":"tp_cluster-dc"})";
  const auto uuid =
      federation.Create("gslbservice", ServiceJson("shop", "shop.gslb.example", PoolJson("live", 20, member)));
  ASSERT_TRUE(uuid);
  for (const char* site : {"us", "eu"}) federation.SetDatapath(site, "10.30.0.10", true);
  clock.Advance(15s);
  const JsonDocument seen = Member(us, *uuid, 0, 0);
  EXPECT_EQ(StringAt(seen, "oper_status.state"), "OPER_UP");
  EXPECT_EQ(StringAt(seen, "vip_type"), "NON_AVI_VIP");
  EXPECT_EQ(StringAt(seen, "site_name"), "dc");
  EXPECT_EQ(Find(seen, "controller_status"), nullptr);
}

TEST_F(AviFake, Row50_ManualResumeHoldsAMemberUntilItsSwitchIsToggled) {
  const auto json = [](bool enabled) {
    const std::string pool = PoolJson("live", 20, MemberJson("us", 1, enabled), R"(,"manual_resume":true)");
    return ServiceJson("shop", "shop.gslb.example", pool);
  };
  const auto uuid = federation.Create("gslbservice", json(true));
  ASSERT_TRUE(uuid);
  AllUp();
  EXPECT_EQ(MemberState(us, *uuid, 0, 0), "OPER_UP");
  federation.SetDatapath("us", us_ip, false);
  EXPECT_EQ(MemberState(us, *uuid, 0, 0), "OPER_DOWN");
  federation.SetDatapath("us", us_ip, true);
  EXPECT_EQ(MemberState(us, *uuid, 0, 0), "OPER_DISABLED");
  EXPECT_FALSE(Dns(federation, "us", us_ip).up);
  EXPECT_EQ(us.Send("PUT", "/api/gslbservice/" + *uuid, json(false)).status, 200);
  EXPECT_EQ(us.Send("PUT", "/api/gslbservice/" + *uuid, json(true)).status, 200);
  clock.Advance(200ms);  // so that the other site has seen it too
  for (const char* site : {"us", "eu"}) federation.SetDatapath(site, us_ip, true);
  clock.Advance(15s);
  EXPECT_EQ(MemberState(us, *uuid, 0, 0), "OPER_UP");
}

TEST_F(AviFake, Row51_APriorityZeroPoolIsProbedAndKeepsItsState) {
  const std::string pools =
      PoolJson("live", 20, MemberJson("us", 1)) + "," + PoolJson("parked", 0, MemberJson("eu", 1));
  const auto uuid = federation.Create("gslbservice", ServiceJson("shop", "shop.gslb.example", pools));
  ASSERT_TRUE(uuid);
  EXPECT_EQ(Probed(federation, "us"), (std::vector<std::string>{us_ip, eu_ip}));
  AllUp();
  EXPECT_EQ(MemberState(us, *uuid, 1, 0), "OPER_UP");
  EXPECT_EQ(federation.DnsView("us").at(0).pools.at(1).priority, 0);
  // Promotion keeps what is known of its health.
  EXPECT_EQ(us.Send("PUT", "/api/gslbservice/" + *uuid, ServiceJson("shop", "shop.gslb.example")).status, 200);
  EXPECT_EQ(MemberState(us, *uuid, 0, 1), "OPER_UP");
  EXPECT_TRUE(Dns(federation, "us", eu_ip).up);
}

TEST_F(AviFake, Row51_DisabledMeansNeitherProbedNorUp) {
  struct Row {
    const char* name;
    std::string pools, more;
  };
  const std::string both = MemberJson("us", 1) + "," + MemberJson("eu", 1);
  const Row rows[] = {
      {"a member", PoolJson("live", 20, MemberJson("us", 1) + "," + MemberJson("eu", 1, false)), ""},
      {"a pool",
       PoolJson("live", 20, MemberJson("us", 1)) + "," +
           PoolJson("off", 10, MemberJson("eu", 1), R"(,"enabled":false)"),
       ""},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const auto uuid = federation.Create("gslbservice", ServiceJson("shop", "shop.gslb.example", row.pools, row.more));
    ASSERT_TRUE(uuid);
    EXPECT_EQ(Probed(federation, "us"), std::vector<std::string>{us_ip});
    AllUp();
    const JsonDocument inventory = us.Json("GET", "/api/gslbservice-inventory/" + *uuid);
    const std::string text = JsonText(inventory["runtime"]);
    EXPECT_NE(text.find("OPER_DISABLED"), std::string::npos);
    EXPECT_FALSE(Dns(federation, "us", eu_ip).up);
    EXPECT_EQ(us.Send("DELETE", "/api/gslbservice/" + *uuid).status, 204);
    clock.Advance(200ms);
  }
}

TEST_F(AviFake, Row51_AMemberThatIsEnabledAgainStartsUnknown) {
  const std::string uuid = CreateShop();
  AllUp();
  const std::string off = PoolJson("live", 20, MemberJson("us", 14) + "," + MemberJson("eu", 6, false));
  const std::string target = "/api/gslbservice/" + uuid;
  EXPECT_EQ(us.Send("PUT", target, ServiceJson("shop", "shop.gslb.example", off)).status, 200);
  EXPECT_EQ(MemberState(us, uuid, 0, 1), "OPER_DISABLED");
  EXPECT_EQ(us.Send("PUT", target, ServiceJson("shop", "shop.gslb.example")).status, 200);
  EXPECT_EQ(MemberState(us, uuid, 0, 1), "OPER_UNAVAIL");
  federation.SetDatapath("us", eu_ip, true);
  EXPECT_TRUE(Dns(federation, "us", eu_ip).up);
}

TEST_F(AviFake, Row51_ADisabledSiteIsNotAnsweredAndNotProbed) {
  const std::string uuid = CreateShop();
  AllUp();
  JsonDocument list = us.Json("GET", "/api/gslb");
  JsonValue& gslb = list["results"][0];
  gslb["sites"][1]["enabled"] = false;
  us.Json("PUT", "/api/gslb/" + StringAt(gslb, "uuid").value_or(""), JsonText(gslb));
  EXPECT_EQ(MemberState(us, uuid, 0, 1), "OPER_DISABLED");
  EXPECT_FALSE(Dns(federation, "us", eu_ip).enabled);
  EXPECT_EQ(Probed(federation, "us"), std::vector<std::string>{us_ip});
}

TEST_F(AviFake, Row53_ASitesRatioOverridesItsMembers) {
  CreateShop();
  EXPECT_EQ(Dns(federation, "us", eu_ip).ratio, 6);
  JsonDocument list = us.Json("GET", "/api/gslb");
  JsonValue& gslb = list["results"][0];
  gslb["sites"][1].AddMember("ratio", 19, list.GetAllocator());
  us.Json("PUT", "/api/gslb/" + StringAt(gslb, "uuid").value_or(""), JsonText(gslb));
  EXPECT_EQ(Dns(federation, "us", eu_ip).ratio, 19);
  EXPECT_EQ(Dns(federation, "us", us_ip).ratio, 14);
}

TEST_F(AviFake, Row54And55And56_TheDnsViewCarriesWhatAnswersDependOn) {
  const std::string more =
      R"(,"ttl":15,"num_dns_ip":1,"down_response":{"type":"GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP",)"
      R"("fallback_ip":{"addr":"10.9.9.9","type":"V4"}})";
  std::string json = ServiceJson("shop", "Shop.gslb.example", "", more);
  json.replace(json.find("GSLB_ALGORITHM_ROUND_ROBIN"), 26, "GSLB_ALGORITHM_PREFERENCE_ORDER");
  json.replace(json.find(R"("ratio":6)"), 9, R"("preference_order":2)");
  ASSERT_TRUE(federation.Create("gslbservice", json));
  const ServiceView view = federation.DnsView("eu").at(0);
  EXPECT_EQ(view.domain_names, std::vector<std::string>{"shop.gslb.example"});
  EXPECT_EQ(view.ttl, 15s);
  EXPECT_EQ(view.num_dns_ip, 1);
  EXPECT_EQ(view.down_response, "GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP");
  EXPECT_EQ(view.fallback_ip, "10.9.9.9");
  EXPECT_EQ(view.pools.at(0).algorithm, "GSLB_ALGORITHM_PREFERENCE_ORDER");
  EXPECT_EQ(Dns(federation, "eu", us_ip).preference_order, 1);
  EXPECT_EQ(Dns(federation, "eu", eu_ip).preference_order, 2);
  EXPECT_EQ(Dns(federation, "eu", eu_ip).site, "eu");
}

TEST_F(AviFake, Row60_AMemberWhoseVipWasChangedAtItsSiteIsOutOfSyncAndNotAnswered) {
  const std::string uuid = CreateShop();
  AllUp();
  federation.SetVip(eu_ip, "10.20.0.99");
  EXPECT_FALSE(Dns(federation, "eu", eu_ip).up);  // its own site knows at once
  EXPECT_TRUE(Dns(federation, "us", eu_ip).up);   // another one after its next ask
  clock.Advance(15s);
  EXPECT_FALSE(Dns(federation, "us", eu_ip).up);
  const JsonDocument member = Member(us, uuid, 0, 1);
  EXPECT_EQ(StringAt(member, "oper_status.state"), "OPER_DISABLED");
  EXPECT_STREQ(member["oper_status"]["reason"][0].GetString(), "Operational VIP differs from the configured one");
  EXPECT_EQ(StringAt(member, "ip.addr"), eu_ip);
  EXPECT_EQ(StringAt(member["oper_ips"][0], "addr"), "10.20.0.99");
  EXPECT_EQ(MemberState(us, uuid, 0, 0), "OPER_UP");
  std::string corrected = ServiceJson("shop", "shop.gslb.example");
  corrected.replace(corrected.find(eu_ip), eu_ip.size(), "10.20.0.99");
  EXPECT_EQ(us.Send("PUT", "/api/gslbservice/" + uuid, corrected).status, 200);
  EXPECT_EQ(MemberState(us, uuid, 0, 1), "OPER_UNAVAIL");  // a new address: nobody has probed it yet
}

TEST_F(AviFake, Row50And51_AStatusThatIsNotHealthSaysWhy) {
  const std::string off = PoolJson("live", 20, MemberJson("us", 14, false) + "," + MemberJson("eu", 6));
  const auto uuid = federation.Create("gslbservice", ServiceJson("shop", "shop.gslb.example", off));
  ASSERT_TRUE(uuid);
  AllUp();
  EXPECT_STREQ(Member(us, *uuid, 0, 0)["oper_status"]["reason"][0].GetString(), "Disabled by configuration");
  EXPECT_EQ(Find(Member(us, *uuid, 0, 1)["oper_status"], "reason"), nullptr);
}

TEST_F(AviFake, TheDnsVersionMovesWithTheViewAndOnlyThen) {
  CreateShop();
  AllUp();
  (void)federation.DnsVersion("us");
  const std::uint64_t version = federation.DnsVersion("us");
  federation.SetDatapath("us", us_ip, true);
  federation.SetTraffic(us_ip, 3, 3);
  clock.Advance(1min);
  EXPECT_EQ(federation.DnsVersion("us"), version);
  federation.SetDatapath("us", us_ip, false);
  EXPECT_NE(federation.DnsVersion("us"), version);
}

TEST_F(AviFake, AProbeTargetSaysHowToProbe) {
  ASSERT_TRUE(federation.Create(
      "healthmonitor",
      R"({"name":"shop-http","type":"HEALTH_MONITOR_HTTP","is_federated":true,"send_interval":2,"receive_timeout":1,)"
      R"("successful_checks":3,"failed_checks":4,"monitor_port":8080,"http_monitor":)"
      R"({"http_request":"HEAD /healthz HTTP/1.1","http_response_code":["HTTP_2XX"]}})"));
  std::string json = ServiceJson("shop", "shop.gslb.example");
  json.replace(json.find("System-GSLB-TCP"), 15, "shop-http");
  ASSERT_TRUE(federation.Create("gslbservice", json));
  const ProbeTarget target = federation.ProbeTargets("us").at(0);
  EXPECT_EQ(target.ip, us_ip);
  EXPECT_EQ(target.kind, ProbeTarget::Kind::kHttp);
  EXPECT_EQ(target.port, 8080);
  EXPECT_EQ(target.method, "HEAD");
  EXPECT_EQ(target.path, "/healthz");
  EXPECT_EQ(target.response_codes, std::vector<std::string>{"HTTP_2XX"});
  EXPECT_EQ(target.send_interval, 2s);
  EXPECT_EQ(target.receive_timeout, 1s);
  EXPECT_EQ(target.successful_checks, 3);
  EXPECT_EQ(target.failed_checks, 4);
}

TEST_F(AviFake, TwoMonitorsMustBothBeUp) {
  std::string json = ServiceJson("shop", "shop.gslb.example");
  json.insert(json.rfind("]"), R"(,"/api/healthmonitor?name=System-GSLB-Ping")");
  const auto uuid = federation.Create("gslbservice", json);
  ASSERT_TRUE(uuid) << uuid.error().what;
  ASSERT_EQ(federation.ProbeTargets("us").size(), 4U);
  AllUp();
  EXPECT_EQ(MemberState(us, *uuid, 0, 0), "OPER_UP");
  federation.SetDatapath("us", us_ip, false, federation.ProbeTargets("us").at(0).monitor);
  EXPECT_EQ(MemberState(us, *uuid, 0, 0), "OPER_DOWN");
}

}  // namespace
}  // namespace spillway::lab::avi
