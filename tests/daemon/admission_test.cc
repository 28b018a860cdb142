// Who is let in, over real HTTP.
#include "src/daemon/admission.h"

#include <gtest/gtest.h>

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

TEST_F(AdmissionTest, EveryAnswerTellsBrowsersToGuessAndKeepNothing) {
  AskForTokens();
  for (const char* path : {"/healthz", "/metrics", "/api/v1/apps", "/nothing"}) {
    const auto answer = Get(path);
    EXPECT_EQ(answer.headers.Find("X-Content-Type-Options"), "nosniff") << path;
    EXPECT_EQ(answer.headers.Find("Cache-Control"), "no-store") << path;
    EXPECT_EQ(answer.headers.Find("X-Frame-Options"), "DENY") << path;
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

}  // namespace
}  // namespace spillway::daemon
