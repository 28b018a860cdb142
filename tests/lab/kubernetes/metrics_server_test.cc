// metrics.k8s.io: what is measured of pods, when it appears, and who may read it.
#include "src/base/time_text.h"
#include "tests/lab/kubernetes/bench_cluster.h"

namespace spillway::lab {
namespace {

constexpr char kPodMetrics[] = "/apis/metrics.k8s.io/v1beta1/namespaces/acme/pods";

class MeteredBench : public BenchCluster {
 public:
  static ClusterOptions Options() {
    ClusterOptions options;
    options.metrics.available = true;
    return options;
  }
  MeteredBench() : BenchCluster(Options()) {
    cluster.SetLoad(
        [this](const std::string&, const std::string& deployment) { return deployment == "shopping" ? load : 80; });
    EXPECT_EQ(cluster.Create(Deployment("shopping", 2)), "");
  }
  Tree::Array Items(const std::string& query = "") { return Get(kPodMetrics + query).body.At("items").Items(); }

  double load = 300;  // millicores
};

TEST(MetricsServer, AFigureAppearsWithTheSecondReadingAfterThePodRuns) {
  MeteredBench bench;
  bench.Settle(16s);
  EXPECT_TRUE(bench.Items().empty()) << "one reading gives no rate";
  bench.Settle(15s);
  const auto items = bench.Items();
  ASSERT_EQ(items.size(), 2U);
  for (const Tree& item : items) {
    EXPECT_EQ(item.At("containers").Items().at(0).At("usage.cpu").String(), "150000000n");
    EXPECT_EQ(item.At("window").String(), "15.000s");
    EXPECT_EQ(item.At("metadata.labels.app").String(), "shopping");
    EXPECT_EQ(item.At("metadata").Find("resourceVersion"), nullptr) << "they are not stored objects";
    EXPECT_TRUE(ParseRfc3339(item.At("timestamp").String()));
  }
  EXPECT_EQ(bench.Get(kPodMetrics).Str("kind"), "PodMetricsList");
}

TEST(MetricsServer, AFigureIsTheMeanOfItsWindowAndStaysUntilTheNext) {
  MeteredBench bench;
  bench.Settle(30s);
  bench.load = 600;
  bench.Settle(14s);
  EXPECT_EQ(bench.Items().at(0).At("containers").Items().at(0).At("usage.cpu").String(), "150000000n") << "of before";
  bench.Settle(20s);
  EXPECT_EQ(bench.Items().at(0).At("containers").Items().at(0).At("usage.cpu").String(), "300000000n");
}

TEST(MetricsServer, SelectsByLabelAndReadsOnePod) {
  MeteredBench bench;
  EXPECT_EQ(bench.cluster.Create(BenchCluster::Deployment("cart", 1)), "");
  bench.Settle(60s);
  EXPECT_EQ(bench.Items().size(), 3U);
  EXPECT_EQ(bench.Items("?labelSelector=app%3Dshopping").size(), 2U);
  const std::string pod = bench.Items("?labelSelector=app%3Dcart").at(0).At("metadata.name").String();
  EXPECT_EQ(bench.Get(std::string(kPodMetrics) + "/" + pod).Str("kind"), "PodMetrics");
  EXPECT_EQ(bench.Get(std::string(kPodMetrics) + "/nobody").code, 404);
}

TEST(MetricsServer, APodThatIsGoneHasNoFigureAfterTheNextReading) {
  MeteredBench bench;
  bench.Settle(40s);
  bench.Merge(std::string(kDeployments) + "/shopping", R"({"spec":{"replicas":1}})");
  bench.Settle(20s);
  EXPECT_EQ(bench.Items().size(), 1U);
}

TEST(MetricsServer, KnowsNoWatchAndNoWrite) {
  MeteredBench bench;
  bench.Settle(40s);
  EXPECT_EQ(bench.Get(std::string(kPodMetrics) + "?watch=true").code, 405);
  EXPECT_EQ(bench.Post(kPodMetrics, R"({"metadata":{"name":"x"}})").code, 405);
}

TEST(MetricsServer, OneThatHasStoppedReadingAnswersWithWhatItHas) {
  MeteredBench bench;
  bench.Settle(40s);
  const auto before = bench.Items();
  MetricsOptions options;
  options.available = true;
  options.reading = false;
  bench.cluster.SetMetrics(options);
  bench.load = 900;
  bench.Settle(60s);
  EXPECT_TRUE(bench.Items() == before);
}

TEST(MetricsServer, OneThatIsAwayMakesItsGroupUnavailable) {
  BenchCluster bench;
  const Got got = bench.Get(kPodMetrics);
  EXPECT_EQ(got.code, 503);
  EXPECT_EQ(got.Str("reason"), "ServiceUnavailable");
}

TEST(MetricsServer, ReadingItIsARightOfItsOwn) {
  MeteredBench bench;
  User user{.name = "spillway", .token = "secret", .token_expires = {}, .admin = false, .rules = {}};
  AccessRule pods;
  pods.groups = {""};
  pods.resources = {"pods"};
  pods.verbs = {"get", "list"};
  user.rules = {pods};
  bench.cluster.AddUser(user);
  const HttpHeaders token{{"Authorization", "Bearer secret"}};
  EXPECT_EQ(bench.Send("GET", kPodMetrics, "", token).code, 403) << "pods of the core group are other pods";
  user.rules[0].groups = {"metrics.k8s.io"};
  bench.cluster.AddUser(user);
  EXPECT_EQ(bench.Send("GET", kPodMetrics, "", token).code, 200);
}

TEST(MetricsServer, ItsGroupIsDiscovered) {
  MeteredBench bench;
  const Got got = bench.Get("/apis/metrics.k8s.io/v1beta1");
  ASSERT_EQ(got.body.At("resources").Items().size(), 1U);
  EXPECT_EQ(got.body.At("resources").Items()[0].At("kind").String(), "PodMetrics");
  EXPECT_EQ(got.body.At("resources").Items()[0].At("verbs").Text(), R"(["get","list"])");
}

}  // namespace
}  // namespace spillway::lab
