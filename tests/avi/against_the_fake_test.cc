// The whole client against a federation with memory, end to end, in virtual time.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "tests/avi/world.h"

namespace spillway::avi {
namespace {

TEST_F(AgainstTheFake, ReadsTheServiceAndItsHealth) {
  Build();
  AllUp();
  fake->SetTraffic("10.1.0.10", 120, 9);
  Run(40s);
  const TrafficState state = State();
  EXPECT_TRUE(state.writable) << state.unwritable_why;
  EXPECT_TRUE(state.ratios_void.empty()) << state.ratios_void.front();
  EXPECT_TRUE(state.in_force);
  EXPECT_EQ(state.ttl, 15s);
  EXPECT_EQ(state.members.at("us").placement, Served(4));
  EXPECT_EQ(state.members.at("eu").placement, Served(2));
  EXPECT_EQ(state.members.at("us").health, Health::kUp);
  EXPECT_EQ(state.members.at("us").controller, Health::kUp);
  EXPECT_EQ(state.members.at("us").datapath, Health::kUp);
  EXPECT_EQ(state.members.at("us").requests_per_second, 120);
  EXPECT_EQ(state.members.at("us").open_connections, 9);
  EXPECT_LT(clock.Now() - director->Read().seen->as_of, 6s);

  const auto reports = avi->Controllers();
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(reports[0].site, "us");
  EXPECT_TRUE(reports[0].leader);
  EXPECT_EQ(reports[0].version, "30.2.1");
  EXPECT_EQ(reports[0].problem, "");
  EXPECT_FALSE(reports[1].leader);
}

TEST_F(AgainstTheFake, ReadsARuntimeInTheShapeOf31) {
  lab::avi::FederationOptions options = TwoSiteFederation();
  options.version = "31.1.1";
  options.runtime_as_list = true;
  Build(options);
  AllUp();
  Run(40s);
  const TrafficState state = State();
  EXPECT_TRUE(state.writable) << state.unwritable_why;
  EXPECT_TRUE(state.in_force);
  EXPECT_EQ(state.members.at("us").placement, Served(4));
  EXPECT_EQ(state.members.at("eu").health, Health::kUp);
  EXPECT_EQ(state.members.at("eu").controller, Health::kUp);
  EXPECT_EQ(avi->Controllers()[0].version, "31.1.1");
}

TEST_F(AgainstTheFake, IsQuietAtRest) {
  Build();
  AllUp();
  Run(2min);
  const int before = changes;
  const auto requests_before = fake->Requests();
  Run(10min);
  EXPECT_EQ(changes, before) << "confirmations wake nobody";
  std::uint64_t requests = 0;
  for (const auto& [call, count] : fake->Requests()) {
    EXPECT_NE(call.find(" 200"), std::string::npos) << call;
    const auto earlier = requests_before.find(call);
    requests += count - (earlier == requests_before.end() ? 0 : earlier->second);
  }
  EXPECT_LT(static_cast<double>(requests) / 600, 1.0) << "requests a second, both controllers together";
}

TEST_F(AgainstTheFake, BurstsAndComesBack) {
  Build();
  AllUp();
  Run(40s);
  auto written = Write({{"us", Served(1)}, {"eu", Parked()}});
  ASSERT_TRUE(written) << written.error().what;
  EXPECT_EQ(written->members.at("eu").placement, Parked());
  EXPECT_EQ(Pools(), "live:20=us*1; spillway-parked:0=eu*2");
  written = director->Write({{"us", Served(4)}, {"eu", Served(3)}}, written->revision, false, 10s);
  ASSERT_TRUE(written) << written.error().what;
  EXPECT_EQ(Pools(), "live:20=us*4 eu*3");
  Run(10s);
  EXPECT_TRUE(State().in_force);
  EXPECT_EQ(State().revision, written->revision);
  written = Write({{"us", Served(4)}, {"eu", Standby(1)}});
  ASSERT_TRUE(written) << written.error().what;
  EXPECT_EQ(Pools(), "live:20=us*4; spillway-standby-1:19=eu*3");
  EXPECT_EQ(fake->Writes().size(), 3U);
  for (const auto& write : fake->Writes()) {
    EXPECT_EQ(write.method, "PUT");
    EXPECT_EQ(write.user, "spillway");
    EXPECT_EQ(write.controller, "us");
  }
}

TEST_F(AgainstTheFake, WritesNothingThatIsSoAlready) {
  Build();
  Run(10s);
  const auto written = Write({{"us", Served(4)}, {"eu", Served(2)}});
  ASSERT_TRUE(written) << written.error().what;
  EXPECT_TRUE(fake->Writes().empty());
}

TEST_F(AgainstTheFake, IsNotInForceBeforeTheFollowerHasIt) {
  auto options = TwoSiteFederation();
  options.replication_lag = 8s;
  Build(options);
  AllUp();
  Run(40s);
  const auto written = Write({{"us", Served(4)}, {"eu", Served(9)}});
  ASSERT_TRUE(written) << written.error().what;
  EXPECT_FALSE(written->in_force);
  Run(5s);
  EXPECT_FALSE(State().in_force);
  Run(5s);
  EXPECT_TRUE(State().in_force) << "seen within two seconds although the poll is every five";
}

TEST_F(AgainstTheFake, SeesThatAnotherWroteAndChangesNothing) {
  Build();
  Run(10s);
  const std::string revision = State().revision;
  ASSERT_TRUE(director->Write({{"us", Served(5)}, {"eu", Served(2)}}, revision, false, 10s));
  const auto late = director->Write({{"us", Served(9)}, {"eu", Served(2)}}, revision, false, 10s);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Code::kReread);
  EXPECT_EQ(Pools(), "live:20=us*5 eu*2");
}

TEST_F(AgainstTheFake, FindsAWriteWhoseAnswerWasLost) {
  Build();
  Run(10s);
  transports["us"]->lose = [](const HttpRequest& request) { return request.method == "PUT"; };
  const auto written = Write({{"us", Served(7)}, {"eu", Served(2)}});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Code::kRetry);
  Run(1s);
  EXPECT_EQ(State().members.at("us").placement, Served(7)) << "read back at once, not at the next regular poll";
  EXPECT_EQ(fake->Writes().size(), 1U);
}

