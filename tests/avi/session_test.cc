#include "avi/session.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "avi/refusal.h"
#include "tests/avi/scripted.h"

namespace spillway::avi {
namespace {

constexpr const char* kPassword = "s3cret-Pa55";
constexpr const char* kThing = "/api/thing";

class AviSession : public ::testing::Test {
 protected:
  Session Make() {
    return Session({.url = "https://avi.example/",
                    .username = "spillway",
                    .tenant = "shop",
                    .password = [this]() -> Result<std::string> { return password; }},
                   clock, transport);
  }
  Result<HttpResponse> Get(Session& session, Duration deadline = 10s) {
    return session.Send({.method = "GET", .target = kThing, .body = ""}, clock.Now() + deadline);
  }
  std::string Header(std::size_t request, const char* name) const {
    return transport->requests.at(request).headers.Find(name).value_or("(none)");
  }

  ManualClock clock;
  std::shared_ptr<Scripted> transport = std::make_shared<Scripted>(clock);
  std::string password = std::string(kPassword) + "\n";
};

TEST_F(AviSession, LogsInWithJsonAndNothingStale) {
  Session session = Make();
  transport->Then("POST /login", Welcome()).Then("GET /api/thing", Answer(200));
  ASSERT_TRUE(Get(session));
  const HttpRequest& login = transport->requests.at(0);
  EXPECT_EQ(login.body, R"({"username":"spillway","password":"s3cret-Pa55"})");
  EXPECT_EQ(Header(0, "Content-Type"), "application/json");
  EXPECT_EQ(Header(0, "Referer"), "https://avi.example/");
  for (const char* name : {"Cookie", "X-CSRFToken"}) EXPECT_EQ(Header(0, name), "(none)") << name;
  EXPECT_EQ(session.version(), "30.2.1");
}

TEST_F(AviSession, SendsWhatEveryCallNeeds) {
  Session session = Make();
  transport->Then("POST /login", Welcome()).Then("PUT /api/thing", Answer(200)).Then("GET /api/gslb", Answer(200));
  ASSERT_TRUE(session.Send({.method = "PUT", .target = kThing, .body = "{\"a\":1}"}, clock.Now() + 5s));
  ASSERT_TRUE(
      session.Send({.method = "GET", .target = "/api/gslb", .body = "", .whole_controller = true}, clock.Now() + 5s));
  EXPECT_EQ(Header(1, "Cookie"), "avi-sessionid=s1; csrftoken=csrf1; sessionid=s1");
  EXPECT_EQ(Header(1, "X-CSRFToken"), "csrf1");
  EXPECT_EQ(Header(1, "Referer"), "https://avi.example/");
  EXPECT_EQ(Header(1, "X-Avi-Version"), "30.2.1");
  EXPECT_EQ(Header(1, "X-Avi-Tenant"), "shop");
  EXPECT_EQ(Header(1, "Content-Type"), "application/json");
  EXPECT_EQ(transport->requests.at(1).body, "{\"a\":1}");
  EXPECT_EQ(Header(2, "X-Avi-Tenant"), "admin");
  EXPECT_EQ(Header(2, "Content-Type"), "(none)");
}

TEST_F(AviSession, SpeaksNoNewerVersionThanItKnowsAndNoneTooOld) {
  struct Row {
    const char* controller;
    const char* spoken;  // nullptr: refused
  };
  for (const Row& row : {Row{"30.2.1", "30.2.1"}, Row{"31.2.1", "30.2.1"}, Row{"30.2.2", "30.2.1"},
                         Row{"30.1.1", "30.1.1"}, Row{"22.1.3", "22.1.3"}, Row{"22.1.7-2p4", "22.1.7"},
                         Row{"", "22.1.3"}, Row{"22.1.2", nullptr}, Row{"9.9.9", nullptr}}) {
    SCOPED_TRACE(row.controller);
    transport = std::make_shared<Scripted>(clock);
    Session session = Make();
    transport->Then("POST /login", Welcome(1, row.controller));
    if (row.spoken != nullptr) transport->Then("GET /api/thing", Answer(200));
    const auto answer = Get(session);
    ASSERT_EQ(static_cast<bool>(answer), row.spoken != nullptr);
    if (answer) {
      EXPECT_EQ(Header(1, "X-Avi-Version"), row.spoken);
    } else {
      EXPECT_EQ(answer.error().code, Code::kRejected);
      EXPECT_EQ(answer.error().what, std::string("https://avi.example: the controller's version is ") + row.controller +
                                         ", Spillway needs 22.1.3 or newer");
    }
  }
}

TEST_F(AviSession, LogsInOnceForManyCalls) {
  Session session = Make();
  transport->Then("POST /login", Welcome());
  transport->Always("GET /api/thing", Answer(200));
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(Get(session));
  EXPECT_EQ(transport->Count("POST /login"), 1U);
}

TEST_F(AviSession, LogsInOnceMoreAfter401Or419) {
  for (const int status : {401, 419}) {
    SCOPED_TRACE(status);
    transport = std::make_shared<Scripted>(clock);
    Session session = Make();
    transport->Then("POST /login", Welcome(1))
        .Then("GET /api/thing", Answer(status, "CSRF token missing or incorrect."))
        .Then("POST /login", Welcome(2))
        .Then("GET /api/thing", Answer(200));
    const auto answer = Get(session);
    ASSERT_TRUE(answer) << answer.error().what;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(Header(2, "Cookie"), "(none)");
    EXPECT_EQ(Header(3, "X-CSRFToken"), "csrf2");
    EXPECT_TRUE(transport->Played());
  }
}

TEST_F(AviSession, GivesUpWhenTheFreshSessionIsRefusedToo) {
  Session session = Make();
  transport->Then("POST /login", Welcome(1))
      .Then("GET /api/thing", Answer(401, "{'error':'no'}"))
      .Then("POST /login", Welcome(2))
      .Then("GET /api/thing", Answer(401, "{'error':'no'}"));
  const auto answer = Get(session);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kDenied);
  EXPECT_EQ(answer.error().what, "https://avi.example: GET /api/thing was answered 401: no (after a fresh login)");
}

TEST_F(AviSession, FollowsRenewedCookiesOfASuccessOnly) {
  Session session = Make();
  transport->Then("POST /login", Welcome())
      .Then("GET /api/thing", Answer(200, "{}", {{"Set-Cookie", "sessionid=new; Path=/"}, {"Set-Cookie", "other=1"}}))
      .Then("GET /api/thing", Answer(404, "{}", {{"Set-Cookie", "sessionid=None"}}))
      .Then("GET /api/thing", Answer(200, "{}", {{"Set-Cookie", "sessionid=; Max-Age=0"}}))
      .Then("GET /api/thing", Answer(200));
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(Get(session));
  EXPECT_EQ(Header(2, "Cookie"), "avi-sessionid=s1; csrftoken=csrf1; sessionid=new");
  EXPECT_EQ(Header(4, "Cookie"), "avi-sessionid=s1; csrftoken=csrf1; sessionid=new");
}

TEST_F(AviSession, DoesNotTryARefusedPasswordAgainSoon) {
  Session session = Make();
  transport->Then("POST /login", Answer(401, "{'error':'Invalid credentials'}"));
  const auto refused = Get(session);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kDenied);
  EXPECT_EQ(refused.error().what,
            "https://avi.example: user \"spillway\" was refused (401: Invalid credentials); not tried again for at "
            "least 10 minutes unless the password changes, so as not to lock the account");
  // A client that polls every few seconds would be locked out after the third.
  for (int i = 0; i < 100; ++i) {
    clock.Advance(5s);
    const auto again = Get(session);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().what, refused.error().what);
  }
  EXPECT_EQ(transport->Count("POST /login"), 1U);
  clock.Advance(101s);
  transport->Then("POST /login", Answer(401, "{'error':'Invalid credentials'}"));
  ASSERT_FALSE(Get(session));
  EXPECT_EQ(transport->Count("POST /login"), 2U);
  clock.Advance(19min);  // the next wait is twice as long
  ASSERT_FALSE(Get(session));
  EXPECT_EQ(transport->Count("POST /login"), 2U);
  clock.Advance(2min);
  transport->Then("POST /login", Welcome()).Then("GET /api/thing", Answer(200));
  EXPECT_TRUE(Get(session));
}

