#include "src/base/time_text.h"

#include <gtest/gtest.h>

#include <vector>

namespace spillway {
namespace {

TEST(TimeText, ReadsDurations) {
  struct Row {
    std::string text;
    std::optional<Duration> expected;
  };
  const std::vector<Row> rows = {
      {"0s", 0s},
      {"10s", 10s},
      {"5m", 5min},
      {"1h30m", 90min},
      {"250ms", 250ms},
      {"1m500ms", 60'500ms},
      {"90s", 90s},
      {"", std::nullopt},
      {"10", std::nullopt},
      {"s", std::nullopt},
      {"-1s", std::nullopt},
      {"+1s", std::nullopt},
      {"1.5s", std::nullopt},
      {" 1s", std::nullopt},
      {"1s ", std::nullopt},
      {"1 s", std::nullopt},
      {"1d", std::nullopt},
      {"1M", std::nullopt},
      {"1h-5m", std::nullopt},
      {"1000000s", 1'000'000s},
      {"1000001s", std::nullopt},
      {"99999999999999999999s", std::nullopt},
      {"1000000h", 1'000'000h},
      {"1000000h1ms", std::nullopt},
  };
  for (const Row& row : rows) EXPECT_EQ(ParseDuration(row.text), row.expected) << "\"" << row.text << "\"";
}

// Each part is in range; their sum is not, and would come out negative.
TEST(TimeText, PartsThatTogetherOverflowAreNoDuration) {
  std::string text;
  for (int parts = 0; parts < 2600; ++parts) text += "1000000h";
  EXPECT_EQ(ParseDuration(text), std::nullopt);
}

TEST(TimeText, WritesTheShortestDuration) {
  struct Row {
    Duration duration;
    std::string expected;
  };
  const std::vector<Row> rows = {{0s, "0s"},          {10s, "10s"},     {90s, "1m30s"}, {1h, "1h"},
                                 {1h + 1ms, "1h1ms"}, {250ms, "250ms"}, {400us, "0s"},  {600us, "1ms"},
                                 {1'499us, "1ms"},    {-5s, "0s"},      {25h, "25h"}};
  for (const Row& row : rows) EXPECT_EQ(DurationText(row.duration), row.expected);
}

TEST(TimeText, DurationsSurviveWritingAndReading) {
  for (const Duration d : std::vector<Duration>{1ms, 999ms, 1s, 59s, 60s, 61s, 3599s, 1h, 25h + 61s + 7ms}) {
    EXPECT_EQ(ParseDuration(DurationText(d)), d) << DurationText(d);
  }
}

TEST(TimeText, WritesRfc3339) {
  const WallTime t{std::chrono::microseconds{1'767'261'600'000'007}};
  EXPECT_EQ(Rfc3339(t), "2026-01-01T10:00:00Z");
  EXPECT_EQ(Rfc3339Micro(t), "2026-01-01T10:00:00.000007Z");
  EXPECT_EQ(Rfc3339Micro(WallTime{std::chrono::microseconds{-1}}), "1969-12-31T23:59:59.999999Z");
}

TEST(TimeText, ReadsRfc3339) {
  struct Row {
    const char* text;
    const char* expected;  // nullptr: refused
  };
  const std::vector<Row> rows = {
      {"2026-01-01T10:00:00Z", "2026-01-01T10:00:00.000000Z"},
      {"2026-01-01t10:00:00z", "2026-01-01T10:00:00.000000Z"},
      {"2026-01-01T10:00:00.5Z", "2026-01-01T10:00:00.500000Z"},
      {"2026-01-01T10:00:00.123456789Z", "2026-01-01T10:00:00.123456Z"},
      {"2026-01-01T10:00:00+01:30", "2026-01-01T08:30:00.000000Z"},
      {"2026-01-01T00:00:00-00:01", "2026-01-01T00:01:00.000000Z"},
      {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000Z"},
      {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000Z"},
      {"2025-02-29T00:00:00Z", nullptr},
      {"2026-13-01T00:00:00Z", nullptr},
      {"2026-00-01T00:00:00Z", nullptr},
      {"2026-01-01T24:00:00Z", nullptr},
      {"2026-01-01T00:60:00Z", nullptr},
      {"2026-01-01T00:00:61Z", nullptr},
      {"2026-01-01T00:00:00", nullptr},
      {"2026-01-01 00:00:00Z", nullptr},
      {"2026-01-01T00:00:00.Z", nullptr},
      {"2026-01-01T00:00:00.1234567890Z", nullptr},
      {"2026-01-01T00:00:00+24:00", nullptr},
      {"2026-01-01T00:00:00+0100", nullptr},
      {"2026-01-01T00:00:00ZZ", nullptr},
      {"-026-01-01T00:00:00Z", nullptr},
      {"", nullptr},
  };
  for (const Row& row : rows) {
    const auto read = ParseRfc3339(row.text);
    EXPECT_EQ(read ? Rfc3339Micro(*read) : "refused", row.expected == nullptr ? "refused" : row.expected) << row.text;
  }
}

}  // namespace
}  // namespace spillway
