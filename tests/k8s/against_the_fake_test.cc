// The client against the lab's API server, which has a memory, controllers and faults; all in virtual time.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "k8s/cluster.h"
#include "src/base/json.h"
#include "src/base/rng.h"
#include "tests/k8s/script.h"
#include "tests/k8s/virtual_transport.h"
#include "tools/lab/kubernetes/cluster.h"

namespace spillway::k8s {
namespace {

constexpr const char* kShopping =
    R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"shopping","namespace":"acme"},)"
    R"("spec":{"replicas":1,"selector":{"matchLabels":{"app":"shopping"}},"template":{"metadata":)"
    R"({"labels":{"app":"shopping"}},"spec":{"containers":[{"name":"web","image":"shop:1"}]}}}})";
constexpr const char* kAutoscaler =
    R"({"apiVersion":"autoscaling.tsm.tanzu.vmware.com/v1alpha1","kind":"Definition","metadata":)"
    R"({"name":"frontend-asd","namespace":"acme"},"spec":{"scaleTargetRef":{"kubernetes":)"
    R"({"apiVersion":"apps/v1","kind":"Deployment","name":"shopping"}},"scaleRule":{"mode":"EFFICIENCY",)"
    R"("enabled":true,"instances":{"min":1,"max":4},"trigger":{"gracePeriodSeconds":60,"metric":)"
    R"({"name":"CPUUsageMillicores","scaleUp":30,"scaleDown":15}}}}})";

// A cluster, a client, and one clock for both.
class World {
 public:
  explicit World(TokenReader token = {}, lab::ClusterOptions options = {}) : fake(clock, std::move(options)) {
    EXPECT_EQ(fake.Create(R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"acme"}})"), "");
    EXPECT_EQ(fake.Create(kShopping), "");
    client = std::make_unique<Cluster>("us", TestAccess(std::move(token)), clock, transport, transport, 3);
    workload = client->WatchDeployment("acme", "shopping");
  }

  void WatchAutoscaler() {
    EXPECT_EQ(fake.Create(kAutoscaler), "");
    demand = client->WatchDefinition("acme", "frontend-asd");
  }

  // Everything due happens in its order: the cluster's doings, then every line and step that follows from them.
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
      clock.SleepUntil(std::min(end, next));
      fake.Advance();
    }
    for (const auto& feed : client->feeds()) {
      for (int i = 0; i < 1000 && feed->Step() <= clock.Now(); ++i) continue;
    }
  }

  Result<WorkloadState> Scale(int replicas) {
    const auto reading = workload->Read();
    if (!reading.seen) return Error{Code::kRetry, "not seen"};
    return workload->Scale(replicas, reading.seen->value.revision, 5s);
  }
  WorkloadState Seen() const {
    const auto reading = workload->Read();
    EXPECT_TRUE(reading.seen);
    return reading.seen ? reading.seen->value : WorkloadState{};
  }
  int Truth(const char* path) const {
    const auto object = ParseJson(fake.Get("apps/v1", "deployments", "acme", "shopping"));
    return object ? static_cast<int>(IntAt(*object, path).value_or(0)) : -1;
  }
  std::string TruthRevision() const {
    const auto object = ParseJson(fake.Get("apps/v1", "deployments", "acme", "shopping"));
    return object ? StringAt(*object, "metadata.resourceVersion").value_or("") : "";
  }
  Duration Age() const { return clock.Now() - workload->Read().seen->as_of; }

  ManualClock clock;
  lab::Cluster fake;
  std::shared_ptr<VirtualTransport> transport = std::make_shared<VirtualTransport>(fake, clock);
  std::unique_ptr<Cluster> client;
  std::shared_ptr<Workload> workload;
  std::shared_ptr<DemandSource> demand;
};

TEST(AgainstTheFake, ScalesUpSeesPodsComeAndScalesToZero) {
  World world;
  world.Run(10s);
  EXPECT_EQ(world.Seen().replicas_ready, 1);
  const auto stored = world.Scale(4);
  ASSERT_TRUE(stored) << stored.error().what;
  EXPECT_EQ(stored->replicas_wanted, 4);
  EXPECT_EQ(world.Seen().replicas_wanted, 4) << "at once";
  EXPECT_EQ(world.Seen().replicas_ready, 1);
  world.Run(1s);
  EXPECT_EQ(world.Seen().replicas_total, 4);
  EXPECT_EQ(world.Seen().replicas_ready, 1);
  world.Run(5s);
  EXPECT_EQ(world.Seen().replicas_ready, 4);
  ASSERT_TRUE(world.Scale(0));
  EXPECT_EQ(world.Seen().replicas_ready, 0);
  world.Run(10s);
  EXPECT_EQ(world.Seen().replicas_wanted, 0);
  EXPECT_EQ(world.Truth("spec.replicas"), 0);
  EXPECT_EQ(world.Seen().replicas_total, 0);
}

