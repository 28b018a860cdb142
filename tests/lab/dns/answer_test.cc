#include "tools/lab/dns/answer.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace spillway::lab {
namespace {

using avi::MemberView;
using avi::PoolView;
using avi::ServiceView;

const Zone kZone{.apex = "gslb.lab.test"};

MemberView Member(const std::string& ip, bool up, int ratio = 1) {
  MemberView member;
  member.ip = ip;
  member.up = up;
  member.ratio = ratio;
  return member;
}

PoolView Pool(const std::string& name, int priority, std::vector<MemberView> members) {
  PoolView pool;
  pool.name = name;
  pool.priority = priority;
  pool.algorithm = "GSLB_ALGORITHM_ROUND_ROBIN";
  pool.members = std::move(members);
  return pool;
}

ServiceView Shop(std::vector<PoolView> pools) {
  ServiceView shop;
  shop.uuid = "gslbservice-1";
  shop.name = "shop";
  shop.domain_names = {"shop.gslb.lab.test"};
  shop.ttl = 3s;
  shop.num_dns_ip = 1;
  shop.pools = std::move(pools);
  shop.down_response = "GSLB_SERVICE_DOWN_RESPONSE_NONE";
  return shop;
}

// The records as text: "owner type data", those of the authority after a bar.
std::string Shown(const Reply& reply) {
  if (reply.silent) return "silence";
  std::string text = reply.rcode == Rcode::kNoError ? "" : reply.rcode == Rcode::kNxDomain ? "nxdomain " : "refused ";
  for (const Record& r : reply.answer) {
    text += r.owner + ' ' + std::to_string(static_cast<int>(r.type)) + ' ' + r.data + ' ' + std::to_string(r.ttl) + ';';
  }
  for (const Record& r : reply.authority) text += "|" + r.owner + ' ' + std::to_string(static_cast<int>(r.type));
  return text;
}

std::string Ask(const ServiceView& shop, const std::string& name = "shop.gslb.lab.test",
                RecordType type = RecordType::kA) {
  Rotation rotation(1);
  return Shown(AnswerQuestion(kZone, {shop}, {name, static_cast<std::uint16_t>(type)}, rotation));
}

TEST(DnsAnswer, ChoosesThePool) {
  struct Row {
    std::string claim;
    std::vector<PoolView> pools;
    std::string want;
  };
  PoolView disabled = Pool("c", 30, {Member("10.0.0.3", true)});
  disabled.enabled = false;
  MemberView off = Member("10.0.0.4", true);
  off.enabled = false;
  const std::string name = "shop.gslb.lab.test 1 ";
  const std::vector<Row> rows = {
      {"the highest priority wins",
       {Pool("a", 10, {Member("10.0.0.1", true)}), Pool("b", 20, {Member("10.0.0.2", true)})},
       name + "10.0.0.2 3;"},
      {"a pool without an up member is passed over",
       {Pool("a", 10, {Member("10.0.0.1", true)}), Pool("b", 20, {Member("10.0.0.2", false)})},
       name + "10.0.0.1 3;"},
      {"a disabled pool is passed over", {Pool("a", 10, {Member("10.0.0.1", true)}), disabled}, name + "10.0.0.1 3;"},
      {"a disabled member is passed over",
       {Pool("a", 10, {Member("10.0.0.1", true)}), Pool("b", 20, {off})},
       name + "10.0.0.1 3;"},
      {"priority 0 is never answered, even if nothing else is up",
       {Pool("live", 20, {Member("10.0.0.1", false)}), Pool("parked", 0, {Member("10.0.0.2", true)})},
       "silence"},
      {"a member that is down is not answered beside one that is up",
       {Pool("live", 20, {Member("10.0.0.1", false, 20), Member("10.0.0.2", true, 1)})},
       name + "10.0.0.2 3;"},
  };
  for (const Row& row : rows) EXPECT_EQ(Ask(Shop(row.pools)), row.want) << row.claim;
}

TEST(DnsAnswer, HasFiveDownResponses) {
  struct Row {
    std::string type, want;
  };
  const std::string name = "shop.gslb.lab.test ";
  const std::vector<Row> rows = {
      {"GSLB_SERVICE_DOWN_RESPONSE_NONE", "silence"},
      {"GSLB_SERVICE_DOWN_RESPONSE_EMPTY", ""},
      {"GSLB_SERVICE_DOWN_RESPONSE_ALL_RECORDS", name + "1 10.0.0.1 3;" + name + "1 10.0.0.2 3;"},
      {"GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP", name + "1 10.9.9.9 3;"},
      {"GSLB_SERVICE_DOWN_RESPONSE_CNAME", name + "5 sorry.lab.test. 3;"},
  };
  for (const Row& row : rows) {
    ServiceView shop = Shop({Pool("live", 20, {Member("10.0.0.1", false), Member("10.0.0.2", false)})});
    shop.down_response = row.type;
    shop.fallback_ip = "10.9.9.9";
    shop.fallback_cname = "sorry.lab.test";
    EXPECT_EQ(Ask(shop), row.want) << row.type;
  }
}

TEST(DnsAnswer, AllRecordsAreThoseOfEveryMemberThatIsNotSwitchedOff) {
  PoolView disabled = Pool("disabled", 20, {Member("10.0.0.4", false)});
  disabled.enabled = false;
  MemberView off = Member("10.0.0.5", true);
  off.enabled = false;
  ServiceView shop =
      Shop({Pool("live", 20, {Member("10.0.0.1", false), off}), Pool("standby", 10, {Member("10.0.0.2", false)}),
            Pool("parked", 0, {Member("10.0.0.3", true)}), disabled});
  shop.down_response = "GSLB_SERVICE_DOWN_RESPONSE_ALL_RECORDS";
  EXPECT_EQ(Ask(shop), "shop.gslb.lab.test 1 10.0.0.1 3;shop.gslb.lab.test 1 10.0.0.2 3;")
      << "of all pools, and more than num_dns_ip";
}

TEST(DnsAnswer, KnowsItsZone) {
  struct Row {
    std::string claim, name;
    RecordType type;
    std::string want;
  };
  ServiceView shop = Shop({Pool("live", 20, {Member("10.0.0.1", true)})});
  shop.domain_names.emplace_back("deep.eu.gslb.lab.test");
  const std::string soa = "|gslb.lab.test 6";
  const std::vector<Row> rows = {
      {"names compare without case and come back as asked", "SHOP.gslb.Lab.test", RecordType::kA,
       "SHOP.gslb.Lab.test 1 10.0.0.1 3;"},
      {"a type the name has not is no data", "shop.gslb.lab.test", RecordType::kAaaa, soa},
      {"the apex has a name server", "gslb.lab.test", RecordType::kNs, "gslb.lab.test 2 ns1.gslb.lab.test. 300;"},
      {"the apex has no address", "gslb.lab.test", RecordType::kA, soa},
      {"the name server has an address", "ns1.gslb.lab.test", RecordType::kA, "ns1.gslb.lab.test 1 127.0.0.1 300;"},
      {"an unknown name is not there", "nobody.gslb.lab.test", RecordType::kA, "nxdomain " + soa},
      {"a name with names below it is there, but empty", "eu.gslb.lab.test", RecordType::kA, soa},
      {"a name outside the zone is refused", "example.com", RecordType::kA, "refused "},
      {"a name that merely ends like the zone is refused", "xgslb.lab.test", RecordType::kA, "refused "},
  };
  for (const Row& row : rows) EXPECT_EQ(Ask(shop, row.name, row.type), row.want) << row.claim;
}

TEST(DnsAnswer, GivesEachTypeItsRecords) {
  MemberView name;
  name.fqdn = "shop.cloud.test";
  name.up = true;
  const ServiceView four = Shop({Pool("live", 20, {Member("10.0.0.1", true)})});
  const ServiceView six = Shop({Pool("live", 20, {Member("fd00::1", true)})});
  const ServiceView both = Shop({Pool("live", 20, {Member("10.0.0.1", true), Member("fd00::1", true)})});
  const ServiceView alias = Shop({Pool("live", 20, {name})});
  ServiceView six_or_four = Shop({Pool("a", 20, {Member("fd00::1", true)}), Pool("b", 10, {Member("10.0.0.1", true)})});
  ServiceView six_down = Shop({Pool("live", 20, {Member("fd00::1", false)})});
  six_down.down_response = "GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP";
  six_down.fallback_ip6 = "fd00::9";
  const std::string shop = "shop.gslb.lab.test";
  const std::string none = "|gslb.lab.test 6";
  struct Row {
    std::string claim;
    const ServiceView& service;
    RecordType type;
    std::string want;
  };
  const std::vector<Row> rows = {
      {"an IPv6 member is an AAAA record", six, RecordType::kAaaa, shop + " 28 fd00::1 3;"},
      {"and no A record", six, RecordType::kA, none},
      {"an IPv4 member is no AAAA record", four, RecordType::kAaaa, none},
      {"a service of both answers each with its own, A", both, RecordType::kA, shop + " 1 10.0.0.1 3;"},
      {"and AAAA", both, RecordType::kAaaa, shop + " 28 fd00::1 3;"},
      {"the pool is chosen before the type", six_or_four, RecordType::kA, none},
      {"a member with a name is a CNAME to those who want A", alias, RecordType::kA, shop + " 5 shop.cloud.test. 3;"},
      {"and to those who want AAAA", alias, RecordType::kAaaa, shop + " 5 shop.cloud.test. 3;"},
      {"and to those who want just that", alias, RecordType::kCname, shop + " 5 shop.cloud.test. 3;"},
      {"a member with an address is no CNAME", four, RecordType::kCname, none},
      {"a text is nobody's", both, static_cast<RecordType>(16), none},
      {"the fallback has its IPv6 address too", six_down, RecordType::kAaaa, shop + " 28 fd00::9 3;"},
      {"and where it has no IPv4 address there is no data", six_down, RecordType::kA, none},
  };
  for (const Row& row : rows) EXPECT_EQ(Ask(row.service, shop, row.type), row.want) << row.claim;
}

TEST(DnsAnswer, ACnameStandsAlone) {
  MemberView name;
  name.fqdn = "shop.cloud.test";
  name.up = true;
  ServiceView shop = Shop({Pool("live", 20, {name, Member("10.0.0.1", true)})});
  shop.num_dns_ip = 0;
  Rotation rotation(1);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(AnswerQuestion(kZone, {shop}, {"shop.gslb.lab.test", 1}, rotation).answer.size(), 1U);
  }
}

