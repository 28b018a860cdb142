// What a survey sees of a cluster: a served fake, over real TLS.
#include "src/daemon/survey/look.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "tests/base/web.h"
#include "tools/lab/kubernetes/cluster.h"
#include "tools/lab/serve.h"

namespace spillway::daemon {
namespace {

// Everything that asks for a right in a cluster, in one.
std::string ConfigText(const std::string& kubeconfig) {
  return R"(apiVersion: spillway/v1
controller:
  state: { configMap: { cluster: us, namespace: spillway, name: state } }
  leaderElection: { cluster: us, namespace: spillway, name: lease, url: "http://127.0.0.1:9440" }
avi:
  controllers: [https://avi.example]
  username: robot
  passwordFile: /etc/spillway/avi.password
clusters:
  us: { kubeconfig: )" +
         kubeconfig + R"( }
apps:
- name: shop
  gslbService: shop
  home:
    site: us
    cluster: us
    namespace: acme
    deployment: shop
    demand: { kind: TsmDefinition, name: shop-asd }
    member: { ip: 10.0.0.1 }
  overflow:
  - site: eu
    cluster: us
    namespace: burst
    deployment: shop
    member: { ip: 10.0.0.2 }
    maxReplicas: 9
    usage:
      from: [autoscaler, metrics]
      cpuPerReplica: 250m
      autoscaler: { kind: HorizontalPodAutoscaler, name: observer }
)";
}

class SetupLookTest : public testing::Test {
 protected:
  SetupLookTest() {
    auto served = lab::ServedFake::Start(fake_, Tls());
    EXPECT_TRUE(served) << served.error().what;
    served_ = std::move(*served);
    const std::string kubeconfig = testing::TempDir() + "/look.kubeconfig", ca = testing::TempDir() + "/look-ca.pem";
    std::ofstream(ca) << TestPki().ca.cert_pem;
    std::ofstream(kubeconfig) << "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
                              << "clusters: [{name: c, cluster: {server: \"https://127.0.0.1:" << served_->port()
                              << "\", certificate-authority: " << ca << "}}]\n"
                              << "users: [{name: u, user: {token: robot}}]\n"
                              << "contexts: [{name: c, context: {cluster: c, user: u}}]\n";
    ::chmod(kubeconfig.c_str(), 0600);
    auto read = ParseConfig(ConfigText(kubeconfig));
    if (const auto* mistakes = std::get_if<Mistakes>(&read)) ADD_FAILURE() << MistakesText("config", *mistakes);
    config_ = std::get<Config>(std::move(read));
  }
  static ServerOptions Tls() {
    ServerOptions options;
    options.cert_pem = TestPki().server.cert_pem;
    options.key_pem = TestPki().server.key_pem;
    return options;
  }

  // What is seen of the cluster by an account with these rules.
  ClusterFacts Look(std::vector<lab::AccessRule> rules) {
    lab::User user;
    user.name = user.token = "robot";
    user.rules = std::move(rules);
    fake_.AddUser(user);
    SetupLook look(
        config_, [](Instant) { return avi::FederationSeen(); }, clock_);
    const Facts facts = look.Gather(true);
    EXPECT_EQ(facts.clusters.size(), 1U);
    EXPECT_FALSE(facts.clusters.at(0).failure) << facts.clusters.at(0).failure->what;
    return facts.clusters.at(0);
  }
  // One rule for each right.
  std::vector<lab::AccessRule> RulesForAll() const {
    std::vector<lab::AccessRule> rules;
    for (const auto& [right, at_first, failure, allowed] : RightsIn("us", config_)) {
      lab::AccessRule rule;
      rule.groups = {right.group};
      rule.resources = {right.resource + (right.subresource.empty() ? "" : "/" + right.subresource)};
      if (!right.name.empty()) rule.names = {right.name};
      rule.verbs = {right.verb};
      rule.in_namespace = right.in_namespace;
      rules.push_back(rule);
    }
    return rules;
  }
  static std::string Denied(const ClusterFacts& cluster) {
    std::string denied;
    for (const RightFact& fact : cluster.rights) {
      EXPECT_FALSE(fact.failure) << fact.failure->what;
      if (!fact.allowed) denied += k8s::RightText(fact.right) + "\n";
    }
    return denied;
  }

  ManualClock clock_{SystemClock().WallNow()};
  lab::Cluster fake_{clock_, {}};
  std::unique_ptr<lab::ServedFake> served_;
  Config config_;
};

TEST_F(SetupLookTest, ARightThatIsMissingIsFoundAndNoOther) {
  const auto rules = RulesForAll();
  const auto rights = RightsIn("us", config_);
  ASSERT_GT(rights.size(), 15U);
  EXPECT_EQ(Denied(Look(rules)), "");
  for (std::size_t i = 0; i < rights.size(); ++i) {
    auto fewer = rules;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_EQ(Denied(Look(fewer)), k8s::RightText(rights[i].right) + "\n");
  }
}

TEST_F(SetupLookTest, HowFarAClocksDateIsFromOursIsSeen) {
  // The server tells the machine's time; ours is another. An hour is more than this test lasts.
  const auto ahead_by = [&](Duration ours) {
    clock_.StepWall(SystemClock().WallNow() + ours - clock_.WallNow());
    return Look({}).clock_by.value_or(Duration{});
  };
  EXPECT_GT(ahead_by(-2h), 1h);
  EXPECT_LT(ahead_by(2h), -1h);
}

}  // namespace
}  // namespace spillway::daemon
