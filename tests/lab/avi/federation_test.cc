// Rows 40 to 45 and 58: leader and followers, replication, maintenance, suspension, partition.
#include "tests/lab/avi/client.h"
#include "tools/lab/fault_board.h"
#include "tools/lab/faulty_fake.h"

namespace spillway::lab::avi {
namespace {

constexpr const char* kServices = "/api/gslbservice";

// The runtime of a site as `client`'s controller tells it.
JsonDocument SiteRuntime(Client& client, const std::string& site) {
  const JsonDocument list = client.Json("GET", "/api/gslb-inventory");
  JsonDocument found(rapidjson::kObjectType);
  const JsonValue* sites = FindPath(list["results"][0], "runtime.info.site");
  for (const JsonValue& entry : sites->GetArray()) {
    if (StringAt(entry, "site_info.name") == site) found.CopyFrom(entry, found.GetAllocator());
  }
  return found;
}

std::string SyncOf(Client& client, const std::string& site) {
  return StringAt(SiteRuntime(client, site), "site_cfg.sync_info.sync_state").value_or("");
}

std::int64_t PendingOf(Client& client, const std::string& site) {
  return IntAt(SiteRuntime(client, site), "replication_stats.pending_object_count").value_or(-1);
}

int RatioAt(Federation& federation, const std::string& site, std::string_view ip = kUsIp) {
  for (const ServiceView& service : federation.DnsView(site)) {
    for (const PoolView& pool : service.pools) {
      for (const MemberView& member : pool.members) {
        if (member.ip == ip) return member.ratio;
      }
    }
  }
  return 0;
}

std::string ShopWithRatio(int ratio, const std::string& more = "") {
  const std::string pool = PoolJson("live", 20, MemberJson("us", ratio) + "," + MemberJson("eu", 6));
  return ServiceJson("shop", "shop.gslb.example", pool, more);
}

TEST_F(AviFake, Row40_AFollowerRefusesEveryWriteAndReadsFine) {
  const std::string target = "/api/gslbservice/" + CreateShop();
  const std::string text = "Config Operations can be done ONLY on leader";
  EXPECT_NE(eu.Send("POST", kServices, ServiceJson("b", "b.gslb.example")).body.find(text), std::string::npos);
  EXPECT_NE(eu.Send("PUT", target, ShopWithRatio(3)).body.find(text), std::string::npos);
  EXPECT_NE(eu.Send("PATCH", target, R"({"add":{"ttl":3}})").body.find(text), std::string::npos);
  const HttpResponse refused = eu.Send("DELETE", target);
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find(text), std::string::npos);
  const std::string monitor = R"({"name":"m","type":"HEALTH_MONITOR_TCP","is_federated":true})";
  EXPECT_EQ(eu.Send("POST", "/api/healthmonitor", monitor).status, 400);
  EXPECT_EQ(eu.Json("GET", target)["name"], "shop");
  EXPECT_TRUE(federation.Writes().empty());
}

TEST_F(AviFake, Row40_TheLeaderIsFoundByItsClusterUuid) {
  const JsonDocument gslb = eu.Json("GET", "/api/gslb");
  EXPECT_EQ(StringAt(gslb["results"][0], "leader_cluster_uuid"), StringAt(us.Json("GET", "/api/cluster"), "uuid"));
  EXPECT_NE(StringAt(gslb["results"][0], "leader_cluster_uuid"), StringAt(eu.Json("GET", "/api/cluster"), "uuid"));
  EXPECT_EQ(StringAt(SiteRuntime(eu, "us"), "site_info.role"), "GSLB_LEADER");
  EXPECT_EQ(StringAt(SiteRuntime(eu, "eu"), "site_info.role"), "GSLB_MEMBER");
}

TEST_F(AviFake, Row41_WithEnableConfigByMembersAFollowerMayFlipSwitchesOnly) {
  const std::string target = "/api/gslbservice/" + CreateShop();
  const JsonDocument list = us.Json("GET", "/api/gslb");
  us.Json("PATCH", "/api/gslb/" + StringAt(list["results"][0], "uuid").value_or(""),
          R"({"replace":{"enable_config_by_members":true}})");
  clock.Advance(200ms);
  EXPECT_EQ(eu.Send("PUT", target, ShopWithRatio(3)).status, 400);
  const std::string off = PoolJson("live", 20, MemberJson("us", 14, false) + "," + MemberJson("eu", 6));
  EXPECT_EQ(eu.Send("PUT", target, ServiceJson("shop", "shop.gslb.example", off)).status, 200);
  EXPECT_EQ(BoolAt(us.Json("GET", target)["groups"][0]["members"][0], "enabled"), false);
}

TEST_F(AviFake, Row42_MaintenanceRefusesWritesAndKeepsAnswering) {
  const std::string target = "/api/gslbservice/" + CreateShop();
  federation.SetMaintenance(true);
  const HttpResponse refused = us.Send("PUT", target, ShopWithRatio(3));
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("GSLB system is in maintenance mode."), std::string::npos);
  EXPECT_EQ(us.Send("DELETE", target).status, 400);
  EXPECT_EQ(us.Send("POST", kServices, ServiceJson("b", "b.gslb.example")).status, 400);
  EXPECT_EQ(RatioAt(federation, "us"), 14);
  EXPECT_EQ(StringAt(SiteRuntime(us, "eu"), "site_info.state"), "SITE_STATE_MMODE");
  federation.SetMaintenance(false);
  EXPECT_EQ(us.Send("PUT", target, ShopWithRatio(3)).status, 200);
}