TEST(AgainstTheFake, SeesTheWishOfAPinnedAutoscalerAndItsEnd) {
  World world;
  world.WatchAutoscaler();
  double load = 30;
  world.fake.SetLoad([&](const std::string&, const std::string&) { return load; });
  world.Run(30s);
  auto reading = world.demand->Read();
  ASSERT_TRUE(reading.seen);
  EXPECT_FALSE(reading.seen->value.limited);
  EXPECT_NEAR(reading.seen->value.load.value_or(-1), 1, 0.1);
  load = 6 * 30;
  world.Run(60s);
  reading = world.demand->Read();
  EXPECT_FALSE(reading.failure) << reading.failure->what;
  EXPECT_TRUE(reading.seen->value.limited);
  EXPECT_EQ(reading.seen->value.wish, 6);
  EXPECT_NEAR(reading.seen->value.load.value_or(-1), 6, 0.1);
  EXPECT_EQ(reading.seen->value.replicas_current, 4);
  load = 2 * 30;
  world.Run(60s);
  reading = world.demand->Read();
  EXPECT_FALSE(reading.seen->value.limited) << reading.seen->value.detail;
}

TEST(AgainstTheFake, AnAutoscalerWithoutMetricsIsAFailureThatEnds) {
  World world;
  world.WatchAutoscaler();
  world.fake.SetLoad([](const std::string&, const std::string&) { return 180.0; });
  world.Run(30s);
  ASSERT_FALSE(world.demand->Read().failure);
  lab::AutoscalerOptions blind;
  blind.has_metrics = false;
  world.fake.SetAutoscaler(blind);
  world.Run(30s);
  ASSERT_TRUE(world.demand->Read().failure);
  EXPECT_EQ(world.demand->Read().failure->code, Code::kRetry);
  EXPECT_EQ(world.demand->Read().seen->value.wish, 6) << "kept, and going stale";
  world.fake.SetAutoscaler({});
  world.Run(30s);
  EXPECT_FALSE(world.demand->Read().failure);
}

TEST(AgainstTheFake, AnIdleHourStaysFreshAndCostsLittle) {
  World world;
  world.Run(10s);
  const auto before = world.fake.RequestCounts();
  Duration oldest{};
  for (int i = 0; i < 3600; ++i) {
    world.Run(1s);
    oldest = std::max(oldest, world.Age());
  }
  const auto after = world.fake.RequestCounts();
  const auto made = [&](const char* verb) {
    return (after.count(verb) ? after.at(verb) : 0) - (before.count(verb) ? before.at(verb) : 0);
  };
  EXPECT_LE(oldest, 47s);
  EXPECT_LE(made("list"), 80);
  EXPECT_LE(made("watch"), 13);
  EXPECT_GE(made("watch"), 5) << "spans are 300 to 600 s";
  EXPECT_EQ(made("patch"), 0);
}

TEST(AgainstTheFake, AConflictIsToldAndTheNextReadIsFresh) {
  World world;
  world.Run(10s);
  const std::string old = world.Seen().revision;
  ASSERT_TRUE(world.Scale(2));
  const auto stored = world.workload->Scale(3, old, 5s);
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().code, Code::kReread);
  world.Run(10s);
  EXPECT_TRUE(world.Scale(3));
}

TEST(AgainstTheFake, AWriteWhoseAnswerIsLostIsSeenThroughTheWatch) {
  World world;
  world.Run(10s);
  lab::Fault lose;
  lose.kind = lab::Fault::Kind::kLoseAnswer;
  lose.status = 0;
  lose.verb = "patch";
  lose.times = 1;
  world.fake.AddFault(lose);
  const auto stored = world.Scale(3);
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().code, Code::kRetry);
  world.Run(10s);
  EXPECT_EQ(world.Seen().replicas_wanted, 3);
  EXPECT_EQ(world.Seen().replicas_ready, 3);
}

TEST(AgainstTheFake, WorksWithARoleThatNamesItsObjects) {
  World world([]() -> Result<std::string> { return std::string("secret"); });
  lab::User user;
  user.name = "spillway";
  user.token = "secret";
  user.rules = {{{"apps"}, {"deployments"}, {"shopping"}, {"get", "list", "watch"}, "acme"},
                {{"apps"}, {"deployments/scale"}, {"shopping"}, {"get", "patch"}, "acme"}};
  world.fake.AddUser(user);
  world.Run(10s);
  ASSERT_FALSE(world.workload->Read().failure) << world.workload->Read().failure->what;
  EXPECT_TRUE(world.Scale(2));
  user.rules.pop_back();
  world.fake.AddUser(user);
  world.Run(10s);
  const auto stored = world.Scale(3);
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().code, Code::kDenied);
  EXPECT_EQ(stored.error().what.rfind(
                "cluster \"us\": forbidden: cannot scale deployments \"shopping\" in acme to 3 (403)", 0),
            0U)
      << stored.error().what;
}

