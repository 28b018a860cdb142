#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "k8s/cluster.h"
#include "tests/k8s/script.h"

namespace spillway::k8s {
namespace {

std::string Shop(int ready, int total, int revision = 1) {
  return R"({"kind":"Deployment","metadata":{"name":"shopping","namespace":"acme","resourceVersion":")" +
         std::to_string(revision) + R"("},"spec":{"replicas":)" + std::to_string(total) +
         R"(,"selector":{"matchLabels":{"app":"shop"}}},"status":{"replicas":)" + std::to_string(total) +
         R"(,"readyReplicas":)" + std::to_string(ready) + "}}";
}

std::string Pod(const std::string& name, const std::string& timestamp, const std::string& cpu) {
  return R"({"metadata":{"name":")" + name + R"("},"timestamp":")" + timestamp +
         R"(","window":"15s","containers":[{"name":"web","usage":{"cpu":")" + cpu + R"("}}]})";
}

std::string Pods(const std::string& items) {
  return R"({"kind":"PodMetricsList","metadata":{},"items":[)" + items + "]}";
}

class UsagePollTest : public ::testing::Test {
 protected:
  void SetUp() override { Begin(Shop(2, 2)); }

  void Begin(const std::string& deployment) {
    cluster_ = std::make_unique<Cluster>("eu", TestAccess(), clock_, server_, server_, 1);
    meter_ = cluster_->MeterPods("acme", "shopping", 15s);
    server_->Answer(200, List("1", deployment));
    cluster_->feeds()[0]->Step();
    cluster_->feeds()[1]->OnChange([this] { ++news_; });
  }
  // One poll that is answered so.
  Instant Poll(const std::string& body, int status = 200, HttpHeaders headers = {}) {
    server_->Answer(status, body, std::move(headers));
    return cluster_->feeds()[1]->Step();
  }
  PodUsage Seen() const { return meter_->Read().seen->value; }

  ManualClock clock_;
  std::shared_ptr<ScriptedServer> server_ = std::make_shared<ScriptedServer>(clock_);
  std::unique_ptr<Cluster> cluster_;
  std::shared_ptr<UsageMeter> meter_;
  int news_ = 0;
};

TEST_F(UsagePollTest, AddsUpThePodsOfTheDeploymentEveryInterval) {
  EXPECT_FALSE(meter_->Read().seen);
  const Instant next = Poll(Pods(Pod("a", "t1", "250m") + "," + Pod("b", "t1", "500000000n")));
  EXPECT_EQ(server_->sent.back().target, "/apis/metrics.k8s.io/v1beta1/namespaces/acme/pods?labelSelector=app%3Dshop");
  EXPECT_DOUBLE_EQ(Seen().cpu, 0.75);
  EXPECT_EQ(Seen().pods_measured, 2);
  EXPECT_EQ(Seen().pods_ready, 2);
  EXPECT_EQ(meter_->Read().seen->as_of, clock_.Now());
  EXPECT_EQ(next, clock_.Now() + 15s);
  EXPECT_EQ(news_, 1);
  clock_.Advance(1s);
  const std::size_t asked = server_->sent.size();
  EXPECT_EQ(cluster_->feeds()[1]->Step(), next);
  EXPECT_EQ(server_->sent.size(), asked) << "asked before it was due";
}

TEST_F(UsagePollTest, AReadyPodWithoutAFigureIsCountedAsMissing) {
  Poll(Pods(Pod("a", "t1", "250m")));
  EXPECT_EQ(Seen().pods_measured, 1);
  EXPECT_EQ(Seen().pods_ready, 2);
  clock_.Advance(15s);
  Poll(Pods(""));
  EXPECT_EQ(Seen().pods_measured, 0);
}