// How often each address stands in 60 answers.
std::map<std::string, int> Shares(const ServiceView& shop) {
  Rotation rotation(5);
  std::map<std::string, int> count;
  for (int i = 0; i < 60; ++i) {
    ++count[AnswerQuestion(kZone, {shop}, {"shop.gslb.lab.test", 1}, rotation).answer.at(0).data];
  }
  return count;
}

TEST(DnsAnswer, GivesSharesByRatio) {
  const ServiceView shop = Shop({Pool("live", 20, {Member("10.0.0.1", true, 2), Member("10.0.0.2", true, 1)})});
  EXPECT_EQ(Shares(shop), (std::map<std::string, int>{{"10.0.0.1", 40}, {"10.0.0.2", 20}}));
}

TEST(DnsAnswer, AlgorithmsThatChooseByWhoAsksHaveNoUseForRatios) {
  PoolView pool = Pool("live", 20, {Member("10.0.0.1", true, 2), Member("10.0.0.2", true, 1)});
  for (const char* algorithm : {"GEO", "TOPOLOGY", "CONSISTENT_HASH"}) {
    pool.algorithm = "GSLB_ALGORITHM_" + std::string(algorithm);
    EXPECT_EQ(Shares(Shop({pool})), (std::map<std::string, int>{{"10.0.0.1", 30}, {"10.0.0.2", 30}})) << algorithm;
  }
}

