// What a write says to the controller, word by word.
#include "avi/director.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "avi/avi.h"
#include "tests/avi/json_text.h"
#include "tests/avi/scripted.h"

namespace spillway::avi {
namespace {

constexpr const char* kGet = "GET /api/gslbservice/gslbservice-1";
constexpr const char* kPut = "PUT /api/gslbservice/gslbservice-1";
constexpr const char* kInventory = "GET /api/gslbservice-inventory/gslbservice-1";

std::string Service(const std::string& modified, int us, int eu, const std::string& more = "") {
  return "{'_last_modified':'" + modified +
         "','uuid':'gslbservice-1','name':'shop','num_dns_ip':1,'x_kept':{'a':[1]}," + more +
         "'groups':[{'name':'live','priority':20,'members':[{'ip':{'addr':'10.1.0.10'},'ratio':" + std::to_string(us) +
         "},{'ip':{'addr':'10.2.0.10'},'ratio':" + std::to_string(eu) + "}]}]}";
}

std::string Runtime(const std::string& us) {
  return "{'groups':[{'name':'live','members':[{'ip':{'addr':'10.1.0.10'},'oper_status':{'state':'" + us + "'}}]}]}";
}

class AviDirector : public ::testing::Test {
 protected:
  AviDirector() {
    Options options;
    options.controllers = {"https://us"};
    options.username = "spillway";
    options.password = []() -> Result<std::string> { return std::string("pw"); };
    avi.emplace(options, clock, [this](const std::string&) { return transport; });
    director = avi->Direct({"shop", "shop", TwoSites()});
    transport->Always("POST /login", Welcome());
    transport->Always("GET /api/cluster", Answer(200, "{'uuid':'cluster-us'}"));
    transport->Always("GET /api/gslb", Answer(200, Gslb("cluster-us")));
    transport->Always("GET /api/gslb-inventory", Answer(200, "{'results':[{'runtime':{'info':{'site':[]}}}]}"));
    SetService("100", 4, 2);
  }

  static std::string Gslb(const std::string& leader) {
    return "{'count':1,'results':[{'leader_cluster_uuid':'" + leader +
           "','view_id':1,'sites':[{'name':'us','cluster_uuid':'cluster-us','member_type':'GSLB_ACTIVE_MEMBER'}]}]}";
  }
  // What every later read finds.
  void SetService(const std::string& modified, int us, int eu, const std::string& health = "OPER_UP") {
    const std::string service = Service(modified, us, eu);
    const std::string item = "{'uuid':'gslbservice-1','config':" + service + ",'runtime':" + Runtime(health) + "}";
    transport->Always("GET /api/gslbservice-inventory?page_size=100", Answer(200, "{'results':[" + item + "]}"));
    transport->Always(kInventory, Answer(200, item));
    transport->Always("GET /api/gslbservice?page_size=100", Answer(200, "{'results':[" + service + "]}"));
    transport->Always(kGet, Answer(200, service));
  }
  void Run(Duration length) {
    const Instant end = clock.Now() + length;
    for (Instant next = clock.Now(); next <= end;) {
      clock.SleepUntil(next);
      next = end + 1s;
      for (const auto& feed : avi->feeds()) next = std::min(next, feed->Step());
    }
  }
  std::vector<std::string> CallsOf(const std::function<void()>& work) {
    const std::size_t before = transport->calls.size();
    work();
    return {transport->calls.begin() + static_cast<std::ptrdiff_t>(before), transport->calls.end()};
  }

