// The roles in deploy/kubernetes are enough for all that the client asks, and no rule in them is idle.
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <memory>
#include <string>
#include <vector>

#include "k8s/cluster.h"
#include "tests/k8s/script.h"
#include "tests/k8s/virtual_transport.h"
#include "tools/lab/kubernetes/cluster.h"

namespace spillway::k8s {
namespace {

std::vector<std::string> Words(const YAML::Node& list) {
  std::vector<std::string> words;
  for (const YAML::Node& word : list) words.push_back(word.as<std::string>());
  return words;
}

// The rules of every Role in one of the files.
std::vector<lab::AccessRule> RulesOf(const std::string& file) {
  std::vector<lab::AccessRule> rules;
  for (const YAML::Node& object : YAML::LoadAllFromFile("deploy/kubernetes/" + file)) {
    if (object["kind"].as<std::string>() != "Role") continue;
    for (const YAML::Node& rule : object["rules"]) {
      lab::AccessRule read;
      read.groups = Words(rule["apiGroups"]);
      read.resources = Words(rule["resources"]);
      read.names = Words(rule["resourceNames"]);
      read.verbs = Words(rule["verbs"]);
      read.in_namespace = object["metadata"]["namespace"].as<std::string>();
      rules.push_back(read);
    }
  }
  return rules;
}

constexpr const char* kObjects[] = {
    R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"acme"}})",
    R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"spillway"}})",
    R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"shopping","namespace":"acme"},"spec":{"replicas":1,)"
    R"("selector":{"matchLabels":{"app":"shopping"}},"template":{"metadata":{"labels":{"app":"shopping"}},"spec":)"
    R"({"containers":[{"name":"web","image":"shop:1","resources":{"requests":{"cpu":"30m"}}}]}}}})",
    R"({"apiVersion":"autoscaling.tsm.tanzu.vmware.com/v1alpha1","kind":"Definition","metadata":{"name":"frontend-asd",)"
    R"("namespace":"acme"},"spec":{"scaleTargetRef":{"kubernetes":{"apiVersion":"apps/v1","kind":"Deployment","name":)"
    R"("shopping"}},"scaleRule":{"mode":"EFFICIENCY","enabled":true,"instances":{"min":1,"max":4},"trigger":)"
    R"({"gracePeriodSeconds":60,"metric":{"name":"CPUUsageMillicores","scaleUp":30,"scaleDown":15}}}}})",
    R"({"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"shopping","namespace":"acme"},)"
    R"("spec":{"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"shopping"},"maxReplicas":4,)"
    R"("metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50}}}]}})",
};

// One cluster in which the client, as a user with some rules, does everything that a side asks of it.
class Try {
 public:
  explicit Try(std::vector<lab::AccessRule> rules) : fake_(clock_, Options()) {
    for (const char* object : kObjects) EXPECT_EQ(fake_.Create(object), "") << object;
    lab::User user;
    user.name = user.token = "spillway";
    user.rules = std::move(rules);
    fake_.AddUser(user);
    client_ =
        std::make_unique<Cluster>("us", TestAccess([]() -> Result<std::string> { return std::string("spillway"); }),
                                  clock_, transport_, transport_, 3);
  }

  // What is refused, in words; empty: nothing. Each of these asks for all that its file is for.
  std::string Home() {
    const auto workload = client_->WatchDeployment("acme", "shopping");
    const auto definition = client_->WatchDefinition("acme", "frontend-asd");
    const auto hpa = client_->WatchHpa("acme", "shopping", "shopping");
    Run(3min);
    return Denied(workload->Read()) + Denied(definition->Read()) + Denied(hpa->Read());
  }
  std::string Overflow() {
    const auto workload = client_->WatchDeployment("acme", "shopping");
    const auto meter = client_->MeterPods("acme", "shopping", 15s);
    const auto events = client_->RecordEvents();
    Run(1min);
    const auto seen = workload->Read();
    const auto scaled = workload->Scale(2, seen.seen ? seen.seen->value.revision : "unseen", 5s);
    events->Record("acme", "shopping", "SpillwayScaled", "replicas 1 -> 2");
    Run(2min);
    return Denied(workload->Read()) + Denied(meter->Read()) + (scaled ? "" : scaled.error().what) +
           (Kept() ? "" : "no Event");
  }
  std::string Shared() {
    const auto lease = client_->StandFor({"spillway", "spillway", "this", "http://this"}, 7);
    const auto store = client_->KeepIn({"spillway", "spillway-state", "this"}, *lease);
    for (int i = 0; i < 60; ++i) {
      lease->Step();
      clock_.Advance(1s);
    }
    std::string denied = lease->View().failure ? lease->View().failure->what : "";
    for (const char* text : {"one", "two"}) {
      if (const auto loaded = store->Load("shop"); !loaded) denied += loaded.error().what;
      if (const Status saved = store->Save("shop", text); !saved) denied += saved.error().what;
    }
    return denied;
  }

 private:
  static lab::ClusterOptions Options() {
    lab::ClusterOptions options;
    options.metrics = {.available = true, .reading = true, .resolution = 15s};
    return options;
  }
  template <class T>
  static std::string Denied(const Reading<T>& reading) {
    return reading.failure && reading.failure->code == Code::kDenied ? reading.failure->what + "\n" : "";
  }
  bool Kept() const {
    for (const lab::WriteRecord& write : fake_.Writes()) {
      if (write.status == 201 && write.path.ends_with("/events")) return true;
    }
    return false;
  }
  void Run(Duration by) {
    for (const Instant end = clock_.Now() + by; clock_.Now() < end; clock_.Advance(500ms)) {
      for (const auto& feed : client_->feeds()) {
        for (int i = 0; i < 100 && feed->Step() <= clock_.Now(); ++i) continue;
      }
      fake_.Advance();
    }
  }

  ManualClock clock_;
  lab::Cluster fake_;
  std::shared_ptr<VirtualTransport> transport_ = std::make_shared<VirtualTransport>(fake_, clock_);
  std::unique_ptr<Cluster> client_;
};

struct Side {
  const char* file;
  std::string (Try::*all)();
};

class RolesTest : public testing::TestWithParam<Side> {};

TEST_P(RolesTest, AreEnough) {
  const auto rules = RulesOf(GetParam().file);
  ASSERT_FALSE(rules.empty());
  EXPECT_EQ((Try(rules).*GetParam().all)(), "");
}

TEST_P(RolesTest, HaveNoIdleRule) {
  const auto rules = RulesOf(GetParam().file);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    auto fewer = rules;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_NE((Try(fewer).*GetParam().all)(), "") << "without the rule for " << rules[i].resources.at(0);
  }
}

TEST_P(RolesTest, ReachNoSecretAndNothingElsesImage) {
  for (const lab::AccessRule& rule : RulesOf(GetParam().file)) {
    for (const std::string& word : rule.verbs) EXPECT_NE(word, "*");
    for (const std::string& resource : rule.resources) {
      EXPECT_NE(resource, "*");
      EXPECT_NE(resource, "secrets");
      if (resource != "deployments") continue;
      for (const std::string& verb : rule.verbs)
        EXPECT_TRUE(verb == "get" || verb == "list" || verb == "watch") << verb;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Files, RolesTest,
                         testing::Values(Side{"home.yaml", &Try::Home}, Side{"overflow.yaml", &Try::Overflow},
                                         Side{"state.yaml", &Try::Shared}),
                         [](const auto& tested) {
                           const std::string file = tested.param.file;
                           return file.substr(0, file.find('.'));
                         });

}  // namespace
}  // namespace spillway::k8s
