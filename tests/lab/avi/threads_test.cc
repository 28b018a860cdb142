// The fake is called by connection threads, probes and the DNS service at once. Meant for a run under tsan.
#include <atomic>
#include <thread>

#include "tests/lab/avi/client.h"

namespace spillway::lab::avi {
namespace {

TEST_F(AviFake, IsSafeFromSeveralThreads) {
  const std::string target = "/api/gslbservice/" + CreateShop();
  constexpr int kRounds = 100;
  std::atomic<int> written = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 2; ++t) {
      threads.emplace_back([&, t] {
        Client client(federation.controller("us"), "127.0.1." + std::to_string(t));
        client.Login();
        for (int i = 0; i < kRounds; ++i) {
          written += client.Send("PUT", target, ServiceJson("shop", "shop.gslb.example")).status == 200 ? 1 : 0;
          client.Get("/api/gslbservice-inventory");
        }
      });
    }
    threads.emplace_back([&] {
      for (int i = 0; i < kRounds; ++i) {
        federation.SetDatapath("us", std::string(kUsIp), i % 2 == 0);
        federation.SetControllerStatus(std::string(kUsIp), i % 3 == 0);
        federation.SetTraffic(std::string(kUsIp), i, i);
      }
    });
    threads.emplace_back([&] {
      for (int i = 0; i < kRounds; ++i) {
        (void)federation.DnsView("eu");
        (void)federation.ProbeTargets("us");
        federation.controller("eu").Advance();
      }
    });
  }
  EXPECT_EQ(written, 2 * kRounds);
  EXPECT_EQ(federation.Writes().size(), 2U * kRounds);
}

}  // namespace
}  // namespace spillway::lab::avi
