#include "tools/lab/dns/rotation.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace spillway::lab {
namespace {

std::map<std::string, int> Firsts(Rotation& rotation, const std::vector<Candidate>& candidates, int rounds) {
  std::map<std::string, int> count;
  for (int i = 0; i < rounds; ++i) ++count[candidates.at(rotation.Pick("p", candidates, 1).at(0)).key];
  return count;
}

TEST(Rotation, RatiosOneTwoThreeGiveASixthAThirdAndAHalf) {
  Rotation rotation(7);
  EXPECT_EQ(Firsts(rotation, {{"a", 1}, {"b", 2}, {"c", 3}}, 6000),
            (std::map<std::string, int>{{"a", 1000}, {"b", 2000}, {"c", 3000}}));
}

TEST(Rotation, IsSmooth) {
  // A rotation that serves its turns in bursts would give b four times in a row somewhere.
  Rotation rotation(3);
  const std::vector<Candidate> candidates = {{"a", 5}, {"b", 5}};
  std::size_t before = rotation.Pick("p", candidates, 1).at(0);
  for (int i = 0; i < 100; ++i) {
    const std::size_t now = rotation.Pick("p", candidates, 1).at(0);
    EXPECT_NE(now, before);
    before = now;
  }
}

TEST(Rotation, ShowsAllInRotatedOrderWhenAskedForAll) {
  Rotation rotation(1);
  const std::vector<Candidate> candidates = {{"a", 1}, {"b", 1}, {"c", 1}};
  std::map<std::size_t, int> firsts;
  for (int i = 0; i < 30; ++i) {
    const std::vector<std::size_t> order = rotation.Pick("p", candidates, 0);
    ASSERT_EQ(order.size(), 3U);
    ++firsts[order[0]];
  }
  EXPECT_EQ(firsts, (std::map<std::size_t, int>{{0, 10}, {1, 10}, {2, 10}}));
}

TEST(Rotation, NewRatiosAreExactFromTheFirstRoundOn) {
  Rotation rotation(9);
  Firsts(rotation, {{"a", 20}, {"b", 1}}, 13);
  EXPECT_EQ(Firsts(rotation, {{"a", 1}, {"b", 3}}, 400), (std::map<std::string, int>{{"a", 100}, {"b", 300}}));
}

TEST(Rotation, TheSameSeedGivesTheSameAnswers) {
  Rotation one(42);
  Rotation other(42);
  const std::vector<Candidate> candidates = {{"a", 7}, {"b", 4}};
  for (int i = 0; i < 50; ++i) EXPECT_EQ(one.Pick("p", candidates, 0), other.Pick("p", candidates, 0));
}

TEST(Rotation, NobodyIsPickedFromNobody) {
  Rotation rotation(1);
  EXPECT_TRUE(rotation.Pick("p", {}, 1).empty());
}

}  // namespace
}  // namespace spillway::lab
