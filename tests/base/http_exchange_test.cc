// Client and server together, as everybody uses them.
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/base/web.h"

namespace spillway {
namespace {

HttpReply Echo(const ServerRequest& request) {
  HttpReply reply = JsonReply(200, request.method + " " + request.target + " " + request.body);
  for (const auto& [name, value] : request.headers.fields()) {
    if (name.rfind("X-", 0) == 0) reply.response.headers.Add(name, value);
  }
  return reply;
}

TEST(HttpExchange, CarriesMethodTargetHeadersAndBodyBothWays) {
  const auto server = ServeTls(Echo);
  HttpClient client(TlsTo(*server));
  for (const std::string method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
    HttpRequest request{method, "/a%2Fb/c%20d?x=1&y=%26?z", {{"X-Zero", "a%0d%0ab"}, {"X-Alpha", "2"}}, ""};
    if (method != "GET") request.body = "body of " + method;
    const auto answer = client.Send(request, kPatience);
    ASSERT_TRUE(answer) << answer.error().what;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, method + " /a%2Fb/c%20d?x=1&y=%26?z " + request.body);
    EXPECT_EQ(answer->headers.Find("x-zero"), "a%0d%0ab") << "values are not decoded";
    EXPECT_EQ(answer->headers.Find("X-ALPHA"), "2");
  }
}

TEST(HttpExchange, AnswersOfEveryStatusAreResponses) {
  const auto server =
      Serve([](const ServerRequest& request) { return JsonReply(std::stoi(request.target.substr(1)), "{}"); });
  HttpClient client(PlainTo(*server));
  for (const int status : {200, 201, 204, 301, 304, 400, 401, 404, 409, 412, 419, 429, 500, 503}) {
    const auto answer = client.Send({"GET", "/" + std::to_string(status), {}, ""}, kPatience);
    ASSERT_TRUE(answer) << status << ": " << answer.error().what;
    EXPECT_EQ(answer->status, status);
  }
}

TEST(HttpExchange, StreamsLinesAsTheyAreWritten) {
  std::mutex mutex;
  std::condition_variable changed;
  int allowed = 0;
  const auto server = ServeTls([&](const ServerRequest&) {
    HttpReply reply;
    reply.response.status = 200;
    reply.response.headers.Set("Content-Type", "application/json");
    reply.stream = [&](ReplyStream& out) {
      for (int i = 1; i <= 3; ++i) {
        std::unique_lock<std::mutex> lock(mutex);
        changed.wait(lock, [&] { return allowed >= i; });
        if (!out.Write("line " + std::to_string(i) + "\n")) return;
      }
    };
    return reply;
  });
  HttpClient client(TlsTo(*server));
  auto opened = client.Open({"GET", "/watch", {{"Accept-Encoding", "gzip"}}, ""}, kPatience);
  ASSERT_TRUE(opened) << opened.error().what;
  ASSERT_NE(opened->lines, nullptr);
  EXPECT_EQ(opened->lines->Next(Duration{0}).state, LineStream::State::kNothingYet);
  for (int i = 1; i <= 3; ++i) {
    {
      const std::lock_guard<std::mutex> lock(mutex);
      allowed = i;
    }
    changed.notify_all();
    const LineStream::Item item = opened->lines->Next(kPatience);
    EXPECT_EQ(item.state, LineStream::State::kLine);
    EXPECT_EQ(item.text, "line " + std::to_string(i));
  }
  EXPECT_EQ(opened->lines->Next(kPatience).state, LineStream::State::kEnded);
  EXPECT_EQ(opened->lines->Next(kPatience).state, LineStream::State::kEnded) << "and says so again";
}

TEST(HttpExchange, AStreamRefusedIsAnAnswerWithItsBody) {
  const auto server = Serve([](const ServerRequest&) { return ProblemReply(410, "Gone", "too old"); });
  HttpClient client(PlainTo(*server));
  const auto opened = client.Open({"GET", "/watch", {}, ""}, kPatience);
  ASSERT_TRUE(opened) << opened.error().what;
  EXPECT_EQ(opened->head.status, 410);
  EXPECT_NE(opened->head.body.find("too old"), std::string::npos);
  EXPECT_EQ(opened->lines, nullptr);
}

}  // namespace
}  // namespace spillway
