// The world as it begins.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "src/base/clock.h"
#include "tools/lab/avi_setup.h"
#include "tools/lab/site.h"

namespace spillway::lab {
namespace {

class AviSetupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    AviSetup setup;
    setup.app_port = 8123;
    setup.password = "secret";
    Result<std::unique_ptr<avi::Federation>> made = MakeFederation(setup, clock_);
    ASSERT_TRUE(made) << made.error().what;
    federation_ = std::move(*made);
  }
  ManualClock clock_;
  std::unique_ptr<avi::Federation> federation_;
};

TEST_F(AviSetupTest, TheOverflowMemberIsParkedAndProbedLikeTheHomeMember) {
  for (const LabSite& site : kSites) {
    const std::vector<avi::ServiceView> services = federation_->DnsView(site.key);
    ASSERT_EQ(services.size(), 1U);
    EXPECT_EQ(services[0].name, "shopping");
    EXPECT_EQ(services[0].domain_names, std::vector<std::string>{"shop.gslb.lab.test"});
    EXPECT_EQ(services[0].ttl, 3s);
    EXPECT_EQ(services[0].num_dns_ip, 1);
    ASSERT_EQ(services[0].pools.size(), 2U);
    EXPECT_EQ(services[0].pools[0].priority, 20);
    EXPECT_EQ(services[0].pools[0].members.at(0).ip, "127.10.0.10");
    EXPECT_EQ(services[0].pools[1].priority, 0);
    EXPECT_EQ(services[0].pools[1].members.at(0).ip, "127.20.0.10");

    const std::vector<avi::ProbeTarget> targets = federation_->ProbeTargets(site.key);
    ASSERT_EQ(targets.size(), 2U);
    for (const avi::ProbeTarget& target : targets) {
      EXPECT_EQ(target.kind, avi::ProbeTarget::Kind::kHttp);
      EXPECT_EQ(target.port, 8123);
      EXPECT_EQ(target.method + ' ' + target.path, "GET /healthz");
      EXPECT_EQ(target.send_interval, 2s);
      EXPECT_EQ(target.receive_timeout, 1s);
    }
  }
}

TEST_F(AviSetupTest, AMemberIsUpOnceItsControllerAndTheProbesSaySo) {
  const auto up = [&] { return federation_->DnsView("us")[0].pools[0].members[0].up; };
  EXPECT_FALSE(up());
  federation_->SetControllerStatus("127.10.0.10", true);
  EXPECT_FALSE(up());
  federation_->SetDatapath("us", "127.10.0.10", true);
  EXPECT_TRUE(up());
  federation_->SetControllerStatus("127.10.0.10", false);
  EXPECT_FALSE(up());
}

}  // namespace
}  // namespace spillway::lab