TEST_F(UsagePollTest, FiguresThatAreNotRenewedGrowOldAndThenAreNone) {
  const Instant first = clock_.Now();
  Poll(Pods(Pod("a", "t1", "250m") + "," + Pod("b", "t1", "250m")));
  for (int i = 1; i <= 6; ++i) {
    clock_.Advance(15s);
    Poll(Pods(Pod("a", "t1", "250m") + "," + Pod("b", "t" + std::to_string(i), "250m")));
    EXPECT_EQ(meter_->Read().seen->as_of, first) << "the server answers, but the figure of a is the old one";
    EXPECT_EQ(Seen().pods_measured, 2);
  }
  clock_.Advance(15s);
  Poll(Pods(Pod("a", "t1", "250m") + "," + Pod("b", "t7", "250m")));
  EXPECT_EQ(Seen().pods_measured, 1) << "b alone; a would be a figure of 105 s ago";
  EXPECT_DOUBLE_EQ(Seen().cpu, 0.25);
  EXPECT_EQ(meter_->Read().seen->as_of, clock_.Now());
}

TEST_F(UsagePollTest, ARefusalKeepsWhatWasSeenWithItsAge) {
  const Instant first = clock_.Now();
  Poll(Pods(Pod("a", "t1", "250m")));
  clock_.Advance(15s);
  Poll(StatusBody(403, "Forbidden", "pods.metrics.k8s.io is forbidden"), 403);
  const auto reading = meter_->Read();
  EXPECT_DOUBLE_EQ(reading.seen->value.cpu, 0.25);
  EXPECT_EQ(reading.seen->as_of, first);
  ASSERT_TRUE(reading.failure);
  EXPECT_EQ(reading.failure->code, Code::kDenied);
  EXPECT_EQ(reading.failure->what,
            "cluster \"eu\": forbidden: cannot list podmetrics (metrics.k8s.io) in acme (403): pods.metrics.k8s.io is "
            "forbidden");
  clock_.Advance(60s);
  Poll(Pods(Pod("a", "t2", "300m")));
  EXPECT_FALSE(meter_->Read().failure);
  EXPECT_EQ(news_, 3);
}

TEST_F(UsagePollTest, SaysWhatMayBeMissingWhereTheApiIsUnknown) {
  Poll("404 page not found", 404);
  EXPECT_NE(meter_->Read().failure->what.find("is there a metrics server?"), std::string::npos);
  EXPECT_FALSE(meter_->Read().seen);
}

TEST_F(UsagePollTest, WaitsAsLongAsTheServerAsks) {
  const Instant next = Poll("Too many requests, please try again later.", 429, {{"Retry-After", "40"}});
  EXPECT_GE(next, clock_.Now() + 40s);
}

TEST_F(UsagePollTest, NonsenseIsAFailureNotAZero) {
  Poll(R"({"kind":"List","items":[]})");
  EXPECT_FALSE(meter_->Read().seen);
  EXPECT_NE(meter_->Read().failure->what.find("no PodMetricsList"), std::string::npos);
}

TEST_F(UsagePollTest, WithoutPodsItAsksLessOften) {
  Begin(Shop(0, 0));
  EXPECT_EQ(Poll(Pods("")), clock_.Now() + 30s);
  EXPECT_EQ(Seen().pods_measured, 0);
}

TEST_F(UsagePollTest, WithoutASelectorItWouldMeasureTheWholeNamespaceAndDoesNot) {
  Begin(Deployment("1", 2, 2));
  const std::size_t asked = server_->sent.size();
  cluster_->feeds()[1]->Step();
  EXPECT_EQ(server_->sent.size(), asked);
  EXPECT_NE(meter_->Read().failure->what.find("no selector"), std::string::npos);
}

TEST_F(UsagePollTest, NoiseWakesNobody) {
  Poll(Pods(Pod("a", "t1", "250m")));
  clock_.Advance(15s);
  Poll(Pods(Pod("a", "t2", "251m")));
  EXPECT_EQ(news_, 1);
  clock_.Advance(15s);
  Poll(Pods(Pod("a", "t3", "260m")));
  EXPECT_EQ(news_, 2);
}

