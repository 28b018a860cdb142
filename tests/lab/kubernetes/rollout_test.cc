// From the pods of one template to those of the next, beside row 36 of the fidelity checklist.
#include "tools/lab/kubernetes/rollout.h"

#include <algorithm>

#include "tests/lab/kubernetes/bench_cluster.h"

namespace spillway::lab {
namespace {

constexpr char kReplicaSets[] = "/apis/apps/v1/namespaces/acme/replicasets";

// A Deployment of four ready pods of shop:1.
class RolloutBench : public BenchCluster {
 public:
  explicit RolloutBench(const std::string& strategy = "") {
    EXPECT_EQ(cluster.Create(Deployment("shopping", 4, strategy)), "");
    Settle(10s);
    EXPECT_EQ(cluster.ReadyPods("acme", "shopping"), 4);
  }
  static std::string Shopping() { return std::string(kDeployments) + "/shopping"; }
  void SetImage(const std::string& image) {
    EXPECT_EQ(Merge(Shopping(),
                    R"({"spec":{"template":{"spec":{"containers":[{"name":"web","image":")" + image + R"("}]}}}})")
                  .code,
              200);
  }
  Tree Status() { return Get(Shopping()).body.At("status"); }
  std::string Progressing() {
    const Tree status = Status();
    for (const Tree& condition : status.At("conditions").Items()) {
      if (condition.At("type").String() == "Progressing") return condition.At("reason").String();
    }
    return "";
  }
  // How many pods that are not terminating run that image.
  int Live(const std::string& image) {
    const Got pods = Get("/api/v1/namespaces/acme/pods");
    const Tree::Array& all = pods.body.At("items").Items();
    return static_cast<int>(std::count_if(all.begin(), all.end(), [&](const Tree& pod) {
      return pod.At("metadata").Find("deletionTimestamp") == nullptr &&
             pod.At("spec.containers").Items()[0].At("image").String() == image;
    }));
  }
  // "shop:1 0" of each ReplicaSet: image and size.
  std::vector<std::string> Sets() {
    const Got sets = Get(kReplicaSets);
    std::vector<std::string> seen;
    for (const Tree& set : sets.body.At("items").Items()) {
      seen.push_back(set.At("spec.template.spec.containers").Items()[0].At("image").String() + ' ' +
                     std::to_string(set.At("spec.replicas").Int()));
    }
    std::sort(seen.begin(), seen.end());
    return seen;
  }
};

TEST(Rollout, ReplacesPodsWithoutAGap) {
  RolloutBench bench;
  bench.SetImage("shop:2");
  EXPECT_GT(bench.Get(RolloutBench::Shopping()).Int("metadata.generation"),
            bench.Status().At("observedGeneration").Int());
  bool together = false;
  for (int i = 0; i < 300; ++i) {
    bench.Settle(100ms);
    EXPECT_GE(bench.cluster.ReadyPods("acme", "shopping"), 3) << "at most a quarter is missing";
    EXPECT_LE(bench.Live("shop:1") + bench.Live("shop:2"), 5) << "at most a quarter too many";
    const Tree status = bench.Status();
    EXPECT_EQ(status.At("updatedReplicas").Int(), bench.Live("shop:2"));
    together = together || (bench.Live("shop:1") > 0 && bench.Live("shop:2") > 0);
    if (bench.Live("shop:1") > 0) {
      EXPECT_EQ(bench.Progressing(), "ReplicaSetUpdated");
    }
  }
  EXPECT_TRUE(together);
  const Got done = bench.Get(RolloutBench::Shopping());
  for (const char* count : {"replicas", "updatedReplicas", "readyReplicas", "availableReplicas"}) {
    EXPECT_EQ(done.Int(std::string("status.") + count), 4) << count;
  }
  EXPECT_EQ(done.Int("status.observedGeneration"), done.Int("metadata.generation"));
  EXPECT_EQ(bench.Progressing(), "NewReplicaSetAvailable");
  EXPECT_EQ(bench.Live("shop:2"), 4);
  EXPECT_EQ(bench.Sets(), (std::vector<std::string>{"shop:1 0", "shop:2 4"}));
}

TEST(Rollout, OfRecreateStartsWhenTheOldPodsAreGone) {
  RolloutBench bench(R"(,"strategy":{"type":"Recreate"})");
  bench.SetImage("shop:2");
  for (int i = 0; i < 100; ++i) {
    bench.Settle(100ms);
    const bool mixed = bench.Live("shop:2") > 0 && bench.cluster.Pods("acme", "shopping").size() > 4;
    EXPECT_FALSE(mixed);
  }
  EXPECT_EQ(bench.Live("shop:2"), 4);
  EXPECT_EQ(bench.Status().At("availableReplicas").Int(), 4);
}

TEST(Rollout, StopsWhereTheNewPodsStaySickAndGoesOnWhenTheyAreWell) {
  RolloutBench bench;
  PodTimes sick;
  sick.never_ready = true;
  bench.cluster.SetPodTimes(sick);
  bench.SetImage("shop:2");
  bench.Settle(1h);
  EXPECT_EQ(bench.cluster.ReadyPods("acme", "shopping"), 3) << "of the old ones";
  EXPECT_EQ(bench.Live("shop:1"), 3);
  EXPECT_EQ(bench.Status().At("updatedReplicas").Int(), 2);
  EXPECT_EQ(bench.Progressing(), "ReplicaSetUpdated");
  bench.cluster.SetPodTimes({});
  bench.Settle(1min);
  EXPECT_EQ(bench.Live("shop:2"), 4);
  EXPECT_EQ(bench.Live("shop:1"), 0);
}

TEST(Rollout, WaitsForMinReadySeconds) {
  RolloutBench bench(R"(,"minReadySeconds":10)");
  bench.Settle(10s);
  bench.SetImage("shop:2");
  bench.Settle(8s);
  EXPECT_EQ(bench.Live("shop:1"), 3) << "the new ones are ready, but not yet available";
  bench.Settle(1min);
  EXPECT_EQ(bench.Live("shop:1"), 0);
}

TEST(Rollout, BackToAnEarlierTemplateIsBackToItsReplicaSet) {
  RolloutBench bench;
  bench.SetImage("shop:2");
  bench.Settle(1min);
  bench.SetImage("shop:1");
  bench.Settle(1min);
  EXPECT_EQ(bench.Sets(), (std::vector<std::string>{"shop:1 4", "shop:2 0"}));
  const Got sets = bench.Get(kReplicaSets);
  for (const Tree& set : sets.body.At("items").Items()) {
    const bool first = set.At("spec.replicas").Int() == 4;
    EXPECT_EQ(set.At("metadata.annotations").Find("deployment.kubernetes.io/revision")->String(), first ? "3" : "2");
  }
}

TEST(Rollout, APausedDeploymentScalesAndReplacesNothing) {
  RolloutBench bench;
  bench.Merge(RolloutBench::Shopping(), R"({"spec":{"paused":true,"replicas":5}})");
  bench.SetImage("shop:2");
  bench.Settle(1min);
  EXPECT_EQ(bench.Live("shop:1"), 5);
  bench.Merge(RolloutBench::Shopping(), R"({"spec":{"paused":null}})");
  bench.Settle(1min);
  EXPECT_EQ(bench.Live("shop:2"), 5);
}

TEST(Rollout, KeepsAsManyOldReplicaSetsAsItIsTold) {
  RolloutBench bench(R"(,"revisionHistoryLimit":1)");
  for (const char* image : {"shop:2", "shop:3"}) {
    bench.SetImage(image);
    bench.Settle(1min);
  }
  EXPECT_EQ(bench.Sets(), (std::vector<std::string>{"shop:2 0", "shop:3 4"}));
  bench.Send("DELETE", RolloutBench::Shopping());
  bench.Settle(10s);
  EXPECT_TRUE(bench.Sets().empty());
}

TEST(Rollout, TakesItsStepsWithinSurgeAndGap) {
  struct Row {
    const char* name;
    const char* rolling;  // spec.strategy.rollingUpdate
    kube::Generations pods;
    int fresh, stale;
  };
  constexpr auto kQuarters = R"({"maxSurge":"25%","maxUnavailable":"25%"})";
  constexpr auto kOneByOne = R"({"maxSurge":1,"maxUnavailable":0})";
  constexpr auto kNeither = R"({"maxSurge":0,"maxUnavailable":0})";
  const Row rows[] = {
      {"a beginning: one more, one fewer", kQuarters, {0, 0, 4, 4}, 1, 3},
      {"then the gap is filled", kQuarters, {1, 0, 3, 3}, 2, 3},
      {"each that serves lets another go", kQuarters, {2, 2, 3, 3}, 2, 1},
      {"sick old ones go first", kQuarters, {0, 0, 4, 2}, 1, 3},
      {"without a gap nothing goes before another serves", kOneByOne, {0, 0, 4, 4}, 1, 4},
      {"and then one does", kOneByOne, {1, 1, 4, 4}, 1, 3},
      {"neither surplus nor gap is a gap of one", kNeither, {0, 0, 4, 4}, 0, 3},
      {"nothing old: what is wanted", kQuarters, {1, 0, 0, 0}, 4, 0},
  };
  for (const Row& row : rows) {
    Tree deployment = Tree::Of(R"({"spec":{"replicas":4,"strategy":{"type":"RollingUpdate"}}})");
    deployment.Make("spec.strategy")["rollingUpdate"] = Tree::Of(row.rolling);
    const kube::RolloutStep step = kube::NextStep(deployment, row.pods);
    EXPECT_EQ(step.fresh, row.fresh) << row.name;
    EXPECT_EQ(step.stale, row.stale) << row.name;
  }
}

}  // namespace
}  // namespace spillway::lab
