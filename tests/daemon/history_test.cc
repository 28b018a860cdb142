// The last hour in samples, as it is kept and as GET /api/v1/apps/{app}/history answers it.
#include "src/daemon/history.h"

#include <gtest/gtest.h>

#include "tests/daemon/api_world.h"

namespace spillway::daemon {
namespace {

using Texts = std::vector<std::string>;
constexpr WallTime kStart{std::chrono::hours{490000}};

TEST(History, TheNewestSampleIsThePresentUntilItIsFarEnoughFromTheOneBefore) {
  History history;
  history.Take("shop", kStart, "a");
  history.Take("shop", kStart + 4s, "b");
  history.Take("shop", kStart + 8s, "c");
  EXPECT_EQ(history.Samples("shop", std::nullopt), (Texts{"a", "c"}));
  history.Take("shop", kStart + 12s, "d");
  history.Take("shop", kStart + 13s, "e");
  EXPECT_EQ(history.Samples("shop", std::nullopt), (Texts{"a", "d", "e"}));
  EXPECT_EQ(history.Samples("shop", kStart + 12s), Texts{"e"});
  EXPECT_EQ(history.Samples("nobody", std::nullopt), Texts{});
}

TEST(History, HoldsAnHourOfEachApplicationHoweverOftenItIsLookedAt) {
  History history;
  for (int tenths = 0; tenths < 3 * 36000; ++tenths) {
    history.Take("shop", kStart + tenths * 100ms, std::to_string(tenths / 10));
  }
  const Texts kept = history.Samples("shop", std::nullopt);
  EXPECT_LE(kept.size(), History::kKept);
  EXPECT_GE(kept.size(), History::kKept - 5);
  EXPECT_GE(std::stoi(kept.front()), 2 * 3600 - 1);
  EXPECT_EQ(kept.back(), std::to_string(3 * 3600 - 1));
}

TEST(History, GoesOnWhenTheClockIsSetBack) {
  History history;
  history.Take("shop", kStart, "a");
  history.Take("shop", kStart + 20s, "b");
  history.Take("shop", kStart + 10s, "c");
  history.Take("shop", kStart + 30s, "d");
  EXPECT_EQ(history.Samples("shop", std::nullopt), (Texts{"a", "c", "d"}));
}

TEST(History, BeginsWithWhatTheJournalHas) {
  History history;
  const std::string state =
      R"({"demand":{"replicas":6,"homeMax":4},"sites":[{"site":"us","role":"home","share":{"intended":0.6,"written":1}},)"
      R"({"site":"eu","role":"overflow","replicas":{"ready":3},"share":{"intended":0.4,"written":0,"measured":0.1}}]})";
  history.Recall({R"({"app":"shop","time":"2026-01-01T00:00:00Z","state":)" + state + "}", "cut o",
                  R"({"app":"shop","time":"2026-01-01T00:00:20Z","state":{}})"});
  EXPECT_EQ(
      history.Samples("shop", std::nullopt),
      (Texts{R"({"time":"2026-01-01T00:00:00Z","demand":6.0,"capacity":{"home":4,"overflow":3},"share":{)"
             R"("eu":{"intended":0.4,"written":0.0,"measured":0.1},"us":{"intended":0.6,"written":1.0}}})",
             R"({"time":"2026-01-01T00:00:20Z","demand":null,"capacity":{"home":null,"overflow":0},"share":{}})"}));
}

TEST(History, OfARecordThatWroteTrafficItTakesWhatWasWritten) {
  const auto written = [](const std::string& outcome, const std::string& ratio) {
    History history;
    history.Recall(
        {R"({"app":"shop","time":"2026-01-01T00:00:00Z","writes":[{"target":"kubernetes","outcome":"done"},)"
         R"({"target":"avi","outcome":")" +
         outcome + R"("}],"answer":{"layout":{"eu":{"place":"served","ratio":)" + ratio +
         R"(,"rank":0},"us":{"place":"served","ratio":3,"rank":0},"asia":{"place":"parked","ratio":1,"rank":0}}},)"
         R"("state":{"sites":[{"site":"us","share":{"written":1}},{"site":"eu","share":{"written":0}},)"
         R"({"site":"asia","share":{"written":0}}]}})"});
    const auto sample = ParseJson(history.Samples("shop", std::nullopt).at(0));
    return NumberAt(*sample, "share.eu.written").value_or(-1);
  };
  EXPECT_EQ(written("done", "1"), 0.25);
  EXPECT_EQ(written("retry", "1"), 0);
  EXPECT_EQ(written("done", "99"), 0) << "no ratio that was ever written";
}

TEST(History, ForgetsApplicationsThatAreConfiguredNoMore) {
  History history;
  history.Take("shop", kStart, "a");
  history.Take("blog", kStart, "b");
  history.KeepOnly({"blog"});
  EXPECT_EQ(history.Samples("shop", std::nullopt), Texts{});
  EXPECT_EQ(history.Samples("blog", std::nullopt), Texts{"b"});
}

class HistoryApiTest : public ApiTest {};

TEST_F(HistoryApiTest, AnswersWhatWasSoWhenItWasLookedAt) {
  const auto none = Json("/api/v1/apps/shop/history");
  EXPECT_EQ(Find(none, "samples")->Size(), 0U);
  world_.SetDemand(2, std::nullopt);
  Look();
  world_.clock.Advance(12s);
  world_.Confirm();
  world_.SetDemand(4, 6.0);
  Look();
  const auto answer = Json("/api/v1/apps/shop/history");
  EXPECT_EQ(StringAt(answer, "app"), "shop");
  EXPECT_EQ(NumberAt(answer, "everySeconds"), 10);
  const JsonValue& samples = *Find(answer, "samples");
  ASSERT_EQ(samples.Size(), 2U);
  EXPECT_EQ(NumberAt(samples[0], "demand"), 2);
  EXPECT_EQ(NumberAt(samples[1], "demand"), 6);
  EXPECT_EQ(IntAt(samples[1], "capacity.home"), 4);
  EXPECT_EQ(IntAt(samples[1], "capacity.overflow"), 0);
  EXPECT_EQ(NumberAt(samples[1], "share.us.written"), 1);
  EXPECT_EQ(NumberAt(samples[1], "share.eu.written"), 0);

  const std::string first = *StringAt(samples[0], "time");
  EXPECT_EQ(Find(Json("/api/v1/apps/shop/history?since=" + first), "samples")->Size(), 1U);
  EXPECT_EQ(Get("/api/v1/apps/shop/history?since=today").status, 422);
  EXPECT_EQ(Get("/api/v1/apps/nobody/history").status, 404);
}

}  // namespace
}  // namespace spillway::daemon
