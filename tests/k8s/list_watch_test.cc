#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/k8s/list_watch_fixture.h"

namespace spillway::k8s {
namespace {

TEST_F(ListWatchTest, ListsThenWatchesFromThere) {
  const Instant began = clock_.Now();
  Open();
  const HttpRequest& list = server_->sent.at(0);
  EXPECT_EQ(SplitTarget(list.target).first, "/apis/apps/v1/namespaces/acme/deployments");
  EXPECT_EQ(Asked(list, "limit"), "500");
  EXPECT_EQ(Asked(list, "fieldSelector"), "metadata.name=shopping");
  EXPECT_EQ(Asked(list, "resourceVersion"), std::nullopt) << "unset asks for a consistent read";
  EXPECT_EQ(list.headers.Find("Accept"), "application/json");
  EXPECT_EQ(list.headers.Find("User-Agent")->rfind("spillway/", 0), 0U);
  EXPECT_EQ(list.headers.Find("Authorization"), std::nullopt);
  const HttpRequest& watch = server_->opened.at(0);
  EXPECT_EQ(Asked(watch, "watch"), "true");
  EXPECT_EQ(Asked(watch, "resourceVersion"), "1000");
  EXPECT_EQ(Asked(watch, "allowWatchBookmarks"), "true");
  EXPECT_EQ(Asked(watch, "fieldSelector"), "metadata.name=shopping");
  EXPECT_EQ(Revision(), "10");
  EXPECT_EQ(Look().as_of, began);
  EXPECT_EQ(changes_, 1);
  EXPECT_EQ(watch_->name(), "us deployments acme/shopping");
}

TEST_F(ListWatchTest, DrawsEachWatchsSpanAtRandom) {
  server_->Answer(200, List("1000", ""));
  std::set<int> spans;
  for (int i = 0; i < 20; ++i) {
    auto watch = server_->Watch();
    watch->Line(Bookmark("1001"));
    watch->End();
  }
  ASSERT_TRUE(StepUntil([&] { return server_->opened.size() == 20; }));
  for (const HttpRequest& request : server_->opened) {
    const int span = std::stoi(*Asked(request, "timeoutSeconds"));
    EXPECT_GE(span, 300);
    EXPECT_LE(span, 600);
    spans.insert(span);
  }
  EXPECT_GT(spans.size(), 10U);
}

TEST_F(ListWatchTest, WatchesAWholeNamespaceWithoutAName) {
  Make("");
  server_->Answer(200, List("1000", ""));
  server_->Watch();
  Steps(2);
  EXPECT_EQ(Asked(server_->sent.at(0), "fieldSelector"), std::nullopt);
  EXPECT_EQ(Asked(server_->opened.at(0), "fieldSelector"), std::nullopt);
}

TEST_F(ListWatchTest, FollowsThePagesOfAList) {
  Make("");
  server_->Answer(200, List("1000", Deployment("10", 3, 3), "more/="));
  std::string other = Deployment("11", 1, 1);
  other.replace(other.find("shopping"), 8, "checkout");
  server_->Answer(200, List("1000", other));
  server_->Watch();
  Steps(3);
  EXPECT_EQ(Asked(server_->sent.at(1), "continue"), "more/=");
  EXPECT_EQ(Look().objects.size(), 2U);
  EXPECT_EQ(changes_, 1) << "a half list is no picture";
}

TEST_F(ListWatchTest, StartsAListAnewWhenItsTokenExpires) {
  Make("");
  server_->Answer(200, List("1000", Deployment("10", 3, 3), "more"));
  server_->Answer(410, StatusBody(410, "Expired", "the provided continue parameter is too old"));
  server_->Answer(200, List("1005", Deployment("12", 3, 3)));
  Steps(3);
  EXPECT_EQ(Asked(server_->sent.at(2), "continue"), std::nullopt);
  EXPECT_EQ(Revision(), "12");
  EXPECT_FALSE(Look().failure);
}

TEST_F(ListWatchTest, TakesEventsAndTellsOfRealChangesOnly) {
  auto stream = Open();
  stream->Line(Event("MODIFIED", Deployment("11", 5, 3)));
  Step();
  EXPECT_EQ(Revision(), "11");
  EXPECT_EQ(changes_, 2);
  stream->Line(Event("MODIFIED", Deployment("11", 5, 3)));  // the same again
  stream->Line(Bookmark("1100"));
  Steps(2);
  EXPECT_EQ(changes_, 2);
  stream->Line(Event("DELETED", Deployment("12", 5, 3)));
  Step();
  EXPECT_EQ(Revision(), "");
  EXPECT_EQ(changes_, 3);
  stream->Line(Event("ADDED", Deployment("13", 5, 0)));
  Step();
  EXPECT_EQ(Revision(), "13");
  EXPECT_EQ(changes_, 4);
}

TEST_F(ListWatchTest, IgnoresObjectsItDidNotAskFor) {
  auto stream = Open();
  std::string other = Deployment("11", 1, 1);
  other.replace(other.find("shopping"), 8, "checkout");
  stream->Line(Event("ADDED", other));
  Step();
  EXPECT_EQ(Look().objects.size(), 1U);
  EXPECT_EQ(changes_, 1);
}

TEST_F(ListWatchTest, CountsAnEventAndABookmarkAsConfirmation) {
  auto stream = Open();
  clock_.Advance(10s);
  stream->Line(Bookmark("1100"));
  Step();
  EXPECT_EQ(Look().as_of, clock_.Now());
  clock_.Advance(10s);
  stream->Line(Event("MODIFIED", Deployment("11", 5, 3)));
  Step();
  EXPECT_EQ(Look().as_of, clock_.Now());
}

TEST_F(ListWatchTest, EachStepIsBounded) {
  Open();
  const Instant before = clock_.Now();
  watch_->Step();
  EXPECT_LE(clock_.Now() - before, 1s);
}

TEST_F(ListWatchTest, ConfirmsASilentStreamWithOneListAndGoesOn) {
  auto stream = Open();
  server_->Answer(200, List("1200", Deployment("10", 3, 3)));
  const Instant listed = clock_.Now();
  ASSERT_TRUE(StepUntil([&] { return server_->sent.size() == 2; }));
  EXPECT_GE(clock_.Now() - listed, 45s);
  EXPECT_LE(clock_.Now() - listed, 47s);
  EXPECT_EQ(Look().as_of, clock_.Now());
  EXPECT_FALSE(stream->cancelled);
  EXPECT_EQ(changes_, 1) << "a mere confirmation changes nothing";
  stream->End();
  server_->Watch();
  Steps(2);
  EXPECT_EQ(Asked(server_->opened.at(1), "resourceVersion"), "1200") << "what the list confirmed need not be replayed";
}

TEST_F(ListWatchTest, ReplacesAStreamThatHasLostEvents) {
  auto stream = Open();
  server_->Answer(200, List("1200", Deployment("15", 6, 3)));
  auto fresh = server_->Watch();
  ASSERT_TRUE(StepUntil([&] { return server_->opened.size() == 2; }));
  EXPECT_TRUE(stream->cancelled);
  EXPECT_EQ(Revision(), "15");
  EXPECT_EQ(changes_, 2);
  EXPECT_EQ(Asked(server_->opened.at(1), "resourceVersion"), "1200");
}

TEST_F(ListWatchTest, KeepsReadingAStreamWhileConfirmingFails) {
  auto stream = Open();
  ASSERT_TRUE(StepUntil([&] { return Look().failure.has_value(); }));
  EXPECT_EQ(changes_, 2);
  const std::size_t sent = server_->sent.size();
  stream->Line(Event("MODIFIED", Deployment("11", 5, 3)));
  Step();
  EXPECT_EQ(Revision(), "11");
  EXPECT_FALSE(Look().failure) << "a line proves that the input is read again";
  EXPECT_EQ(server_->sent.size(), sent);
}

TEST_F(ListWatchTest, ReplacesAStreamThatOutlivesItsSpan) {
  auto stream = Open();
  for (int i = 0; i < 20; ++i) server_->Answer(200, List("1200", Deployment("10", 3, 3)));
  server_->Watch();
  const Instant opened = clock_.Now();
  const int span = std::stoi(*Asked(server_->opened.at(0), "timeoutSeconds"));
  ASSERT_TRUE(StepUntil([&] { return server_->opened.size() == 2; }));
  EXPECT_TRUE(stream->cancelled);
  EXPECT_GE(clock_.Now() - opened, std::chrono::seconds(span + 30));
}

TEST_F(ListWatchTest, CancelEndsTheStreamAndIsSticky) {
  auto stream = Open();
  watch_->Cancel();
  EXPECT_TRUE(stream->cancelled);
  const std::size_t sent = server_->sent.size();
  EXPECT_GT(watch_->Step(), clock_.Now());
  EXPECT_GT(watch_->Step(), clock_.Now());
  EXPECT_EQ(server_->sent.size(), sent);
  EXPECT_EQ(server_->opened.size(), 1U);
}

TEST_F(ListWatchTest, DoesNothingWhenSteppedTooEarly) {
  const Instant due = watch_->Step();  // refused
  ASSERT_GT(due, clock_.Now());
  EXPECT_EQ(watch_->Step(), due);
  EXPECT_EQ(server_->sent.size(), 1U);
}

TEST_F(ListWatchTest, TellsOfAFailuresBeginningAndEndOnly) {
  const Instant began = clock_.Now();
  Steps(4);
  ASSERT_EQ(server_->sent.size(), 4U);
  EXPECT_EQ(changes_, 1);
  const Picture down = Look();
  ASSERT_TRUE(down.failure);
  EXPECT_EQ(down.failure->what, "cluster \"us\": cannot reach https://127.0.0.1:6443: connection refused");
  EXPECT_EQ(down.failure->code, Code::kRetry);
  EXPECT_EQ(down.failure->since, began);
  server_->Answer(200, List("1000", Deployment("10", 3, 3)));
  Step();
  EXPECT_EQ(changes_, 2);
  EXPECT_FALSE(Look().failure);
}

TEST_F(ListWatchTest, BacksOffFurtherEachTimeUpToAMinute) {
  std::vector<Duration> waits;
  for (int i = 0; i < 9; ++i) {
    const Instant before = clock_.Now();
    Step();
    waits.push_back(clock_.Now() - before);
  }
  EXPECT_GE(waits.front(), 800ms);
  EXPECT_LE(waits.front(), 1600ms);
  EXPECT_GE(waits.back(), 30s);
  EXPECT_LE(waits.back(), 60s);
}

TEST_F(ListWatchTest, EveryCallHasItsDeadline) {
  Open();
  for (const Duration deadline : server_->deadlines) EXPECT_EQ(deadline, 10s);
}

TEST_F(ListWatchTest, ReadsTheTokenAgainOnceAfter401) {
  std::vector<std::string> tokens = {"old", "new"};
  std::size_t reads = 0;
  Make("shopping", [&]() -> Result<std::string> { return tokens.at(std::min<std::size_t>(reads++, 1)); });
  server_->Answer(401, StatusBody(401, "Unauthorized", "Unauthorized"));
  server_->Answer(200, List("1000", ""));
  Step();
  ASSERT_EQ(server_->sent.size(), 2U);
  EXPECT_EQ(server_->sent[0].headers.Find("Authorization"), "Bearer old");
  EXPECT_EQ(server_->sent[1].headers.Find("Authorization"), "Bearer new");
  EXPECT_FALSE(Look().failure);
}

TEST_F(ListWatchTest, RepeatsA401OnlyOnce) {
  int reads = 0;
  Make("shopping", [&]() -> Result<std::string> { return "t" + std::to_string(++reads); });
  for (int i = 0; i < 3; ++i) server_->Answer(401, StatusBody(401, "Unauthorized", "Unauthorized"));
  Step();
  EXPECT_EQ(server_->sent.size(), 2U);
  EXPECT_EQ(Look().failure->code, Code::kDenied);
}

TEST_F(ListWatchTest, DoesNotRepeatA401WithTheSameToken) {
  Make("shopping", []() -> Result<std::string> { return std::string("same"); });
  server_->Answer(401, StatusBody(401, "Unauthorized", "Unauthorized"));
  Step();
  EXPECT_EQ(server_->sent.size(), 1U);
  ASSERT_TRUE(Look().failure);
  EXPECT_EQ(Look().failure->code, Code::kDenied);
  EXPECT_EQ(Look().failure->what, "cluster \"us\": unauthorized: the credentials were not accepted (401)");
}

TEST_F(ListWatchTest, ReadsTheTokenAtMostOnceAMinute) {
  int reads = 0;
  Make("shopping", [&]() -> Result<std::string> { return "t" + std::to_string(++reads); });
  for (int i = 0; i < 3; ++i) server_->Answer(200, List("1000", ""));
  server_->Watch();
  Steps(2);
  EXPECT_EQ(reads, 1);
  clock_.Advance(61s);
  Step();
  EXPECT_EQ(reads, 2);
  EXPECT_EQ(server_->sent.back().headers.Find("Authorization"), "Bearer t2");
}

TEST_F(ListWatchTest, SaysThatTheTokenCannotBeRead) {
  Make("shopping", []() -> Result<std::string> { return Error{Code::kMissing, "/t: No such file or directory"}; });
  Step();
  ASSERT_TRUE(Look().failure);
  EXPECT_EQ(Look().failure->what, "cluster \"us\": no token to send: /t: No such file or directory");
  EXPECT_TRUE(server_->sent.empty());
}

TEST_F(ListWatchTest, HonoursRetryAfter) {
  server_->Answer(429, "Too many requests, please try again later.", {{"Retry-After", "20"}});
  const Instant before = clock_.Now();
  Step();
  EXPECT_GE(clock_.Now() - before, 20s);
  EXPECT_EQ(Look().failure->code, Code::kRetry);
}

TEST_F(ListWatchTest, HintsAtWhatMayBeMissingWhenTheKindIsUnknown) {
  server_->Answer(404, "404 page not found");
  Step();
  EXPECT_EQ(Look().failure->code, Code::kMissing);
  EXPECT_EQ(Look().failure->what,
            "cluster \"us\": cannot list deployments in acme (404): 404 page not found; is it installed?");
}

TEST_F(ListWatchTest, NamesAConnectionsFailureWithoutClutter) {
  const std::string get = "GET https://127.0.0.1:6443/apis/apps/v1/namespaces/acme/deployments: ";
  server_->Fail(Code::kDenied, get + "certificate verify failed: expired");
  Step();
  EXPECT_EQ(Look().failure->what, "cluster \"us\": certificate verify failed: expired");
  EXPECT_EQ(Look().failure->code, Code::kDenied);
  server_->Fail(Code::kRetry, get + "cannot connect: Connection refused");
  Step();
  EXPECT_EQ(Look().failure->what, "cluster \"us\": cannot reach https://127.0.0.1:6443: Connection refused");
}

TEST_F(ListWatchTest, TakesAnAnswerThatIsNoListForAFailure) {
  server_->Answer(200, "<html>login</html>");
  Step();
  ASSERT_TRUE(Look().failure);
  EXPECT_NE(Look().failure->what.find("cannot list deployments in acme: the answer is not JSON"), std::string::npos)
      << Look().failure->what;
}

}  // namespace
}  // namespace spillway::k8s