TEST_F(AviSession, TriesAChangedPasswordAtOnce) {
  Session session = Make();
  transport->Then("POST /login", Answer(401, "{'error':'Invalid credentials'}"));
  ASSERT_FALSE(Get(session));
  password = "better";
  transport->Then("POST /login", Welcome()).Then("GET /api/thing", Answer(200));
  EXPECT_TRUE(Get(session));
}

TEST_F(AviSession, NeverSaysThePassword) {
  struct Row {
    const char* name;
    Result<HttpResponse> login;
  };
  const std::string body = std::string("{'error':'bad password ") + kPassword + "'}";
  for (const Row& row : {Row{"echoed in a refusal", Answer(401, body)}, Row{"echoed in a 403", Answer(403, body)},
                         Row{"echoed in a 500", Answer(500, body)}, Row{"echoed in a 200", Answer(200, kPassword)},
                         Row{"echoed as JSON may write it", Answer(401, "{'error':'not \\u0073\\u0033cret-Pa55'}")},
                         Row{"echoed in a 429", Answer(429, body, {{"Retry-After", "60"}})}}) {
    SCOPED_TRACE(row.name);
    transport = std::make_shared<Scripted>(clock);
    Session session = Make();
    transport->Then("POST /login", [&](const HttpRequest&) { return row.login; });
    const auto answer = Get(session);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().what.find(kPassword), std::string::npos) << answer.error().what;
  }
}

