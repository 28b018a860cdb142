#include "src/base/router.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

enum Id { kApps, kApp, kDecisions, kHold, kRelease, kBest, kRoot };

const Router& Routes() {
  static const Router router = [] {
    Router made;
    made.Add("GET", "/", kRoot);
    made.Add("GET", "/api/v1/apps", kApps);
    made.Add("GET", "/api/v1/apps/{app}", kApp);
    made.Add("GET", "/api/v1/apps/best", kBest);
    made.Add("GET", "/api/v1/apps/{app}/decisions", kDecisions);
    made.Add("PUT", "/api/v1/apps/{app}/holds/{site}", kHold);
    made.Add("DELETE", "/api/v1/apps/{app}/holds/{site}", kRelease);
    return made;
  }();
  return router;
}

struct Row {
  const char* claim;
  const char* method;
  std::string target;
  int status;
  int id;
  std::vector<std::string> captured;
  std::string allow;
};

TEST(Router, FindsWhatWasMeant) {
  const std::vector<Row> rows = {
      {"the root is a path", "GET", "/", 200, kRoot, {}, ""},
      {"a literal path", "GET", "/api/v1/apps", 200, kApps, {}, ""},
      {"the query does not matter", "GET", "/api/v1/apps?x=/y/z", 200, kApps, {}, ""},
      {"a segment is captured", "GET", "/api/v1/apps/shop", 200, kApp, {"shop"}, ""},
      {"a literal wins over a capture", "GET", "/api/v1/apps/best", 200, kBest, {}, ""},
      {"captures are decoded", "GET", "/api/v1/apps/a%20b%3f/decisions", 200, kDecisions, {"a b?"}, ""},
      {"two captures keep their order", "PUT", "/api/v1/apps/shop/holds/azure", 200, kHold, {"shop", "azure"}, ""},
      {"one path, two methods", "DELETE", "/api/v1/apps/shop/holds/azure", 200, kRelease, {"shop", "azure"}, ""},
      {"HEAD finds GET", "HEAD", "/api/v1/apps/shop", 200, kApp, {"shop"}, ""},
      {"another method is 405 and says which", "POST", "/api/v1/apps/shop", 405, -1, {}, "GET, HEAD"},
      {"all methods of the path are allowed", "GET", "/api/v1/apps/shop/holds/azure", 405, -1, {}, "DELETE, PUT"},
      {"a path longer than any", "GET", "/api/v1/apps/shop/decisions/1", 404, -1, {}, ""},
      {"a path shorter than any", "GET", "/api/v1", 404, -1, {}, ""},
      {"a final slash is another path", "GET", "/api/v1/apps/", 404, -1, {}, ""},
      {"a double slash captures nothing", "GET", "/api/v1/apps//decisions", 404, -1, {}, ""},
      {"case matters", "GET", "/API/v1/apps", 404, -1, {}, ""},
      {"an encoded slash does not pass as a name", "GET", "/api/v1/apps/a%2Fb", 404, -1, {}, ""},
      {"nor does a NUL", "GET", "/api/v1/apps/a%00", 404, -1, {}, ""},
      {"nor does a malformed escape", "GET", "/api/v1/apps/a%4", 404, -1, {}, ""},
      {"braces in the path are no pattern", "GET", "/api/v1/{apps}", 404, -1, {}, ""},
  };
  for (const Row& row : rows) {
    const Router::Outcome outcome = Routes().Find(row.method, row.target);
    EXPECT_EQ(outcome.status, row.status) << row.claim;
    EXPECT_EQ(outcome.id, row.id) << row.claim;
    EXPECT_EQ(outcome.captured, row.captured) << row.claim;
    EXPECT_EQ(outcome.allow, row.allow) << row.claim;
  }
}

TEST(Router, ThePathDoesNotDependOnTheOrderOfAdding) {
  for (const bool capture_first : {true, false}) {
    Router router;
    router.Add("GET", capture_first ? "/x/{y}" : "/x/z", capture_first ? 1 : 2);
    router.Add("GET", capture_first ? "/x/z" : "/x/{y}", capture_first ? 2 : 1);
    EXPECT_EQ(router.Find("GET", "/x/z").id, 2);
    EXPECT_EQ(router.Find("GET", "/x/w").id, 1);
  }
}

TEST(Router, AVeryLongPathIsJustNotFound) {
  EXPECT_EQ(Routes().Find("GET", "/" + std::string(1U << 20U, 'a')).status, 404);
  EXPECT_EQ(Routes().Find("GET", std::string(100'000, '/')).status, 404);
}

}  // namespace
}  // namespace spillway
