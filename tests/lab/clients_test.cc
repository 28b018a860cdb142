#include "tools/lab/clients.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "src/base/clock.h"
#include "src/base/http_server.h"
#include "tools/lab/dns/server.h"
#include "tools/lab/dns/wire.h"
#include "tools/lab/front_end_server.h"

namespace spillway::lab {
namespace {

// A shop at 127.10.0.10 and a name server that answers it, as long as it is told to.
class ClientsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    shop_ = std::make_unique<FrontEnd>("us", clock_, FrontEndOptions{.capacity_per_replica = 10'000});
    auto front_end = FrontEndServer::Start(*shop_, "127.10.0.10", 0);
    ASSERT_TRUE(front_end) << front_end.error().what;
    front_end_ = std::move(*front_end);
    auto dns = DnsServer::Start("127.0.0.1", 0, [this](std::string_view packet, bool tcp) {
      ++queries_;
      if (silent_) return std::string();
      return Respond(packet, tcp, [](const Question& question) {
        Reply reply;
        reply.answer.push_back({question.name, RecordType::kA, 3600, "127.10.0.10"});
        return reply;
      });
    });
    ASSERT_TRUE(dns) << dns.error().what;
    dns_ = std::move(*dns);
  }

  std::unique_ptr<Clients> Crowd(const std::vector<int>& dns_ports, int app_port = 0, int workers = 8) {
    ClientsOptions options;
    options.fqdn = "shop.gslb.lab.test";
    for (const int port : dns_ports) options.name_servers.push_back({"127.0.0.1", port});
    options.app_port = app_port != 0 ? app_port : front_end_->port();
    options.population.resolvers = 5;
    options.dns_timeout = 50ms;
    options.workers = static_cast<std::size_t>(workers);
    auto crowd = std::make_unique<Clients>(options, clock_);
    crowd->SetRate(2000);
    return crowd;
  }

  bool Eventually(const std::function<bool()>& holds) {
    const Instant deadline = clock_.Now() + 20s;
    while (!holds()) {
      if (clock_.Now() > deadline) return false;
      clock_.SleepUntil(clock_.Now() + 5ms);
    }
    return true;
  }

  SystemClock clock_;
  std::unique_ptr<FrontEnd> shop_;
  std::unique_ptr<FrontEndServer> front_end_;
  std::atomic<bool> silent_ = false;
  std::atomic<int> queries_ = 0;
  std::unique_ptr<DnsServer> dns_;
};

TEST_F(ClientsTest, AskTheDnsOnceForEachResolverAndThenGoShopping) {
  shop_->SetReplicas(1, 0);
  std::unique_ptr<Clients> crowd = Crowd({dns_->port()});
  ASSERT_TRUE(Eventually([&] { return crowd->Total().served > 300; }));
  crowd->SetRate(0);
  crowd.reset();
  // Two workers may ask for the same resolver at the same moment.
  EXPECT_GE(queries_, 5);
  EXPECT_LE(queries_, 5 * 8);
}

TEST_F(ClientsTest, EveryRequestHasAFateAndTheShopAgrees) {
  std::unique_ptr<Clients> crowd = Crowd({dns_->port()});
  ASSERT_TRUE(Eventually([&] { return crowd->Total().failed > 100; })) << "nothing is ready";
  EXPECT_EQ(crowd->Failures().size(), 10U) << "the latest of them";
  EXPECT_EQ(crowd->Failures().back().address, "127.10.0.10");
  EXPECT_EQ(crowd->Failures().back().why, "answered 502");
  shop_->SetReplicas(1, 0);
  ASSERT_TRUE(Eventually([&] { return crowd->Total().served > 100; }));
  crowd->SetRate(0);
  ASSERT_TRUE(Eventually([&] { return crowd->Total().sent == shop_->Totals().arrived; }));
  const Tally total = crowd->Total();
  EXPECT_EQ(total.sent, total.served + total.overloaded + total.failed);
  EXPECT_EQ(total.served, shop_->Totals().served);
  EXPECT_EQ(total.failed, shop_->Totals().failed);
}

TEST_F(ClientsTest, ASilentNameServerIsPassedOver) {
  shop_->SetReplicas(1, 0);
  const Result<std::unique_ptr<DnsServer>> mute =
      DnsServer::Start("127.0.0.1", 0, [](std::string_view, bool) { return std::string(); });
  ASSERT_TRUE(mute) << mute.error().what;
  const std::unique_ptr<Clients> crowd = Crowd({(*mute)->port(), dns_->port()});
  ASSERT_TRUE(Eventually([&] { return crowd->Total().served > 100; }));
  EXPECT_EQ(crowd->Total().failed, 0U);
}

TEST_F(ClientsTest, RequestsDoNotWaitForEarlierOnes) {
  constexpr int kWorkers = 32;
  std::mutex mutex;
  std::condition_variable answers;
  bool slow = true;
  std::atomic<int> waiting = 0;
  ServerOptions options;
  options.host = "127.10.0.10";
  const auto server = HttpServer::Start(options, [&](const ServerRequest&) {
    ++waiting;
    std::unique_lock lock(mutex);
    answers.wait(lock, [&] { return !slow; });
    return JsonReply(kServedStatus, "{}");
  });
  ASSERT_TRUE(server) << server.error().what;
  const std::unique_ptr<Clients> crowd = Crowd({dns_->port()}, (*server)->port(), kWorkers);
  EXPECT_TRUE(Eventually([&] { return waiting == kWorkers; })) << waiting;
  {
    const std::scoped_lock lock(mutex);
    slow = false;
  }
  answers.notify_all();
  EXPECT_TRUE(Eventually([&] { return crowd->Total().served > 100; }));
}

TEST_F(ClientsTest, RequestsThatFindNoAddressCountAsFailed) {
  silent_ = true;
  const std::unique_ptr<Clients> crowd = Crowd({dns_->port()});
  ASSERT_TRUE(Eventually([&] { return crowd->Total().failed > 50; }));
  EXPECT_EQ(crowd->Tallies().at("").failed, crowd->Tallies().at("").sent);
  const std::string why = "127.0.0.1:" + std::to_string(dns_->port()) + ": no DNS answer in time";
  // Those that ask a resolver which has just learnt that there is nothing are told only that.
  EXPECT_TRUE(Eventually([&] {
    const std::vector<FailedRequest> failures = crowd->Failures();
    return std::any_of(failures.begin(), failures.end(),
                       [&](const FailedRequest& failed) { return failed.address.empty() && failed.why == why; });
  }));
  EXPECT_EQ(shop_->Totals().arrived, 0U);
}

}  // namespace
}  // namespace spillway::lab
