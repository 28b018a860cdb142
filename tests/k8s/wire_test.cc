#include "k8s/wire.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/k8s/script.h"

namespace spillway::k8s {
namespace {

struct RefusalRow {
  const char* name;
  HttpResponse response;
  Code code;
  const char* says;
  std::optional<Duration> retry_after;
};

HttpResponse Plain(int status, std::string body, HttpHeaders headers = {}) {
  return {status, std::move(headers), std::move(body)};
}

const RefusalRow kRefusals[] = {
    {"400 is our mistake",
     Plain(400, StatusBody(400, "BadRequest", "bad")),
     Code::kRejected,
     "cannot watch pods in acme (400): bad",
     {}},
    {"401 is about credentials",
     Plain(401, StatusBody(401, "Unauthorized", "Unauthorized")),
     Code::kDenied,
     "unauthorized: the credentials were not accepted (401)",
     {}},
    {"403 is about permission",
     Plain(403, StatusBody(403, "Forbidden", "User x cannot")),
     Code::kDenied,
     "forbidden: cannot watch pods in acme (403): User x cannot",
     {}},
    {"404 is missing",
     Plain(404, StatusBody(404, "NotFound", "gone")),
     Code::kMissing,
     "cannot watch pods in acme (404): gone",
     {}},
    {"405 is our mistake", Plain(405, ""), Code::kRejected, "cannot watch pods in acme (405)", {}},
    {"409 asks for a fresh read",
     Plain(409, StatusBody(409, "Conflict", "modified")),
     Code::kReread,
     "(409): modified",
     {}},
    {"410 asks for a fresh list",
     Plain(410, StatusBody(410, "Expired", "too old")),
     Code::kReread,
     "(410): too old",
     {}},
    {"415 is our mistake", Plain(415, "x"), Code::kRejected, "(415): x", {}},
    {"422 is refused",
     Plain(422, StatusBody(422, "Invalid", "replicas: must be")),
     Code::kRejected,
     "(422): replicas: must be",
     {}},
    {"429 of a busy server is plain text",
     Plain(429, "Too many requests, please try again later.", {{"retry-after", "1"}}), Code::kRetry,
     "(429): Too many requests, please try again later.", 1s},
    {"429 may be a Status with its own wait",
     Plain(429, R"({"kind":"Status","code":429,"message":"wait","details":{"retryAfterSeconds":7}})"), Code::kRetry,
     "(429): wait", 7s},
    {"the header beats the body",
     Plain(429, R"({"kind":"Status","code":429,"details":{"retryAfterSeconds":7}})", {{"Retry-After", "3"}}),
     Code::kRetry, "(429)", 3s},
    {"a wait without end is cut", Plain(503, "", {{"Retry-After", "86400"}}), Code::kRetry, "(503)", 60s},
    {"a date as Retry-After says nothing",
     Plain(503, "", {{"Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT"}}),
     Code::kRetry,
     "(503)",
     {}},
    {"500 may have happened", Plain(500, StatusBody(500, "InternalError", "boom")), Code::kRetry, "(500): boom", {}},
    {"503 of a proxy is a page",
     Plain(503, "<html>\nno\tserver</html>"),
     Code::kRetry,
     "(503): <html> no server</html>",
     {}},
    {"504 is a revision ahead of the server",
     Plain(504, StatusBody(504, "Timeout", "Too large resource version")),
     Code::kRetry,
     "(504)",
     {}},
    {"the HTTP status beats the body's code",
     Plain(503, StatusBody(404, "NotFound", "x")),
     Code::kRetry,
     "(503): x",
     {}},
    {"JSON that is no Status is text", Plain(502, R"({"error":"x"})"), Code::kRetry, R"((502): {"error":"x"})", {}},
};

TEST(ReadRefusal, FollowsTheTableInEveryRow) {
  for (const RefusalRow& row : kRefusals) {
    SCOPED_TRACE(row.name);
    const Refusal refusal = ReadRefusal(row.response, "watch pods in acme");
    EXPECT_EQ(refusal.code, row.response.status);
    EXPECT_EQ(refusal.error.code, row.code);
    EXPECT_NE(refusal.error.what.find(row.says), std::string::npos) << refusal.error.what;
    EXPECT_EQ(refusal.retry_after, row.retry_after);
  }
}

TEST(ReadRefusal, CutsALongBody) {
  const Refusal refusal = ReadRefusal(Plain(502, std::string(5000, 'x')), "list pods in acme");
  EXPECT_LT(refusal.error.what.size(), 400U);
}

TEST(ReadWatchEvent, ReadsEachKind) {
  const auto added = ReadWatchEvent(Event("ADDED", Deployment("7", 3, 2)), "watch");
  ASSERT_TRUE(added) << added.error().what;
  EXPECT_EQ(added->type, EventType::kAdded);
  EXPECT_EQ(added->object.key, (ObjectKey{"acme", "shopping"}));
  EXPECT_EQ(added->object.revision, "7");
  EXPECT_EQ(IntAt(*added->object.json, "spec.replicas"), 3);
  EXPECT_EQ(ReadWatchEvent(Event("MODIFIED", Deployment("7", 3, 2)), "watch")->type, EventType::kModified);
  EXPECT_EQ(ReadWatchEvent(Event("DELETED", Deployment("7", 3, 2)), "watch")->type, EventType::kDeleted);
  const auto bookmark = ReadWatchEvent(Bookmark("9"), "watch");
  ASSERT_TRUE(bookmark);
  EXPECT_EQ(bookmark->type, EventType::kBookmark);
  EXPECT_EQ(bookmark->object.revision, "9");
  const auto error = ReadWatchEvent(Event("ERROR", StatusBody(410, "Expired", "too old resource version: 7 (1001)")),
                                    "watch pods in acme");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->type, EventType::kError);
  EXPECT_EQ(error->refusal.code, 410);
  EXPECT_EQ(error->refusal.error.code, Code::kReread);
}

TEST(ReadWatchEvent, KnowsAnOldServersGone) {
  const auto error = ReadWatchEvent(R"({"type":"ERROR","object":{"kind":"Status","reason":"Gone"}})", "watch");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->refusal.code, 410);
}