TEST_F(AviFake, Row42_InMaintenanceHealthGoesStale) {
  const std::string uuid = CreateShop();
  AllUp();
  EXPECT_EQ(MemberState(us, uuid, 0, 1), "OPER_UP");
  federation.SetMaintenance(true);
  EXPECT_EQ(IntAt(us.Json("GET", "/api/gslb")["results"][0], "send_interval"), 1800);
  federation.SetControllerStatus(std::string(kEuIp), false);
  clock.Advance(14min);
  EXPECT_EQ(MemberState(us, uuid, 0, 1), "OPER_UP");
  ASSERT_EQ(us.Get("/api/gslb").status, 200);
  federation.SetMaintenance(false);
  EXPECT_EQ(IntAt(us.Json("GET", "/api/gslb")["results"][0], "send_interval"), 15);
  clock.Advance(15s);
  EXPECT_EQ(MemberState(us, uuid, 0, 1), "OPER_DOWN");
}

TEST_F(AviFake, Row43_AFollowerLagsAndTheInventorySaysSo) {
  const std::string target = "/api/gslbservice/" + CreateShop();
  const std::uint64_t version = federation.DnsVersion("eu");
  EXPECT_EQ(SyncOf(us, "eu"), "GSLB_SITE_CFG_IN_SYNC");
  EXPECT_EQ(us.Send("PUT", target, ShopWithRatio(3)).status, 200);
  EXPECT_EQ(RatioAt(federation, "us"), 3);
  EXPECT_EQ(RatioAt(federation, "eu"), 14);
  EXPECT_EQ(federation.DnsVersion("eu"), version);
  EXPECT_EQ(SyncOf(us, "eu"), "GSLB_SITE_CFG_SYNC_IN_PROGRESS");
  EXPECT_EQ(PendingOf(us, "eu"), 1);
  EXPECT_LE(federation.controller("us").NextDue(), clock.Now() + 200ms);
  clock.Advance(200ms);
  EXPECT_EQ(RatioAt(federation, "eu"), 3);
  EXPECT_NE(federation.DnsVersion("eu"), version);
  EXPECT_EQ(SyncOf(us, "eu"), "GSLB_SITE_CFG_IN_SYNC");
  EXPECT_EQ(PendingOf(us, "eu"), 0);
}

TEST_F(AviFake, Row43_ADeletionTravelsToo) {
  const std::string target = "/api/gslbservice/" + CreateShop();
  EXPECT_EQ(us.Send("DELETE", target).status, 204);
  EXPECT_EQ(eu.Get(target).status, 200);
  clock.Advance(200ms);
  EXPECT_EQ(eu.Get(target).status, 404);
  EXPECT_TRUE(federation.DnsView("eu").empty());
}

