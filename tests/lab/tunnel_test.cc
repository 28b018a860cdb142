// The way between the sites of a running lab: what a cut and a slow tunnel do to both, and that they heal.
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

#include "tests/lab/running_lab.h"
#include "tools/lab/dns/stub.h"

namespace spillway::lab {
namespace {

// Both sites serve, and each name server answers both.
class TunnelTest : public RunningLab {
 protected:
  void SetUp() override {
    RunningLab::SetUp();
    ASSERT_NE(lab_, nullptr);
    ASSERT_EQ(ScaleOverflow(1).status, 200);
    LogIn();
    const JsonDocument service = Avi("GET", "/api/gslbservice?name=shopping");
    ASSERT_EQ(IntAt(service, "count"), 1);
    service_ = "/api/gslbservice/" + StringAt(service["results"][0], "uuid").value_or("");
    Avi("PATCH", service_,
        R"({"replace":{"groups":[{"name":"live","priority":20,"algorithm":"GSLB_ALGORITHM_ROUND_ROBIN","members":[)"
        R"({"ip":{"addr":"127.10.0.10","type":"V4"},"cluster_uuid":"cluster-us","vs_uuid":"virtualservice-us"},)"
        R"({"ip":{"addr":"127.20.0.10","type":"V4"},"cluster_uuid":"cluster-eu","vs_uuid":"virtualservice-eu"}]}]}})");
    ASSERT_TRUE(Eventually([this] { return Answered(kHome) == kBoth && Answered(kOverflow) == kBoth; }))
        << Control("GET", "/truth").body;
  }

  void LogIn() {
    const std::string password = File("avi-admin.password");
    avi_ = Client("https://127.0.0.1:" + std::to_string(lab_->facts().ports.avi[kHome]));
    const HttpResponse login =
        Send(*avi_, "POST", "/login",
             R"({"username":"admin","password":")" + password.substr(0, password.size() - 1) + "\"}",
             {{"Content-Type", "application/json"}});
    ASSERT_EQ(login.status, 200) << login.body;
    std::string cookies;
    for (const std::string& cookie : login.headers.FindAll("Set-Cookie")) {
      const std::string pair = cookie.substr(0, cookie.find(';'));
      cookies += pair + "; ";
      if (pair.starts_with("csrftoken=")) headers_.Set("X-CSRFToken", pair.substr(pair.find('=') + 1));
    }
    headers_.Set("Cookie", cookies);
  }

  // Of home's controller, which leads.
  JsonDocument Avi(const std::string& method, const std::string& target, const std::string& body = "") const {
    const HttpResponse response = Send(*avi_, method, target, body, headers_);
    EXPECT_EQ(response.status, 200) << method << ' ' << target << ": " << response.body;
    Result<JsonDocument> document = ParseJson(response.body);
    return document ? std::move(*document) : JsonDocument();
  }

  // Whether the leader says that the other site has what it has.
  std::string Sync() const {
    const JsonDocument inventory = Avi("GET", "/api/gslb-inventory");
    const JsonValue* sites =
        FindPath(inventory, "results") == nullptr ? nullptr : FindPath(inventory["results"][0], "runtime.info.site");
    return sites == nullptr ? "" : StringAt((*sites)[1], "site_cfg.sync_info.sync_state").value_or("");
  }

  Result<Addresses> Ask(std::size_t site) const {
    return AskNameServer("127.0.0.1", lab_->facts().ports.dns.at(site), "shop.gslb.lab.test", 7, 5s);
  }

  // What several answers of a site's name server hold: with equal ratios each member is in every second one.
  std::set<std::string> Answered(std::size_t site) const {
    std::set<std::string> seen;
    for (int i = 0; i < 4; ++i) {
      const Result<Addresses> answer = Ask(site);
      if (!answer) continue;
      seen.insert(answer->addresses.begin(), answer->addresses.end());
    }
    return seen;
  }

  Duration TtlAt(std::size_t site) const {
    const Result<Addresses> answer = Ask(site);
    return answer ? answer->ttl : Duration{};
  }

  std::string Probed(const std::string& of, const std::string& by) const {
    return StringAt(Truth(), "sites." + of + ".health.probes." + by).value_or("");
  }

