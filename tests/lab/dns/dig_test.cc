// Each kind of answer as bytes on the wire: a served DNS service, asked by dig.
#include <gtest/gtest.h>

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "tests/lab/shell.h"
#include "tools/lab/dns/server.h"
#include "tools/lab/dns/wire.h"

namespace spillway::lab {
namespace {

using avi::MemberView;
using avi::PoolView;
using avi::ServiceView;

const Zone kZone{.apex = "gslb.lab.test"};

MemberView Up(const std::string& ip) {
  MemberView member;
  member.ip = ip;
  member.up = true;
  return member;
}

MemberView Down(const std::string& ip) {
  MemberView member = Up(ip);
  member.up = false;
  return member;
}

MemberView Named(const std::string& fqdn) {
  MemberView member = Up("");
  member.fqdn = fqdn;
  return member;
}

PoolView Pool(int priority, const std::vector<MemberView>& members) {
  PoolView pool;
  pool.name = std::to_string(priority);
  pool.priority = priority;
  pool.members = members;
  return pool;
}

// At NAME.gslb.lab.test, with all addresses in an answer.
ServiceView Service(const std::string& name, const std::vector<PoolView>& pools) {
  ServiceView service;
  service.uuid = name;
  service.domain_names = {name + ".gslb.lab.test"};
  service.ttl = 3s;
  service.pools = pools;
  return service;
}

ServiceView AllDown(const std::string& name, const std::string& response) {
  ServiceView service = Service(name, {Pool(20, {Down("10.0.0.1"), Down("10.0.0.2"), Down("fd00::1")})});
  service.down_response = "GSLB_SERVICE_DOWN_RESPONSE_" + response;
  service.fallback_ip = "10.9.9.9";
  service.fallback_ip6 = "fd00::9";
  service.fallback_cname = "sorry.lab.test";
  return service;
}

std::vector<ServiceView> Services() {
  std::vector<MemberView> many;
  for (int i = 1; i <= 40; ++i) many.push_back(Up("10.0.1." + std::to_string(i)));
  std::vector<MemberView> more = many;
  for (int i = 1; i <= 160; ++i) more.push_back(Up("10.0.2." + std::to_string(i)));
  ServiceView slow = Service("slow", {Pool(10, {Up("10.0.0.1")})});
  slow.ttl = 86400s;
  return {
      Service("four", {Pool(10, {Up("10.0.0.1")})}),
      Service("six", {Pool(10, {Up("fd00::1")})}),
      Service("alias", {Pool(10, {Named("shop.cloud.test")})}),
      slow,
      Service("both", {Pool(10, {Up("10.0.0.1")}), Pool(20, {Up("10.0.0.2")})}),
      Service("standby", {Pool(10, {Up("10.0.0.1")}), Pool(20, {Down("10.0.0.2")})}),
      Service("parked", {Pool(0, {Up("10.0.0.1")}), Pool(20, {Down("10.0.0.2")})}),
      Service("forty", {Pool(10, many)}),
      Service("twohundred", {Pool(10, more)}),
      Service("broken", {Pool(10, {Up("10.0.0.1"), Up("10.0.0.256")})}),
      AllDown("none", "NONE"),
      AllDown("empty", "EMPTY"),
      AllDown("all", "ALL_RECORDS"),
      AllDown("fallback", "FALLBACK_IP"),
      AllDown("sorry", "CNAME"),
  };
}

class DigTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!Installed("dig")) GTEST_SKIP() << "dig is not installed (package bind9-dnsutils)";
    auto started = DnsServer::Start("127.0.0.1", 0, [this](std::string_view packet, bool tcp) {
      return Respond(packet, tcp, [this](const Question& q) { return AnswerQuestion(kZone, services_, q, rotation_); });
    });
    ASSERT_TRUE(started) << started.error().what;
    server_ = std::move(*started);
  }

  // What dig says: the status, the flags that matter, the records, those of the authority after a bar; or "silence".
  std::string Dig(const std::string& question) const {
    const std::string whole =
        Shell("dig @127.0.0.1 -p " + std::to_string(server_->port()) + " +time=2 +tries=1 +noadditional " + question)
            .text;
    if (whole.find("timed out") != std::string::npos) return "silence";
    std::istringstream lines(whole);
    std::string said;
    for (std::string line; std::getline(lines, line);) {
      if (const std::size_t at = line.find("status: "); at != std::string::npos) {
        said += line.substr(at + 8, line.find(',', at) - at - 8);
      } else if (line.starts_with(";; flags:")) {
        const std::string flags = line.substr(0, line.find(';', 2));
        for (const char* flag : {" aa", " tc"}) said += flags.find(flag) != std::string::npos ? flag : "";
      } else if (line.find("AUTHORITY SECTION") != std::string::npos) {
        said += " |";
      } else if (!line.empty() && line.front() != ';') {
        std::istringstream words(line);
        for (std::string word; words >> word;) said += ' ' + word;
      }
    }
    return said.empty() ? whole : said;
  }

  const std::vector<ServiceView> services_ = Services();
  Rotation rotation_{1};  // of the server's thread
  std::unique_ptr<DnsServer> server_;
};