TEST_F(AviFake, Row43_ASuspendedFollowerKeepsTheOldAndCatchesUp) {
  const std::string target = "/api/gslbservice/" + CreateShop();
  federation.SetSuspended("eu", true);
  EXPECT_EQ(us.Send("PUT", target, ShopWithRatio(3)).status, 200);
  clock.Advance(1min);
  EXPECT_EQ(RatioAt(federation, "eu"), 14);
  EXPECT_EQ(SyncOf(us, "eu"), "GSLB_SITE_CFG_SYNC_SUSPENDED");
  EXPECT_GT(PendingOf(us, "eu"), 0);
  federation.SetSuspended("eu", false);
  clock.Advance(200ms);
  EXPECT_EQ(RatioAt(federation, "eu"), 3);
  EXPECT_EQ(SyncOf(us, "eu"), "GSLB_SITE_CFG_IN_SYNC");
}

TEST_F(AviFake, Row43_AnUnreachableFollowerKeepsTheOldAndCatchesUp) {
  const std::string target = "/api/gslbservice/" + CreateShop();
  federation.SetLink("us", "eu", false);
  EXPECT_EQ(us.Send("PUT", target, ShopWithRatio(3)).status, 200);
  clock.Advance(1min);
  EXPECT_EQ(RatioAt(federation, "eu"), 14);
  EXPECT_EQ(SyncOf(us, "eu"), "GSLB_SITE_CFG_OUT_OF_SYNC");
  federation.SetLink("us", "eu", true);
  EXPECT_EQ(SyncOf(us, "eu"), "GSLB_SITE_CFG_SYNC_IN_PROGRESS");
  clock.Advance(200ms);
  EXPECT_EQ(RatioAt(federation, "eu"), 3);
}

TEST_F(AviFake, Row43_ASlowLinkDelaysWhatIsWritten) {
  const std::string target = "/api/gslbservice/" + CreateShop();
  federation.SetLink("us", "eu", true, 5s);
  EXPECT_EQ(us.Send("PUT", target, ShopWithRatio(3)).status, 200);
  clock.Advance(5s);
  EXPECT_EQ(RatioAt(federation, "eu"), 14);
  EXPECT_EQ(SyncOf(us, "eu"), "GSLB_SITE_CFG_SYNC_IN_PROGRESS");
  clock.Advance(200ms);
  EXPECT_EQ(RatioAt(federation, "eu"), 3);
}

TEST_F(AviFake, Row43_ManualReplicationStopsAtTheLeader) {
  const std::string target = "/api/gslbservice/" + CreateShop();
  const JsonDocument list = us.Json("GET", "/api/gslb");
  us.Json("PATCH", "/api/gslb/" + StringAt(list["results"][0], "uuid").value_or(""),
          R"({"replace":{"replication_policy":{"replication_mode":"REPLICATION_MODE_MANUAL"}}})");
  EXPECT_EQ(us.Send("PUT", target, ShopWithRatio(3)).status, 200);
  clock.Advance(1min);
  EXPECT_EQ(RatioAt(federation, "eu"), 14);
  EXPECT_EQ(SyncOf(us, "eu"), "GSLB_SITE_CFG_SYNCED_TILL_CHECKPOINT");
}

TEST_F(AviFake, Row43_ACheckpointLetsPassWhatWasWrittenBeforeIt) {
  const std::string target = "/api/gslbservice/" + CreateShop();
  const JsonDocument list = us.Json("GET", "/api/gslb");
  const std::string gslb = "/api/gslb/" + StringAt(list["results"][0], "uuid").value_or("");
  us.Json("PATCH", gslb, R"({"replace":{"replication_policy":{"replication_mode":"REPLICATION_MODE_MANUAL"}}})");
  EXPECT_EQ(us.Send("PUT", target, ShopWithRatio(3)).status, 200);
  us.Json("POST", "/api/federationcheckpoint", R"({"name":"noon"})", 201);
  EXPECT_EQ(us.Send("PUT", target, ShopWithRatio(4)).status, 200);
  clock.Advance(1min);
  EXPECT_EQ(RatioAt(federation, "eu"), 14);
  us.Json("PATCH", gslb,
          R"({"replace":{"replication_policy":{"replication_mode":"REPLICATION_MODE_MANUAL",)"
          R"("checkpoint_ref":"/api/federationcheckpoint?name=noon"}}})");
  EXPECT_EQ(RatioAt(federation, "eu"), 3);
  EXPECT_EQ(SyncOf(us, "eu"), "GSLB_SITE_CFG_SYNCED_TILL_CHECKPOINT");
  us.Json("PATCH", gslb, R"({"replace":{"replication_policy":{"replication_mode":"REPLICATION_MODE_ADAPTIVE"}}})");
  clock.Advance(200ms);
  EXPECT_EQ(RatioAt(federation, "eu"), 4);
  EXPECT_EQ(SyncOf(us, "eu"), "GSLB_SITE_CFG_IN_SYNC");
}

