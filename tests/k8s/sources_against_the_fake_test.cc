// Demand and usage as the client reads them from the lab's API server, with its controllers at work, in virtual time.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "k8s/cluster.h"
#include "tests/k8s/script.h"
#include "tests/k8s/virtual_transport.h"
#include "tools/lab/kubernetes/cluster.h"

namespace spillway::k8s {
namespace {

constexpr char kWeb[] = R"({"name":"web","image":"shop:1","resources":{"requests":{"cpu":"400m"}}})";
constexpr char kHalfOfCpu[] = R"({"type":"Resource","resource":{"name":"cpu","target":{
                                  "type":"Utilization","averageUtilization":50}}})";

std::string Shopping(int replicas, const std::string& containers) {
  return R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"shopping","namespace":"acme"},"spec":{
           "replicas":)" +
         std::to_string(replicas) + R"(,"selector":{"matchLabels":{"app":"shopping"}},"template":{"metadata":{
           "labels":{"app":"shopping"}},"spec":{"containers":[)" +
         containers + "]}}}}";
}

std::string Hpa(const std::string& behavior, const std::string& metric) {
  return R"({"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"shopping",
           "namespace":"acme"},"spec":{"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"shopping"},
           "minReplicas":1,"maxReplicas":4,"metrics":[)" +
         metric + "]" + behavior + "}}";
}

class World {
 public:
  explicit World(int replicas, const std::string& behavior = "", const std::string& metric = kHalfOfCpu,
                 const std::string& containers = kWeb)
      : fake(clock, Options()) {
    fake.SetLoad([this](const std::string&, const std::string&) { return load; });
    EXPECT_EQ(fake.Create(Shopping(replicas, containers)), "");
    EXPECT_EQ(fake.Create(Hpa(behavior, metric)), "");
    client = std::make_unique<Cluster>("us", TestAccess([] { return Result<std::string>(std::string("secret")); }),
                                       clock, transport, transport, 3);
    demand = client->WatchHpa("acme", "shopping", "shopping");
    meter = client->MeterPods("acme", "shopping", 15s);
  }
  static lab::ClusterOptions Options() {
    lab::ClusterOptions options;
    options.metrics.available = true;
    return options;
  }
  void Run(Duration by) {
    const Instant end = clock.Now() + by;
    while (clock.Now() < end) {
      Instant next = end;
      for (const auto& feed : client->feeds()) {
        Instant due = feed->Step();
        for (int i = 0; i < 1000 && due <= clock.Now(); ++i) due = feed->Step();
        next = std::min(next, due);
      }
      if (const auto due = fake.NextDue()) next = std::min(next, *due);
      clock.SleepUntil(std::min(end, std::max(next, clock.Now() + 1ms)));
      fake.Advance();
    }
  }
  HomeDemand Seen() const {
    const auto reading = demand->Read();
    EXPECT_TRUE(reading.seen && !reading.failure) << (reading.failure ? reading.failure->what : "not seen");
    return reading.seen ? reading.seen->value : HomeDemand{};
  }
  std::string Failing() const {
    const auto reading = demand->Read();
    return reading.failure ? reading.failure->what : "";
  }

  double load = 1200;  // millicores; 200 are one replica's
  ManualClock clock;
  lab::Cluster fake;
  std::shared_ptr<VirtualTransport> transport = std::make_shared<VirtualTransport>(fake, clock);
  std::unique_ptr<Cluster> client;
  std::shared_ptr<DemandSource> demand;
  std::shared_ptr<UsageMeter> meter;
};

TEST(SourcesAgainstTheFake, AtItsMaximumAnHpasWishIsRecomputed) {
  World world(4);
  world.Run(3min);
  const HomeDemand home = world.Seen();
  EXPECT_TRUE(home.limited);
  EXPECT_EQ(home.wish, 6);
  EXPECT_NEAR(*home.load, 6, 0.01);
  EXPECT_EQ(home.replicas_desired, 4) << "the object itself says no more than this";
  EXPECT_DOUBLE_EQ(*home.cpu_per_replica, 0.2);
}

TEST(SourcesAgainstTheFake, AnHpaOnOneContainerIsReadLikeOneOnThePod) {
  const std::string proxy = R"(,{"name":"proxy","image":"proxy:1","resources":{"requests":{"cpu":"400m"}}})";
  World world(4, "",
              R"({"type":"ContainerResource","containerResource":{"name":"cpu","container":"web","target":{
                 "type":"Utilization","averageUtilization":50}}})",
              kWeb + proxy);
  world.Run(3min);
  const HomeDemand home = world.Seen();
  EXPECT_TRUE(home.limited);
  EXPECT_EQ(home.wish, 6) << "of the pod's 800m it would be 3";
  EXPECT_FALSE(home.cpu_per_replica) << "what the proxy is meant to use nobody says";
}

TEST(SourcesAgainstTheFake, AnHpaOnAContainerThatIsNotThereIsNoLowLoad) {
  World world(4, "",
              R"({"type":"ContainerResource","containerResource":{"name":"cpu","container":"cache","target":{
                 "type":"Utilization","averageUtilization":50}}})");
  world.Run(3min);
  EXPECT_NE(world.Failing().find("ScalingActive is not True: FailedGetContainerResourceMetric"), std::string::npos)
      << world.Failing();
}