TEST_F(DigTest, ReadsEachKindOfAnswer) {
  const std::string soa = "gslb.lab.test. 5 IN SOA ns1.gslb.lab.test. hostmaster.gslb.lab.test. 1 3600 600 86400 5";
  struct Row {
    std::string claim, question, want;
  };
  const std::vector<Row> rows = {
      {"A", "four.gslb.lab.test A", "NOERROR aa four.gslb.lab.test. 3 IN A 10.0.0.1"},
      {"AAAA", "six.gslb.lab.test AAAA", "NOERROR aa six.gslb.lab.test. 3 IN AAAA fd00::1"},
      {"CNAME", "alias.gslb.lab.test CNAME", "NOERROR aa alias.gslb.lab.test. 3 IN CNAME shop.cloud.test."},
      {"CNAME for A", "alias.gslb.lab.test A", "NOERROR aa alias.gslb.lab.test. 3 IN CNAME shop.cloud.test."},
      {"CNAME for AAAA", "alias.gslb.lab.test AAAA", "NOERROR aa alias.gslb.lab.test. 3 IN CNAME shop.cloud.test."},
      {"NS", "gslb.lab.test NS", "NOERROR aa gslb.lab.test. 300 IN NS ns1.gslb.lab.test."},
      {"the name server's address", "ns1.gslb.lab.test A", "NOERROR aa ns1.gslb.lab.test. 300 IN A 127.0.0.1"},
      {"SOA", "gslb.lab.test SOA",
       "NOERROR aa gslb.lab.test. 300 IN SOA ns1.gslb.lab.test. hostmaster.gslb.lab.test. 1 3600 600 86400 5"},
      {"NXDOMAIN", "nobody.gslb.lab.test A", "NXDOMAIN aa | " + soa},
      {"NODATA", "four.gslb.lab.test AAAA", "NOERROR aa | " + soa},
      {"outside the zone", "example.com A", "REFUSED"},
      {"the service's TTL", "slow.gslb.lab.test A", "NOERROR aa slow.gslb.lab.test. 86400 IN A 10.0.0.1"},
      {"over TCP", "+tcp six.gslb.lab.test AAAA", "NOERROR aa six.gslb.lab.test. 3 IN AAAA fd00::1"},
      {"priority", "both.gslb.lab.test A", "NOERROR aa both.gslb.lab.test. 3 IN A 10.0.0.2"},
      {"priority of those that are up", "standby.gslb.lab.test A", "NOERROR aa standby.gslb.lab.test. 3 IN A 10.0.0.1"},
      {"priority 0", "parked.gslb.lab.test A", "silence"},
      {"a record that can't be written", "broken.gslb.lab.test A", "SERVFAIL"},
  };
  for (const Row& row : rows) EXPECT_EQ(Dig(row.question), row.want) << row.claim;
}

TEST_F(DigTest, ReadsEachDownResponse) {
  struct Row {
    std::string question, want;
  };
  const std::vector<Row> rows = {
      {"none.gslb.lab.test A", "silence"},
      {"empty.gslb.lab.test A", "NOERROR aa"},
      {"all.gslb.lab.test A", "NOERROR aa all.gslb.lab.test. 3 IN A 10.0.0.1 all.gslb.lab.test. 3 IN A 10.0.0.2"},
      {"all.gslb.lab.test AAAA", "NOERROR aa all.gslb.lab.test. 3 IN AAAA fd00::1"},
      {"fallback.gslb.lab.test A", "NOERROR aa fallback.gslb.lab.test. 3 IN A 10.9.9.9"},
      {"fallback.gslb.lab.test AAAA", "NOERROR aa fallback.gslb.lab.test. 3 IN AAAA fd00::9"},
      {"sorry.gslb.lab.test A", "NOERROR aa sorry.gslb.lab.test. 3 IN CNAME sorry.lab.test."},
  };
  for (const Row& row : rows) EXPECT_EQ(Dig(row.question), row.want) << row.question;
}

TEST_F(DigTest, ALongAnswerIsCutOverUdpAndWholeOverTcp) {
  struct Row {
    std::string claim, question;
    bool cut;
    int addresses;
  };
  const std::vector<Row> rows = {
      {"40 addresses fit where EDNS is spoken", "+ignore forty", false, 40},
      {"but not into 512 bytes", "+ignore +noedns forty", true, 0},
      {"200 fit into nothing", "+ignore twohundred", true, 0},
      {"asked again over TCP it is whole", "twohundred", false, 200},
      {"as is what was asked over TCP at once", "+tcp +noedns twohundred", false, 200},
  };
  for (const Row& row : rows) {
    const std::string said = Dig(row.question + ".gslb.lab.test A");
    EXPECT_EQ(said.starts_with("NOERROR aa tc"), row.cut) << row.claim << ": " << said;
    int addresses = 0;
    for (std::size_t at = 0; (at = said.find(" IN A 10.0.", at)) != std::string::npos; ++at) ++addresses;
    EXPECT_EQ(addresses, row.addresses) << row.claim << ": " << said;
  }
}

}  // namespace
}  // namespace spillway::lab
