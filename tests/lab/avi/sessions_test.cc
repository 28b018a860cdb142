// Rows 1 to 20: sessions, versions, and what a client sees of a controller before it reads an object.
#include "tests/lab/avi/client.h"

namespace spillway::lab::avi {
namespace {

std::string Error(const HttpResponse& response) {
  const auto body = ParseJson(response.body);
  return body ? StringAt(*body, "error").value_or("") : "";
}

bool Has(const std::vector<std::string>& cookies, std::string_view start, std::string_view part) {
  for (const std::string& cookie : cookies) {
    if (cookie.starts_with(start) && cookie.find(part) != std::string::npos) return true;
  }
  return false;
}

TEST_F(AviFake, Row01_LoginTakesFormAndJson) {
  const Answer form =
      us.Raw("POST", "/login", {{"Content-Type", "application/x-www-form-urlencoded"}}, "username=admin&password=pw");
  EXPECT_EQ(form.response.status, 200);
  const Answer json =
      us.Raw("POST", "/login", {{"Content-Type", "application/json"}}, R"({"username":"admin","password":"pw"})");
  EXPECT_EQ(json.response.status, 200);
}

TEST_F(AviFake, Row02_LoginSetsThreeCookiesWithTheirAttributes) {
  const std::vector<std::string> cookies = us.Login().headers.FindAll("Set-Cookie");
  ASSERT_EQ(cookies.size(), 3U);
  EXPECT_TRUE(Has(cookies, "csrftoken=", "Max-Age=31449600; Path=/; Secure"));
  EXPECT_TRUE(Has(cookies, "avi-sessionid=", "HttpOnly; Max-Age=86400; Path=/"));
  EXPECT_TRUE(Has(cookies, "sessionid=", "HttpOnly; Max-Age=86400; Path=/"));
  EXPECT_EQ(us.cookies["avi-sessionid"], us.cookies["sessionid"]);
  EXPECT_EQ(us.cookies["csrftoken"].size(), 32U);
}

TEST_F(AviFake, Row03_LoginTellsVersionAndCookieName) {
  const auto body = ParseJson(us.Login().body);
  ASSERT_TRUE(body);
  EXPECT_EQ(StringAt(*body, "version.Version"), "30.2.1");
  EXPECT_EQ(StringAt(*body, "session_cookie_name"), "avi-sessionid");
  EXPECT_EQ(IntAt(*body, "controller.api_idle_timeout"), 15);
}

TEST_F(AviFake, Row04_WrongPasswordIs401InvalidCredentials) {
  const HttpResponse refused = us.Login("admin", "wrong");
  EXPECT_EQ(refused.status, 401);
  EXPECT_NE(refused.body.find("Invalid credentials"), std::string::npos);
}

TEST_F(AviFake, Row05_ThirdWrongPasswordLocksTheAccountForHalfAnHour) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(us.Login("admin", "wrong").status, 401);
  EXPECT_EQ(us.Login().status, 401);
  clock.Advance(30min - 1s);
  EXPECT_EQ(us.Login().status, 401);
  clock.Advance(1s);
  EXPECT_EQ(us.Login().status, 200);
}

TEST_F(AviFake, Row05_ALoginInBetweenForgivesTheFailures) {
  EXPECT_EQ(us.Login("admin", "wrong").status, 401);
  EXPECT_EQ(us.Login("admin", "wrong").status, 401);
  EXPECT_EQ(us.Login().status, 200);
  EXPECT_EQ(us.Login("admin", "wrong").status, 401);
  EXPECT_EQ(us.Login().status, 200);
}

TEST_F(AviFake, Row06_UnknownSessionIs401AndLoginHeals) {
  EXPECT_EQ(us.Get("/api/gslbservice").status, 200);
  federation.ExpireSessions("us");
  EXPECT_EQ(us.Get("/api/gslbservice").status, 401);
  EXPECT_EQ(us.Login().status, 200);
  EXPECT_EQ(us.Get("/api/gslbservice").status, 200);
}

TEST_F(AviFake, Row06_ASessionOfOneControllerMeansNothingToAnother) {
  eu.cookies = us.cookies;
  EXPECT_EQ(eu.Get("/api/gslbservice").status, 401);
}

TEST_F(AviFake, Row07_WriteWithWrongCsrfTokenIs401InPlainText) {
  us.headers["X-CSRFToken"] = "wrong";
  const HttpResponse refused = us.Send("POST", "/api/gslbservice", "{}");
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.body, "CSRF token missing or incorrect.");
  EXPECT_EQ(refused.headers.Find("Content-Type"), "application/json");
  EXPECT_EQ(us.Get("/api/gslbservice").status, 200);  // reads don't need it
}

