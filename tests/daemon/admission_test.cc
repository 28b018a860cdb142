// Who is let in, over real HTTP.
#include "src/daemon/admission.h"

#include <gtest/gtest.h>

#include "src/base/pki.h"
#include "tests/base/web.h"
#include "tests/daemon/api_world.h"

namespace spillway::daemon {
namespace {

class AdmissionTest : public ApiTest {};

TEST_F(AdmissionTest, GuessingTokensLocksTheAddressOutEvenWithAGoodOne) {
  AskForTokens();
  for (int i = 0; i < 11; ++i) EXPECT_EQ(Get("/api/v1/apps", "guess" + std::to_string(i)).status, 401);
  const auto locked = Get("/api/v1/apps", kAdmin);
  EXPECT_EQ(locked.status, 429);
  EXPECT_EQ(locked.headers.Find("Retry-After"), "60");
  EXPECT_EQ(Get("/metrics").status, 200) << "what needs no token goes on";
  EXPECT_EQ(Get("/api/v1/apps").status, 401) << "no token is no guess";
  world_.clock.Advance(60s);
  EXPECT_EQ(Get("/api/v1/apps", kAdmin).status, 200);
}

TEST_F(AdmissionTest, WhoAsksTooOftenIsToldWhenToAskAgain) {
  AskForTokens();
  int allowed = 0;
  HttpResponse answer;
  while ((answer = Get("/api/v1/audit", kViewer)).status == 200 && allowed < 10000) ++allowed;
  EXPECT_EQ(allowed, static_cast<int>(Admission::kReadsAtOnce));
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.headers.Find("Retry-After"), "1");
  EXPECT_EQ(Get("/api/v1/audit", kAdmin).status, 200) << "another caller of the same address";
  world_.clock.Advance(1s);
  EXPECT_EQ(Get("/api/v1/audit", kViewer).status, 200);
}

TEST_F(AdmissionTest, AnAddressMayNotAskForWhatIsOpenWithoutEndEither) {
  int allowed = 0;
  while (Get("/healthz").status == 200 && allowed < 10000) ++allowed;
  EXPECT_EQ(allowed, static_cast<int>(Admission::kAnyAtOnce));
  world_.clock.Advance(1s);
  EXPECT_EQ(Get("/healthz").status, 200);
}

TEST_F(AdmissionTest, WithoutTokensAForeignHostNameIsNotAnswered) {
  for (const char* host : {"localhost", "localhost:9440", "127.0.0.1:9440", "[::1]:9440", "10.0.0.1"}) {
    EXPECT_EQ(Send({"GET", "/api/v1/apps", {{"Host", host}}, ""}).status, 200) << host;
  }
  for (const char* host : {"evil.example", "evil.example:9440", "127.0.0.1.evil.example", "[::1].evil.example"}) {
    const auto answer = Send({"GET", "/api/v1/apps", {{"Host", host}}, ""});
    EXPECT_TRUE(answer.status == 421 || answer.status == 400) << host << " " << answer.status;
  }
  AskForTokens();
  HttpRequest named{"GET", "/api/v1/apps", {{"Host", "spillway.example"}}, ""};
  named.headers.Set("Authorization", std::string("Bearer ") + kViewer);
  EXPECT_EQ(Send(named).status, 200) << "with tokens, a page that guesses the name has none";
}

TEST_F(AdmissionTest, AWriteThatABrowserSendsForAnotherSitesPageIsRefused) {
  AskForTokens();
  struct Row {
    const char *header, *value;
    bool refused;
  };
  for (const Row& row : {Row{"Sec-Fetch-Site", "cross-site", true}, Row{"Sec-Fetch-Site", "same-site", true},
                         Row{"Sec-Fetch-Site", "same-origin", false}, Row{"Sec-Fetch-Site", "none", false},
                         Row{"Origin", "https://evil.example", true}, Row{"Origin", "null", true},
                         Row{"Origin", "https://spillway.example", false}, Row{"X-Nothing", "of this", false}}) {
    HttpRequest order{"POST", "/api/v1/apps/none/pause", {{"Host", "spillway.example"}}, R"({"reason":"a test"})"};
    order.headers.Set("Content-Type", "application/json");
    order.headers.Set("Authorization", std::string("Bearer ") + kAdmin);
    order.headers.Set(row.header, row.value);
    EXPECT_EQ(Send(order).status, row.refused ? 403 : 404) << row.header << ": " << row.value;
    order.method = "GET";
    order.target = "/api/v1/apps";
    order.body.clear();
    EXPECT_EQ(Send(order).status, 200) << "what is read is kept from other sites by the browser";
  }
}

TEST_F(AdmissionTest, EveryAnswerTellsBrowsersToGuessAndKeepNothing) {
  AskForTokens();
  for (const char* path : {"/healthz", "/metrics", "/api/v1/apps", "/nothing"}) {
    const auto answer = Get(path);
    EXPECT_EQ(answer.headers.Find("X-Content-Type-Options"), "nosniff") << path;
    EXPECT_EQ(answer.headers.Find("Cache-Control"), "no-store") << path;
    EXPECT_EQ(answer.headers.Find("X-Frame-Options"), "DENY") << path;
    EXPECT_EQ(answer.headers.Find("Referrer-Policy"), "no-referrer") << path;
    EXPECT_EQ(answer.headers.Find("Set-Cookie"), std::nullopt) << path;
    EXPECT_EQ(answer.headers.Find("Content-Security-Policy"), "default-src 'none'; frame-ancestors 'none'") << path;
  }
}

TEST_F(AdmissionTest, ADenialTellsNothingOfTheTokenThatWasShown) {
  AskForTokens();
  const auto answer = Get("/api/v1/apps", "my-secret-guess");
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.body.find("my-secret-guess"), std::string::npos);
  EXPECT_EQ(Get("/metrics").body.find("my-secret-guess"), std::string::npos);
}

