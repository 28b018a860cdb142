// Rows 36 and 37 of the fidelity checklist: from a number of replicas to pods that serve.
#include "tests/lab/kubernetes/bench_cluster.h"

namespace spillway::lab {
namespace {

std::string Shopping() { return std::string(kDeployments) + "/shopping"; }

TEST(Deployments, Row36PodsGoFromPendingToRunningToReadyEachAtItsTime) {
  BenchCluster bench;
  bench.cluster.Create(BenchCluster::Deployment("shopping", 2));
  bench.Settle(20ms);
  ASSERT_EQ(bench.cluster.Pods("acme", "shopping").size(), 2U);
  EXPECT_EQ(bench.cluster.Pods("acme", "shopping")[0].phase, "Pending");
  bench.Settle(1s);
  EXPECT_EQ(bench.cluster.Pods("acme", "shopping")[0].phase, "Running");
  EXPECT_EQ(bench.cluster.ReadyPods("acme", "shopping"), 0);
  bench.Settle(1999ms);
  EXPECT_EQ(bench.cluster.ReadyPods("acme", "shopping"), 0);
  bench.Settle(1ms);
  EXPECT_EQ(bench.cluster.ReadyPods("acme", "shopping"), 2);
  const Got deployment = bench.Get(Shopping());
  EXPECT_EQ(deployment.Int("status.readyReplicas"), 2);
  EXPECT_EQ(deployment.Int("status.availableReplicas"), 2);
  EXPECT_EQ(deployment.body.At("status").Find("unavailableReplicas"), nullptr);
}

TEST(Deployments, Row36APodIsPendingFromItsFirstEventOn) {
  BenchCluster bench;
  Watching pods(bench, "/api/v1/namespaces/acme/pods?watch=true");
  bench.cluster.Create(BenchCluster::Deployment("shopping", 1));
  bench.Settle(20ms);
  const std::vector<Tree> events = pods.Events();
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events[0].At("type").String(), "ADDED");
  EXPECT_EQ(events[0].At("object.status.phase").String(), "Pending");
}

TEST(Deployments, Row36OneLongJumpOfTheClockGivesTheSameTimesAsManySteps) {
  BenchCluster jumped;
  jumped.cluster.Create(BenchCluster::Deployment("shopping", 1));
  jumped.Pass(1h);
  BenchCluster stepped;
  stepped.cluster.Create(BenchCluster::Deployment("shopping", 1));
  stepped.Settle(1h);
  EXPECT_EQ(jumped.Get(Shopping()).text, stepped.Get(Shopping()).text);
}

TEST(Deployments, Row36ObservedGenerationLags) {
  ClusterOptions options;
  options.controller_lag = 500ms;
  BenchCluster bench(options);
  bench.cluster.Create(BenchCluster::Deployment("shopping", 1));
  bench.Settle(10s);
  EXPECT_EQ(bench.Get(Shopping()).Int("status.observedGeneration"), 1);
  bench.Merge(Shopping(), R"({"spec":{"replicas":3}})");
  bench.Settle(499ms);
  EXPECT_EQ(bench.Get(Shopping()).Int("metadata.generation"), 2);
  EXPECT_EQ(bench.Get(Shopping()).Int("status.observedGeneration"), 1);
  EXPECT_EQ(bench.Get(Shopping()).Int("status.replicas"), 1);
  bench.Settle(1ms);
  EXPECT_EQ(bench.Get(Shopping()).Int("status.observedGeneration"), 2);
  EXPECT_EQ(bench.Get(Shopping()).Int("status.replicas"), 3);
}

TEST(Deployments, Row36AvailableComesMinReadySecondsAfterReady) {
  BenchCluster bench;
  bench.cluster.Create(BenchCluster::Deployment("shopping", 1, R"(,"minReadySeconds":10)"));
  bench.Settle(5s);
  EXPECT_EQ(bench.Get(Shopping()).Int("status.readyReplicas"), 1);
  EXPECT_EQ(bench.Get(Shopping()).body.At("status").Find("availableReplicas"), nullptr);
  bench.Settle(10s);
  EXPECT_EQ(bench.Get(Shopping()).Int("status.availableReplicas"), 1);
}

TEST(Deployments, Row36ScaleDownTerminatesTheNewestAndTheyServeForTheirGrace) {
  BenchCluster bench;
  bench.cluster.Create(BenchCluster::Deployment("shopping", 1));
  bench.Settle(10s);
  const std::string oldest = bench.cluster.Pods("acme", "shopping")[0].name;
  bench.Merge(Shopping() + "/scale", R"({"spec":{"replicas":3}})");
  bench.Settle(10s);
  bench.Merge(Shopping() + "/scale", R"({"spec":{"replicas":1}})");
  bench.Settle(20ms);
  const std::vector<PodView> pods = bench.cluster.Pods("acme", "shopping");
  ASSERT_EQ(pods.size(), 3U);
  EXPECT_EQ(pods[0].name, oldest);
  EXPECT_FALSE(pods[0].terminating);
  EXPECT_TRUE(pods[1].terminating && pods[1].ready && pods[2].terminating && pods[2].ready);
  EXPECT_EQ(bench.cluster.ReadyPods("acme", "shopping"), 1);
  EXPECT_EQ(bench.Get(Shopping()).Int("status.replicas"), 1);
  bench.Settle(1s);
  EXPECT_EQ(bench.cluster.Pods("acme", "shopping").size(), 1U);
  EXPECT_EQ(bench.Get("/api/v1/namespaces/acme/pods").body.At("items").Items().size(), 1U);
}

TEST(Deployments, Row36ZeroReplicasLeaveTheCountsOut) {
  BenchCluster bench;
  bench.cluster.Create(BenchCluster::Deployment("shopping", 0));
  bench.Settle(5s);
  const Tree status = bench.Get(Shopping()).body.At("status");
  for (const char* name : {"replicas", "readyReplicas", "availableReplicas", "updatedReplicas"}) {
    EXPECT_EQ(status.Find(name), nullptr) << name;
  }
  EXPECT_EQ(status.At("observedGeneration").Int(), 1);
}

constexpr char kReplicaSets[] = "/apis/apps/v1/namespaces/acme/replicasets";

TEST(Deployments, Row36AReplicaSetStandsBetweenADeploymentAndItsPods) {
  BenchCluster bench;
  bench.cluster.Create(BenchCluster::Deployment("shopping", 2));
  bench.Settle(10s);
  const Got list = bench.Get(kReplicaSets);
  ASSERT_EQ(list.body.At("items").Items().size(), 1U);
  const Tree& set = list.body.At("items").Items()[0];
  EXPECT_EQ(set.At("metadata.ownerReferences").Items().at(0).At("kind").String(), "Deployment");
  EXPECT_EQ(set.At("metadata.ownerReferences").Items()[0].At("uid"), bench.Get(Shopping()).body.At("metadata.uid"));
  EXPECT_EQ(set.At("spec.replicas").Int(), 2);
  EXPECT_EQ(set.At("status.replicas").Int(), 2);
  EXPECT_EQ(set.At("status.readyReplicas").Int(), 2);
  EXPECT_EQ(set.At("status.observedGeneration"), set.At("metadata.generation"));
  const std::string& hash = set.At("metadata.labels").Find("pod-template-hash")->String();
  EXPECT_EQ(set.At("metadata.name").String(), "shopping-" + hash);
  EXPECT_EQ(set.At("spec.selector.matchLabels").Find("pod-template-hash")->String(), hash);
  const Got pods = bench.Get("/api/v1/namespaces/acme/pods");
  EXPECT_EQ(pods.body.At("items").Items().size(), 2U);
  for (const Tree& pod : pods.body.At("items").Items()) {
    EXPECT_TRUE(pod.At("metadata.name").String().starts_with("shopping-" + hash + "-"));
    EXPECT_EQ(pod.At("metadata.ownerReferences").Items().at(0).At("uid"), set.At("metadata.uid"));
    EXPECT_EQ(pod.At("metadata.labels").Find("pod-template-hash")->String(), hash);
  }
  bench.Merge(Shopping() + "/scale", R"({"spec":{"replicas":0}})");
  bench.Settle(10s);
  const Got none = bench.Get(std::string(kReplicaSets) + "/shopping-" + hash);
  EXPECT_EQ(none.Int("spec.replicas"), 0);
  EXPECT_EQ(none.Int("metadata.generation"), set.At("metadata.generation").Int() + 1);
  EXPECT_EQ(none.body.At("status").Find("readyReplicas"), nullptr);
  EXPECT_NE(none.body.At("status").Find("replicas"), nullptr) << "the one count that is always told";
  bench.Send("DELETE", Shopping());
  bench.Settle(10s);
  EXPECT_TRUE(bench.Get(kReplicaSets).body.At("items").Items().empty());
}

TEST(Deployments, Row36WhoTouchesTheReplicaSetOrItsPodsGetsThemBack) {
  BenchCluster bench;
  bench.cluster.Create(BenchCluster::Deployment("shopping", 2));
  bench.Settle(10s);
  const std::string name = bench.Get(kReplicaSets).body.At("items").Items().at(0).At("metadata.name").String();
  const std::string path = std::string(kReplicaSets) + "/" + name;
  EXPECT_EQ(bench.Merge(path, R"({"spec":{"replicas":7}})").code, 200);
  bench.Settle(10s);
  EXPECT_EQ(bench.Get(path).Int("spec.replicas"), 2);
  EXPECT_EQ(bench.cluster.ReadyPods("acme", "shopping"), 2);
  EXPECT_EQ(bench.Send("DELETE", path).code, 200);
  bench.Settle(10s);
  EXPECT_EQ(bench.Get(path).Int("status.readyReplicas"), 2);
}

TEST(Deployments, Row11EachScalingIsAnEventOfTheDeployment) {
  BenchCluster bench;
  bench.cluster.Create(BenchCluster::Deployment("shopping", 1));
  bench.Settle(10s);
  bench.Merge(Shopping() + "/scale", R"({"spec":{"replicas":3}})");
  bench.Settle(10s);
  bench.Merge(Shopping() + "/scale", R"({"spec":{"replicas":1}})");
  bench.Settle(10s);
  bench.Merge(Shopping() + "/scale", R"({"spec":{"replicas":3}})");
  bench.Settle(10s);
  const std::string set = bench.Get(kReplicaSets).body.At("items").Items().at(0).At("metadata.name").String();
  const Got events = bench.Get(
      "/api/v1/namespaces/acme/events?fieldSelector=involvedObject.kind%3DDeployment%2CinvolvedObject.name%3Dshopping");
  std::map<std::string, std::int64_t> told;
  for (const Tree& event : events.body.At("items").Items()) {
    EXPECT_EQ(event.At("reason").String(), "ScalingReplicaSet");
    EXPECT_EQ(event.At("source.component").String(), "deployment-controller");
    told[event.At("message").String()] = event.At("count").Int();
  }
  EXPECT_EQ(told, (std::map<std::string, std::int64_t>{{"Scaled up replica set " + set + " from 0 to 1", 1},
                                                       {"Scaled up replica set " + set + " from 1 to 3", 2},
                                                       {"Scaled down replica set " + set + " from 3 to 1", 1}}));
}

TEST(Deployments, Row37PodsThatStaySickLeaveProgressingTrue) {
  BenchCluster bench;
  bench.cluster.Create(BenchCluster::Deployment("shopping", 0));
  bench.Settle(5s);
  PodTimes sick;
  sick.never_ready = true;
  bench.cluster.SetPodTimes(sick);
  bench.Merge(Shopping(), R"({"spec":{"replicas":2}})");
  bench.Settle(1h);
  const Got deployment = bench.Get(Shopping());
  EXPECT_EQ(deployment.Int("status.replicas"), 2);
  EXPECT_EQ(deployment.Int("status.readyReplicas"), 0);
  EXPECT_EQ(deployment.Int("status.unavailableReplicas"), 2);
  const Tree& progressing = deployment.body.At("status.conditions").Items().back();
  EXPECT_EQ(progressing.At("type").String(), "Progressing");
  EXPECT_EQ(progressing.At("status").String(), "True");
  EXPECT_EQ(progressing.At("reason").String(), "NewReplicaSetAvailable");
  bench.cluster.SetPodTimes({});
  bench.Settle(1ms);
  EXPECT_EQ(bench.cluster.ReadyPods("acme", "shopping"), 2);
}

TEST(Deployments, UnschedulablePodsStayPendingAndSayWhy) {
  ClusterOptions options;
  options.pods.unschedulable = true;
  BenchCluster bench(options);
  bench.cluster.Create(BenchCluster::Deployment("shopping", 1));
  bench.Settle(1min);
  const Got pods = bench.Get("/api/v1/namespaces/acme/pods");
  ASSERT_EQ(pods.body.At("items").Items().size(), 1U);
  const Tree& pod = pods.body.At("items").Items()[0];
  EXPECT_EQ(pod.At("status.phase").String(), "Pending");
  EXPECT_EQ(pod.At("status.conditions").Items()[0].At("reason").String(), "Unschedulable");
  const Got events = bench.Get("/api/v1/namespaces/acme/events?fieldSelector=reason%3DFailedScheduling");
  ASSERT_EQ(events.body.At("items").Items().size(), 1U) << events.text;
  EXPECT_EQ(events.body.At("items").Items()[0].At("involvedObject.uid"), pod.At("metadata.uid"));
}

TEST(Deployments, ADeletedPodIsReplacedAndADeletedDeploymentTakesItsPodsAlong) {
  BenchCluster bench;
  bench.cluster.Create(BenchCluster::Deployment("shopping", 1));
  bench.Settle(10s);
  const std::string name = bench.cluster.Pods("acme", "shopping")[0].name;
  EXPECT_EQ(bench.Send("DELETE", "/api/v1/namespaces/acme/pods/" + name).code, 200);
  bench.Settle(10s);
  ASSERT_EQ(bench.cluster.Pods("acme", "shopping").size(), 1U);
  EXPECT_NE(bench.cluster.Pods("acme", "shopping")[0].name, name);
  EXPECT_EQ(bench.cluster.ReadyPods("acme", "shopping"), 1);
  bench.Send("DELETE", Shopping());
  bench.Settle(10s);
  EXPECT_TRUE(bench.Get("/api/v1/namespaces/acme/pods").body.At("items").Items().empty());
}

}  // namespace
}  // namespace spillway::lab
