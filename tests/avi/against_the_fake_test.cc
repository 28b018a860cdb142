// The whole client against a federation with memory, end to end, in virtual time.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "avi/avi.h"
#include "src/base/clock.h"
#include "src/base/json.h"
#include "tests/avi/json_text.h"
#include "tools/lab/avi/federation.h"

namespace spillway::avi {
namespace {

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

lab::avi::FederationOptions TwoSiteFederation() {
  lab::avi::FederationOptions options;
  options.sites = {{.name = "us", .cluster_uuid = "", .url = "https://us.example", .leader = true, .ratio = {}},
                   {.name = "eu", .cluster_uuid = "", .url = "https://eu.example", .ratio = {}}};
  options.users = {{"spillway", "pw"}, {"somebody", "else"}};
  options.dns_domains = {"gslb.example"};
  return options;
}

std::string ShopJson(const std::string& more = "") {
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

TEST_F(AgainstTheFake, FollowsTheLeader) {
  Build();
  AllUp();
  Run(40s);
  fake->ChangeLeader("eu");
  Run(20s);
  EXPECT_TRUE(State().writable) << State().unwritable_why;
  ASSERT_TRUE(Write({{"us", Served(7)}, {"eu", Served(2)}}));
  ASSERT_EQ(fake->Writes().size(), 1U);
  EXPECT_EQ(fake->Writes().front().controller, "eu");
}

TEST_F(AgainstTheFake, LearnsFromARefusalThatTheLeaderMoved) {
  Build();
  Run(10s);
  fake->ChangeLeader("eu");
  clock.Advance(1s);
  const auto refused = Write({{"us", Served(7)}, {"eu", Served(2)}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kRetry);
  EXPECT_NE(refused.error().what.find("ONLY on leader"), std::string::npos) << refused.error().what;
  Run(1s);
  ASSERT_TRUE(Write({{"us", Served(7)}, {"eu", Served(2)}}));
  EXPECT_EQ(fake->Writes().front().controller, "eu");
}

TEST_F(AgainstTheFake, ReadsFromAFollowerWhileTheLeaderIsGone) {
  Build();
  AllUp();
  Run(40s);
  fake->SetAlive("us", false);
  Run(60s);
  const auto reading = director->Read();
  ASSERT_TRUE(reading.seen);
  EXPECT_FALSE(reading.failure);
  EXPECT_LT(clock.Now() - reading.seen->as_of, 10s);
  EXPECT_FALSE(reading.seen->value.writable);
  EXPECT_NE(reading.seen->value.unwritable_why.find("the GSLB leader (site \"us\") can't be used"), std::string::npos)
      << reading.seen->value.unwritable_why;
  const auto written = Write({{"us", Served(7)}, {"eu", Served(2)}});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Code::kRetry);
  fake->SetAlive("us", true);
  Run(40s);
  EXPECT_TRUE(State().writable) << State().unwritable_why;
}

TEST_F(AgainstTheFake, KeepsWhatItSawWhileNobodyAnswers) {
  Build();
  Run(10s);
  for (const char* site : {"us", "eu"}) fake->SetAlive(site, false);
  const int before = changes;
  Run(2min);
  EXPECT_GT(changes, before);
  const auto reading = director->Read();
  ASSERT_TRUE(reading.seen);
  ASSERT_TRUE(reading.failure);
  EXPECT_EQ(reading.failure->code, Code::kRetry);
  EXPECT_GT(clock.Now() - reading.failure->since, 1min) << "the beginning, not the last try";
  EXPECT_GT(clock.Now() - reading.seen->as_of, 1min);
  for (const char* site : {"us", "eu"}) fake->SetAlive(site, true);
  Run(70s);
  EXPECT_FALSE(director->Read().failure);
}

TEST_F(AgainstTheFake, HoldsDuringMaintenance) {
  Build();
  AllUp();
  Run(40s);
  fake->SetMaintenance(true);
  Run(10s);
  const TrafficState state = State();
  EXPECT_FALSE(state.writable);
  EXPECT_EQ(state.unwritable_why, "the GSLB system is in maintenance mode");
  EXPECT_EQ(state.members.at("us").health, Health::kUnknown);
  EXPECT_FALSE(Write({{"us", Served(7)}, {"eu", Served(2)}}));
  fake->SetMaintenance(false);
  Run(10s);
  EXPECT_TRUE(State().writable);
}

TEST_F(AgainstTheFake, HoldsWhileTwoLead) {
  Build();
  Run(10s);
  fake->SetLink("us", "eu", false);
  fake->ChangeLeader("eu");
  Run(20s);
  EXPECT_FALSE(State().writable);
  EXPECT_NE(State().unwritable_why.find("each say that they lead"), std::string::npos) << State().unwritable_why;
  EXPECT_FALSE(Write({{"us", Served(7)}, {"eu", Served(2)}}));
  EXPECT_TRUE(fake->Writes().empty());
}

TEST_F(AgainstTheFake, IsNotInForceWhereTheLeaderCanNotReach) {
  Build();
  AllUp();
  Run(40s);
  fake->SetLink("us", "eu", false);
  const auto written = Write({{"us", Served(7)}, {"eu", Served(2)}});
  ASSERT_TRUE(written) << written.error().what;
  Run(60s);
  EXPECT_FALSE(State().in_force);
  fake->SetLink("us", "eu", true);
  Run(60s);
  EXPECT_TRUE(State().in_force);
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