TEST_F(AviFake, Row44_LeadershipMovesAndTheOldLeaderStartsRefusing) {
  const std::string target = "/api/gslbservice/" + CreateShop();
  federation.ChangeLeader("eu");
  clock.Advance(200ms);
  EXPECT_EQ(us.Send("PUT", target, ShopWithRatio(3)).status, 400);
  EXPECT_EQ(eu.Send("PUT", target, ShopWithRatio(3)).status, 200);
  clock.Advance(200ms);
  EXPECT_EQ(RatioAt(federation, "us"), 3);
  const JsonDocument gslb = us.Json("GET", "/api/gslb");
  EXPECT_EQ(StringAt(gslb["results"][0], "leader_cluster_uuid"), "cluster-eu");
  EXPECT_EQ(IntAt(gslb["results"][0], "view_id"), 2);
}

TEST_F(AviFake, Row45_APartitionLeavesTwoLeadersUntilItHeals) {
  const std::string target = "/api/gslbservice/" + CreateShop();
  federation.SetLink("us", "eu", false);
  federation.ChangeLeader("eu");
  clock.Advance(1min);
  EXPECT_EQ(us.Send("PUT", target, ShopWithRatio(3)).status, 200);
  EXPECT_EQ(eu.Send("PUT", target, ShopWithRatio(5)).status, 200);
  EXPECT_EQ(IntAt(us.Json("GET", "/api/gslb")["results"][0], "view_id"), 1);
  EXPECT_EQ(IntAt(eu.Json("GET", "/api/gslb")["results"][0], "view_id"), 2);
  EXPECT_EQ(RatioAt(federation, "us"), 3);
  EXPECT_EQ(RatioAt(federation, "eu"), 5);
  federation.SetLink("us", "eu", true);
  clock.Advance(200ms);
  EXPECT_EQ(RatioAt(federation, "us"), 5);  // the newer view's word
  EXPECT_EQ(RatioAt(federation, "eu"), 5);
  EXPECT_EQ(us.Send("PUT", target, ShopWithRatio(3)).status, 400);
}

TEST_F(AviFake, Row58_AWriteWhoseAnswerIsLostIsFoundByReadingAndRefusedWhenRepeated) {
  FaultBoard board(clock);
  FaultyFake door(federation.controller("us"), board, "avi-us");
  Client client(door);
  ASSERT_EQ(client.Login().status, 200);
  ASSERT_TRUE(board.Add("avi-us", "lose-answer", {}, 10s));
  const std::string shop = ServiceJson("shop", "shop.gslb.example");
  EXPECT_EQ(client.Send("POST", kServices, shop).status, 0) << "nothing came back";
  EXPECT_EQ(IntAt(client.Json("GET", "/api/gslbservice?name=shop"), "count"), 1);
  clock.Advance(10s);
  EXPECT_EQ(client.Send("POST", kServices, shop).status, 409);
}

TEST_F(AviFake, ADeadControllerCutsConnectionsAndItsDnsLivesOn) {
  CreateShop();
  federation.SetAlive("us", false);
  EXPECT_EQ(us.Raw("GET", "/api/cluster/status").fate, Answer::Fate::kDropped);
  EXPECT_EQ(RatioAt(federation, "us"), 14);
  federation.SetAlive("us", true);
  EXPECT_EQ(us.Raw("GET", "/api/cluster/status").response.status, 200);
}

TEST_F(AviFake, AServedAddressReachesUrlsAndGslb) {
  const std::string uuid = CreateShop();
  federation.SetUrl("eu", "https://127.0.0.1:4444");
  EXPECT_EQ(StringAt(eu.Json("GET", "/api/gslbservice/" + uuid), "url"),
            "https://127.0.0.1:4444/api/gslbservice/" + uuid);
  const JsonDocument gslb = us.Json("GET", "/api/gslb");
  EXPECT_EQ(IntAt(gslb["results"][0]["sites"][1], "port"), 4444);
  EXPECT_EQ(StringAt(gslb["results"][0]["sites"][1]["ip_addresses"][0], "addr"), "127.0.0.1");
}

}  // namespace
}  // namespace spillway::lab::avi
