// Rows 43, 48 and 51 to 56 of Avi's fidelity checklist, as a client sees them: services are configured by the API, and
// then each site's DNS service is asked. health_test has the same rows as the API tells them.
#include <map>
#include <memory>
#include <string>

#include "tests/lab/avi/client.h"
#include "tools/lab/dns/service.h"
#include "tools/lab/population.h"

namespace spillway::lab::avi {
namespace {

constexpr const char* kServices = "/api/gslbservice";
constexpr const char* kName = "shop.gslb.example";
const std::string us_ip(kUsIp);  // NOLINT(cert-err58-cpp)
const std::string eu_ip(kEuIp);  // NOLINT(cert-err58-cpp)

class Sampled : public AviFake {
 protected:
  // What `count` questions to the DNS service of `site` get: how often which first record, "silence" or "nothing".
  std::map<std::string, int> Ask(DnsService& service, int count = 1) {
    std::map<std::string, int> seen;
    for (int i = 0; i < count; ++i) {
      const Reply reply = service.Ask({kName, 1});
      ++seen[reply.silent ? "silence" : reply.answer.empty() ? "nothing" : reply.answer.front().data];
    }
    return seen;
  }
  std::string One(DnsService& service) { return Ask(service).begin()->first; }

  std::string Create(const std::string& pools, const std::string& more = "") {
    const auto created = federation.Create("gslbservice", ServiceJson("shop", kName, pools, more));
    EXPECT_TRUE(created) << created.error().what;
    clock.Advance(1s);  // so that the other site has it
    AllUp();
    return created ? *created : "";
  }
  void Put(const std::string& uuid, const std::string& pools, const std::string& more = "") {
    const HttpResponse put =
        us.Send("PUT", std::string(kServices) + "/" + uuid, ServiceJson("shop", kName, pools, more));
    EXPECT_EQ(put.status, 200) << put.body;
  }
  void Health(const std::string& ip, bool up) {
    for (const char* site : {"us", "eu"}) federation.SetDatapath(site, ip, up);
  }

