#include "src/base/http_date.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

TEST(HttpDate, IsWrittenAndReadAsTheStandardHasIt) {
  const WallTime t{std::chrono::seconds{784111777}};
  EXPECT_EQ(HttpDate(t), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(ParseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT"), t);
  EXPECT_EQ(HttpDate(t + 900ms), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(HttpDate, AnythingElseIsNone) {
  for (const char* text :
       {"", "now", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Mon, 06 Nov 1994 08:49:37 GMT",
        "Sun, 31 Jun 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT and more"}) {
    EXPECT_FALSE(ParseHttpDate(text)) << text;
  }
}

}  // namespace
}  // namespace spillway
