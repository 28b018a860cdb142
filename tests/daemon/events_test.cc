#include "src/daemon/events.h"

#include <gtest/gtest.h>

#include <thread>

namespace spillway::daemon {
namespace {

std::string Joined(const std::vector<EventText>& events) {
  std::string text;
  for (const EventText& event : events) text += *event;
  return text;
}

TEST(EventHub, SendsRecordsInOrderAndOfAStateOnlyTheNewest) {
  EventHub hub("7");
  auto opened = hub.Subscribe("", "vera", "");
  ASSERT_TRUE(opened.subscription);
  EXPECT_FALSE(opened.gap);
  hub.State("shop", [] { return std::string("1"); });
  hub.Record("decision", "shop", "{\"n\":1}");
  hub.State("shop", [] { return std::string("2"); });
  hub.State("till", [] { return std::string("3"); });
  hub.Record("audit", "shop", "{\"n\":2}");
  EXPECT_EQ(Joined(opened.subscription->Take(0s)),
            "event: decision\nid: 7-1\ndata: {\"n\":1}\n\nevent: audit\nid: 7-2\ndata: {\"n\":2}\n\n"
            "event: state\ndata: 2\n\nevent: state\ndata: 3\n\n");
  EXPECT_TRUE(opened.subscription->Take(0s).empty());
}

TEST(EventHub, SendsOneApplicationOnlyToWhoAskedForIt) {
  EventHub hub("7");
  auto opened = hub.Subscribe("till", "vera", "");
  bool made = false;
  hub.State("shop", [&] {
    made = true;
    return std::string("1");
  });
  hub.Record("decision", "shop", "{}");
  EXPECT_FALSE(made) << "nobody listens, so it is not even written";
  EXPECT_TRUE(opened.subscription->Take(0s).empty());
  hub.Record("decision", "till", "{}");
  EXPECT_EQ(opened.subscription->Take(0s).size(), 1U);
}

TEST(EventHub, ReplaysWhatCameSinceTheLastIdOrSaysThatThereIsAGap) {
  struct Row {
    const char* what;
    std::string last_id;
    std::size_t replayed;
    bool gap;
  };
  EventHub hub("7");
  for (int i = 0; i < 3; ++i) hub.Record("decision", "shop", "{}");
  const Row rows[] = {
      {"none seen: from now on", "", 0, false},
      {"one seen: the other two", "7-1", 2, false},
      {"all seen", "7-3", 0, false},
      {"before the first one", "7-0", 3, false},
      {"of an earlier process", "6-3", 0, true},
      {"of the future", "7-4", 0, true},
      {"not a number", "7-x", 0, true},
      {"not an id at all", "hello", 0, true},
  };
  for (const Row& row : rows) {
    auto opened = hub.Subscribe("", "vera", row.last_id);
    EXPECT_EQ(opened.subscription->Take(0s).size(), row.replayed) << row.what;
    EXPECT_EQ(opened.gap, row.gap) << row.what;
  }
  for (std::size_t i = 0; i < EventHub::kReplay; ++i) hub.Record("decision", "shop", "{}");
  EXPECT_TRUE(hub.Subscribe("", "vera", "7-2").gap) << "the third is not kept any more";
  EXPECT_FALSE(hub.Subscribe("", "vera", "7-3").gap);
}

TEST(EventHub, KeepsNoMoreBytesThanItMay) {
  EventHub hub("7");
  const std::string tenth = "\"" + std::string(EventHub::kReplayBytes / 10, 'x') + "\"";
  for (int i = 0; i < 20; ++i) hub.Record("decision", "shop", tenth);
  EXPECT_TRUE(hub.Subscribe("", "vera", "7-10").gap) << "ten of them are more than it may keep";
  auto opened = hub.Subscribe("", "vera", "7-11");
  EXPECT_FALSE(opened.gap);
  EXPECT_EQ(opened.subscription->Take(0s).size(), 9U);
  hub.Record("decision", "shop", std::string(2 * EventHub::kReplayBytes, 'x'));
  EXPECT_FALSE(hub.Subscribe("", "vera", "7-20").gap) << "the last one always";
  EXPECT_TRUE(hub.Subscribe("", "vera", "7-19").gap);
}

TEST(EventHub, EndsAListenerThatLagsAndNoOther) {
  EventHub hub("7");
  auto slow = hub.Subscribe("", "vera", "");
  auto quick = hub.Subscribe("", "vera", "");
  std::size_t got = 0;
  for (std::size_t i = 0; i <= EventHub::kLagMost; ++i) {
    hub.Record("decision", "shop", "{}");
    got += quick.subscription->Take(0s).size();
  }
  EXPECT_TRUE(slow.subscription->ended());
  EXPECT_TRUE(slow.subscription->Take(0s).empty());
  EXPECT_FALSE(quick.subscription->ended());
  EXPECT_EQ(got, EventHub::kLagMost + 1);
}

TEST(EventHub, WelcomesAsManyAsItMayAndNoMore) {
  EventHub hub("7");
  std::vector<std::unique_ptr<Subscription>> open;
  for (std::size_t i = 0; i < EventHub::kListenersOfOne; ++i) {
    open.push_back(std::move(hub.Subscribe("", "vera", "").subscription));
  }
  EXPECT_FALSE(hub.Subscribe("", "vera", "").subscription);
  EXPECT_TRUE(hub.Subscribe("", "otto", "").subscription) << "one can't take the place of others";
  for (std::size_t i = open.size(); i < EventHub::kListenersMost; ++i) {
    open.push_back(std::move(hub.Subscribe("", std::to_string(i), "").subscription));
    ASSERT_TRUE(open.back());
  }
  EXPECT_FALSE(hub.Subscribe("", "otto", "").subscription);
  open.pop_back();
  EXPECT_TRUE(hub.Subscribe("", "otto", "").subscription) << "a place that became free";
}

TEST(EventHub, EndAllWakesWhoWaits) {
  EventHub hub("7");
  auto opened = hub.Subscribe("", "vera", "");
  std::thread waiting([&] { EXPECT_TRUE(opened.subscription->Take(1h).empty()); });
  hub.EndAll();
  waiting.join();
  EXPECT_TRUE(opened.subscription->ended());
  EXPECT_FALSE(hub.Subscribe("", "vera", "").subscription->ended()) << "who comes later is welcome";
}

}  // namespace
}  // namespace spillway::daemon