  const Zone zone{.apex = "gslb.example"};
  DnsService dns_us{federation, "us", zone, 1};
  DnsService dns_eu{federation, "eu", zone, 2};
};

std::string Live() { return PoolJson("live", 20, MemberJson("us", 1)); }
std::string Parked(int priority) { return PoolJson("parked", priority, MemberJson("eu", 1)); }

TEST_F(Sampled, Row43_AFollowerThatWasNotToldAnswersTheOld) {
  const std::string uuid = Create(PoolJson("live", 20, MemberJson("us", 1) + "," + MemberJson("eu", 1)));
  federation.SetSuspended("eu", true);
  Put(uuid, Live() + "," + Parked(0));
  clock.Advance(1min);
  EXPECT_EQ(Ask(dns_us, 100), (std::map<std::string, int>{{us_ip, 100}}));
  EXPECT_EQ(Ask(dns_eu, 100), (std::map<std::string, int>{{us_ip, 50}, {eu_ip, 50}}));
  federation.SetSuspended("eu", false);
  clock.Advance(1s);
  EXPECT_EQ(Ask(dns_eu, 100), (std::map<std::string, int>{{us_ip, 100}}));
}

TEST_F(Sampled, Row48_OfADeadControllerEachDnsServiceKnowsWhatItCan) {
  Create(PoolJson("live", 20, MemberJson("us", 1) + "," + MemberJson("eu", 1)));
  federation.SetAlive("eu", false);
  clock.Advance(285s);
  EXPECT_EQ(Ask(dns_us, 10), (std::map<std::string, int>{{us_ip, 5}, {eu_ip, 5}})) << "not yet given up";
  clock.Advance(15s);
  EXPECT_EQ(Ask(dns_us, 10), (std::map<std::string, int>{{us_ip, 10}}));
  EXPECT_EQ(Ask(dns_eu, 10), (std::map<std::string, int>{{us_ip, 5}, {eu_ip, 5}})) << "headless, from what it knew";
}

TEST_F(Sampled, Row51_OnlyTheHighestPoolThatIsUpAnswersAndPriorityZeroNever) {
  const std::string uuid = Create(Live() + "," + Parked(10));
  EXPECT_EQ(Ask(dns_us, 100), (std::map<std::string, int>{{us_ip, 100}}));
  Health(us_ip, false);
  EXPECT_EQ(Ask(dns_us, 100), (std::map<std::string, int>{{eu_ip, 100}}));
  Health(us_ip, true);
  EXPECT_EQ(One(dns_us), us_ip);
  Put(uuid, Live() + "," + Parked(0));
  EXPECT_EQ(MemberState(us, uuid, 1, 0), "OPER_UP") << "it is probed all the same";
  Health(us_ip, false);
  EXPECT_EQ(One(dns_us), "silence");
  const std::string off = PoolJson("live", 20, MemberJson("us", 1, false));
  Put(uuid, off + "," + Parked(10));
  EXPECT_EQ(MemberState(us, uuid, 0, 0), "OPER_DISABLED");
  EXPECT_EQ(One(dns_us), eu_ip);
}

TEST_F(Sampled, Row52_RatiosOneTwoThreeGiveASixthAThirdAndAHalf) {
  const auto member = [](const std::string& ip, int ratio) {
    return R"({"ip":{"addr":")" + ip + R"(","type":"V4"},"ratio":)" + std::to_string(ratio) + "}";
  };
  Create(PoolJson("live", 20, member("10.1.1.1", 1) + "," + member("10.1.1.2", 2) + "," + member("10.1.1.3", 3)),
         R"(,"num_dns_ip":1)");
  for (const char* ip : {"10.1.1.1", "10.1.1.2", "10.1.1.3"}) Health(ip, true);
  for (DnsService* service : {&dns_us, &dns_eu}) {
    EXPECT_EQ(Ask(*service, 6000),
              (std::map<std::string, int>{{"10.1.1.1", 1000}, {"10.1.1.2", 2000}, {"10.1.1.3", 3000}}));
  }
}

TEST_F(Sampled, Row53_ASitesRatioOverridesItsMembersAnswers) {
  Create(PoolJson("live", 20, MemberJson("us", 1) + "," + MemberJson("eu", 1)), R"(,"num_dns_ip":1)");
  EXPECT_EQ(Ask(dns_us, 1000), (std::map<std::string, int>{{us_ip, 500}, {eu_ip, 500}}));
  JsonDocument list = us.Json("GET", "/api/gslb");
  JsonValue& gslb = list["results"][0];
  gslb["sites"][1].AddMember("ratio", 4, list.GetAllocator());
  us.Json("PUT", "/api/gslb/" + StringAt(gslb, "uuid").value_or(""), JsonText(gslb));
  EXPECT_EQ(Ask(dns_us, 1000), (std::map<std::string, int>{{us_ip, 200}, {eu_ip, 800}}));
}

TEST_F(Sampled, Row54_PreferenceOrderAnswersTheLowestThatIsUpAndIsHiddenBefore22) {
  std::string pool = PoolJson("live", 20, MemberJson("us", 1) + "," + MemberJson("eu", 1));
  pool.replace(pool.find("GSLB_ALGORITHM_ROUND_ROBIN"), 26, "GSLB_ALGORITHM_PREFERENCE_ORDER");
  pool.replace(pool.rfind(R"("ratio":1)"), 9, R"("ratio":1,"preference_order":2)");
  const std::string uuid = Create(pool, R"(,"num_dns_ip":1)");
  EXPECT_EQ(Ask(dns_us, 100), (std::map<std::string, int>{{us_ip, 100}}));
  Health(us_ip, false);
  EXPECT_EQ(Ask(dns_us, 100), (std::map<std::string, int>{{eu_ip, 100}}));
  Health(us_ip, true);
  EXPECT_EQ(One(dns_us), us_ip);
  us.headers["X-Avi-Version"] = "21.1.6";
  const std::string old = us.Get(std::string(kServices) + "/" + uuid).body;
  EXPECT_EQ(old.find("preference_order"), std::string::npos) << old;
  us.headers["X-Avi-Version"] = "22.1.1";
  EXPECT_NE(us.Get(std::string(kServices) + "/" + uuid).body.find("preference_order"), std::string::npos);
}

TEST_F(Sampled, Row55_WhenAllAreDownEachOfTheFiveResponsesIsGiven) {
  struct Row {
    std::string response, want;
  };
  const Row rows[] = {
      {R"({"type":"GSLB_SERVICE_DOWN_RESPONSE_NONE"})", "silence"},
      {R"({"type":"GSLB_SERVICE_DOWN_RESPONSE_EMPTY"})", "nothing"},
      {R"({"type":"GSLB_SERVICE_DOWN_RESPONSE_ALL_RECORDS"})", us_ip},
      {R"({"type":"GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP","fallback_ip":{"addr":"10.9.9.9","type":"V4"}})",
       "10.9.9.9"},
      {R"({"type":"GSLB_SERVICE_DOWN_RESPONSE_CNAME","fallback_cname":"sorry.example"})", "sorry.example."},
  };
  const std::string uuid = Create(Live());
  for (const Row& row : rows) {
    SCOPED_TRACE(row.response);
    Put(uuid, Live(), R"(,"down_response":)" + row.response);
    EXPECT_EQ(One(dns_us), us_ip);
    Health(us_ip, false);
    EXPECT_EQ(One(dns_us), row.want);
    Health(us_ip, true);
  }
}

TEST_F(Sampled, Rows51And55_AllRecordsAreOfTheUnhealthyAndNotOfWhatIsSwitchedOff) {
  struct Row {
    std::string claim, pools, want;
  };
  const Row rows[] = {
      {"a lower pool's members too", Live() + "," + Parked(10), us_ip + " " + eu_ip},
      {"not those of priority 0", Live() + "," + Parked(0), us_ip},
      {"not a disabled member", PoolJson("live", 20, MemberJson("us", 1) + "," + MemberJson("eu", 1, false)), us_ip},
      {"not those of a disabled pool", Live() + "," + PoolJson("off", 10, MemberJson("eu", 1), R"(,"enabled":false)"),
       us_ip},
  };
  const std::string all = R"(,"num_dns_ip":1,"down_response":{"type":"GSLB_SERVICE_DOWN_RESPONSE_ALL_RECORDS"})";
  const std::string uuid = Create(Live() + "," + Parked(10), all);
  const auto records = [&] {
    std::string told;
    for (const Record& record : dns_us.Ask({kName, 1}).answer) told += (told.empty() ? "" : " ") + record.data;
    return told;
  };
  Health(us_ip, false);
  Health(eu_ip, false);
  for (const Row& row : rows) {
    Put(uuid, row.pools, all);
    EXPECT_EQ(records(), row.want) << row.claim;
  }
  Put(uuid, rows[0].pools, all);
  JsonDocument list = us.Json("GET", "/api/gslb");
  JsonValue& gslb = list["results"][0];
  gslb["sites"][1]["enabled"] = false;
  us.Json("PUT", "/api/gslb/" + StringAt(gslb, "uuid").value_or(""), JsonText(gslb));
  EXPECT_EQ(records(), us_ip) << "not those of a disabled site";
  Put(uuid, rows[0].pools, all + R"(,"enabled":false)");
  EXPECT_EQ(One(dns_us), "silence") << "not of a disabled service";
}

TEST_F(Sampled, Row56_AChangeReachesTheLoadOnlyAfterTheTailOfTheTtl) {
  const std::string uuid = Create(Live() + "," + Parked(0), R"(,"ttl":30,"num_dns_ip":1)");
  PopulationOptions options;
  options.overstayers = 0;
  options.keep_alive = 1s;
  Population people(options, 1);
  // The part of a second's requests that goes to the cloud.
  const auto second = [&] {
    int cloud = 0;
    constexpr int kRequests = 400;
    for (int i = 0; i < kRequests; ++i) {
      const Population::Client client = people.Next();
      if (!people.Cached(client.resolver, clock.Now())) {
        const Reply reply = dns_us.Ask({kName, 1});
        people.Learn(client.resolver, reply.answer.at(0).data, Duration(std::chrono::seconds(reply.answer[0].ttl)),
                     clock.Now());
      }
      cloud += people.Cached(client.resolver, clock.Now()) == eu_ip ? 1 : 0;
    }
    clock.Advance(1s);
    return static_cast<double>(cloud) / kRequests;
  };
  // Resolvers ask at all times: their answers run out one after the other.
  for (std::size_t i = 0; i < people.resolvers(); ++i) people.Learn(i, us_ip, 1s * (i % 30 + 1), clock.Now());
  for (int i = 0; i < 60; ++i) EXPECT_EQ(second(), 0);
  Put(uuid, PoolJson("live", 20, MemberJson("eu", 1)), R"(,"ttl":30,"num_dns_ip":1)");
  EXPECT_EQ(One(dns_us), eu_ip) << "the answer changes at once";
  const double first = second();
  EXPECT_LT(first, 0.2);
  double share = first;
  for (int i = 1; i < 15; ++i) share = second();
  EXPECT_GT(share, 0.2);
  EXPECT_LT(share, 0.9);
  for (int i = 15; i < 31; ++i) second();
  EXPECT_EQ(second(), 1) << "a TTL later nobody remembers the old one";
}

}  // namespace
}  // namespace spillway::lab::avi
