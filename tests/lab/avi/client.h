// A federation of two sites in virtual time, and a client that does by hand what the vendor's SDKs do.
#ifndef SPILLWAY_TESTS_LAB_AVI_CLIENT_H_
#define SPILLWAY_TESTS_LAB_AVI_CLIENT_H_

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/clock.h"
#include "src/base/json.h"
#include "tools/lab/avi/federation.h"

namespace spillway::lab::avi {

// One caller of one controller. Headers can be changed between calls; an empty value leaves one out.
class Client {
 public:
  explicit Client(Fake& controller, std::string peer = "127.0.0.1") : controller_(controller), peer_(std::move(peer)) {}

  HttpResponse Login(const std::string& user = "admin", const std::string& password = "pw");
  // With cookies, token, Referer and version of a session. The answer's cookies are kept. Status 0: no answer came.
  HttpResponse Send(const std::string& method, const std::string& target, const std::string& body = "");
  HttpResponse Get(const std::string& target) { return Send("GET", target); }
  // The answer's body; an answer that is no JSON, or not `status`, fails the test.
  JsonDocument Json(const std::string& method, const std::string& target, const std::string& body = "",
                    int status = 200);
  // As it is, with nothing added.
  Answer Raw(const std::string& method, const std::string& target,
             const std::vector<std::pair<std::string, std::string>>& headers = {}, const std::string& body = "");

  std::map<std::string, std::string> headers = {{"X-Avi-Version", "30.2.1"},
                                                {"Referer", "https://avi.test/"},
                                                {"Content-Type", "application/json"},
                                                {"X-Avi-UserAgent", "test"}};
  std::map<std::string, std::string> cookies;

 private:
  void Keep(const HttpResponse& response);
  Fake& controller_;
  std::string peer_;
};

// "us" leads, "eu" follows; both host DNS; user admin/pw; domain gslb.example; no rate limit.
FederationOptions TwoSites();

class AviFake : public ::testing::Test {
 protected:
  AviFake() : AviFake(TwoSites()) {}
  explicit AviFake(FederationOptions options)
      : federation(clock, std::move(options)),
        us(federation.controller("us")),
        eu(federation.controller("eu"), "127.0.0.2") {}

  void SetUp() override {
    ASSERT_EQ(us.Login().status, 200);
    ASSERT_EQ(eu.Login().status, 200);
  }

  // Creates the service "shop" with one pool "live" of a member at each site, and answers its uuid.
  std::string CreateShop();
  // Says that every source calls the member up, and lets a round of asking pass.
  void AllUp();
  // One member of shop's runtime at `client`'s controller: "groups" in order, then "members".
  JsonDocument Member(Client& client, const std::string& uuid, int pool, int member);
  std::string MemberState(Client& client, const std::string& uuid, int pool, int member);

  ManualClock clock;
  Federation federation;
  Client us;
  Client eu;
};

inline constexpr std::string_view kUsIp = "10.10.0.10";
inline constexpr std::string_view kEuIp = "10.20.0.10";

// A service's JSON. `pools`: the text of "groups"; empty: one pool "live" of both members with ratios 14 and 6.
std::string ServiceJson(const std::string& name, const std::string& domain, const std::string& pools = "",
                        const std::string& more = "");
std::string MemberJson(const std::string& site, int ratio, bool enabled = true);
std::string PoolJson(const std::string& name, int priority, const std::string& members, const std::string& more = "");

}  // namespace spillway::lab::avi

#endif  // SPILLWAY_TESTS_LAB_AVI_CLIENT_H_
