#include "tools/lab/population.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "src/base/clock.h"
#include "tools/lab/dns/rotation.h"

namespace spillway::lab {
namespace {

TEST(Population, AResolverKeepsAnAnswerForItsTtl) {
  PopulationOptions options;
  options.overstayers = 0;
  Population people(options, 1);
  const Instant now{1h};
  EXPECT_EQ(people.Cached(3, now), std::nullopt);
  people.Learn(3, "127.10.0.10", 3s, now);
  EXPECT_EQ(people.Cached(3, now + 2999ms), "127.10.0.10");
  EXPECT_EQ(people.Cached(3, now + 3s), std::nullopt);
  EXPECT_EQ(people.Cached(4, now), std::nullopt) << "another resolver's cache is its own";
}

TEST(Population, AnOverstayerKeepsItForLongerButNotSilenceEither) {
  PopulationOptions options;
  options.overstayers = 1;
  Population people(options, 1);
  const Instant now{1h};
  people.Learn(0, "127.10.0.10", 3s, now);
  EXPECT_EQ(people.Cached(0, now + 11s), "127.10.0.10");
  EXPECT_EQ(people.Cached(0, now + 12s), std::nullopt);
  people.Learn(0, "", 0s, now);
  EXPECT_EQ(people.Cached(0, now + 999ms), "") << "that there is no answer is remembered, at least for a second";
  EXPECT_EQ(people.Cached(0, now + 1s), std::nullopt);
}

TEST(Population, AConnectionOutlivesTheAnswerButNotItsBound) {
  Population people({}, 1);
  const Instant now{1h};
  const Population::Client client = people.Next();
  EXPECT_EQ(people.Connection(client, now), std::nullopt);
  people.Connect(client, "127.20.0.10", now);
  EXPECT_EQ(people.Connection(client, now + 1s), "127.20.0.10");
  EXPECT_EQ(people.Connection(client, now + 2s), std::nullopt);
  people.Connect(client, "127.20.0.10", now);
  people.Disconnect(client);
  EXPECT_EQ(people.Connection(client, now), std::nullopt);
}

TEST(Population, ClientsComeByThePopularityOfTheirResolver) {
  PopulationOptions options;
  options.resolvers = 10;
  options.skew = 1;
  Population people(options, 5);
  std::vector<int> count(10);
  for (int i = 0; i < 29'290; ++i) ++count.at(people.Next().resolver);
  // The harmonic sum of ten is 2.929: the first gets 10,000 of them, the second half as many.
  EXPECT_NEAR(count[0], 10'000, 300);
  EXPECT_NEAR(count[1], 5'000, 250);
  EXPECT_NEAR(count[9], 1'000, 120);
}

TEST(Population, SkewCostsEffectiveResolvers) {
  struct Row {
    std::string claim;
    double skew, least, most;
  };
  const std::vector<Row> rows = {
      {"all alike count in full", 0, 199.9, 200.1},
      {"the lab's mild skew costs little", PopulationOptions{}.skew, 170, 180},
      {"popularity as on the Internet costs nearly all", 1, 15, 25},
  };
  for (const Row& row : rows) {
    PopulationOptions options;
    options.skew = row.skew;
    const double effective = Population(options, 1).EffectiveResolvers();
    EXPECT_GT(effective, row.least) << row.claim;
    EXPECT_LT(effective, row.most) << row.claim;
  }
}

TEST(Population, MeasuredSharesAreWithinFivePointsOfThePublishedOnes) {
  // The lab's own promise, in virtual time: 120 requests a second, TTL 3 s, ratios 2:1, measured over 5 s.
  const std::vector<Candidate> members = {{"home", 2}, {"overflow", 1}};
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Population people({}, seed);
    Rotation rotation(seed);
    Instant now{1h};
    int home = 0;
    constexpr int kWarmUp = 1200;
    constexpr int kMeasured = 600;
    for (int i = 0; i < kWarmUp + kMeasured; ++i, now += Duration{1s} / 120) {
      const Population::Client client = people.Next();
      std::optional<std::string> address = people.Connection(client, now);
      if (!address) {
        address = people.Cached(client.resolver, now);
        if (!address) {
          address = members.at(rotation.Pick("p", members, 1).at(0)).key;
          people.Learn(client.resolver, *address, 3s, now);
        }
        people.Connect(client, *address, now);
      }
      if (i >= kWarmUp && *address == "home") ++home;
    }
    EXPECT_NEAR(home / static_cast<double>(kMeasured), 2.0 / 3, 0.05) << "seed " << seed;
  }
}

}  // namespace
}  // namespace spillway::lab
