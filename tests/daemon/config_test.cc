#include "src/daemon/config.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "tests/daemon/config_sample.h"

namespace spillway::daemon {
namespace {

TEST(Config, ReadsEveryKey) {
  const auto read = ParseConfig(std::string(kWhole));
  ASSERT_TRUE(std::holds_alternative<Config>(read)) << Complaint(std::string(kWhole));
  const Config& config = std::get<Config>(read);
  EXPECT_EQ(config.controller.port, 9441);
  EXPECT_EQ(config.controller.tls->client_ca_file, "/etc/spillway/clients.pem");
  EXPECT_EQ(config.controller.tokens_file, "/etc/spillway/tokens");
  EXPECT_EQ(config.controller.state_dir, "/var/lib/other");
  EXPECT_EQ(*config.controller.config_map, (ObjectConfig{"us", "spillway-memory", "memory-map"}));
  EXPECT_EQ(*config.controller.election,
            (ElectionConfig{{"azure-eu", "spillway-lease", "the-lease"}, "https://one.example:9441"}));
  EXPECT_EQ(config.avi.controllers.size(), 2U);
  EXPECT_EQ(config.avi.tenant, "prod");
  EXPECT_EQ(config.avi.poll_interval, 3s);
  EXPECT_EQ(config.clusters.at("us").context, "home");
  EXPECT_TRUE(config.clusters.at("azure-eu").in_cluster);

  const AppConfig& app = config.apps.at(0);
  EXPECT_EQ(app.demand.kind, DemandKind::kTsmDefinition);
  EXPECT_EQ(app.demand.name, "web-hpa");
  EXPECT_EQ(app.policy.averaged_over, 7s);
  EXPECT_EQ(app.home.member.ip, "10.10.0.10");
  EXPECT_EQ(app.overflow.at(0).member.fqdn, "eu.shop.example");
  EXPECT_EQ(app.overflow.at(1).member.vs_uuid, "virtualservice-1");

  EXPECT_EQ(app.policy.overflow.at(0).usage, (std::vector{UsageSource::kMetrics, UsageSource::kShare})) << "unasked";
  EXPECT_EQ(app.policy.overflow.at(1).usage, (std::vector{UsageSource::kAutoscaler, UsageSource::kMetrics}));
  EXPECT_DOUBLE_EQ(app.policy.overflow.at(1).cpu_per_replica, 0.25);
  EXPECT_EQ(app.overflow.at(1).usage.poll_interval, 12s);
  EXPECT_EQ(app.overflow.at(1).usage.observer->kind, DemandKind::kHorizontalPodAutoscaler);
  EXPECT_EQ(app.overflow.at(1).usage.observer->name, "web-observer");
}

TEST(Config, ReadsEveryKeyOfAPolicy) {
  const auto read = ParseConfig(std::string(kWhole));
  ASSERT_TRUE(std::holds_alternative<Config>(read)) << Complaint(std::string(kWhole));
  const AppConfig& app = std::get<Config>(read).apps.at(0);
  const Policy& policy = app.policy;
  EXPECT_EQ(policy.app, "shopping");
  EXPECT_EQ(policy.home, "us");
  EXPECT_EQ(policy.mode, Mode::kRoundRobin);
  EXPECT_EQ(policy.overflow.at(0).replicas_min, 1);
  EXPECT_EQ(policy.overflow.at(0).replicas_max, 20);
  EXPECT_DOUBLE_EQ(policy.overflow.at(0).capacity_factor, 0.8);
  EXPECT_DOUBLE_EQ(policy.overflow.at(0).price, 0.12);
  EXPECT_EQ(policy.overflow.at(1).site, "azure-us");
  EXPECT_DOUBLE_EQ(policy.headroom, 0.125);
  EXPECT_EQ(policy.down_stabilization, 4min);
  EXPECT_EQ(policy.confirm_for, 5s);
  EXPECT_EQ(policy.stale_after, 60s);
  EXPECT_EQ(policy.probe_interval, 30s);
  EXPECT_DOUBLE_EQ(policy.gate.ready_fraction, 0.75);
  EXPECT_EQ(policy.gate.ready_for, 11s);
  EXPECT_EQ(policy.gate.healthy_for, 16s);
  EXPECT_EQ(policy.gate.damping_max, 9min);
  EXPECT_EQ(policy.gate.provision_timeout, 8min);
  EXPECT_DOUBLE_EQ(policy.ramp.canary_share, 0.05);
  EXPECT_EQ(policy.ramp.canary_for, 45s);
  EXPECT_DOUBLE_EQ(policy.ramp.dead_band, 0.02);
  EXPECT_EQ(policy.drain.min_drain, 2min);
  EXPECT_EQ(policy.drain.max_drain, 14min);
  EXPECT_DOUBLE_EQ(policy.drain.ttl_factor, 2.5);
  EXPECT_EQ(policy.drain.connection_grace, 20s);
  EXPECT_DOUBLE_EQ(policy.drain.drained_below, 0.005);
  EXPECT_EQ(policy.drain.quiet_for, 40s);
  EXPECT_EQ(policy.drain.keepers, 2);
  EXPECT_EQ(policy.drain.tail_for, 7min);
  EXPECT_EQ(policy.drain.steps_down, 3);
  EXPECT_EQ(policy.failover.failover_after, 25s);
  EXPECT_EQ(policy.failover.failback_after, 6min);
  EXPECT_DOUBLE_EQ(policy.failover.failback_step, 0.2);
  EXPECT_TRUE(policy.failover.failback_manual);
  EXPECT_DOUBLE_EQ(policy.safety.capacity_floor, 0.9);
  EXPECT_TRUE(policy.ramp.correct_bias);
  EXPECT_EQ(app.changes.min_between, 10min);
  EXPECT_EQ(app.changes.blocked.size(), 1U);
  EXPECT_DOUBLE_EQ(policy.budget.replica_hours, 500);
  EXPECT_DOUBLE_EQ(policy.budget.cost, 60.5);
  EXPECT_EQ(policy.budget.window, 700h);
}

TEST(Config, MemoryInAConfigMapNeedsNoFolder) {
  const auto read = ParseConfig(Spoilt("    dir: /var/lib/other\n", ""));
  ASSERT_TRUE(std::holds_alternative<Config>(read));
  EXPECT_EQ(std::get<Config>(read).controller.state_dir, "") << "a pod's file system is often read-only";
}

TEST(Config, ReportsAllMistakesAtOnceInTheOrderOfLines) {
  std::string text = Spoilt("username: robot", "username: ''");
  text.replace(text.find("headroom: 12.5%"), 15, "headroom: lots ");
  const auto read = ParseConfig(text);
  const auto& mistakes = std::get<Mistakes>(read);
  ASSERT_EQ(mistakes.size(), 2U);
  EXPECT_EQ(mistakes[0].key, "avi.username");
  EXPECT_EQ(mistakes[1].key, "apps[0].policy.headroom");
}

TEST(Config, AMissingFileIsOneMistakeThatNamesIt) {
  const auto read = LoadConfig("/nowhere/spillway.yaml");
  const std::string text = MistakesText("/nowhere/spillway.yaml", std::get<Mistakes>(read));
  EXPECT_EQ(text, "/nowhere/spillway.yaml:0: /nowhere/spillway.yaml: open: No such file or directory\n");
}

TEST(Config, AnAliasBombIsRefusedQuickly) {
  std::string text = "a: &a [x,x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c < 'k'; ++c) {
    const std::string before(1, static_cast<char>(c - 1));
    text += std::string(1, c) + ": &" + c + " [*" + before + ",*" + before + ",*" + before + ",*" + before + "]\n";
  }
  EXPECT_NE(Complaint(text).find("apps: is missing"), std::string::npos);
}

}  // namespace
}  // namespace spillway::daemon