TEST(AgainstTheFake, SaysThatItMayNotWatch) {
  World world([]() -> Result<std::string> { return std::string("secret"); });
  lab::User user;
  user.name = "spillway";
  user.token = "secret";
  user.rules = {{{"apps"}, {"deployments"}, {}, {"list"}, "acme"}};
  world.fake.AddUser(user);
  world.Run(10s);
  const auto reading = world.workload->Read();
  ASSERT_TRUE(reading.failure);
  EXPECT_EQ(reading.failure->code, Code::kDenied);
  EXPECT_EQ(reading.failure->what.rfind("cluster \"us\": forbidden: cannot watch deployments in acme (403)", 0), 0U)
      << reading.failure->what;
  EXPECT_TRUE(reading.seen) << "the list was allowed";
}

TEST(AgainstTheFake, FollowsARotatedTokenWithoutAGap) {
  std::string token = "first";
  World world([&]() -> Result<std::string> { return token; });
  lab::User user;
  user.name = "spillway";
  user.token = "first";
  user.admin = true;
  world.fake.AddUser(user);
  world.Run(10s);
  ASSERT_FALSE(world.workload->Read().failure);
  user.token = token = "second";
  world.fake.AddUser(user);  // the first is worth nothing from now on
  ASSERT_TRUE(world.Scale(2));
  bool failed = false;
  for (int i = 0; i < 900; ++i) {
    world.Run(1s);
    failed = failed || world.workload->Read().failure;
  }
  EXPECT_FALSE(failed);
  EXPECT_LE(world.Age(), 47s);
}

TEST(AgainstTheFake, A410InBandIsFollowedByAFreshList) {
  World world;
  world.Run(10s);
  world.transport->connected = false;
  world.fake.CutWatches();
  world.Run(20s);
  ASSERT_TRUE(world.workload->Read().failure);
  EXPECT_EQ(world.workload->Read().failure->what,
            "cluster \"us\": cannot reach https://127.0.0.1:6443: No route to host");
  lab::Cluster& fake = world.fake;
  fake.Handle({{"PATCH",
                "/apis/apps/v1/namespaces/acme/deployments/shopping/scale",
                {{"Content-Type", "application/merge-patch+json"}},
                R"({"spec":{"replicas":3}})"},
               "",
               ""});
  world.Run(20s);
  fake.ForgetHistory();
  world.transport->connected = true;
  world.Run(70s);  // the longest back-off
  EXPECT_FALSE(world.workload->Read().failure);
  EXPECT_EQ(world.Seen().replicas_wanted, 3);
  EXPECT_EQ(world.Seen().revision, world.TruthRevision());
}

// Draws a fault, perhaps one that only some requests meet.
lab::Fault DrawFault(Rng& rng) {
  static constexpr int kStatuses[] = {401, 403, 404, 409, 410, 429, 500, 503, 504};
  lab::Fault fault;
  fault.kind = static_cast<lab::Fault::Kind>(rng.Below(5));
  fault.status = kStatuses[rng.Below(std::size(kStatuses))];
  if (rng.Chance(0.5)) fault.verb = rng.Chance(0.5) ? "watch" : "list";
  fault.delay = std::chrono::milliseconds(rng.Below(15000));
  fault.times = static_cast<int>(1 + rng.Below(5));
  return fault;
}

// One step of a bad hour.
void Harm(World& world, Rng& rng) {
  if (rng.Chance(0.10)) world.fake.AddFault(DrawFault(rng));
  if (rng.Chance(0.05)) world.fake.CutWatches();
  if (rng.Chance(0.03)) world.fake.ForgetHistory();
  if (rng.Chance(0.03)) world.transport->connected = !world.transport->connected;
  if (rng.Chance(0.10)) (void)world.Scale(static_cast<int>(rng.Below(8)));
}

TEST(AgainstTheFake, AfterAnyFaultsThePictureIsTheTruthAgain) {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Rng rng(seed);
    lab::ClusterOptions options;
    options.api.history_length = 1 + rng.Below(20);
    World world({}, options);
    for (int i = 0; i < 200; ++i) {
      Harm(world, rng);
      world.Run(std::chrono::milliseconds(rng.Below(6000)));
    }
    world.fake.ClearFaults();
    world.transport->connected = true;
    world.Run(180s);  // the longest back-off, a confirmation, and time for pods
    const auto reading = world.workload->Read();
    ASSERT_TRUE(reading.seen);
    EXPECT_FALSE(reading.failure) << reading.failure->what;
    EXPECT_EQ(reading.seen->value.revision, world.TruthRevision());
    EXPECT_EQ(reading.seen->value.replicas_wanted, world.Truth("spec.replicas"));
    EXPECT_EQ(reading.seen->value.replicas_ready, world.Truth("status.availableReplicas"));
    EXPECT_LE(world.Age(), 47s);
    EXPECT_TRUE(world.Scale(5));
  }
}

}  // namespace
}  // namespace spillway::k8s
