// Every way a watch can end, and what must follow.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "k8s/list_watch.h"
#include "tests/k8s/script.h"

namespace spillway::k8s {
namespace {

enum class Next { kRewatch, kList };

struct EndRow {
  const char* name;
  void (*end)(ScriptedWatch& stream);  // after one second of life
  bool short_lived;                    // before it
  Next next;                           // the next request
  const char* from;                    // kRewatch: the revision asked for
  bool waits;                          // a back-off comes before
  std::optional<Code> failure;         // what the picture says meanwhile
};

const EndRow kEnds[] = {
    {"a clean end after a while", [](ScriptedWatch& s) { s.End(); }, false, Next::kRewatch, "1000", false, {}},
    {"a clean end after an event",
     [](ScriptedWatch& s) {
       s.Line(Event("MODIFIED", Deployment("1011", 3, 3)));
       s.End();
     },
     true,
     Next::kRewatch,
     "1011",
     false,
     {}},
    {"a clean end after a bookmark",
     [](ScriptedWatch& s) {
       s.Line(Bookmark("1090"));
       s.End();
     },
     true,
     Next::kRewatch,
     "1090",
     false,
     {}},
    {"a clean end at once", [](ScriptedWatch& s) { s.End(); }, true, Next::kRewatch, "1000", true, {}},
    {"a cut after a while", [](ScriptedWatch& s) { s.Break("reset"); }, false, Next::kRewatch, "1000", false, {}},
    {"a cut after an event",
     [](ScriptedWatch& s) {
       s.Line(Event("MODIFIED", Deployment("1011", 3, 3)));
       s.Break("reset");
     },
     true,
     Next::kRewatch,
     "1011",
     false,
     {}},
    {"a cut at once", [](ScriptedWatch& s) { s.Break("reset"); }, true, Next::kRewatch, "1000", true, {}},
    {"410 in-band after an event",
     [](ScriptedWatch& s) {
       s.Line(Bookmark("1090"));
       s.Line(Event("ERROR", StatusBody(410, "Expired", "too old resource version: 7 (1001)")));
       s.End();
     },
     true,
     Next::kList,
     nullptr,
     false,
     {}},
    {"410 in-band on a revision fresh from a list",
     [](ScriptedWatch& s) {
       s.Line(Event("ERROR", StatusBody(410, "Expired", "too old resource version: 7 (1001)")));
       s.End();
     },
     true,
     Next::kList,
     nullptr,
     true,
     {}},
    {"an ERROR of another kind",
     [](ScriptedWatch& s) { s.Line(Event("ERROR", StatusBody(500, "InternalError", "etcd lost"))); }, false,
     Next::kList, nullptr, true, Code::kRetry},
    {"a line that is no JSON", [](ScriptedWatch& s) { s.Line("{\"type\":\"MOD"); }, false, Next::kList, nullptr, true,
     Code::kRetry},
    {"an event of an unknown type", [](ScriptedWatch& s) { s.Line(Event("NEWS", Deployment("1011", 3, 3))); }, false,
     Next::kList, nullptr, true, Code::kRetry},
};

class WatchEndTest : public ::testing::Test {
 protected:
  WatchEndTest() {
    auto api = std::make_shared<Api>("us", TestAccess(), clock_, server_, server_);
    watch_ = std::make_unique<ListWatch>(api, Collection{"/apis/apps/v1", "deployments", "acme", "shopping", ""},
                                         clock_, Rng(7));
    server_->Answer(200, List("1000", Deployment("10", 3, 3)));
  }
  void Step() { clock_.SleepUntil(watch_->Step()); }
  std::optional<Failure> FailureNow() const {
    return watch_->Look([](const Picture& picture) { return picture.failure; });
  }
  std::string Revision() const {
    return watch_->Look([](const Picture& picture) {
      const auto found = picture.objects.find({"acme", "shopping"});
      return found == picture.objects.end() ? std::string() : found->second.revision;
    });
  }

