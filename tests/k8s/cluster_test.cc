#include "k8s/cluster.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/k8s/script.h"

namespace spillway::k8s {
namespace {

std::string Definition(const std::string& revision, bool ready, int observed = 1) {
  return R"({"kind":"Definition","metadata":{"name":"frontend-asd","namespace":"acme","generation":1,"resourceVersion":")" +
         revision +
         R"("},"spec":{"scaleRule":{"mode":"EFFICIENCY","enabled":true,"instances":{"min":1,"max":4}}},"status":{)" +
         R"("autoscalingReady":)" + (ready ? "true" : "false") + R"(,"observedGeneration":)" +
         std::to_string(observed) +
         R"(,"currentReplicas":4,"desiredReplicas":4,"conditions":[{"status":"True","reason":"EnforcingLimit",)"
         R"("message":"wanted 6 instances"}]}})";
}

class ClusterTest : public ::testing::Test {
 protected:
  Cluster Make(ClusterAccess access = TestAccess()) { return {"us", std::move(access), clock_, server_, server_, 1}; }

  ManualClock clock_;
  std::shared_ptr<ScriptedServer> server_ = std::make_shared<ScriptedServer>(clock_);
};

TEST_F(ClusterTest, WatchesEachObjectOnceHoweverManyAsk) {
  Cluster cluster = Make();
  const auto first = cluster.WatchDeployment("acme", "shopping");
  EXPECT_EQ(cluster.WatchDeployment("acme", "shopping"), first);
  const auto definition = cluster.WatchDefinition("acme", "frontend-asd");
  EXPECT_EQ(cluster.WatchDefinition("acme", "frontend-asd"), definition);
  EXPECT_NE(cluster.WatchDeployment("acme", "checkout"), first);
  EXPECT_NE(cluster.WatchDeployment("other", "shopping"), first);
  const auto feeds = cluster.feeds();
  ASSERT_EQ(feeds.size(), 4U);
  EXPECT_EQ(feeds[0]->name(), "us deployments acme/shopping");
  EXPECT_EQ(feeds[1]->name(), "us definitions acme/frontend-asd");
}

TEST_F(ClusterTest, TakesTheContextsNamespaceWhenNoneIsGiven) {
  ClusterAccess access = TestAccess();
  access.default_namespace = "acme";
  Cluster cluster = Make(access);
  EXPECT_EQ(cluster.WatchDeployment("", "shopping"), cluster.WatchDeployment("acme", "shopping"));
}

TEST_F(ClusterTest, SpeaksBelowTheServersBasePath) {
  ClusterAccess access = TestAccess();
  access.base_path = "/k8s/clusters/c-1";
  Cluster cluster = Make(access);
  cluster.WatchDefinition("acme", "frontend-asd");
  cluster.feeds()[0]->Step();
  EXPECT_EQ(SplitTarget(server_->sent.at(0).target).first,
            "/k8s/clusters/c-1/apis/autoscaling.tsm.tanzu.vmware.com/v1alpha1/namespaces/acme/definitions");
}

TEST_F(ClusterTest, ReadsADefinition) {
  Cluster cluster = Make();
  const auto demand = cluster.WatchDefinition("acme", "frontend-asd");
  EXPECT_FALSE(demand->Read().seen);
  server_->Answer(200, List("1000", Definition("5", true)));
  const Instant listed = clock_.Now();
  cluster.feeds()[0]->Step();
  const auto reading = demand->Read();
  ASSERT_TRUE(reading.seen);
  EXPECT_FALSE(reading.failure);
  EXPECT_EQ(reading.seen->as_of, listed);
  EXPECT_EQ(reading.seen->value.wish, 6);
}

TEST_F(ClusterTest, AMissingDefinitionIsAFailureNotZero) {
  Cluster cluster = Make();
  const auto demand = cluster.WatchDefinition("acme", "frontend-asd");
  server_->Answer(200, List("1000", ""));
  cluster.feeds()[0]->Step();
  EXPECT_FALSE(demand->Read().seen);
  ASSERT_TRUE(demand->Read().failure);
  EXPECT_EQ(demand->Read().failure->what, "cluster \"us\": definitions \"frontend-asd\" not found in namespace acme");
}

TEST_F(ClusterTest, SaysThatTheServerKnowsNoDefinitions) {
  Cluster cluster = Make();
  const auto demand = cluster.WatchDefinition("acme", "frontend-asd");
  server_->Answer(404, "404 page not found");
  cluster.feeds()[0]->Step();
  EXPECT_EQ(
      demand->Read().failure->what,
      "cluster \"us\": cannot list definitions in acme (404): 404 page not found; is the cluster onboarded to Tanzu"
      " Service Mesh?");
}

TEST_F(ClusterTest, KeepsTheLastUsableWordOfAnAutoscalerThatGoesSilent) {
  Cluster cluster = Make();
  const auto demand = cluster.WatchDefinition("acme", "frontend-asd");
  server_->Answer(200, List("1000", Definition("5", true)));
  auto stream = server_->Watch();
  const auto feed = cluster.feeds()[0];
  int changes = 0;
  feed->OnChange([&] { ++changes; });
  const Instant listed = clock_.Now();
  feed->Step();
  feed->Step();
  clock_.Advance(3s);
  stream->Line(Event("MODIFIED", Definition("6", false)));
  feed->Step();
  const Instant failed = clock_.Now();
  EXPECT_EQ(changes, 2);
  auto reading = demand->Read();
  ASSERT_TRUE(reading.seen && reading.failure);
  EXPECT_EQ(reading.seen->value.wish, 6);
  EXPECT_EQ(reading.seen->as_of, listed) << "it goes stale from its last confirmation on";
  EXPECT_EQ(reading.failure->code, Code::kRetry);
  EXPECT_EQ(reading.failure->since, failed);
  clock_.Advance(3s);
  stream->Line(Event("MODIFIED", Definition("7", true, 0)));  // still unusable, for another reason
  feed->Step();
  EXPECT_EQ(demand->Read().failure->since, failed);
  EXPECT_NE(demand->Read().failure->what.find("observed 0"), std::string::npos);
  stream->Line(Event("MODIFIED", Definition("8", true)));
  feed->Step();
  EXPECT_FALSE(demand->Read().failure);
  EXPECT_EQ(demand->Read().seen->as_of, clock_.Now());
}

TEST_F(ClusterTest, WhatItHandsOutOutlivesIt) {
  std::shared_ptr<DemandSource> demand;
  std::shared_ptr<Workload> workload;
  std::vector<std::shared_ptr<Feed>> feeds;
  {
    Cluster cluster = Make();
    demand = cluster.WatchDefinition("acme", "frontend-asd");
    workload = cluster.WatchDeployment("acme", "shopping");
    feeds = cluster.feeds();
  }
  server_->Answer(200, List("1000", Definition("5", true)));
  feeds[0]->Step();
  EXPECT_TRUE(demand->Read().seen);
  feeds.clear();
  EXPECT_TRUE(demand->Read().seen);
  EXPECT_FALSE(workload->Scale(1, "1", 1s));
}

}  // namespace
}  // namespace spillway::k8s