TEST_F(AgainstTheFake, OutlivesItsSessions) {
  Build();
  Run(10s);
  for (const char* site : {"us", "eu"}) fake->ExpireSessions(site);
  ASSERT_TRUE(Write({{"us", Served(7)}, {"eu", Served(2)}}));
  for (int i = 0; i < 30; ++i) {
    fake->ExpireSessions("us");
    Run(20s);
    EXPECT_FALSE(director->Read().failure);
  }
}

TEST_F(AgainstTheFake, OutlivesTheLongestSessionAndTheLongestPause) {
  poll_interval = 5min;  // busy enough never to be idle, until a session is old enough to end all the same
  Build();
  Run(26h);
  EXPECT_FALSE(director->Read().failure);
  clock.Advance(1h);  // beyond what a session may be idle
  Run(1s);
  EXPECT_FALSE(director->Read().failure);
  EXPECT_LT(clock.Now() - director->Read().seen->as_of, 2s);
}

TEST_F(AgainstTheFake, DoesNotLockTheAccountWithAWrongPassword) {
  password = "wrong";
  Build();
  Run(9min);
  const auto reading = director->Read();
  EXPECT_FALSE(reading.seen);
  ASSERT_TRUE(reading.failure);
  EXPECT_EQ(reading.failure->code, Code::kDenied);
  EXPECT_NE(reading.failure->what.find("https://us.example: user \"spillway\" was refused (401: "), std::string::npos)
      << reading.failure->what;
  password = "pw";
  Run(70s);  // the longest back-off
  EXPECT_TRUE(State().writable) << "the third try, and the account is not locked";
}

TEST_F(AgainstTheFake, NamesAServiceThatDoesNotExist) {
  Build();
  const auto lost = avi->Direct({"other", "shoping", TwoSites()});
  const auto by_uuid = avi->Direct({"again", uuid, TwoSites()});
  const auto unknown_member = avi->Direct({"third", "shop", {{"us", ByIp("10.9.9.9")}}});
  Run(10s);
  ASSERT_TRUE(lost->Read().failure);
  EXPECT_EQ(lost->Read().failure->code, Code::kMissing);
  EXPECT_EQ(lost->Read().failure->what, "GSLB service \"shoping\" not found in tenant admin (known: shop)");
  const auto written = lost->Write({{"us", Served(1)}}, "", false, 5s);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Code::kMissing);
  EXPECT_TRUE(by_uuid->Read().seen);
  ASSERT_TRUE(unknown_member->Read().failure);
  EXPECT_EQ(unknown_member->Read().failure->what, "GSLB service \"shop\" has no member 10.9.9.9 (of site \"us\")");
  EXPECT_FALSE(director->Read().failure) << "one mistake does not disturb the others";
}

TEST_F(AgainstTheFake, DoesNotWriteWhatAmkoOwns) {
  Build(TwoSiteFederation(), ShopJson(R"(,"created_by":"amko-1")"));
  Run(10s);
  EXPECT_FALSE(State().writable);
  const auto written = Write({{"us", Served(7)}, {"eu", Served(2)}});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Code::kRejected);
  EXPECT_TRUE(fake->Writes().empty());
}

TEST_F(AgainstTheFake, SaysThatARatioOfAWholeSiteOverridesItsMembers) {
  auto options = TwoSiteFederation();
  options.sites[1].ratio = 5;
  Build(options);
  Run(10s);
  ASSERT_EQ(State().ratios_void.size(), 1U);
  EXPECT_NE(State().ratios_void.front().find("site \"eu\" has ratio 5"), std::string::npos);
}

}  // namespace
}  // namespace spillway::avi