TEST(ReadWatchEvent, RefusesWhatMakesNoSense) {
  for (const char* line :
       {"", "no JSON", "[]", R"({"type":"ADDED"})", R"({"type":"ADDED","object":[]})", R"({"type":"NEWS","object":{}})",
        R"({"object":{"metadata":{"name":"a","resourceVersion":"1"}}})",
        R"({"type":"ADDED","object":{"metadata":{"name":"a"}}})",
        R"({"type":"ADDED","object":{"metadata":{"resourceVersion":"1"}}})",
        R"({"type":"ADDED","object":{"metadata":{"name":1,"resourceVersion":"1"}}})",
        R"({"type":"BOOKMARK","object":{"metadata":{}}})", R"({"type":"ADDED","object":{"meta)"}) {
    const auto event = ReadWatchEvent(line, "watch");
    ASSERT_FALSE(event) << line;
    EXPECT_EQ(event.error().code, Code::kRejected) << line;
  }
}

TEST(ReadListPage, ReadsItemsRevisionAndTheNextPage) {
  const auto page = ReadListPage(List("1000", Deployment("7", 3, 2), "token"));
  ASSERT_TRUE(page) << page.error().what;
  EXPECT_EQ(page->revision, "1000");
  EXPECT_EQ(page->next, "token");
  ASSERT_EQ(page->items.size(), 1U);
  EXPECT_EQ(page->items[0].key, (ObjectKey{"acme", "shopping"}));
  EXPECT_EQ(IntAt(*page->items[0].json, "spec.replicas"), 3);
}

TEST(ReadListPage, TakesNullItemsForNone) {
  const auto page = ReadListPage(R"({"kind":"DeploymentList","metadata":{"resourceVersion":"5"},"items":null})");
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->items.empty());
}

TEST(ReadListPage, RefusesWhatIsNoList) {
  for (const char* body :
       {"", "{}", "[]", R"({"metadata":{"resourceVersion":5},"items":[]})",
        R"({"metadata":{"resourceVersion":"5"},"items":{}})", R"({"metadata":{"resourceVersion":"5"},"items":[{}]})",
        R"({"metadata":{"resourceVersion":"5"},"items":[7]})"}) {
    EXPECT_FALSE(ReadListPage(body)) << body;
  }
}

