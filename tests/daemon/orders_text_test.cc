#include "src/daemon/orders_text.h"

#include <gtest/gtest.h>

namespace spillway::daemon {
namespace {

constexpr Moment kThen{Instant{1h}, WallTime{std::chrono::hours{24 * 365 * 50}}};

Orders Full() {
  Order order;
  order.actor = "otto";
  order.reason = "a \"repair\"";
  order.since = kThen.now - 5min;
  Orders orders;
  auto add = [&](OrderKind kind) -> Order& {
    order.kind = kind;
    orders.standing.push_back({std::to_string(orders.standing.size()), order});
    return orders.standing.back().order;
  };
  add(OrderKind::kMode).mode = Mode::kActivePassive;
  add(OrderKind::kPause).expires = kThen.now + 1h;
  add(OrderKind::kDrain).site = "eu";
  add(OrderKind::kPinRatios).ratios = {{"us", 20}, {"eu", 0}};
  add(OrderKind::kPinReplicas).replicas = {{"eu", 7}};
  add(OrderKind::kFailover).site = "eu";
  add(OrderKind::kFailback).ticket = "CHG-1";
  orders.standing[2].order.forced = true;
  orders.answers = {{"otto", "key", "digest", kThen.wall - 1h, R"({"accepted":true})"}};
  orders.stored = {"1", "2"};
  orders.moved_at = kThen.wall - 2min;
  return orders;
}

TEST(OrdersText, KeepsEveryKindAndEveryField) {
  const Orders orders = Full();
  ASSERT_EQ(orders.standing.size(), kOrderTokens.size()) << "a new kind has to be written above";
  const auto read = ParseOrders(OrdersText(orders, kThen), kThen);
  ASSERT_TRUE(read) << read.error().what;
  ASSERT_EQ(read->standing.size(), orders.standing.size());
  for (std::size_t i = 0; i < orders.standing.size(); ++i) {
    EXPECT_EQ(read->standing[i].id, orders.standing[i].id);
    EXPECT_EQ(read->standing[i].order, orders.standing[i].order) << Token(orders.standing[i].order.kind);
  }
  ASSERT_EQ(read->answers.size(), 1U);
  EXPECT_EQ(read->answers[0].digest, "digest");
  EXPECT_EQ(read->answers[0].body, R"({"accepted":true})");
  EXPECT_EQ(read->answers[0].at, kThen.wall - 1h);
  EXPECT_EQ(read->stored, orders.stored);
  EXPECT_EQ(read->moved_at, orders.moved_at);
}

TEST(OrdersText, TimeRunsOnWhileNobodyRuns) {
  const Moment later{Instant{7s}, kThen.wall + 40min};  // another process: its monotonic clock began anew
  const auto read = ParseOrders(OrdersText(Full(), kThen), later);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->standing[1].order.expires, later.now + 20min);
}

TEST(OrdersText, SaysWhichFieldIsDamaged) {
  for (const auto& [text, says] : std::initializer_list<std::pair<const char*, const char*>>{
           {"", "not JSON"},
           {R"({"version":2})", "another version"},
           {R"({"version":1,"standing":{}})", "standing"},
           {R"({"version":1,"standing":[{"id":"1","kind":"coffee","actor":"a","reason":"r","since":"x"}]})", "kind"},
           {R"({"version":1,"standing":[{"id":"1","kind":"pause","actor":"a","reason":"r"}]})", "since"},
           {R"({"version":1,"standing":[{"id":"1","kind":"mode","actor":"a","reason":"r"}]})", "mode"},
           {R"({"version":1,"standing":[{"kind":"pause"}]})", "id"}}) {
    const auto read = ParseOrders(text, kThen);
    ASSERT_FALSE(read) << text;
    EXPECT_NE(read.error().what.find(says), std::string::npos) << read.error().what;
  }
}

}  // namespace
}  // namespace spillway::daemon