ServerOptions WithClientCa() {
  ServerOptions options;
  options.cert_pem = TestPki().server.cert_pem;
  options.key_pem = TestPki().server.key_pem;
  options.client_ca_pem = TestPki().ca.cert_pem;
  return options;
}

class ClientCertificateTest : public ApiTest {
 protected:
  ClientCertificateTest() : ApiTest(WithClientCa()) {
    auto tokens = Tokens::Parse(std::string(kTokens) + "carl viewer cert:CN=carl,O=Acme\n");
    EXPECT_TRUE(tokens);
    api_.Admit(std::move(*tokens));
  }
  // 0: TLS itself refused.
  int Status(const Identity* identity, const std::string& token = "") {
    HttpEndpoint endpoint = TlsTo(*server_);
    if (identity != nullptr) {
      endpoint.client_cert_pem = identity->cert_pem;
      endpoint.client_key_pem = identity->key_pem;
    }
    HttpRequest request{"GET", "/api/v1/apps", {}, ""};
    if (!token.empty()) request.headers.Set("Authorization", "Bearer " + token);
    const auto response = HttpClient(endpoint).Send(request, 10s);
    return response ? response->status : 0;
  }
};

TEST_F(ClientCertificateTest, KnowsWhoIsInTheFileAndNobodyElse) {
  const auto carl = IssueClient(TestPki().ca, "carl", "Acme", Now());
  const auto other = IssueClient(TestPki().ca, "carl", "Other", Now());
  const auto foreign = IssueClient(TestPki().foreign_ca, "carl", "Acme", Now());
  ASSERT_TRUE(carl && other && foreign);
  EXPECT_EQ(Status(&*carl), 200);
  EXPECT_EQ(Status(&*other), 401) << "the whole subject counts";
  EXPECT_EQ(Status(&*foreign), 0) << "of a CA that nobody trusts";
  EXPECT_EQ(Status(nullptr), 401);
  EXPECT_EQ(Status(nullptr, kViewer), 200) << "a token does without";
  EXPECT_EQ(Status(&*carl, "wrong"), 401) << "a wrong token is not mended by a certificate";
}

TEST_F(ClientCertificateTest, IsLetInFromAnAddressThatIsLockedOut) {
  const auto carl = IssueClient(TestPki().ca, "carl", "Acme", Now());
  ASSERT_TRUE(carl);
  for (int i = 0; i < 11; ++i) Status(nullptr, "guess" + std::to_string(i));
  EXPECT_EQ(Status(nullptr, kViewer), 429);
  EXPECT_EQ(Status(&*carl), 200);
}

}  // namespace
}  // namespace spillway::daemon
