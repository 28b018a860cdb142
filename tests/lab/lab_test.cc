// What needs no running lab: arguments and files.
#include "tools/lab/lab.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "src/base/json.h"
#include "src/daemon/config.h"

namespace spillway::lab {
namespace {

TEST(LabArguments, AreRefusedWithTheReason) {
  struct Row {
    std::vector<std::string> arguments;
    std::string says;
  };
  const std::vector<Row> rows = {
      {{}, "the command is: up"},
      {{"down"}, "the command is: up"},
      {{"up"}, "--dir is missing"},
      {{"up", "--dir"}, "--dir: a value is missing"},
      {{"up", "--dir", "/x", "--seed", "-1"}, "--seed"},
      {{"up", "--dir", "/x", "--port-base", "80"}, "--port-base"},
      {{"up", "--dir", "/x", "--without", "sense"}, "kubernetes, k8s-us, k8s-eu, avi, dns or clients"},
      {{"up", "--dir", "/x", "--address", "10.0.0.1"}, "--address: us=IP or eu=IP"},
      {{"up", "--dir", "/x", "--address", "us=here"}, "--address: us=IP or eu=IP"},
      {{"up", "--dir", "/x", "--address", "moon=10.0.0.1"}, "--address: us=IP or eu=IP"},
      {{"up", "--dir", "/x", "--name-server", "127.0.0.1"}, "--name-server: IP:PORT"},
      {{"up", "--dir", "/x", "--name-server", "dns.test:53"}, "--name-server: IP:PORT"},
      {{"up", "--dir", "/x", "--name-server", "127.0.0.1:0"}, "--name-server: IP:PORT"},
      {{"up", "--dir", "/x", "--name-server", "127.0.0.1:65536"}, "--name-server: IP:PORT"},
      {{"up", "--dir", "/x", "--fast", "yes"}, "--fast: unknown"},
  };
  for (const Row& row : rows) {
    const Result<LabOptions> options = ParseArguments(row.arguments);
    ASSERT_FALSE(options) << row.says;
    EXPECT_NE(options.error().what.find(row.says), std::string::npos) << options.error().what;
  }
}

TEST(LabArguments, LeavingAPartOutLeavesOutWhatAnswersFromIt) {
  struct Row {
    std::string part;
    PerSite<bool> kubernetes;
    bool avi, dns, clients;
  };
  const std::vector<Row> rows = {
      {"kubernetes", {false, false}, true, true, true}, {"k8s-us", {false, true}, true, true, true},
      {"k8s-eu", {true, false}, true, true, true},      {"avi", {true, true}, false, false, false},
      {"dns", {true, true}, true, false, false},        {"clients", {true, true}, true, true, false},
  };
  for (const Row& row : rows) {
    const Result<LabOptions> options = ParseArguments({"up", "--dir", "x", "--without", row.part, "--seed", "7"});
    ASSERT_TRUE(options) << row.part;
    EXPECT_EQ(options->world.kubernetes, row.kubernetes) << row.part;
    EXPECT_EQ(options->world.avi, row.avi) << row.part;
    EXPECT_EQ(options->world.dns, row.dns) << row.part;
    EXPECT_EQ(options->world.clients, row.clients) << row.part;
    EXPECT_EQ(options->world.seed, 7U);
    EXPECT_EQ(options->dir.front(), '/') << "paths in files must not depend on where they are read";
  }
}

TEST(LabArguments, TheCrowdStaysWhereAnotherNameServerTakesThePlaceOfTheLabs) {
  for (const char* part : {"dns", "avi"}) {
    const Result<LabOptions> options = ParseArguments(
        {"up", "--dir", "x", "--name-server", "127.0.0.1:53", "--without", part, "--name-server", "10.0.0.2:5353"});
    ASSERT_TRUE(options) << options.error().what;
    EXPECT_FALSE(options->world.dns) << part;
    EXPECT_TRUE(options->world.clients) << part;
    ASSERT_EQ(options->world.name_servers.size(), 2U);
    EXPECT_EQ(options->world.name_servers[1].ip, "10.0.0.2");
    EXPECT_EQ(options->world.name_servers[1].port, 5353);
  }
  const Result<LabOptions> nobody =
      ParseArguments({"up", "--dir", "x", "--without", "clients", "--name-server", "127.0.0.1:53"});
  ASSERT_TRUE(nobody);
  EXPECT_FALSE(nobody->world.clients);
}

class LabFiles : public ::testing::Test {
 protected:
  LabFiles() {
    facts_.dir = "/tmp/lab";
    facts_.ports = {.app = 8080,
                    .dns = {5301, 5302},
                    .avi = {4431, 4432},
                    .kubernetes = {6441, 6442},
                    .tunnel_avi = 4433,
                    .tunnel_kubernetes = 6443};
    facts_.control_port = 9000;
    facts_.listen_port = 9440;
    credentials_.ca_pem = "CA";
    credentials_.spillway = {"CERT", "KEY"};
    credentials_.spillway_token = "t0ken";
    credentials_.api_token = "abc";
    credentials_.avi_password = "pw";
  }
  DirectoryFacts facts_;
  Credentials credentials_;
};

TEST_F(LabFiles, SpillwaydReadsItsConfigurationAsItIs) {
  const std::map<std::string, std::string> files = DirectoryFiles(facts_, credentials_);
  const auto parsed = daemon::ParseConfig(files.at("spillway.yaml"));
  ASSERT_TRUE(std::holds_alternative<daemon::Config>(parsed))
      << daemon::MistakesText("spillway.yaml", std::get<daemon::Mistakes>(parsed));
  const auto& config = std::get<daemon::Config>(parsed);
  EXPECT_EQ(config.controller.port, 9440);
  EXPECT_EQ(config.controller.state_dir, "/tmp/lab/state");
  EXPECT_EQ(config.clusters.at("azure-eu").kubeconfig, "/tmp/lab/eu.kubeconfig");
  ASSERT_EQ(config.apps.size(), 1U);
  EXPECT_EQ(config.apps[0].home.site, "us");
  EXPECT_EQ(config.apps[0].home.member.ip, "127.10.0.10");
  EXPECT_EQ(config.apps[0].overflow.at(0).member.ip, "127.20.0.10");
  EXPECT_EQ(config.apps[0].policy.drain.max_drain, 40s);
}

TEST_F(LabFiles, APairOfSpillwaydsSharesALeaseAndAMemory) {
  facts_.second_port = 9441;
  const std::map<std::string, std::string> files = DirectoryFiles(facts_, credentials_);
  std::vector<daemon::ControllerConfig> pair;
  for (const char* name : {"pair-1.yaml", "pair-2.yaml"}) {
    const auto parsed = daemon::ParseConfig(files.at(name));
    ASSERT_TRUE(std::holds_alternative<daemon::Config>(parsed))
        << daemon::MistakesText(name, std::get<daemon::Mistakes>(parsed));
    pair.push_back(std::get<daemon::Config>(parsed).controller);
  }
  EXPECT_EQ(pair[0].election->object, (daemon::ObjectConfig{"us", "spillway", "spillway"}));
  EXPECT_EQ(pair[0].election->object, pair[1].election->object);
  EXPECT_EQ(*pair[0].config_map, *pair[1].config_map);
  EXPECT_NE(pair[0].port, pair[1].port);
  EXPECT_NE(pair[0].state_dir, pair[1].state_dir) << "each keeps its own journal";
}

TEST_F(LabFiles, LabJsonSaysWhatIsWhere) {
  const Result<JsonDocument> lab = ParseJson(DirectoryFiles(facts_, credentials_).at("lab.json"));
  ASSERT_TRUE(lab) << lab.error().what;
  EXPECT_EQ(StringAt(*lab, "control"), "http://127.0.0.1:9000");
  EXPECT_EQ(StringAt(*lab, "dns"), "127.0.0.1:5301");
  EXPECT_EQ(IntAt(*lab, "appPort"), 8080);
  EXPECT_EQ(StringAt(*lab, "fqdn"), "shop.gslb.lab.test");
  EXPECT_EQ(StringAt(*lab, "avi.us"), "https://127.0.0.1:4431");
  EXPECT_EQ(StringAt(*lab, "avi.eu"), "https://127.0.0.1:4432");
  EXPECT_EQ(StringAt(*lab, "kubernetes.us"), "https://127.0.0.1:6441");
  EXPECT_EQ(StringAt(*lab, "kubernetes.eu"), "https://127.0.0.1:6442");
}

TEST_F(LabFiles, LabEnvTellsSpillwayctlWhereAndWho) {
  EXPECT_EQ(DirectoryFiles(facts_, credentials_).at("lab.env"),
            "export SPILLWAY_SERVER=http://127.0.0.1:" + std::to_string(facts_.listen_port) + " SPILLWAY_TOKEN_FILE='" +
                facts_.dir + "/admin.token' SPILLWAY_LAB=http://127.0.0.1:9000\n");
}

TEST_F(LabFiles, WhatSpillwayDoesWithTheOtherSiteGoesThroughTheTunnel) {
  facts_.options.addresses = {"10.0.0.1", "10.0.0.2"};
  const std::map<std::string, std::string> files = DirectoryFiles(facts_, credentials_);
  EXPECT_NE(files.at("us.kubeconfig").find("server: https://10.0.0.1:6441\n"), std::string::npos);
  EXPECT_NE(files.at("eu.kubeconfig").find("server: https://10.0.0.1:6443\n"), std::string::npos);
  EXPECT_NE(files.at("eu-admin.kubeconfig").find("server: https://10.0.0.2:6442\n"), std::string::npos);
  EXPECT_NE(files.at("spillway.yaml").find("controllers: [https://10.0.0.1:4431, https://10.0.0.1:4433]"),
            std::string::npos);
}

TEST_F(LabFiles, PartsLeftOutHaveNoFiles) {
  facts_.options.kubernetes = {false, false};
  facts_.ports.kubernetes = facts_.ports.avi = {};
  facts_.options.avi = facts_.options.dns = false;
  const std::map<std::string, std::string> files = DirectoryFiles(facts_, credentials_);
  EXPECT_FALSE(files.contains("us.kubeconfig"));
  EXPECT_FALSE(files.contains("avi.password"));
  const Result<JsonDocument> lab = ParseJson(files.at("lab.json"));
  ASSERT_TRUE(lab);
  EXPECT_EQ(Find(*lab, "kubernetes"), nullptr);
  EXPECT_EQ(Find(*lab, "dns"), nullptr);
}

TEST_F(LabFiles, TheDoctorAsksTheNameServerThatTheCrowdAsks) {
  EXPECT_NE(DirectoryFiles(facts_, credentials_).at("spillway.yaml").find("resolver: 127.0.0.1:5301\n"),
            std::string::npos);
  facts_.options.name_servers = {{"10.0.0.9", 53}};
  EXPECT_NE(DirectoryFiles(facts_, credentials_).at("spillway.yaml").find("resolver: 10.0.0.9:53\n"),
            std::string::npos);
}

TEST_F(LabFiles, OneClusterLeftOutLeavesTheOther) {
  facts_.options.kubernetes = {true, false};
  facts_.ports.kubernetes = {6441, 0};
  const std::map<std::string, std::string> files = DirectoryFiles(facts_, credentials_);
  EXPECT_TRUE(files.contains("us.kubeconfig"));
  EXPECT_FALSE(files.contains("eu.kubeconfig"));
  const Result<JsonDocument> lab = ParseJson(files.at("lab.json"));
  ASSERT_TRUE(lab);
  EXPECT_EQ(StringAt(*lab, "kubernetes.us"), "https://127.0.0.1:6441");
  EXPECT_EQ(StringAt(*lab, "kubernetes.eu"), std::nullopt);
  EXPECT_NE(files.at("spillway.yaml").find("usage: { from: [share] }"), std::string::npos)
      << "the crowd does not come to the pods of another's cluster";
}

TEST_F(LabFiles, TokensHoldDigestsOnly) {
  const std::map<std::string, std::string> files = DirectoryFiles(facts_, credentials_);
  // SHA-256 of "abc". Source: FIPS 180-2, appendix B.1.
  EXPECT_NE(
      files.at("tokens").find("admin admin sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n"),
      std::string::npos);
  EXPECT_EQ(files.at("admin.token"), "abc\n");
  EXPECT_EQ(files.at("spillway.yaml").find("pw"), std::string::npos);
}

}  // namespace
}  // namespace spillway::lab