  const std::set<std::string> kBoth = {"127.10.0.10", "127.20.0.10"};
  std::unique_ptr<HttpClient> avi_;
  HttpHeaders headers_ = {
      {"Content-Type", "application/json"}, {"X-Avi-Version", "30.2.1"}, {"Referer", "https://127.0.0.1/"}};
  std::string service_;
};

TEST_F(TunnelTest, ACutPartsTheSitesAndItHeals) {
  ASSERT_EQ(Control("POST", "/faults", R"({"target":"tunnel","kind":"partition"})").status, 201);
  ASSERT_TRUE(Eventually([this] { return Probed("azure-eu", "us") == "down" && Probed("us", "eu") == "down"; }))
      << "the far probes turn red: " << Control("GET", "/truth").body;
  ASSERT_TRUE(Eventually([this] {
    return Answered(kHome) == std::set<std::string>{"127.10.0.10"} &&
           Answered(kOverflow) == std::set<std::string>{"127.20.0.10"};
  })) << "each name server answers for its own site: "
      << Control("GET", "/truth").body;
  EXPECT_EQ(Probed("us", "us"), "up");
  EXPECT_EQ(Probed("azure-eu", "eu"), "up") << "the site itself lives";
  for (const char* vip : {"127.10.0.10", "127.20.0.10"}) {
    const std::unique_ptr<HttpClient> shop =
        Client("http://" + std::string(vip) + ':' + std::to_string(lab_->facts().ports.app));
    EXPECT_EQ(Send(*shop, "GET", "/").status, 200) << vip << ": the crowd does not need the tunnel";
  }

  Avi("PATCH", service_, R"({"replace":{"ttl":7}})");
  EXPECT_EQ(TtlAt(kHome), 7s);
  EXPECT_EQ(Sync(), "GSLB_SITE_CFG_OUT_OF_SYNC");
  EXPECT_EQ(TtlAt(kOverflow), 3s);

  ASSERT_EQ(Control("DELETE", "/faults").status, 200);
  EXPECT_TRUE(Eventually([this] { return TtlAt(kOverflow) == 7s && Sync() == "GSLB_SITE_CFG_IN_SYNC"; }));
  EXPECT_TRUE(Eventually([this] { return Answered(kHome) == kBoth && Answered(kOverflow) == kBoth; }))
      << Control("GET", "/truth").body;
}

TEST_F(TunnelTest, WhatSpillwayHasToDoWithTheOtherSiteGoesThroughIt) {
  const auto answers = [this](int port) {
    HttpRequest request;
    request.target = "/healthz";
    return static_cast<bool>(Client("https://127.0.0.1:" + std::to_string(port))->Send(request, 2s));
  };
  const WorldPorts& ports = lab_->facts().ports;
  for (const int port : {ports.tunnel_kubernetes, ports.tunnel_avi})
    EXPECT_TRUE(Eventually([&] { return answers(port); }));
  ASSERT_EQ(Control("POST", "/faults", R"({"target":"tunnel","kind":"down"})").status, 201);
  for (const int port : {ports.tunnel_kubernetes, ports.tunnel_avi}) EXPECT_FALSE(answers(port));
  for (const int port : {ports.kubernetes[kOverflow], ports.avi[kOverflow]}) {
    EXPECT_TRUE(Eventually([&] { return answers(port); })) << "who stands at the other site is not cut off";
  }
  ASSERT_EQ(Control("DELETE", "/faults").status, 200);
  for (const int port : {ports.tunnel_kubernetes, ports.tunnel_avi})
    EXPECT_TRUE(Eventually([&] { return answers(port); }));
}

TEST_F(TunnelTest, ASlowOneDelaysWhatTheControllersTellEachOther) {
  // So long that the probes give up as well, and nobody waits for the end of it.
  ASSERT_EQ(Control("POST", "/faults", R"({"target":"tunnel","kind":"latency","value":600000})").status, 201);
  ASSERT_TRUE(Eventually([this] { return Probed("azure-eu", "us") == "down"; })) << Control("GET", "/truth").body;
  Avi("PATCH", service_, R"({"replace":{"ttl":7}})");
  EXPECT_EQ(TtlAt(kHome), 7s);
  // A pod needs seconds, replication over a good link a fifth of one.
  ASSERT_EQ(ScaleOverflow(2).status, 200);
  ASSERT_TRUE(Eventually([this] { return IntAt(Truth(), "sites.azure-eu.pods.ready") == 2; }));
  EXPECT_EQ(Sync(), "GSLB_SITE_CFG_SYNC_IN_PROGRESS");
  EXPECT_EQ(TtlAt(kOverflow), 3s);
}

}  // namespace
}  // namespace spillway::lab
