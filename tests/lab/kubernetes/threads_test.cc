// The cluster under several threads at once: for the thread sanitizer, and for lost updates.
#include <algorithm>
#include <atomic>
#include <thread>

#include "tests/lab/kubernetes/bench_cluster.h"

namespace spillway::lab {
namespace {

TEST(Threads, WritersWatchersAndTheClockDoNotDisturbEachOther) {
  SystemClock clock;
  ClusterOptions options;
  options.controller_lag = 0s;
  options.pods = {.to_running = 1ms, .to_ready = 1ms, .termination_grace = 1ms};
  options.autoscaler.period = 1ms;
  Cluster cluster(clock, options);
  cluster.SetLoad([&](const std::string& in_namespace, const std::string& name) {
    return 20.0 * cluster.ReadyPods(in_namespace, name);  // the load function may ask the cluster
  });
  for (const char* kind : {"a", "b"}) cluster.Create(BenchCluster::Deployment(kind, 1));
  cluster.Create(BenchCluster::Deployment("shopping", 1));
  cluster.Create(BenchCluster::Definition());

  std::atomic<int> added{0};
  constexpr int kEach = 50;
  const auto write = [&](const std::string& prefix) {
    for (int i = 0; i < kEach; ++i) {
      Call call;
      call.request = {"POST", kConfigMaps, {}, BenchCluster::ConfigMap(prefix + std::to_string(i))};
      if (cluster.Handle(call).response.status == 201) ++added;
      call.request = {"PATCH",
                      std::string(kDeployments) + "/" + prefix + "/scale",
                      {{"Content-Type", "application/merge-patch+json"}},
                      R"({"spec":{"replicas":)" + std::to_string(i % 3) + "}}"};
      cluster.Handle(call);
    }
  };
  Call call;
  call.request = {"GET", std::string(kConfigMaps) + "?watch=true", {}, ""};
  Answer watch = cluster.Handle(call);
  std::atomic<bool> done{false};
  std::thread first(write, "a");
  std::thread second(write, "b");
  std::thread pacing([&] {
    while (!done) {
      cluster.Advance();
      cluster.NextDue();
      cluster.Pods("acme", "a");
    }
  });
  std::size_t lines = 0;
  const Instant give_up = clock.Now() + 30s;
  while (lines < std::size_t{2 * kEach} && clock.Now() < give_up) {
    const Tail::Part part = watch.tail->Take();
    lines += static_cast<std::size_t>(std::count(part.bytes.begin(), part.bytes.end(), '\n'));
    watch.tail->Wait(10ms);
  }
  first.join();
  second.join();
  done = true;
  pacing.join();
  EXPECT_EQ(added, 2 * kEach);
  EXPECT_EQ(lines, std::size_t{2 * kEach});
}

TEST(Threads, ATailOutlivesItsCluster) {
  SystemClock clock;
  Answer watch;
  {
    Cluster cluster(clock);
    Call call;
    call.request = {"GET", "/api/v1/namespaces?watch=true", {}, ""};
    watch = cluster.Handle(call);
  }
  EXPECT_TRUE(watch.tail->Take().broken);
}

}  // namespace
}  // namespace spillway::lab