TEST_F(AviFake, Row07_WriteWithoutRefererIsRefusedLikeOneWithoutToken) {
  us.headers["Referer"] = "";
  EXPECT_EQ(us.Send("POST", "/api/gslbservice", "{}").body, "CSRF token missing or incorrect.");
  us.headers["Referer"] = "https://elsewhere.test/";
  us.headers["Host"] = "avi.test";
  EXPECT_EQ(us.Send("POST", "/api/gslbservice", "{}").status, 401);
  us.headers["Referer"] = "https://avi.test";
  EXPECT_EQ(us.Send("POST", "/api/gslbservice", "{}").status, 400);  // through the door, then a bad object
}

TEST_F(AviFake, Row08_StaleCookieOrTokenAtLoginIs401) {
  const std::string body = R"({"username":"admin","password":"pw"})";
  const std::pair<std::string, std::string> json = {"Content-Type", "application/json"};
  EXPECT_EQ(us.Raw("POST", "/login", {json, {"Cookie", "sessionid=gone; csrftoken=gone"}}, body).response.body,
            "CSRF token missing or incorrect.");
  EXPECT_EQ(us.Raw("POST", "/login", {json, {"X-CSRFToken", "gone"}}, body).response.status, 401);
}

TEST_F(AviFake, Row09And10And19And20_PlannedAnswersComeInTurnAndDoNothing) {
  federation.AnswerNext("us", 419, 1);
  federation.AnswerNext("us", 503, 2, "controller not up");
  EXPECT_EQ(us.Send("POST", "/api/gslbservice", ServiceJson("shop", "shop.gslb.example")).status, 419);
  EXPECT_EQ(us.Get("/api/gslbservice").status, 503);
  EXPECT_EQ(us.Get("/api/gslbservice").body, "controller not up");
  EXPECT_EQ(IntAt(us.Json("GET", "/api/gslbservice"), "count"), 0);
}

TEST_F(AviFake, Row11_LaterAnswersRefreshTheSessionCookiesOnly) {
  const std::vector<std::string> cookies = us.Get("/api/gslbservice").headers.FindAll("Set-Cookie");
  ASSERT_EQ(cookies.size(), 2U);
  EXPECT_TRUE(Has(cookies, "avi-sessionid=", ""));
  EXPECT_TRUE(Has(cookies, "sessionid=", ""));
}

TEST_F(AviFake, Row12_ASessionEndsAfterFifteenIdleMinutes) {
  clock.Advance(15min - 1s);
  EXPECT_EQ(us.Get("/api/gslbservice").status, 200);
  clock.Advance(15min - 1s);
  EXPECT_EQ(us.Get("/api/gslbservice").status, 200);
  clock.Advance(15min);
  EXPECT_EQ(us.Get("/api/gslbservice").status, 401);
}

TEST_F(AviFake, Row12_ABusySessionEndsAfterADay) {
  for (int i = 0; i < 24 * 6 - 1; ++i) {
    clock.Advance(10min);
    ASSERT_EQ(us.Get("/api/gslbservice").status, 200) << i;
  }
  clock.Advance(10min);
  EXPECT_EQ(us.Get("/api/gslbservice").status, 401);
}

TEST_F(AviFake, Row13_LogoutEndsTheSession) {
  EXPECT_EQ(us.Send("POST", "/logout", "{}").status, 200);
  EXPECT_EQ(us.Get("/api/gslbservice").status, 401);
}

TEST_F(AviFake, Row14_BasicIsRefusedByDefault) {
  const Answer refused = us.Raw("GET", "/api/gslbservice", {{"Authorization", "Basic YWRtaW46cHc="}});
  EXPECT_EQ(refused.response.status, 401);
}

TEST(AviFakeBasic, Row14_BasicWorksIfAllowedAndNeedsNoCsrf) {
  ManualClock clock;
  FederationOptions options = TwoSites();
  options.basic_auth = true;
  Federation federation(clock, options);
  Client client(federation.controller("us"));
  const std::vector<std::pair<std::string, std::string>> basic = {{"Authorization", "Basic YWRtaW46cHc="},
                                                                  {"X-Avi-Version", "30.2.1"}};
  EXPECT_EQ(client.Raw("GET", "/api/gslbservice", basic).response.status, 200);
  const std::string shop = ServiceJson("shop", "shop.gslb.example");
  EXPECT_EQ(client.Raw("POST", "/api/gslbservice", basic, shop).response.status, 201);
}

