// The whole client and a federation with memory, in one virtual time.
#ifndef SPILLWAY_TESTS_AVI_WORLD_H_
#define SPILLWAY_TESTS_AVI_WORLD_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "avi/avi.h"
#include "src/base/clock.h"
#include "tests/avi/json_text.h"
#include "tools/lab/avi/federation.h"

namespace spillway::avi {

// Hands requests to a fake controller; waits are moves of the clock.
class FakeTransport final : public HttpTransport {
 public:
  FakeTransport(lab::avi::Controller& controller, ManualClock& clock) : controller_(controller), clock_(clock) {}

  Result<HttpResponse> Send(const HttpRequest& request, Duration deadline) override {
    lab::Call call;
    call.request = request;
    call.peer_ip = "127.0.0.1";
    controller_.Advance();
    lab::Answer answer = controller_.Handle(call);
    const bool late = answer.fate == lab::Answer::Fate::kHung || answer.delay >= deadline;
    clock_.Advance(late ? deadline : answer.delay);
    if (late) return Error{Code::kRetry, "no answer in time"};
    if (answer.fate == lab::Answer::Fate::kDropped || (lose && lose(request))) {
      return Error{Code::kRetry, "connection cut"};
    }
    return std::move(answer.response);
  }

  std::function<bool(const HttpRequest&)> lose;  // whose answers never arrive, although the request was executed

 private:
  lab::avi::Controller& controller_;
  ManualClock& clock_;
};

inline lab::avi::FederationOptions TwoSiteFederation() {
  lab::avi::FederationOptions options;
  options.sites = {{.name = "us", .cluster_uuid = "", .url = "https://us.example", .leader = true, .ratio = {}},
                   {.name = "eu", .cluster_uuid = "", .url = "https://eu.example", .ratio = {}}};
  options.users = {{"spillway", "pw"}, {"somebody", "else"}};
  options.dns_domains = {"gslb.example"};
  return options;
}

inline std::string ShopJson(const std::string& more = "") {
  const auto member = [](const char* ip, const char* site, int ratio) {
    return std::string(R"({"ip":{"addr":")") + ip + R"(","type":"V4"},"cluster_uuid":"cluster-)" + site +
           R"(","vs_uuid":"virtualservice-)" + site + R"(","ratio":)" + std::to_string(ratio) + "}";
  };
  return R"({"name":"shop","domain_names":["shop.gslb.example"],"num_dns_ip":1,"ttl":15,"groups":[{"name":"live",)"
         R"("priority":20,"algorithm":"GSLB_ALGORITHM_ROUND_ROBIN","min_health_monitors_up":1,"members":[)" +
         member("10.1.0.10", "us", 4) + "," + member("10.2.0.10", "eu", 2) +
         R"(]}],"health_monitor_refs":["/api/healthmonitor?name=System-GSLB-TCP"])" + more + "}";
}

class AgainstTheFake : public ::testing::Test {
 protected:
  void Build(lab::avi::FederationOptions fake_options = TwoSiteFederation(), const std::string& shop = ShopJson()) {
    fake.emplace(clock, std::move(fake_options));
    const auto created = fake->Create("gslbservice", shop);
    ASSERT_TRUE(created) << created.error().what;
    uuid = *created;
    Options options;
    options.controllers = {"https://us.example", "https://eu.example"};
    options.username = "spillway";
    options.poll_interval = poll_interval;
    options.password = [this]() -> Result<std::string> { return password; };
    avi.emplace(options, clock, [this](const std::string& url) {
      const std::string site = url == "https://us.example" ? "us" : "eu";
      transports[site] = std::make_shared<FakeTransport>(fake->controller(site), clock);
      return transports[site];
    });
    director = avi->Direct({"shop", "shop", TwoSites()});
    for (const auto& feed : avi->feeds()) {
      feed->OnChange([this] { ++changes; });
      steps.emplace_back(feed, clock.Now());
    }
  }

  // What threads would do: each feed's Step() when it is due.
  void Run(Duration length) {
    const Instant end = clock.Now() + length;
    while (true) {
      const auto next = std::min_element(steps.begin(), steps.end(),
                                         [](const auto& a, const auto& b) { return a.second < b.second; });
      if (next->second > end) break;
      clock.SleepUntil(next->second);
      fake->controller("us").Advance();
      next->second = next->first->Step();
      ASSERT_GE(next->second, clock.Now());
    }
    clock.SleepUntil(end);
  }

  void AllUp() {
    for (const char* ip : {"10.1.0.10", "10.2.0.10"}) {
      fake->SetControllerStatus(ip, true);
      for (const char* site : {"us", "eu"}) fake->SetDatapath(site, ip, true);
    }
  }

  TrafficState State() {
    const auto reading = director->Read();
    EXPECT_TRUE(reading.seen);
    if (reading.failure) ADD_FAILURE() << reading.failure->what;
    return reading.seen ? reading.seen->value : TrafficState{};
  }
  Result<TrafficState> Write(const Layout& want) { return director->Write(want, State().revision, false, 10s); }
  std::string Pools() {
    std::string text;
    const auto views = fake->DnsView("us");
    for (const auto& pool : views.front().pools) {
      text += (text.empty() ? "" : "; ") + pool.name + ":" + std::to_string(pool.priority) + "=";
      for (const auto& member : pool.members) text += member.site + "*" + std::to_string(member.ratio) + " ";
      text.pop_back();
    }
    return text;
  }

  ManualClock clock;
  std::string password = "pw";
  Duration poll_interval = 5s;
  std::optional<lab::avi::Federation> fake;
  std::string uuid;
  std::map<std::string, std::shared_ptr<FakeTransport>> transports;
  std::optional<Avi> avi;
  std::shared_ptr<TrafficDirector> director;
  std::vector<std::pair<std::shared_ptr<Feed>, Instant>> steps;
  int changes = 0;
};

}  // namespace spillway::avi

#endif  // SPILLWAY_TESTS_AVI_WORLD_H_
