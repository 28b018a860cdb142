// The small values of the room: results, randomness, back-off, clocks, HTTP's texts.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "src/base/backoff.h"
#include "src/base/clock.h"
#include "src/base/http.h"
#include "src/base/result.h"
#include "src/base/rng.h"

namespace spillway {
namespace {

TEST(Result, HoldsAValueOrAnError) {
  const Result<std::string> value = std::string("x");
  ASSERT_TRUE(value);
  EXPECT_EQ(*value, "x");
  EXPECT_EQ(value->size(), 1U);
  const Result<std::string> error = Error{Code::kReread, "old"};
  ASSERT_FALSE(error);
  EXPECT_EQ(error.error().code, Code::kReread);
  EXPECT_EQ(error.error().what, "old");
  EXPECT_TRUE(Ok());
}

TEST(Result, TheWrongSideThrowsAndIsNotUndefined) {
  const Result<int> error = Error{Code::kRetry, ""};
  EXPECT_THROW((void)*error, std::bad_variant_access);
  const Result<int> value = 1;
  EXPECT_THROW((void)value.error(), std::bad_variant_access);
}

TEST(Result, GivesUpItsValueByMove) {
  Result<std::vector<int>> made = std::vector<int>(1000);
  const int* before = made->data();
  const std::vector<int> taken = *std::move(made);
  EXPECT_EQ(taken.data(), before);
}

TEST(Rng, IsSplitMix64) {
  // Source: the reference implementation's outputs for seeds 0 and 1234567.
  Rng zero(0);
  EXPECT_EQ(zero.Next(), 0xe220a8397b1dcdafULL);
  EXPECT_EQ(zero.Next(), 0x6e789e6aa1b965f4ULL);
  EXPECT_EQ(zero.Next(), 0x06c45d188009454fULL);
  Rng other(1234567);
  EXPECT_EQ(other.Next(), 6457827717110365317ULL);
  EXPECT_EQ(other.Next(), 3203168211198807973ULL);
}

TEST(Rng, FractionsStayInsideAndSpread) {
  Rng rng(7);
  double sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double f = rng.Fraction();
    ASSERT_GE(f, 0.0);
    ASSERT_LT(f, 1.0);
    sum += f;
  }
  EXPECT_NEAR(sum / 10'000, 0.5, 0.02);
}

TEST(Rng, BelowReachesEveryValueAndNoOther) {
  Rng rng(7);
  std::vector<int> seen(5);
  for (int i = 0; i < 1000; ++i) ++seen.at(rng.Below(5));
  for (const int count : seen) EXPECT_GT(count, 100);
}

TEST(Rng, ASplitGeneratorGoesItsOwnWay) {
  Rng one(1);
  Rng part = one.Split();
  Rng same(1);
  Rng same_part = same.Split();
  part.Next();
  EXPECT_EQ(one.Next(), same.Next()) << "draws of the part do not shift the whole";
  same_part.Next();
  EXPECT_EQ(part.Next(), same_part.Next());
}

TEST(Backoff, DoublesUpToItsMostWithJitterAbove) {
  Backoff backoff(Rng(1), 100ms, 1s, 2min);
  ManualClock clock;
  for (const Duration base : std::vector<Duration>{100ms, 200ms, 400ms, 800ms, 1s, 1s}) {
    const Duration wait = backoff.Failed(clock.Now());
    EXPECT_GE(wait, base);
    EXPECT_LE(wait, 2 * base);
    clock.Advance(wait);
  }
}

TEST(Backoff, StartsAgainAfterSuccessOrQuiet) {
  Backoff backoff(Rng(1), 100ms, 10s, 2min);
  ManualClock clock;
  for (int i = 0; i < 5; ++i) backoff.Failed(clock.Now());
  EXPECT_GT(backoff.Failed(clock.Now()), 1s);
  backoff.Succeeded();
  EXPECT_LE(backoff.Failed(clock.Now()), 200ms);
  for (int i = 0; i < 5; ++i) backoff.Failed(clock.Now());
  clock.Advance(2min + 1s);
  EXPECT_LE(backoff.Failed(clock.Now()), 200ms);
}

TEST(Clock, TheManualOneMovesOnlyByHand) {
  ManualClock clock;
  const Instant start = clock.Now();
  const WallTime wall = clock.WallNow();
  EXPECT_GT(start, Instant{}) << "away from zero";
  EXPECT_EQ(clock.Now(), start);
  clock.SleepUntil(start + 5s);
  EXPECT_EQ(clock.Now(), start + 5s);
  clock.SleepUntil(start);
  EXPECT_EQ(clock.Now(), start + 5s) << "never back";
  EXPECT_EQ(clock.WallNow(), wall + 5s);
  clock.StepWall(-1h);
  EXPECT_EQ(clock.Now(), start + 5s) << "a step of the wall is no time";
  EXPECT_EQ(clock.WallNow(), wall + 5s - 1h);
}

TEST(Clock, TheMachinesGoesOn) {
  SystemClock clock;
  const Instant start = clock.Now();
  clock.SleepUntil(start + 2ms);
  EXPECT_GE(clock.Now(), start + 2ms);
}

TEST(HttpHeaders, CompareNamesWithoutCaseAndKeepTheOrder) {
  HttpHeaders headers = {{"Set-Cookie", "a=1"}, {"X", "y"}, {"set-cookie", "b=2"}};
  EXPECT_EQ(headers.Find("SET-COOKIE"), "a=1");
  EXPECT_EQ(headers.FindAll("Set-cookie"), (std::vector<std::string>{"a=1", "b=2"}));
  EXPECT_EQ(headers.Find("Cookie"), std::nullopt);
  headers.Set("set-COOKIE", "c=3");
  EXPECT_EQ(headers.FindAll("Set-Cookie"), std::vector<std::string>{"c=3"});
  EXPECT_EQ(headers.fields().front().first, "X");
}

TEST(HttpText, PercentCodingIsItsOwnInverse) {
  std::string every;
  for (int c = 0; c < 256; ++c) every += static_cast<char>(c);
  EXPECT_EQ(PercentDecode(PercentEncode(every), false), every);
  EXPECT_EQ(PercentDecode(PercentEncode(every), true), every);
  EXPECT_EQ(PercentEncode("aZ09-._~ /%+"), "aZ09-._~%20%2F%25%2B");
}

TEST(HttpText, DecodesOrRefuses) {
  EXPECT_EQ(PercentDecode("a%2fb%2F+", false), "a/b/+");
  EXPECT_EQ(PercentDecode("a+b%2B", true), "a b+");
  for (const char* bad : {"%", "a%", "%4", "%zz", "%4g", "100%"}) {
    EXPECT_EQ(PercentDecode(bad, false), std::nullopt) << bad;
  }
}

TEST(HttpText, ReadsQueries) {
  using Fields = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(ParseQuery("a=1&b=x%20y&a=2&&c&d="), (Fields{{"a", "1"}, {"b", "x y"}, {"a", "2"}, {"c", ""}, {"d", ""}}));
  EXPECT_EQ(ParseQuery("a=b=c&%zz=%"), (Fields{{"a", "b=c"}, {"%zz", "%"}}));
  EXPECT_EQ(ParseQuery(""), Fields{});
  EXPECT_EQ(QueryValue("/p?x=1&y=2&x=3", "x"), "1");
  EXPECT_EQ(QueryValue("/p?x=1", "z"), std::nullopt);
  EXPECT_EQ(QueryValue("/p", "x"), std::nullopt);
  EXPECT_EQ(SplitTarget("/p?a?b").second, "a?b");
  EXPECT_EQ(SplitTarget("/p").first, "/p");
}

}  // namespace
}  // namespace spillway
