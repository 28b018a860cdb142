// The lab without its own DNS: the crowd asks another one's.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/lab/running_lab.h"
#include "tools/lab/dns/server.h"
#include "tools/lab/dns/wire.h"

namespace spillway::lab {
namespace {

// It answers home's VIP to everybody.
class WithAnotherOnesDns : public RunningLab {
 protected:
  WithAnotherOnesDns() {
    auto started = DnsServer::Start("127.0.0.1", 0, [](std::string_view packet, bool tcp) {
      return Respond(packet, tcp, [](const Question& question) {
        Reply reply;
        reply.answer.push_back({question.name, RecordType::kA, 3, "127.10.0.10"});
        return reply;
      });
    });
    EXPECT_TRUE(started) << started.error().what;
    dns_ = std::move(*started);
    options_.world.dns = false;
    options_.world.name_servers = {{"127.0.0.1", dns_->port()}};
  }
  std::unique_ptr<DnsServer> dns_;
};

TEST_F(WithAnotherOnesDns, TheCrowdAsksIt) {
  ASSERT_EQ(Control("PUT", "/demand", R"({"replicas":1})").status, 200);
  ASSERT_TRUE(Eventually([&] { return IntAt(Truth(), "sites.us.clients.served").value_or(0) > 20; }))
      << Control("GET", "/truth").body;
  EXPECT_EQ(IntAt(Truth(), "sites.us.dnsAnswers"), 0) << "the lab's own DNS is left out";
}

class WithoutAvi : public WithAnotherOnesDns {
 protected:
  WithoutAvi() { options_.world.avi = false; }
};

TEST_F(WithoutAvi, TheCrowdComesAllTheSame) {
  ASSERT_EQ(Control("PUT", "/demand", R"({"replicas":1})").status, 200);
  ASSERT_TRUE(Eventually([&] { return IntAt(Truth(), "sites.us.clients.served").value_or(0) > 20; }))
      << Control("GET", "/truth").body;
}

}  // namespace
}  // namespace spillway::lab