// --- The pods that an autoscaler's average is about ---

std::string Hpa(int percent) {
  return R"({"metadata":{"name":"shopping","namespace":"acme","resourceVersion":"1"},"spec":{"scaleTargetRef":{
           "kind":"Deployment","name":"shopping"},"maxReplicas":4,"metrics":[{"type":"Resource","resource":{
           "name":"cpu","target":{"type":"Utilization","averageUtilization":50}}}]},"status":{"currentReplicas":4,
           "desiredReplicas":4,"currentMetrics":[{"type":"Resource","resource":{"name":"cpu","current":{
           "averageUtilization":)" +
         std::to_string(percent) +
         R"(}}}],"conditions":[{"type":"AbleToScale","status":"True"},{"type":"ScalingActive","status":"True"},
           {"type":"ScalingLimited","status":"True","reason":"TooManyReplicas"}]}})";
}

TEST(HpaDemandSource, APodCountsOnceItsFiguresCanBeInTheAverage) {
  ManualClock clock;
  auto server = std::make_shared<ScriptedServer>(clock);
  Cluster cluster("us", TestAccess(), clock, server, server, 1);
  const auto demand = cluster.WatchHpa("acme", "shopping", "shopping");
  const auto feeds = cluster.feeds();
  ASSERT_EQ(feeds.size(), 2) << "the Deployment and the autoscaler";
  server->Answer(200, List("1", Shop(2, 2)));
  feeds[0]->Step();
  EXPECT_FALSE(demand->Read().seen) << "half of it is not read yet";
  server->Answer(200, List("1", Hpa(150)));
  feeds[1]->Step();
  EXPECT_DOUBLE_EQ(*demand->Read().seen->value.load, 6);

  const auto watch = server->Watch();
  feeds[0]->Step();
  watch->Line(Event("MODIFIED", Shop(4, 4, 2)));
  feeds[0]->Step();
  EXPECT_DOUBLE_EQ(*demand->Read().seen->value.load, 6) << "150 % was of two pods: not 12";
  clock.Advance(59s);
  EXPECT_DOUBLE_EQ(*demand->Read().seen->value.load, 6);
  clock.Advance(1s);
  EXPECT_DOUBLE_EQ(*demand->Read().seen->value.load, 12);
}

TEST(HpaDemandSource, APodThatIsNotReadyAnyMoreCountsNoMoreAtOnce) {
  ManualClock clock;
  auto server = std::make_shared<ScriptedServer>(clock);
  Cluster cluster("us", TestAccess(), clock, server, server, 1);
  const auto demand = cluster.WatchHpa("acme", "shopping", "shopping");
  const auto feeds = cluster.feeds();
  server->Answer(200, List("1", Shop(2, 2)));
  feeds[0]->Step();
  server->Answer(200, List("1", Hpa(150)));
  feeds[1]->Step();
  const auto watch = server->Watch();
  feeds[0]->Step();
  watch->Line(Event("MODIFIED", Shop(1, 1, 2)));
  feeds[0]->Step();
  EXPECT_DOUBLE_EQ(*demand->Read().seen->value.load, 3);
}

TEST(HpaDemandSource, IsAsOldAsTheOlderOfItsTwoObjects) {
  ManualClock clock;
  auto server = std::make_shared<ScriptedServer>(clock);
  Cluster cluster("us", TestAccess(), clock, server, server, 1);
  const auto demand = cluster.WatchHpa("acme", "shopping", "shopping");
  const Instant first = clock.Now();
  server->Answer(200, List("1", Shop(2, 2)));
  cluster.feeds()[0]->Step();
  clock.Advance(20s);
  server->Answer(200, List("1", Hpa(150)));
  cluster.feeds()[1]->Step();
  EXPECT_EQ(demand->Read().seen->as_of, first);
}

}  // namespace
}  // namespace spillway::k8s