  ManualClock clock;
  std::shared_ptr<Scripted> transport = std::make_shared<Scripted>(clock);
  std::optional<Avi> avi;
  std::shared_ptr<TrafficDirector> director;
  const Layout want = {{"us", Served(3)}, {"eu", Served(5)}};
};

TEST_F(AviDirector, WritesTheWholeObjectWithItsPreconditionAndReadsItBack) {
  Run(1s);
  std::string body;
  transport->Then(kGet, Answer(200, Service("100", 4, 2))).Then(kPut, [&](const HttpRequest& request) {
    body = request.body;
    SetService("200", 3, 5);
    return Answer(200, Service("200", 3, 5));
  });
  Result<TrafficState> written = Error{Code::kRetry, ""};
  const auto calls = CallsOf([&] { written = director->Write(want, "100", false, 10s); });
  ASSERT_TRUE(written) << written.error().what;
  EXPECT_EQ(body, JsonText(Json(Service("100", 3, 5))));
  EXPECT_EQ(calls, (std::vector<std::string>{kGet, kPut, kGet, kInventory, "GET /api/gslb-inventory"}));
  EXPECT_EQ(written->revision, "200");
  EXPECT_EQ(written->members.at("eu").placement, Served(5));
  EXPECT_EQ(written->members.at("us").health, Health::kUp);
  EXPECT_EQ(director->Read().seen->value.revision, "200") << "the picture has it at once";
}

TEST_F(AviDirector, AnswersRereadWhereItsCopyIsOld) {
  Run(1s);
  transport->Then(kGet, Answer(200, Service("101", 4, 2)));
  const auto before = director->Write(want, "100", false, 10s);
  ASSERT_FALSE(before);
  EXPECT_EQ(before.error().code, Code::kReread);
  EXPECT_EQ(before.error().what, "GSLB service \"shop\" was changed by somebody else; nothing was written");
  for (const int status : {412, 409}) {
    transport->Then(kGet, Answer(200, Service("100", 4, 2)))
        .Then(kPut, Answer(status, "{'error':'Concurrent Update'}"));
    const auto during = director->Write(want, "100", false, 10s);
    ASSERT_FALSE(during);
    EXPECT_EQ(during.error().code, Code::kReread);
    EXPECT_EQ(transport->calls.back(), kPut) << "it is not repeated: what is wanted may be something else now";
  }
  EXPECT_TRUE(transport->Played());
}

TEST_F(AviDirector, SaysOfEveryRefusalWhatToDoNext) {
  struct Row {
    const char* name;
    Result<HttpResponse> put;
    Code code;
  };
  for (const Row& row :
       {Row{"no answer", Error{Code::kRetry, "timed out"}, Code::kRetry},
        Row{"a fault", Answer(500, "boom"), Code::kRetry},
        Row{"not the leader any more", Answer(400, "{'error':'Config Operations can be done ONLY on leader'}"),
            Code::kRetry},
        Row{"maintenance", Answer(400, "{'error':'GSLB system is in maintenance mode.'}"), Code::kRetry},
        Row{"out of range", Answer(400, "{'error':'ratio'}"), Code::kRejected},
        Row{"no permission", Answer(403, "{'error':'no'}"), Code::kDenied},
        Row{"deleted meanwhile", Answer(404, "{'error':'GslbService object not found!'}"), Code::kMissing},
        Row{"an answer that was cut", Answer(200, "{'name':"), Code::kRetry}}) {
    SCOPED_TRACE(row.name);
    Run(1s);
    transport->Then(kGet, Answer(200, Service("100", 4, 2))).Then(kPut, [&](const HttpRequest&) { return row.put; });
    const auto written = director->Write(want, "100", false, 10s);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, row.code) << written.error().what;
    EXPECT_EQ(written.error().what.find("https://us: PUT /api/gslbservice/gslbservice-1"), 0U) << written.error().what;
  }
}

TEST_F(AviDirector, ReadsAtOnceAfterAWriteWithoutAnAnswer) {
  Run(7s);
  transport->Then(kGet, Answer(200, Service("100", 4, 2))).Then(kPut, [&](const HttpRequest&) -> Result<HttpResponse> {
    SetService("200", 3, 5);
    return Error{Code::kRetry, "timed out"};
  });
  ASSERT_FALSE(director->Write(want, "100", false, 10s));
  EXPECT_EQ(director->Read().seen->value.revision, "100");
  Run(0s);
  EXPECT_EQ(director->Read().seen->value.revision, "200");
}

TEST_F(AviDirector, BelievesTheAnswerWhereAnotherNodeLagsBehind) {
  Run(1s);
  transport->Then(kGet, Answer(200, Service("100", 4, 2)))
      .Then(kPut, Answer(200, Service("200", 3, 5)))
      .Then(kGet, Answer(200, Service("100", 4, 2)));
  const auto written = director->Write(want, "100", false, 10s);
  ASSERT_TRUE(written) << written.error().what;
  EXPECT_EQ(written->revision, "200");
  EXPECT_EQ(written->members.at("eu").placement, Served(5));
}

TEST_F(AviDirector, TellsWhatSomebodyElseWroteRightAfter) {
  Run(1s);
  transport->Then(kGet, Answer(200, Service("100", 4, 2)))
      .Then(kPut, Answer(200, Service("200", 3, 5)))
      .Then(kGet, Answer(200, Service("201", 9, 9)));
  const auto written = director->Write(want, "100", false, 10s);
  ASSERT_TRUE(written);
  EXPECT_EQ(written->revision, "201");
  EXPECT_EQ(written->members.at("eu").placement, Served(9));
}

TEST_F(AviDirector, TakesTheAnswerWhenTheReadBackFails) {
  Run(1s);
  transport->Then(kGet, Answer(200, Service("100", 4, 2)))
      .Then(kPut, Answer(200, Service("200", 3, 5)))
      .Then(kGet, Error{Code::kRetry, "timed out"})
      .Then(kInventory, Error{Code::kRetry, "timed out"})
      .Then("GET /api/gslb-inventory", Error{Code::kRetry, "timed out"});
  const auto written = director->Write(want, "100", false, 10s);
  ASSERT_TRUE(written) << written.error().what;
  EXPECT_EQ(written->revision, "200");
  EXPECT_FALSE(written->in_force) << "nobody has confirmed that";
}

TEST_F(AviDirector, DoesNotWriteWhereAWriteCouldNotBeMadeSafe) {
  Run(1s);
  transport->Then(kGet, Answer(200,
                               "{'name':'shop','groups':[{'name':'live','members':[{'ip':{'addr':'10.1.0.10'}},"
                               "{'ip':{'addr':'10.2.0.10'}}]}]}"));
  const auto written = director->Write(want, "", false, 10s);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Code::kRejected);
}

