// Feeds on threads of their own, writers beside them, sessions that end in between. For the thread sanitizer above all.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "avi/avi.h"
#include "src/base/clock.h"
#include "tests/avi/json_text.h"
#include "tools/lab/avi/federation.h"

namespace spillway::avi {
namespace {

// Virtual time that several threads may move.
class SharedClock final : public Clock {
 public:
  Instant Now() const override {
    const std::lock_guard lock(mutex_);
    return clock_.Now();
  }
  WallTime WallNow() const override {
    const std::lock_guard lock(mutex_);
    return clock_.WallNow();
  }
  void SleepUntil(Instant until) override {
    const std::lock_guard lock(mutex_);
    clock_.SleepUntil(until);
  }

 private:
  mutable std::mutex mutex_;
  ManualClock clock_;
};

class DirectTransport final : public HttpTransport {
 public:
  explicit DirectTransport(lab::avi::Controller& controller) : controller_(controller) {}
  Result<HttpResponse> Send(const HttpRequest& request, Duration) override {
    lab::Call call;
    call.request = request;
    call.peer_ip = "127.0.0.1";
    controller_.Advance();
    return std::move(controller_.Handle(call).response);
  }

 private:
  lab::avi::Controller& controller_;
};

TEST(AviThreads, ManyMayReadAndWriteAtOnce) {
  SharedClock clock;
  lab::avi::FederationOptions world;
  world.sites = {{.name = "us", .cluster_uuid = "", .url = "https://us.example", .leader = true, .ratio = {}},
                 {.name = "eu", .cluster_uuid = "", .url = "https://eu.example", .ratio = {}}};
  world.users = {{"spillway", "pw"}};
  world.dns_domains = {"gslb.example"};
  world.rate_limit = false;
  lab::avi::Federation fake(clock, world);
  for (const char* app : {"a", "b"}) {
    std::string json = R"({"name":")";
    json.append(app).append(R"(","domain_names":[")").append(app);
    json.append(R"(.gslb.example"],"num_dns_ip":1,"groups":[{"name":"live","priority":20,"algorithm":)"
                R"("GSLB_ALGORITHM_ROUND_ROBIN","members":[{"ip":{"addr":"10.1.0.10","type":"V4"}},)"
                R"({"ip":{"addr":"10.2.0.10","type":"V4"}}]}]})");
    ASSERT_TRUE(fake.Create("gslbservice", json));
  }
  Options options;
  options.controllers = {"https://us.example", "https://eu.example"};
  options.username = "spillway";
  options.password = []() -> Result<std::string> { return std::string("pw"); };
  Avi avi(options, clock, [&](const std::string& url) {
    return std::make_shared<DirectTransport>(fake.controller(url == "https://us.example" ? "us" : "eu"));
  });
  std::vector<std::shared_ptr<TrafficDirector>> directors;
  for (const char* app : {"a", "b"}) directors.push_back(avi.Direct({app, app, TwoSites()}));

  std::atomic<bool> stop = false;
  std::atomic<int> changes = 0;
  std::vector<std::thread> threads;
  for (const auto& feed : avi.feeds()) {
    feed->OnChange([&] { ++changes; });
    threads.emplace_back([&, feed] {
      while (!stop) {
        clock.SleepUntil(feed->Step());
        std::this_thread::yield();
      }
    });
  }
  std::atomic<int> written = 0;
  std::vector<std::thread> writers;
  for (std::size_t i = 0; i < 4; ++i) {
    writers.emplace_back([&, i] {
      TrafficDirector& director = *directors[i % 2];
      for (int ratio = 1; written < 40;) {
        const auto reading = director.Read();
        if (!reading.seen) {
          std::this_thread::yield();
          continue;
        }
        ratio = ratio % kRatioMax + 1;
        const Layout want = {{"us", Served(ratio)}, {"eu", ratio % 3 == 0 ? Parked() : Served(1 + ratio / 2)}};
        const auto done = director.Write(want, reading.seen->value.revision, i == 0, 1h);
        if (done) ++written;
        if (!done) {
          EXPECT_TRUE(done.error().code == Code::kReread || done.error().code == Code::kRetry) << done.error().what;
        }
        if (ratio == 5) fake.ExpireSessions("us");
        avi.Controllers();
      }
    });
  }
  for (std::thread& thread : writers) thread.join();
  stop = true;
  for (const auto& feed : avi.feeds()) feed->Cancel();
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(changes, 0);
  EXPECT_GE(fake.Writes().size(), 20U);
}

}  // namespace
}  // namespace spillway::avi