struct DeploymentRow {
  const char* name;
  const char* spec;
  const char* status;
  int wanted, ready, total;
};

const DeploymentRow kDeployments[] = {
    {"all there", R"({"replicas":3})", R"({"replicas":3,"readyReplicas":3,"availableReplicas":3})", 3, 3, 3},
    {"integers that are 0 are left out", R"({"replicas":0})", R"({"observedGeneration":2})", 0, 0, 0},
    {"ready, but not yet for minReadySeconds, does not count", R"({"replicas":3})",
     R"({"replicas":3,"readyReplicas":3,"availableReplicas":1})", 3, 1, 3},
    {"without a status nothing is there", R"({"replicas":3})", "null", 3, 0, 0},
    {"replicas that are not told are the API's default", "{}", "{}", 1, 0, 0},
    {"what a scale-down will end does not count, though the status lags", R"({"replicas":1})",
     R"({"observedGeneration":1,"replicas":5,"availableReplicas":5})", 1, 1, 5},
    {"a status that lags a scale-up shows what is there", R"({"replicas":5})",
     R"({"observedGeneration":1,"replicas":2,"availableReplicas":2})", 5, 2, 2},
    {"a rollout's surge does not count", R"({"replicas":4})", R"({"replicas":5,"availableReplicas":5})", 4, 4, 5},
};

TEST(ReadDeployment, CountsByTheRuleInEveryRow) {
  for (const DeploymentRow& row : kDeployments) {
    SCOPED_TRACE(row.name);
    const auto parsed =
        ParseJson(std::string(R"({"metadata":{"name":"a","resourceVersion":"12","generation":2},"spec":)") + row.spec +
                  R"(,"status":)" + row.status + "}");
    ASSERT_TRUE(parsed);
    const auto state = ReadDeployment(*parsed);
    ASSERT_TRUE(state) << state.error().what;
    EXPECT_EQ(state->replicas_wanted, row.wanted);
    EXPECT_EQ(state->replicas_ready, row.ready);
    EXPECT_EQ(state->replicas_total, row.total);
    EXPECT_EQ(state->revision, "12");
  }
}

TEST(ReadDeployment, RefusesCountsThatAreNone) {
  for (const char* text :
       {R"({"spec":{"replicas":"3"}})", R"({"spec":{"replicas":-1}})", R"({"spec":{"replicas":1.5}})",
        R"({"spec":{"replicas":99999999999}})", R"({"spec":{},"status":{"availableReplicas":[]}})",
        R"({"spec":{},"status":{"replicas":true}})"}) {
    const auto parsed = ParseJson(text);
    ASSERT_TRUE(parsed);
    EXPECT_FALSE(ReadDeployment(*parsed)) << text;
  }
}

TEST(ReadScale, TakesAMissingCountForZero) {
  const auto scale =
      ReadScale(R"({"kind":"Scale","metadata":{"resourceVersion":"8"},"spec":{},"status":{"replicas":2}})");
  ASSERT_TRUE(scale) << scale.error().what;
  EXPECT_EQ(scale->replicas, 0);
  EXPECT_EQ(scale->revision, "8");
}

TEST(ReadScale, RefusesWhatIsNoScale) {
  for (const char* body :
       {"", "{}", R"({"kind":"Deployment","metadata":{"resourceVersion":"8"},"spec":{"replicas":1}})",
        R"({"kind":"Scale","spec":{"replicas":1}})",
        R"({"kind":"Scale","metadata":{"resourceVersion":"8"},"spec":{"replicas":"x"}})"}) {
    EXPECT_FALSE(ReadScale(body)) << body;
  }
}

TEST(ScalePatch, AlwaysStatesTheCountAndThePrecondition) {
  EXPECT_EQ(ScalePatch(0, "42"), R"({"metadata":{"resourceVersion":"42"},"spec":{"replicas":0}})");
}

}  // namespace
}  // namespace spillway::k8s