  ManualClock clock_;
  std::shared_ptr<ScriptedServer> server_ = std::make_shared<ScriptedServer>(clock_);
  std::unique_ptr<ListWatch> watch_;
};

void RunRow(const EndRow& row) {
  SCOPED_TRACE(row.name);
  ManualClock clock;
  auto server = std::make_shared<ScriptedServer>(clock);
  auto api = std::make_shared<Api>("us", TestAccess(), clock, server, server);
  ListWatch watch(api, Collection{"/apis/apps/v1", "deployments", "acme", "shopping", ""}, clock, Rng(7));
  server->Answer(200, List("1000", Deployment("10", 3, 3)));
  auto stream = server->Watch();
  watch.Step();
  watch.Step();
  ASSERT_EQ(server->opened.size(), 1U);
  if (!row.short_lived) {
    clock.SleepUntil(watch.Step());  // waits a second in vain
    ASSERT_EQ(server->sent.size(), 1U);
  }
  row.end(*stream);
  server->Answer(200, List("2000", Deployment("1500", 3, 3)));
  server->Watch();

  const Instant before = clock.Now();
  bool failed = false;
  std::optional<Failure> failure;
  while (server->sent.size() == 1 && server->opened.size() == 1 && clock.Now() < before + 10min) {
    clock.SleepUntil(watch.Step());
    const auto now = watch.Look([](const Picture& picture) { return picture.failure; });
    if (now && server->sent.size() == 1 && server->opened.size() == 1) failure = now;
    failed = failed || now;
  }
  EXPECT_TRUE(stream->cancelled) << "the old stream is let go";
  EXPECT_EQ(clock.Now() - before >= 800ms, row.waits);
  EXPECT_EQ(failed, row.failure.has_value());
  if (row.failure && failure) {
    EXPECT_EQ(failure->code, *row.failure);
  }
  if (row.next == Next::kList) {
    ASSERT_EQ(server->sent.size(), 2U);
    EXPECT_EQ(server->opened.size(), 1U);
    return;
  }
  EXPECT_EQ(server->sent.size(), 1U);
  ASSERT_EQ(server->opened.size(), 2U);
  EXPECT_EQ(QueryValue(server->opened[1].target, "resourceVersion"), row.from);
}

TEST(WatchEnd, IsFollowedByTheRightThingInEveryRow) {
  for (const EndRow& row : kEnds) RunRow(row);
}

TEST_F(WatchEndTest, ARelistReplacesThePicture) {
  auto stream = server_->Watch();
  Step();
  Step();
  EXPECT_EQ(Revision(), "10");
  stream->Line(Bookmark("1090"));
  stream->Line(Event("ERROR", StatusBody(410, "Expired", "too old")));
  server_->Answer(200, List("2000", ""));  // it was deleted meanwhile
  server_->Watch();
  for (int i = 0; i < 4; ++i) Step();
  EXPECT_EQ(Revision(), "");
  EXPECT_EQ(QueryValue(server_->opened.at(1).target, "resourceVersion"), "2000");
}

TEST_F(WatchEndTest, A410AsAnAnswerListsAgainToo) {
  auto stream = server_->Watch();
  Step();
  Step();
  stream->Line(Bookmark("1090"));
  stream->End();
  server_->RefuseWatch(410, StatusBody(410, "Gone", "too old"));
  server_->Answer(200, List("2000", Deployment("1500", 3, 3)));
  server_->Watch();
  for (int i = 0; i < 5; ++i) Step();
  EXPECT_EQ(Revision(), "1500");
  EXPECT_EQ(server_->opened.size(), 3U);
  EXPECT_FALSE(FailureNow());
}

struct RefusedRow {
  const char* name;
  int status;
  const char* body;
  bool relists;
  Code code;
  const char* says;
};

const RefusedRow kRefused[] = {
    {"no right to watch", 403, "", false, Code::kDenied,
     "cluster \"us\": forbidden: cannot watch deployments in acme (403)"},
    {"no longer accepted", 401, "", false, Code::kDenied,
     "cluster \"us\": unauthorized: the credentials were not accepted (401)"},
    {"too busy", 429, "Too many requests", false, Code::kRetry,
     "cluster \"us\": cannot watch deployments in acme (429): Too many requests"},
    {"broken", 500, "", false, Code::kRetry, "cluster \"us\": cannot watch deployments in acme (500)"},
    {"a revision that the server does not take", 422, "", true, Code::kRejected,
     "cluster \"us\": cannot watch deployments in acme (422)"},
    {"a kind that has gone", 404, "", true, Code::kMissing, "cluster \"us\": cannot watch deployments in acme (404)"},
};

TEST(WatchRefused, IsAFailureThatIsTriedAgainInEveryRow) {
  for (const RefusedRow& row : kRefused) {
    SCOPED_TRACE(row.name);
    ManualClock clock;
    auto server = std::make_shared<ScriptedServer>(clock);
    auto api = std::make_shared<Api>("us", TestAccess(), clock, server, server);
    ListWatch watch(api, Collection{"/apis/apps/v1", "deployments", "acme", "shopping", ""}, clock, Rng(7));
    server->Answer(200, List("1000", Deployment("10", 3, 3)));
    server->RefuseWatch(row.status, row.body);
    watch.Step();
    const Instant due = watch.Step();
    EXPECT_GE(due - clock.Now(), 800ms);
    const auto failure = watch.Look([](const Picture& picture) { return picture.failure; });
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->code, row.code);
    EXPECT_EQ(failure->what, row.says);
    EXPECT_TRUE(watch.Look([](const Picture& picture) { return picture.objects.size() == 1; })) << "the picture stays";
    clock.SleepUntil(due);
    watch.Step();
    EXPECT_EQ(server->sent.size(), row.relists ? 2U : 1U);
    EXPECT_EQ(server->opened.size(), row.relists ? 1U : 2U);
  }
}

TEST_F(WatchEndTest, StreamsThatEndAtOnceAgainAndAgainAreAFailure) {
  for (int i = 0; i < 2; ++i) server_->Watch()->Break("reset by peer");
  for (int i = 0; i < 20 && !FailureNow(); ++i) Step();
  ASSERT_TRUE(FailureNow());
  EXPECT_EQ(FailureNow()->what,
            "cluster \"us\": cannot watch deployments in acme: the stream ends as soon as it is open: reset by peer");
  EXPECT_EQ(server_->opened.size(), 2U);
}

TEST_F(WatchEndTest, AWatchThatOpensAgainIsConfirmedByAListSoon) {
  Step();  // listed
  Step();  // cannot open: refused
  ASSERT_TRUE(FailureNow());
  server_->Watch();
  server_->Answer(200, List("1000", Deployment("10", 3, 3)));
  const Instant down = clock_.Now();
  for (int i = 0; i < 100 && FailureNow(); ++i) Step();
  EXPECT_FALSE(FailureNow());
  EXPECT_LE(clock_.Now() - down, 10s) << "not only after confirm_after";
  EXPECT_EQ(server_->sent.size(), 2U);
}

}  // namespace
}  // namespace spillway::k8s
