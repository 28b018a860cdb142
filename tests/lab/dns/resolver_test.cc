// The GSLB's DNS behind real resolvers that forward its domain, as in a company's network; and under load.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "src/base/clock.h"
#include "tests/lab/program.h"
#include "tools/lab/avi_setup.h"
#include "tools/lab/dns/server.h"
#include "tools/lab/dns/service.h"
#include "tools/lab/dns/stub.h"
#include "tools/lab/site.h"

namespace spillway::lab {
namespace {

std::string Output(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen((command + " 2>&1").c_str(), "r"), ::pclose);
  std::string text;
  std::array<char, 512> buffer{};
  while (pipe && ::fgets(buffer.data(), buffer.size(), pipe.get()) != nullptr) text += buffer.data();
  return text;
}

bool Installed(const std::string& program) { return !Output("PATH=$PATH:/usr/sbin command -v " + program).empty(); }

// The lab's federation with home at ratio 13 and the cloud at 7, both up, and the DNS service of home.
class Resolvers : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string dir = ::testing::TempDir() + "dnsXXXXXX";
    ASSERT_NE(::mkdtemp(dir.data()), nullptr);
    dir_ = dir;
    AviSetup setup;
    setup.app_port = 80;
    auto made = MakeFederation(setup, clock_);
    ASSERT_TRUE(made) << made.error().what;
    federation_ = std::move(*made);
    const auto split = federation_->Create(
        "gslbservice",
        R"({"name":"split","domain_names":["split.gslb.lab.test"],"num_dns_ip":1,"ttl":1,"groups":[{"name":"live",
            "priority":20,"members":[{"ip":{"addr":"127.10.0.10","type":"V4"},"ratio":13},
                                     {"ip":{"addr":"127.20.0.10","type":"V4"},"ratio":7}]}],
            "health_monitor_refs":["/api/healthmonitor?name=shop-http"]})");
    ASSERT_TRUE(split) << split.error().what;
    for (const LabSite& from : kSites) {
      for (const LabSite& to : kSites) federation_->SetDatapath(std::string(from.key), std::string(to.vip), true);
    }
    for (const LabSite& site : kSites) federation_->SetControllerStatus(std::string(site.vip), true);
    service_ = std::make_unique<DnsService>(*federation_, "us", Zone{.apex = std::string(kZoneApex)}, 7);
    auto started = DnsServer::Start(
        "127.0.0.1", 0, [this](std::string_view packet, bool tcp) { return service_->Handle(packet, tcp); });
    ASSERT_TRUE(started) << started.error().what;
    server_ = std::move(*started);
    resolver_port_ = FreePort();
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(dir_ + '/' + name) << text;
    return dir_ + '/' + name;
  }

  std::string Dig(const std::string& arguments) const {
    return Output("dig @127.0.0.1 -p " + std::to_string(resolver_port_) + " +time=2 +tries=1 " + arguments);
  }

  // Waits until the resolver answers at all.
  bool Answers() const {
    const Instant end = clock_.Now() + 60s;
    while (Dig("+short gslb.lab.test SOA").find("hostmaster") == std::string::npos) {
      if (clock_.Now() > end) return false;
      clock_.SleepUntil(clock_.Now() + 100ms);
    }
    return true;
  }

  // What a client sees that asks the company's resolver.
  void ExpectDelegationWorks() {
    ASSERT_TRUE(Answers()) << Dig("gslb.lab.test SOA") << Output("cat " + dir_ + "/log");
    for (const char* over : {"", "+tcp "}) {
      EXPECT_EQ(Dig(std::string(over) + "+short shop.gslb.lab.test"), "127.10.0.10\n") << over;
      EXPECT_EQ(Dig(std::string(over) + "+short ShOp.GSLB.lab.test"), "127.10.0.10\n") << over;
    }
    const std::string missing = Dig("nobody.gslb.lab.test");
    EXPECT_NE(missing.find("status: NXDOMAIN"), std::string::npos) << missing;
    const std::string no_address = Dig("shop.gslb.lab.test AAAA");
    EXPECT_NE(no_address.find("status: NOERROR"), std::string::npos) << no_address;
    EXPECT_NE(no_address.find("ANSWER: 0, AUTHORITY: 1"), std::string::npos) << "NODATA has its SOA: " << no_address;
    // A new weight reaches clients of the resolver when the TTL of a second is over.
    std::map<std::string, int> seen;
    for (const Instant end = clock_.Now() + 30s; seen.size() < 2 && clock_.Now() < end;) {
      ++seen[Dig("+short split.gslb.lab.test")];
      clock_.SleepUntil(clock_.Now() + 200ms);
    }
    EXPECT_TRUE(seen.contains("127.10.0.10\n") && seen.contains("127.20.0.10\n"));
  }

  mutable SystemClock clock_;
  std::string dir_;
  std::unique_ptr<avi::Federation> federation_;
  std::unique_ptr<DnsService> service_;
  std::unique_ptr<DnsServer> server_;
  int resolver_port_ = 0;
};