TEST_F(AviSession, AVersionThatIsNoWordIsNone) {
  for (const std::string& version : {std::string("1.0\\nforged: line"), std::string(65, '1'), std::string("30.2 1")}) {
    SCOPED_TRACE(version);
    transport = std::make_shared<Scripted>(clock);
    Session session = Make();
    transport->Then("POST /login", Welcome(1, version)).Then("GET /api/thing", Answer(200));
    EXPECT_TRUE(Get(session));
    EXPECT_EQ(session.version(), "");
    EXPECT_EQ(Header(1, "X-Avi-Version"), kVersionLeast);
  }
}

TEST_F(AviSession, SaysWhyThePasswordCanNotBeRead) {
  Session session({.url = "https://avi.example",
                   .username = "spillway",
                   .tenant = "admin",
                   .password = []() -> Result<std::string> {
                     return Error{Code::kMissing, "/etc/x: no such file"};
                   }},
                  clock, transport);
  const auto answer = Get(session);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kDenied);
  EXPECT_EQ(answer.error().what, "https://avi.example: no password to log in with: /etc/x: no such file");
  EXPECT_TRUE(transport->calls.empty());
}

TEST_F(AviSession, RecognisesThatItDidNotReachAnAviController) {
  struct Row {
    const char* name;
    HttpResponse login;
    Code code;
  };
  for (const Row& row : {Row{"a web page", Answer(200, "<html>hello</html>"), Code::kRetry},
                         Row{"JSON without cookies", Answer(200, "{'version':{'Version':'30.2.1'}}"), Code::kRejected},
                         Row{"a starting controller", Answer(503, "starting"), Code::kRetry}}) {
    SCOPED_TRACE(row.name);
    transport = std::make_shared<Scripted>(clock);
    Session session = Make();
    transport->Then("POST /login", row.login);
    const auto answer = Get(session);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, row.code) << answer.error().what;
  }
}