TEST_F(AviDirector, DoesNotWriteBeforeAnythingWasRead) {
  const auto written = director->Write(want, "100", false, 10s);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Code::kRetry);
  EXPECT_TRUE(transport->calls.empty());
  EXPECT_FALSE(director->Read().seen);
  EXPECT_FALSE(director->Read().failure);
}

TEST_F(AviDirector, IgnoresAReadThatAWriteOvertook) {
  Run(1s);
  // The poll's inventory was answered before the write, its list of services never arrives in time to matter.
  transport->Always("GET /api/gslbservice-inventory?page_size=100", [&](const HttpRequest&) {
    auto old = Answer(200, "{'results':[{'uuid':'gslbservice-1','config':" + Service("100", 4, 2) + "}]}");
    transport->Always(kPut, [&](const HttpRequest&) {
      SetService("200", 3, 5);
      return Answer(200, Service("200", 3, 5));
    });
    EXPECT_TRUE(director->Write(want, "100", false, 10s));
    return old;
  });
  avi->PollSoon();
  Run(0s);
  EXPECT_EQ(director->Read().seen->value.revision, "200");
}

TEST_F(AviDirector, ReadsTheWholeServicesOnlyWhenTheOutlineChanged) {
  Run(50s);
  EXPECT_EQ(transport->Count("GET /api/gslbservice?page_size=100"), 1U);
  SetService("300", 4, 1);
  Run(6s);
  EXPECT_EQ(transport->Count("GET /api/gslbservice?page_size=100"), 2U);
  EXPECT_EQ(director->Read().seen->value.members.at("eu").placement, Served(1));
  SetService("300", 4, 1, "OPER_DOWN");
  Run(6s);
  EXPECT_EQ(director->Read().seen->value.members.at("us").health, Health::kDown);
  EXPECT_EQ(transport->Count("GET /api/gslbservice?page_size=100"), 2U) << "health needs no more than the inventory";
  Run(60s);
  EXPECT_EQ(transport->Count("GET /api/gslbservice?page_size=100"), 3U) << "once a minute all the same";
}

TEST_F(AviDirector, KnowsThatThereIsNoGslb) {
  transport->Always("GET /api/gslb", Answer(200, "{'count':0,'results':[]}"));
  Run(2s);
  ASSERT_TRUE(director->Read().failure);
  EXPECT_EQ(director->Read().failure->code, Code::kMissing);
  EXPECT_EQ(director->Read().failure->what, "https://us: no GSLB is configured");
}

TEST_F(AviDirector, CountsAsInForceWhereTheControllerDoesNotTell) {
  transport->Always("GET /api/gslb-inventory", Answer(403, "{'error':'no'}"));
  Run(1s);
  EXPECT_TRUE(director->Read().seen->value.in_force);
}

}  // namespace
}  // namespace spillway::avi