TEST_F(Resolvers, UnboundForwardsTheDomain) {
  if (!Installed("unbound")) GTEST_SKIP() << "unbound is not installed";
  const std::string config =
      Write("unbound.conf",
            "server:\n  interface: 127.0.0.1\n  port: " + std::to_string(resolver_port_) +
                "\n  do-daemonize: no\n  chroot: \"\"\n  username: \"\"\n  directory: \"" + dir_ +
                "\"\n  pidfile: \"\"\n  use-syslog: no\n  logfile: \"" + dir_ +
                "/log\"\n  do-not-query-localhost: no\n  module-config: \"iterator\"\n  use-caps-for-id: yes\n"
                "  local-zone: \"test.\" nodefault\n  domain-insecure: \"test\"\n"
                "remote-control:\n  control-enable: no\n"
                "forward-zone:\n  name: \"gslb.lab.test.\"\n  forward-addr: 127.0.0.1@" +
                std::to_string(server_->port()) + "\n");
  const Program unbound({"unbound", "-d", "-c", config});
  ExpectDelegationWorks();
}

TEST_F(Resolvers, DnsmasqForwardsTheDomain) {
  if (!Installed("dnsmasq")) GTEST_SKIP() << "dnsmasq is not installed";
  const Program dnsmasq({"dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null",
                         "--pid-file=", "--listen-address=127.0.0.1", "--bind-interfaces", "--no-daemon",
                         "--port=" + std::to_string(resolver_port_),
                         "--server=/gslb.lab.test/127.0.0.1#" + std::to_string(server_->port())});
  ExpectDelegationWorks();
}

// Each client asks once, from a source of its own, as the crowd's resolvers do.
TEST_F(Resolvers, TenThousandClientsMeetTheRatiosWithinAPoint) {
  constexpr int kClients = 10'000;
  int cloud = 0;
  for (int client = 0; client < kClients; ++client) {
    const Result<Addresses> answer =
        AskNameServer("127.0.0.1", server_->port(), "split.gslb.lab.test", static_cast<std::uint16_t>(client), 5s);
    ASSERT_TRUE(answer) << answer.error().what;
    ASSERT_EQ(answer->addresses.size(), 1U);
    cloud += answer->addresses.front() == "127.20.0.10" ? 1 : 0;
  }
  EXPECT_NEAR(cloud, kClients * 7 / 20, kClients / 100);
}

TEST_F(Resolvers, NoQueryOfAFloodIsLost) {
  if (!Installed("dnsperf")) GTEST_SKIP() << "dnsperf is not installed";
  const std::string queries = Write("queries", "split.gslb.lab.test A\nshop.gslb.lab.test A\nnobody.gslb.lab.test A\n");
  // How fast is for tools/bench; that none is lost does not depend on the machine.
  const std::string report = Output("dnsperf -s 127.0.0.1 -p " + std::to_string(server_->port()) + " -d " + queries +
                                    " -n 5000 -c 20 -q 100 -t 20");
  EXPECT_NE(report.find("Queries completed:    15000 (100.00%)"), std::string::npos) << report;
  EXPECT_NE(report.find("Queries lost:         0"), std::string::npos) << report;
}

}  // namespace
}  // namespace spillway::lab