TEST_F(AviFake, Row15_AnAuthTokenLogsInUntilItIsDeleted) {
  const JsonDocument made = us.Json("POST", "/api/user-token", R"({"hours":"240"})", 201);
  const std::string token = StringAt(made, "token").value_or("");
  const std::string login = R"({"username":"admin","token":")" + token + "\"}";
  EXPECT_EQ(us.Raw("POST", "/login", {{"Content-Type", "application/json"}}, login).response.status, 200);
  EXPECT_EQ(IntAt(us.Json("GET", "/api/user-token"), "count"), 1);
  EXPECT_EQ(us.Send("DELETE", "/api/user-token/" + StringAt(made, "uuid").value_or("")).status, 204);
  EXPECT_EQ(us.Raw("POST", "/login", {{"Content-Type", "application/json"}}, login).response.status, 401);
}

TEST_F(AviFake, Row16_WithoutAVersionTheAnswerIsOf2016) {
  const std::string pool =
      PoolJson("live", 20, MemberJson("us", 14), R"(,"manual_resume":true,"min_health_monitors_up":1)");
  const JsonDocument made = us.Json(
      "POST", "/api/gslbservice",
      ServiceJson("shop", "shop.gslb.example", pool, R"(,"created_by":"me","topology_policy_enabled":false)"), 201);
  const std::string uuid = StringAt(made, "uuid").value_or("");
  us.headers["X-Avi-Version"] = "";
  const HttpResponse old = us.Get("/api/gslbservice/" + uuid);
  EXPECT_EQ(old.headers.Find("AVI_API_VERSION"), "16_4_2");
  for (const char* field : {"preference_order", "manual_resume", "min_health_monitors_up", "topology_policy_enabled",
                            "pool_algorithm", "created_by"}) {
    EXPECT_EQ(old.body.find(field), std::string::npos) << field;
  }
  us.headers["X-Avi-Version"] = "22.1.3";
  const HttpResponse young = us.Get("/api/gslbservice/" + uuid);
  EXPECT_EQ(young.headers.Find("AVI_API_VERSION"), "22.1.3");
  for (const char* field : {"preference_order", "manual_resume", "min_health_monitors_up", "topology_policy_enabled"}) {
    EXPECT_NE(young.body.find(field), std::string::npos) << field;
  }
}

TEST_F(AviFake, Row16_EveryAnswerEchoesTheVersionThatIsStated) {
  const std::pair<std::string, std::string> json{"Content-Type", "application/json"};
  struct Row {
    std::string method, target, body;
    int status;
  };
  const Row rows[] = {
      {"POST", "/login", R"({"username":"admin","password":"pw"})", 200},
      {"POST", "/login", R"({"username":"admin","password":"no"})", 401},
      {"GET", "/api/cluster/status", "", 200},
      {"GET", "/api/initial-data", "", 200},
      {"GET", "/api/gslbservice", "", 401},
      {"POST", "/logout", "", 401},
  };
  for (const Row& row : rows) {
    const HttpResponse stated = us.Raw(row.method, row.target, {json, {"X-Avi-Version", "22.1.3"}}, row.body).response;
    EXPECT_EQ(stated.status, row.status) << row.target;
    EXPECT_EQ(stated.headers.Find("AVI_API_VERSION"), "22.1.3") << row.target << ' ' << row.status;
    const HttpResponse silent = us.Raw(row.method, row.target, {json}, row.body).response;
    EXPECT_EQ(silent.headers.Find("AVI_API_VERSION"), "16_4_2") << row.target << ' ' << row.status;
  }
  us.headers["X-Avi-Version"] = "22.1.3";
  EXPECT_EQ(us.Send("POST", "/logout").headers.Find("AVI_API_VERSION"), "22.1.3");
}

TEST_F(AviFake, Row16_AFieldNewerThanTheStatedVersionIsRefused) {
  us.headers["X-Avi-Version"] = "20.1.5";
  const HttpResponse refused = us.Send(
      "POST", "/api/gslbservice", ServiceJson("shop", "shop.gslb.example", "", R"(,"topology_policy_enabled":true)"));
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("topology_policy_enabled"), std::string::npos);
}

TEST_F(AviFake, Row16_AFieldThatCameInTwoReleaseTrainsIsKnownInBoth) {
  const std::string cname =
      R"(,"down_response":{"type":"GSLB_SERVICE_DOWN_RESPONSE_CNAME","fallback_cname":"sorry.example"})";
  const std::string body = ServiceJson("shop", "shop.gslb.example", "", cname);
  const std::pair<const char*, int> rows[] = {
      {"22.1.4", 400}, {"22.1.5", 201}, {"22.1.7", 201}, {"30.1.2", 400}, {"30.2.1", 201}};
  for (const auto& [version, status] : rows) {
    SCOPED_TRACE(version);
    us.headers["X-Avi-Version"] = version;
    const HttpResponse response = us.Send("POST", "/api/gslbservice", body);
    EXPECT_EQ(response.status, status) << response.body;
    if (status != 201) continue;
    const auto made = ParseJson(response.body);
    EXPECT_EQ(us.Send("DELETE", "/api/gslbservice/" + StringAt(*made, "uuid").value_or("")).status, 204);
  }
}