TEST_F(AviSession, StaysBelowTheRateLimit) {
  Session session = Make();
  transport->Always("POST /login", Welcome());
  transport->Always("GET /api/thing", Answer(200));
  const Instant start = clock.Now();
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(Get(session));
  for (std::size_t i = 0; i + 32 < transport->times.size(); ++i) {
    // In no second more than 32, however the window is laid.
    EXPECT_GE(transport->times[i + 32] - transport->times[i], 1s);
  }
  EXPECT_GE(clock.Now() - start, 17s);
  EXPECT_LE(clock.Now() - start, 19s) << "nor needlessly slow";
}

TEST_F(AviSession, WaitsAsLongAsABusyControllerAsks) {
  Session session = Make();
  transport->Then("POST /login", Welcome())
      .Then("GET /api/thing", Answer(429, "slow down", {{"Retry-After", "3"}}))
      .Then("GET /api/thing", Answer(429, "slow down"))
      .Then("GET /api/thing", Answer(200));
  const Instant start = clock.Now();
  ASSERT_TRUE(Get(session));
  EXPECT_EQ(clock.Now() - start, 4s);
}

TEST_F(AviSession, DoesNotWaitBeyondTheDeadline) {
  Session session = Make();
  transport->Then("POST /login", Welcome()).Then("GET /api/thing", Answer(429, "slow down", {{"Retry-After", "30"}}));
  const Instant start = clock.Now();
  const auto answer = Get(session, 10s);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kRetry);
  EXPECT_EQ(answer.error().what, "https://avi.example: GET /api/thing was answered 429: too many requests");
  EXPECT_EQ(clock.Now(), start);
  const auto next = Get(session, 10s);  // whoever comes meanwhile keeps off too
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().code, Code::kRetry);
  EXPECT_EQ(transport->calls.size(), 2U);
}

TEST_F(AviSession, GivesEachExchangeWhatIsLeftOfTheDeadline) {
  Session session = Make();
  transport
      ->Then("POST /login",
             [&](const HttpRequest&) {
               clock.Advance(4s);
               return Welcome();
             })
      .Then("GET /api/thing", Error{Code::kRetry, "connection cut"});
  const auto answer = Get(session, 5s);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().what, "https://avi.example: GET /api/thing: connection cut");
  transport->Then("POST /login", [&](const HttpRequest&) {
    clock.Advance(6s);
    return Welcome();
  });
  Session slow = Make();
  const auto late = Get(slow, 5s);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Code::kRetry);
  EXPECT_TRUE(transport->Played()) << "nothing is sent after the deadline";
}

TEST_F(AviSession, FollowsPagesToTheLastOne) {
  Session session = Make();
  transport->Then("POST /login", Welcome())
      .Then("GET /api/thing?page_size=100", Answer(200, "{'count':3,'results':[1,2],'next':'https://x/?page=2'}"))
      .Then("GET /api/thing?page_size=100&page=2", Answer(200, "{'count':3,'results':[3]}"))
      .Then("GET /api/thing?page_size=100", Answer(200, "{'count':3,'results':[1,2],'next':'https://x/?page=2'}"))
      .Then("GET /api/thing?page_size=100&page=2", Answer(404, "{'error':'gone'}"))
      .Then("GET /api/thing?page_size=100", Answer(200, "{'oops':1}"));
  const ApiCall call{.method = "GET", .target = kThing, .body = ""};
  std::vector<LastAnswer> last;
  const auto pages = session.GetPages(call, clock.Now() + 9s, last);
  ASSERT_TRUE(pages);
  EXPECT_EQ(pages->size(), 2U);
  const auto shrunk = session.GetPages(call, clock.Now() + 9s, last);
  ASSERT_TRUE(shrunk);
  EXPECT_EQ(shrunk->size(), 1U);
  EXPECT_EQ(shrunk->front(), pages->front()) << "the same answer is the same document";
  const auto odd = session.GetPages(call, clock.Now() + 9s, last);
  ASSERT_FALSE(odd);
  EXPECT_EQ(odd.error().code, Code::kRetry);
}

}  // namespace
}  // namespace spillway::avi