TEST(SourcesAgainstTheFake, AnHpaOnMemoryIsReadInBytes) {
  World world(4, "", R"({"type":"Resource","resource":{"name":"memory","target":{"type":"AverageValue",
                         "averageValue":"200Mi"}}})");
  lab::MetricsOptions metrics = World::Options().metrics;
  metrics.memory_idle = 0;
  metrics.memory_per_millicore = 1024 * 1024;
  world.fake.SetMetrics(metrics);
  world.Run(3min);
  const HomeDemand home = world.Seen();
  EXPECT_EQ(home.wish, 6) << "four pods of 300 MiB";
  EXPECT_FALSE(home.cpu_per_replica);
}

TEST(SourcesAgainstTheFake, NoMomentOfARiseShowsMoreThanThereIs) {
  World world(1);
  world.load = 150;
  world.Run(6min);
  EXPECT_EQ(world.Seen().replicas_current, 1);
  world.load = 1200;
  double most = 0;
  for (int i = 0; i < 600; ++i) {
    world.Run(1s);
    const auto reading = world.demand->Read();
    if (reading.seen && reading.seen->value.load) most = std::max(most, *reading.seen->value.load);
  }
  EXPECT_EQ(world.Seen().wish, 6);
  EXPECT_LE(most, 6.2) << "an average of few pods was taken times many";
}

TEST(SourcesAgainstTheFake, AFallIsSeenAtOnceThoughTheControllerGoesOnSayingTooMany) {
  World world(4);
  world.Run(3min);
  world.load = 400;
  world.Run(75s);
  const HomeDemand home = world.Seen();
  EXPECT_FALSE(home.limited);
  EXPECT_NEAR(*home.load, 2, 0.01);
}

TEST(SourcesAgainstTheFake, WithoutMetricsTheDemandIsUnknownAndKeepsItsAge) {
  World world(4);
  world.Run(3min);
  world.fake.SetMetrics({});
  world.load = 100;
  world.Run(2min);
  EXPECT_NE(world.Failing().find("ScalingActive is not True: FailedGetResourceMetric"), std::string::npos)
      << world.Failing();
  const auto reading = world.demand->Read();
  EXPECT_EQ(reading.seen->value.wish, 6) << "what was known stays";
  EXPECT_GT(world.clock.Now() - reading.seen->as_of, 60s) << "with the age that it has";
  EXPECT_NE(world.meter->Read().failure->what.find("(503)"), std::string::npos) << world.meter->Read().failure->what;
  world.fake.SetMetrics(World::Options().metrics);
  world.Run(2min);
  EXPECT_NEAR(*world.Seen().load, 0.5, 0.03) << "whole percents";
}

TEST(SourcesAgainstTheFake, AMaximumThatWasLoweredBelowTheReplicasIsNoZero) {
  World world(4);
  world.Run(3min);
  world.fake.SetHpa({.running = false, .period = 15s, .external = {}});
  HttpRequest request{"PATCH", "/apis/apps/v1/namespaces/acme/deployments/shopping", {}, R"({"spec":{"replicas":6}})"};
  request.headers.Set("Content-Type", "application/merge-patch+json");
  ASSERT_EQ(world.transport->Send(request, 5s)->status, 200);
  world.fake.SetHpa({});
  world.Run(16s);
  EXPECT_NE(world.Failing().find("6 replicas are outside of its 1 to 4"), std::string::npos) << world.Failing();
}

TEST(SourcesAgainstTheFake, AnObservingHpaMeasuresAndLeavesTheReplicasAlone) {
  World world(2, R"(,"behavior":{"scaleUp":{"selectPolicy":"Disabled"},"scaleDown":{"selectPolicy":"Disabled"}})");
  world.load = 700;
  world.Run(3min);
  const HomeDemand seen = world.Seen();
  EXPECT_FALSE(seen.enforced);
  EXPECT_EQ(seen.replicas_current, 2);
  EXPECT_NEAR(*seen.load, 3.5, 0.05);
}

TEST(SourcesAgainstTheFake, PodsAreMeasured) {
  World world(3);
  world.load = 450;
  world.Run(2min);
  const auto reading = world.meter->Read();
  ASSERT_TRUE(reading.seen);
  EXPECT_NEAR(reading.seen->value.cpu, 0.45, 1e-6);
  EXPECT_EQ(reading.seen->value.pods_measured, reading.seen->value.pods_ready);
  EXPECT_LE(world.clock.Now() - reading.seen->as_of, 30s);
}

lab::AccessRule Rule(const std::string& group, const std::string& resource, std::vector<std::string> names,
                     std::vector<std::string> verbs) {
  lab::AccessRule rule;
  rule.groups = {group};
  rule.resources = {resource};
  rule.names = std::move(names);
  rule.verbs = std::move(verbs);
  rule.in_namespace = "acme";
  return rule;
}

TEST(SourcesAgainstTheFake, TheRightsThatTheReadmeListsAreEnoughAndNeeded) {
  World world(2);
  lab::User user{.name = "spillway", .token = "secret", .token_expires = {}, .admin = false, .rules = {}};
  const std::vector<std::string> watch = {"get", "list", "watch"};
  user.rules = {Rule("apps", "deployments", {"shopping"}, watch),
                Rule("autoscaling", "horizontalpodautoscalers", {"shopping"}, watch),
                Rule("metrics.k8s.io", "pods", {}, {"list"})};
  world.fake.AddUser(user);
  world.Run(2min);
  EXPECT_EQ(world.Failing(), "");
  ASSERT_FALSE(world.meter->Read().failure) << world.meter->Read().failure->what;
  EXPECT_TRUE(world.meter->Read().seen);
  user.rules.pop_back();
  world.fake.AddUser(user);
  world.Run(1min);
  EXPECT_EQ(world.meter->Read().failure->code, Code::kDenied);
  EXPECT_EQ(world.Failing(), "") << "the other one needs no such right";
}

}  // namespace
}  // namespace spillway::k8s