TEST_F(AviFake, Row17_ATooNewVersionIs400InvalidVersion) {
  us.headers["X-Avi-Version"] = "99.1.1";
  const HttpResponse refused = us.Get("/api/gslbservice");
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("Invalid version"), std::string::npos);
}

TEST_F(AviFake, Row18_DoubleSlashesAreRoutedAndStatusNeedsNoSession) {
  EXPECT_EQ(us.Raw("GET", "//api/cluster/status").response.status, 200);
  const auto data = ParseJson(us.Raw("GET", "//api/initial-data").response.body);
  ASSERT_TRUE(data);
  EXPECT_EQ(StringAt(*data, "version.Version"), "30.2.1");
  EXPECT_EQ(us.Raw("GET", "/api/cluster").response.status, 401);
  EXPECT_EQ(StringAt(us.Json("GET", "//api//cluster/"), "uuid"), "cluster-us");
  EXPECT_EQ(StringAt(us.Json("GET", "/api/cluster/runtime"), "cluster_state.state"), "CLUSTER_UP_NO_HA");
}

TEST_F(AviFake, Row57_MoreThan32RequestsASecondWaitAndThenAreRefused) {
  federation.SetRateLimit(true);
  int delayed = 0;
  int refused = 0;
  for (int i = 0; i < 80; ++i) {
    const Answer answer = us.Raw("GET", "/api/cluster/status");
    delayed += answer.delay > 0ms && answer.response.status == 200 ? 1 : 0;
    refused += answer.response.status == 429 ? 1 : 0;
  }
  EXPECT_GT(delayed, 40);
  EXPECT_GT(refused, 20);
  EXPECT_EQ(eu.Raw("GET", "/api/cluster/status").delay, 0ms);  // counted by address and controller
  clock.Advance(2s);
  EXPECT_EQ(us.Raw("GET", "/api/cluster/status").delay, 0ms);
}

TEST_F(AviFake, Row61_TenantsSeparateObjects) {
  CreateShop();
  us.headers["X-Avi-Tenant"] = "acme";
  EXPECT_EQ(IntAt(us.Json("GET", "/api/gslbservice?name=shop"), "count"), 0);
  const std::string other = ServiceJson("shop", "shop2.gslb.example");
  EXPECT_EQ(us.Send("POST", "/api/gslbservice", other).status, 201);  // the same name, another tenant
  EXPECT_EQ(IntAt(us.Json("GET", "/api/gslbservice?name=shop"), "count"), 1);
  us.headers["X-Avi-Tenant"] = "*";
  EXPECT_EQ(IntAt(us.Json("GET", "/api/gslbservice?name=shop"), "count"), 2);
  us.headers["X-Avi-Tenant"] = "nobody";
  const HttpResponse refused = us.Get("/api/gslbservice");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(Error(refused), "Tenant 'nobody' does not exist!");
}

TEST_F(AviFake, Row61_ATenantCanBeNamedByItsUuid) {
  CreateShop();
  const std::string acme =
      StringAt((*Find(us.Json("GET", "/api/tenant?name=acme"), "results"))[0], "uuid").value_or("");
  us.headers["X-Avi-Tenant-UUID"] = acme;
  EXPECT_EQ(IntAt(us.Json("GET", "/api/gslbservice"), "count"), 0);
  const JsonDocument made = us.Json("POST", "/api/gslbservice", ServiceJson("shop", "shop2.gslb.example"), 201);
  EXPECT_EQ(StringAt(made, "tenant_ref"), "https://avi-us.example/api/tenant/" + acme + "#acme");
  us.headers["X-Avi-Tenant"] = "admin";
  EXPECT_EQ(IntAt(us.Json("GET", "/api/gslbservice"), "count"), 1) << "of both headers the uuid counts";
  us.headers["X-Avi-Tenant-UUID"] = "*";
  EXPECT_EQ(IntAt(us.Json("GET", "/api/gslbservice"), "count"), 2);
  us.headers["X-Avi-Tenant-UUID"] = "acme";
  EXPECT_EQ(us.Get("/api/gslbservice").status, 403) << "a name is no uuid";
}

}  // namespace
}  // namespace spillway::lab::avi