TEST(DnsAnswer, GeoChoosesAmongPoolsWhateverTheirPriority) {
  ServiceView shop =
      Shop({Pool("a", 10, {Member("10.0.0.1", true)}), Pool("b", 20, {Member("10.0.0.2", true)}),
            Pool("dead", 30, {Member("10.0.0.3", false)}), Pool("parked", 0, {Member("10.0.0.4", true)})});
  shop.pool_algorithm = "GSLB_SERVICE_ALGORITHM_GEO";
  EXPECT_EQ(Shares(shop), (std::map<std::string, int>{{"10.0.0.1", 30}, {"10.0.0.2", 30}}));
  shop.pool_algorithm = "GSLB_SERVICE_ALGORITHM_PRIORITY";
  EXPECT_EQ(Shares(shop), (std::map<std::string, int>{{"10.0.0.2", 60}}));
}

TEST(DnsAnswer, AnswersAsManyAddressesAsTheServiceSays) {
  struct Row {
    int num_dns_ip;
    std::size_t want;
  };
  for (const Row& row : std::vector<Row>{{0, 3}, {1, 1}, {2, 2}, {20, 3}}) {
    ServiceView shop =
        Shop({Pool("live", 20, {Member("10.0.0.1", true), Member("10.0.0.2", true), Member("10.0.0.3", true)})});
    shop.num_dns_ip = row.num_dns_ip;
    Rotation rotation(1);
    EXPECT_EQ(AnswerQuestion(kZone, {shop}, {"shop.gslb.lab.test", 1}, rotation).answer.size(), row.want)
        << row.num_dns_ip;
  }
}

TEST(DnsAnswer, PreferenceOrderTakesTheLowestThatIsUp) {
  PoolView pool = Pool("live", 20, {Member("10.0.0.1", true), Member("10.0.0.2", true), Member("10.0.0.3", false)});
  pool.algorithm = "GSLB_ALGORITHM_PREFERENCE_ORDER";
  pool.members[0].preference_order = 3;
  pool.members[1].preference_order = 2;
  pool.members[2].preference_order = 1;
  EXPECT_EQ(Ask(Shop({pool})), "shop.gslb.lab.test 1 10.0.0.2 3;");
}

TEST(DnsAnswer, ADisabledServiceIsSilent) {
  ServiceView shop = Shop({Pool("live", 20, {Member("10.0.0.1", true)})});
  shop.enabled = false;
  EXPECT_EQ(Ask(shop), "silence");
}

}  // namespace
}  // namespace spillway::lab
