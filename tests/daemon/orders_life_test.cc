// What becomes of orders: their end, a restart, a crash, a store that fails, a standby, a reload.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "tests/daemon/orders_world.h"

namespace spillway::daemon {
namespace {

TEST_F(OrdersTest, AnOrderEndsByItselfAndTheAuditSaysSo) {
  ASSERT_EQ(Order("pause", With(R"("ttl":"10m")")).status, 200);
  world_.clock.Advance(10min - 1us);
  Look();
  EXPECT_EQ(Standing(), Lines{"pause - by otto"});
  world_.clock.Advance(1us);
  EXPECT_TRUE(Standing().empty()) << "even before anybody looked";
  Look();
  EXPECT_EQ(Audit(), Lines{"pause by otto: accepted, expired"});
  EXPECT_EQ(world_.store.texts["shop.orders"].find("\"pause\",\"actor\""), std::string::npos);
  EXPECT_NE(Get("/metrics").body.find("spillway_override_active{app=\"shop\",kind=\"pause\"} 0\n"), std::string::npos);
}

TEST_F(OrdersTest, SurvivesARestartWithItsTimeRunningOn) {
  ASSERT_EQ(Order("drain", With(R"("site":"eu","ttl":"1h")")).status, 200);
  ASSERT_EQ(Order("pin", With(R"("replicas":{"eu":4},"ttl":"2h")"), kAdmin).status, 200);
  world_.clock.Advance(20min);
  AuditLog audit("");
  const Override override = Restarted(audit);
  ASSERT_EQ(override.orders.size(), 2U);
  EXPECT_EQ(override.orders[0].site, "eu");
  EXPECT_EQ(override.orders[0].reason, "a repair");
  EXPECT_EQ(override.orders[0].expires, world_.clock.Now() + 40min);
  EXPECT_EQ(override.orders[1].replicas.at("eu"), 4);
  world_.clock.Advance(41min);
  EXPECT_EQ(Restarted(audit).orders.size(), 1U);
}

TEST_F(OrdersTest, ACrashBetweenAcceptanceAndEffectLosesNothingAndDoublesNothing) {
  // After the audit's "asked", before the store: nobody was answered, and it is not in force.
  AuditLog audit("");
  AuditEntry asked;
  asked.id = "1";
  asked.at = world_.clock.WallNow();
  asked.app = "shop";
  asked.action = "pause";
  ASSERT_TRUE(audit.Append(asked));
  EXPECT_TRUE(Restarted(audit).orders.empty());
  EXPECT_EQ(audit.Entries(1, std::nullopt, "").front().outcome, AuditOutcome::kLost);

  // After the store, before anything of it reached the world: it is in force after the start, once.
  const auto first = Order("drain", With(R"("site":"eu")"), kOperator, "key-1");
  ASSERT_EQ(first.status, 200);
  AuditLog cut_off("");
  asked.id = *StringAt(*ParseJson(first.body), "id");
  asked.action = "drain";
  ASSERT_TRUE(cut_off.Append(asked));
  EXPECT_EQ(Restarted(cut_off).orders.size(), 1U);
  EXPECT_EQ(cut_off.Entries(1, std::nullopt, "").front().outcome, AuditOutcome::kAccepted);

  // The caller who had no answer asks again: the answer of then, and nothing twice.
  App app(world_.config, world_.ports(), world_.room());
  OrderDesk desk(app, {world_.clock, world_.store, cut_off, desk_room().leadership, [](const std::string&) {}});
  OrderRequest request;
  request.action = Action::kDrain;
  Asking asking{{"otto", Role::kOperator}, "127.0.0.1", "key-1", ""};
  const std::string& stored = world_.store.texts["shop.orders"];
  const std::size_t at = stored.find("\"digest\":\"") + 10;
  asking.digest = stored.substr(at, stored.find('"', at) - at);
  const HttpReply again = desk.Give(request, asking);
  EXPECT_EQ(again.response.body, first.body);
  EXPECT_EQ(app.View().override.orders.size(), 1U);
  EXPECT_EQ(cut_off.Entries(9, std::nullopt, "").size(), 1U);
}

TEST_F(OrdersTest, WhatCanNotBeStoredIsNotAcceptedAndNotInForce) {
  world_.store.error = Error{Code::kDenied, "no space"};
  const auto answer = Order("pause", With(""));
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(answer.body.find("nothing was done"), std::string::npos);
  EXPECT_TRUE(Standing().empty());
  EXPECT_EQ(Audit(), Lines{"pause by otto: failed"});
  world_.store.error.reset();
  EXPECT_EQ(Order("pause", With("")).status, 200);
}

TEST_F(OrdersTest, WhatCanNotBeAuditedIsNotAccepted) {
  AuditLog gone(testing::TempDir() + "/no/such/folder");
  App app(world_.config, world_.ports(), world_.room());
  app.Tick(std::nullopt);
  OrderDesk desk(app, {world_.clock, world_.store, gone, desk_room().leadership, [](const std::string&) {}});
  OrderRequest request;
  request.action = Action::kPause;
  request.order.reason = "a repair";
  request.ttl = 1h;
  const HttpReply reply = desk.Give(request, {{"otto", Role::kOperator}, "127.0.0.1", "", ""});
  EXPECT_EQ(reply.response.status, 503) << reply.response.body;
  EXPECT_TRUE(app.View().override.orders.empty());
  EXPECT_FALSE(world_.store.texts.contains("shop.orders"));
}

TEST_F(OrdersTest, OrdersThatCanNotBeReadHoldTheApplicationUntilTheyCan) {
  ASSERT_EQ(Order("drain", With(R"("site":"eu")")).status, 200);
  world_.store.load_error = Error{Code::kRetry, "no route"};
  App app(world_.config, world_.ports(), world_.room());
  OrderDesk desk(app, {world_.clock, world_.store, audit_, desk_room().leadership, [](const std::string&) {}});
  desk.Recall();
  ASSERT_EQ(app.View().override.orders.size(), 1U);
  EXPECT_EQ(app.View().override.orders[0].kind, OrderKind::kPause);
  world_.store.load_error.reset();
  desk.Review();
  EXPECT_EQ(app.View().override.orders[0].kind, OrderKind::kDrain);
}

TEST_F(OrdersTest, TheClocksRulesRefuseWhatMovesSomethingAndForcePassesTheWindowAlone) {
  AppConfig config = world_.config;
  config.changes.blocked = {*ParseBlockedWindow("00:00-12:00"), *ParseBlockedWindow("12:00-00:00")};  // always
  config.changes.min_between = 10min;
  App app(config, world_.ports(), world_.room());
  app.Tick(std::nullopt);
  OrderDesk desk(app, {world_.clock, world_.store, audit_, desk_room().leadership, [](const std::string&) {}});
  auto give = [&](Action action, bool force) {
    const std::string fields = action == Action::kMode ? R"("mode":"auto")" : "";
    ReadOrder read = ReadOrderRequest(action, *ParseJson(With(fields)), config.policy);
    EXPECT_TRUE(read.wrong.empty());
    read.request.force = force;
    const HttpReply reply = desk.Give(read.request, {{"anna", Role::kAdmin}, "127.0.0.1", "", ""});
    const auto body = ParseJson(reply.response.body);
    return std::to_string(reply.response.status) + " " + StringAt(*body, "rule").value_or("") +
           StringAt(*body, "passed").value_or("");
  };
  EXPECT_EQ(give(Action::kMode, false), "409 BlockedWindow");
  EXPECT_EQ(give(Action::kPause, false), "200 ") << "it only holds";
  EXPECT_EQ(give(Action::kResume, false), "200 ");
  EXPECT_EQ(give(Action::kMode, true), "200 BlockedWindow");
  EXPECT_EQ(give(Action::kMode, true), "409 MinimumBetweenChanges") << "no force against this rule";
  EXPECT_EQ(give(Action::kClear, false), "200 ") << "the way back is always open";
  world_.clock.Advance(10min);
  world_.Confirm();
  EXPECT_EQ(give(Action::kMode, true), "200 BlockedWindow");
}

TEST_F(OrdersTest, DamagedOrdersAreSetAsideAndPolicyRules) {
  world_.store.texts["shop.orders"] = R"({"version":1,"standing":[{"id":"1","kind":"coffee"}]})";
  EXPECT_TRUE(Restarted(audit_).orders.empty());
  EXPECT_NE(world_.store.aside.find("coffee"), std::string::npos);
}

TEST_F(OrdersTest, AStandbyAnswersReadsAndPointsWritersToTheLeader) {
  leader_ = {true, false, "b", "a", "https://a.example:9440/", 3, std::nullopt, std::nullopt};
  EXPECT_EQ(Get("/api/v1/apps", kViewer).status, 200);
  EXPECT_EQ(Get("/api/v1/audit", kViewer).status, 200);
  const auto answer = Order("pause", With(""));
  EXPECT_EQ(answer.status, 307);
  EXPECT_EQ(answer.headers.Find("Location"), "https://a.example:9440/api/v1/apps/shop/pause");
  EXPECT_NE(answer.body.find("The leader is a"), std::string::npos) << answer.body;
  leader_.url.clear();
  EXPECT_EQ(Order("pause", With("")).status, 503);
  EXPECT_EQ(Order("pause", With(""), kViewer).status, 403) << "who may not is told so here";
  EXPECT_TRUE(Standing().empty());
}

TEST_F(OrdersTest, AStandbyShowsTheOrdersThatStand) {
  ASSERT_EQ(Order("drain", With(R"("site":"eu")")).status, 200);
  leader_ = {true, false, "b", "a", "", 3, std::nullopt, std::nullopt};
  world_.store.load_error = Error{Code::kDenied, "this process does not lead"};  // as a ConfigMap's says
  App app(world_.config, world_.ports(), world_.room());
  AuditLog audit("");
  OrderDesk desk(app, {world_.clock, world_.store, audit, desk_room().leadership, [](const std::string&) {}});
  desk.Review();
  EXPECT_EQ(app.View().override.orders.size(), 1U);
  EXPECT_EQ(AuditOf(audit), Lines{"drain site eu by otto: accepted"});
  const std::string before = world_.store.texts["shop.orders"];
  world_.clock.Advance(5h);
  desk.Review();
  EXPECT_EQ(world_.store.texts["shop.orders"], before) << "it writes nothing, not even an end";
}

TEST_F(OrdersTest, WhoLeadsNextGoesOnWithTheAuditOfWhoLedBefore) {
  ASSERT_EQ(Order("pause", With(""), kViewer).status, 403);
  ASSERT_EQ(Order("pause", With("")).status, 200);
  world_.clock.Advance(1s);
  ASSERT_EQ(Order("mode", With(R"("mode":"auto")")).status, 200);
  world_.clock.Advance(1s);
  ASSERT_EQ(Order("resume", With("")).status, 200);
  AuditLog next("");
  EXPECT_EQ(Restarted(next).orders.size(), 1U);
  EXPECT_EQ(AuditOf(next), Audit()) << "denials and ends included";
  EXPECT_EQ(Restarted(next).orders.size(), 1U);
  EXPECT_EQ(AuditOf(next), Audit()) << "each once";
  world_.clock.Advance(4h);
  Look();
  Restarted(next);
  EXPECT_EQ(AuditOf(next), Audit()) << "an order that expired meanwhile";
  EXPECT_EQ(AuditOf(next)[1], "mode auto by otto: accepted, expired");
  for (int i = 0; i < 30; ++i) ASSERT_EQ(Order("resume", With("")).status, 200);
  AuditLog last("");
  Restarted(last);
  EXPECT_EQ(AuditOf(last).size(), OrderDesk::kTold) << "kept small";
}

TEST_F(OrdersTest, ServingEndsOnlyWhenNoRequestLooksAtTheApplicationsAnyMore) {
  // A request that is being stored while a reload begins.
  std::mutex gate;
  std::atomic<bool> inside = false;
  gate.lock();
  world_.store.while_saving = [&] {
    inside = true;
    const std::lock_guard lock(gate);
  };
  std::thread asking([&] { EXPECT_EQ(Order("pause", With("")).status, 200); });
  while (!inside) std::this_thread::yield();
  std::atomic<bool> withdrawn = false;
  std::thread reloading([&] {
    api_.Serve(nullptr);
    withdrawn = true;
  });
  for (int i = 0; i < 500 && Get("/readyz").status != 503; ++i) std::this_thread::yield();
  EXPECT_FALSE(withdrawn) << "the request still works with them";
  gate.unlock();
  asking.join();
  reloading.join();
  EXPECT_TRUE(withdrawn);
}

}  // namespace
}  // namespace spillway::daemon
