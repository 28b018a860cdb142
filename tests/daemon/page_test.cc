// The dashboard's files as the API serves them.
#include "src/page/page.h"

#include <gtest/gtest.h>

#include "tests/daemon/api_world.h"

namespace spillway::daemon {
namespace {

class PageTest : public ApiTest {};

// Chosen: what the page promises to whoever opens it on a slow line.
constexpr std::size_t kBytesMost = 300'000;

TEST_F(PageTest, EveryFileIsServedToAnybodyAndLoadsNothingFromElsewhere) {
  AskForTokens();
  std::size_t bytes = 0;
  for (const auto& asset : page::Assets()) {
    SCOPED_TRACE(asset.path);
    const HttpResponse answer = Get(std::string(asset.path));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, asset.body);
    EXPECT_EQ(answer.headers.Find("Content-Type"), asset.type);
    EXPECT_EQ(answer.headers.Find("X-Content-Type-Options"), "nosniff");
    const std::string policy = answer.headers.Find("Content-Security-Policy").value_or("");
    EXPECT_EQ(policy.rfind("default-src 'none'; script-src 'self'; style-src 'self';", 0), 0U) << policy;
    EXPECT_EQ(policy.find("unsafe"), std::string::npos);
    bytes += asset.body.size();
  }
  EXPECT_LT(bytes, kBytesMost);
}

TEST_F(PageTest, TheHtmlHasNoInlineScriptOrStyle) {
  const std::string html = Get("/").body;
  EXPECT_NE(html.find("<title>Spillway</title>"), std::string::npos);
  EXPECT_EQ(html.find("<style"), std::string::npos);
  EXPECT_EQ(html.find(" style="), std::string::npos);
  EXPECT_EQ(html.find(" onclick="), std::string::npos);
  for (std::size_t at = 0; (at = html.find("<script", at)) != std::string::npos; ++at) {
    EXPECT_NE(html.substr(at, html.find('>', at) - at).find(" src=\"/assets/"), std::string::npos);
  }
  EXPECT_EQ(html.find("http"), std::string::npos) << "nothing is loaded from another place";
}

TEST_F(PageTest, ABrowserThatHasAFileIsNotSentItAgain) {
  const std::string tag = *Get("/assets/words.js").headers.Find("ETag");
  const HttpResponse again = Send({"GET", "/assets/words.js", {{"If-None-Match", tag}}, ""});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(Send({"GET", "/assets/words.js", {{"If-None-Match", "\"old\""}}, ""}).status, 200);
}

TEST_F(PageTest, ThereIsNothingElseThere) {
  EXPECT_EQ(Get("/assets/").status, 404);
  EXPECT_EQ(Get("/assets/../page.h").status, 404);
  EXPECT_EQ(Get("/index.html").status, 404);
}

TEST_F(PageTest, WhoAmITellsTheCallersNameAndRole) {
  EXPECT_EQ(Get("/api/v1/whoami").body, R"({"name":"anonymous","role":"viewer"})");
  AskForTokens();
  EXPECT_EQ(Get("/api/v1/whoami").status, 401);
  EXPECT_EQ(Get("/api/v1/whoami", kOperator).body, R"({"name":"otto","role":"operator"})");
}

}  // namespace
}  // namespace spillway::daemon
