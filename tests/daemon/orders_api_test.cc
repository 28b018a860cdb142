// The calls that write, over real HTTP: by everybody, right and wrong, twice and at once.
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "src/base/time_text.h"
#include "tests/daemon/orders_world.h"

namespace spillway::daemon {
namespace {

TEST_F(OrdersTest, EveryCallIsAcceptedFromAnOperatorAndExplainsItself) {
  struct Row {
    const char* action;
    std::string body;
    Lines standing;
  };
  const Row rows[] = {
      {"pause", With(""), {"pause - by otto"}},
      {"resume", With(""), {}},
      {"mode", With(R"("mode":"active-passive","ttl":"30m")"), {"mode - by otto"}},
      {"override?reason=done", "", {}},
      {"drain", With(R"("site":"eu")"), {"drain eu by otto"}},
      {"undrain", With(R"("site":"eu")"), {}},
      {"pin", With(R"("ratios":{"us":15,"eu":5})"), {"pin-ratios - by otto"}},
      {"pin", With(R"("replicas":{"eu":5})"), {"pin-ratios - by otto", "pin-replicas - by otto"}},
      {"override", "", {}},
      {"failover", With(""), {"failover eu by otto"}},
      {"failback", With(""), {"failback - by otto"}},
  };
  for (const Row& row : rows) {
    const auto answer = Order(row.action, row.body);
    EXPECT_EQ(answer.status, 200) << row.action << ": " << answer.body;
    const auto body = ParseJson(answer.body);
    ASSERT_TRUE(body);
    EXPECT_EQ(BoolAt(*body, "accepted"), true);
    EXPECT_EQ(FindPath(*body, "plan.before.sites")->Size(), 2U) << answer.body;
    EXPECT_EQ(FindPath(*body, "plan.after.sites")->Size(), 2U);
    EXPECT_EQ(Standing(), row.standing) << row.action;
    Look();
  }
  EXPECT_EQ(Audit().size(), std::size(rows));
}

TEST_F(OrdersTest, TimesOfAnOrderStandStillThoughTheTwoClocksAreReadOneAfterTheOther) {
  ASSERT_EQ(Order("mode", With(R"("mode":"active-passive","ttl":"30m")")).status, 200);
  const auto times = [&] {
    const auto state = Json("/api/v1/apps/shop", kViewer);
    const JsonValue& order = (*FindPath(state, "override.orders"))[0];
    return *StringAt(order, "since") + " " + *StringAt(order, "expires");
  };
  const std::string told = times();
  world_.clock.StepWall(-1us);
  EXPECT_EQ(times(), told);
  world_.clock.StepWall(2us);
  EXPECT_EQ(times(), told);
}

TEST_F(OrdersTest, AnOrderIsInForceAtOnceAndShownWithWhoWhyAndUntilWhen) {
  const auto answer = Order("mode", With(R"("mode":"active-passive","ttl":"30m")"));
  ASSERT_EQ(answer.status, 200) << answer.body;
  loop_->RunDue(world_.clock.Now());  // woken by the order: nobody has to wait for a poll
  const auto state = Json("/api/v1/apps/shop", kViewer);
  EXPECT_EQ(StringAt(state, "mode"), "active-passive");
  EXPECT_EQ(StringAt(state, "modeOfPolicy"), "weighted");
  const JsonValue& order = (*FindPath(state, "override.orders"))[0];
  EXPECT_EQ(StringAt(order, "actor"), "otto");
  EXPECT_EQ(StringAt(order, "reason"), "a repair");
  EXPECT_EQ(StringAt(order, "ticket"), "CHG-1");
  EXPECT_EQ(*ParseRfc3339(*StringAt(order, "expires")) - *ParseRfc3339(*StringAt(order, "since")), 30min);
  const std::string metrics = Get("/metrics").body;
  EXPECT_NE(metrics.find("spillway_override_active{app=\"shop\",kind=\"mode\"} 1\n"), std::string::npos);
  EXPECT_NE(metrics.find("spillway_override_active{app=\"shop\",kind=\"drain\"} 0\n"), std::string::npos);
  EXPECT_NE(metrics.find("spillway_mode_info{app=\"shop\",mode=\"active-passive\"} 1\n"), std::string::npos);
}

TEST_F(OrdersTest, StrangersAndViewersMayNotAndTheDenialOfAKnownOneIsWrittenDown) {
  const char* const actions[] = {"mode", "pause",    "resume",   "drain",   "undrain",
                                 "pin",  "failover", "failback", "override"};
  for (const char* action : actions) {
    EXPECT_EQ(Order(action, With(""), "").status, 401) << action;
    const auto denied = Order(action, With(""), kViewer);
    EXPECT_EQ(denied.status, 403) << action;
    EXPECT_NE(denied.body.find("vera has viewer"), std::string::npos) << denied.body;
  }
  EXPECT_TRUE(Standing().empty());
  EXPECT_EQ(Audit().size(), std::size(actions)) << "strangers write nothing";
  EXPECT_EQ(Audit().back(), "mode by vera: denied");
}

TEST_F(OrdersTest, ForceNeedsAnAdmin) {
  EXPECT_EQ(Order("pause", With(R"("force":true)")).status, 403);
  EXPECT_EQ(Audit(), Lines{"pause by otto: denied"});
  EXPECT_EQ(Order("pause", With(R"("force":true)"), kAdmin).status, 200);
  EXPECT_EQ(Order("pause", With(R"("force":false)")).status, 200);
  EXPECT_EQ(Order("resume", With(R"("force":true)")).status, 403);
  EXPECT_EQ(Order("override?force=true", "").status, 403);
  EXPECT_EQ(Order("override?force=perhaps", "").status, 422);
  EXPECT_EQ(Order("override?force=true", "", kAdmin).status, 200);
}

TEST_F(OrdersTest, WithoutAuthenticationNobodyMayWrite) {
  api_.Admit(std::nullopt);
  const auto answer = Order("pause", With(""), "");
  EXPECT_EQ(answer.status, 403);
  EXPECT_NE(answer.body.find("controller.auth"), std::string::npos);
  EXPECT_TRUE(Audit().empty());
}

TEST_F(OrdersTest, ADryRunAnswersWhatTheCallWouldAndDoesNothing) {
  const std::string fields = R"("site":"eu")";
  const auto tried = ParseJson(Order("drain", With(fields + R"(,"dryRun":true)")).body);
  EXPECT_TRUE(Standing().empty());
  EXPECT_EQ(Audit(), Lines{"drain site eu by otto: dry-run"});
  const auto done = ParseJson(Order("drain", With(fields)).body);
  ASSERT_TRUE(tried && done);
  for (const char* field : {"accepted", "app", "action", "expires", "plan", "warnings"}) {
    EXPECT_EQ(JsonText(*Find(*tried, field)), JsonText(*Find(*done, field))) << field;
  }
  // And of a refusal likewise.
  world_.director.reading.failure = Failure{Code::kRetry, "avi: no route", world_.clock.Now()};
  world_.clock.Advance(10min);
  Look();
  const auto refused = Order("pin", With(R"("ratios":{"us":1,"eu":1})"));
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(Order("pin", With(R"("ratios":{"us":1,"eu":1},"dryRun":true)")).body, refused.body);
  const AuditEntry told = audit_.Entries(1, std::nullopt, "").at(0);
  EXPECT_EQ(told.why.rfind("a dry run; ", 0), 0U) << "nothing was meant to happen: " << told.why;
  EXPECT_FALSE(told.expires);
}

TEST_F(OrdersTest, ADryRunWithoutAReasonAnswersWhatOneWithAReasonDoes) {
  const auto with = ParseJson(Order("drain", With(R"("site":"eu","dryRun":true)")).body);
  const auto answer = Order("drain", R"({"site":"eu","dryRun":true})");
  EXPECT_EQ(answer.status, 200) << answer.body;
  const auto without = ParseJson(answer.body);
  ASSERT_TRUE(with && without);
  for (const char* field : {"accepted", "app", "action", "expires", "plan", "warnings"}) {
    EXPECT_EQ(JsonText(*Find(*with, field)), JsonText(*Find(*without, field))) << field;
  }
  EXPECT_TRUE(Standing().empty());
  const AuditEntry told = audit_.Entries(1, std::nullopt, "").at(0);
  EXPECT_EQ(told.outcome, AuditOutcome::kDryRun) << "who looked is written down all the same";
  EXPECT_EQ(told.reason, "");
  EXPECT_EQ(Order("drain", R"({"site":"eu"})").status, 422) << "what is done has a reason";
  EXPECT_TRUE(Standing().empty());
}

TEST_F(OrdersTest, ARefusalNamesTheRuleItsNumbersAndWhatWouldSatisfyIt) {
  world_.workload("eu").Show({0, 0, 0, "eu2"});
  TrafficState traffic = world_.director.reading.seen->value;
  traffic.members.at("eu").health = Health::kDown;
  world_.director.Show(traffic);
  Look();
  const auto answer = Order("drain", With(R"("site":"us")"));
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer.headers.Find("Content-Type"), "application/problem+json");
  const auto body = ParseJson(answer.body);
  ASSERT_TRUE(body);
  EXPECT_EQ(StringAt(*body, "rule"), "HealthyServed");
  EXPECT_EQ(NumberAt(*body, "figures.healthy_served"), 0);
  EXPECT_EQ(BoolAt(*body, "accepted"), false);
  EXPECT_FALSE(StringAt(*body, "satisfiedBy")->empty());
  EXPECT_TRUE(Standing().empty());
  EXPECT_EQ(Audit(), Lines{"drain site us by otto: refused"});
  EXPECT_EQ(Order("drain", With(R"("site":"us","force":true)"), kAdmin).status, 409) << "no force against this rule";
}

TEST_F(OrdersTest, WhatCanNotBeSeenRefuses) {
  world_.clock.Advance(1h);  // nothing was confirmed since
  Look();
  const auto answer = Order("drain", With(R"("site":"eu")"));
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(StringAt(*ParseJson(answer.body), "rule"), "InputsKnown") << answer.body;
  EXPECT_EQ(Order("pause", With("")).status, 200) << "a pause only holds";
}

TEST_F(OrdersTest, ForcePassesTheCapacityRuleAndTheAuditSaysSo) {
  world_.SetDemand(4, 30.0);
  Look();
  const auto refused = Order("drain", With(R"("site":"eu")"));
  ASSERT_EQ(refused.status, 409) << refused.body;
  EXPECT_EQ(StringAt(*ParseJson(refused.body), "rule"), "CapacityFloor");
  const auto forced = Order("drain", With(R"("site":"eu","force":true)"), kAdmin);
  ASSERT_EQ(forced.status, 200) << forced.body;
  EXPECT_EQ(StringAt(*ParseJson(forced.body), "passed"), "CapacityFloor");
  const auto entry = audit_.Entries(1, std::nullopt, "").front();
  EXPECT_TRUE(entry.forced);
  EXPECT_EQ(entry.passed, "CapacityFloor");
  EXPECT_EQ(entry.outcome, AuditOutcome::kAccepted);
}

TEST_F(OrdersTest, AnEndThatLeavesTooLittleIsRefusedAndPassesByForce) {
  world_.SetDemand(4, 6.0);
  Look();
  ASSERT_EQ(Order("drain", With(R"("site":"us")")).status, 200);
  ASSERT_EQ(Order("mode", With(R"("mode":"active-passive")")).status, 200) << "the cloud carries all of it";
  Look();
  // Without the drain home takes all, in a mode that does not split.
  const auto refused = Order("undrain", With(R"("site":"us")"));
  ASSERT_EQ(refused.status, 409) << refused.body;
  EXPECT_EQ(StringAt(*ParseJson(refused.body), "rule"), "CapacityFloor");
  EXPECT_EQ(NumberAt(*ParseJson(refused.body), "figures.capacity_replicas"), 4);
  EXPECT_EQ(Standing().size(), 2U) << "what was refused ended nothing";
  EXPECT_EQ(Audit().front(), "undrain site us by otto: refused");
  const std::string tried = Order("undrain", With(R"("site":"us","force":true,"dryRun":true)"), kAdmin).body;
  const auto forced = Order("undrain", With(R"("site":"us","force":true)"), kAdmin);
  ASSERT_EQ(forced.status, 200) << forced.body;
  EXPECT_EQ(StringAt(*ParseJson(forced.body), "passed"), "CapacityFloor");
  EXPECT_EQ(StringAt(*ParseJson(tried), "passed"), "CapacityFloor");
  EXPECT_EQ(Standing(), Lines{"mode - by otto"});
  EXPECT_TRUE(audit_.Entries(1, std::nullopt, "").front().forced);
  EXPECT_EQ(Order("override", "").status, 200) << "the policy splits, so home is not left alone";
}

TEST_F(OrdersTest, TheSameKeyTwiceIsDoneOnceAndAnsweredTwice) {
  const auto first = Order("drain", With(R"("site":"eu")"), kOperator, "key-1");
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(first.headers.Find("Idempotency-Replayed"), std::nullopt);
  world_.clock.Advance(1min);
  const auto again = Order("drain", With(R"("site":"eu")"), kOperator, "key-1");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.headers.Find("Idempotency-Replayed"), "true");
  EXPECT_EQ(Audit(), Lines{"drain site eu by otto: accepted"});
  // Even after it has ended: the same request is not given again by a retry that comes late.
  EXPECT_EQ(Order("undrain", With(R"("site":"eu")")).status, 200);
  EXPECT_EQ(Order("drain", With(R"("site":"eu")"), kOperator, "key-1").body, first.body);
  EXPECT_TRUE(Standing().empty());

  EXPECT_EQ(Order("drain", With(R"("site":"us")"), kOperator, "key-1").status, 422) << "another body";
  EXPECT_EQ(Order("pause", With(R"("site":"eu")"), kOperator, "key-1").status, 422);
  EXPECT_EQ(Order("pause", With(""), kAdmin, "key-1").status, 200) << "another caller's key is another key";
  EXPECT_EQ(Order("pause", With(""), kOperator, std::string(201, 'k')).status, 422);
  world_.clock.Advance(25h);
  EXPECT_EQ(Order("pause", With(""), kOperator, "key-1").status, 200) << "forgotten after a day";
}

TEST_F(OrdersTest, OfTwoOperatorsAtOnceTheSecondIsJudgedWithTheFirstOnesOrder) {
  // Each alone would leave a site; both together would leave none.
  std::vector<int> statuses(2);
  std::vector<std::thread> operators;
  for (int i = 0; i < 2; ++i) {
    operators.emplace_back([&, i] {
      statuses[static_cast<std::size_t>(i)] =
          Order("drain", With(i == 0 ? R"("site":"us")" : R"("site":"eu")"), i == 0 ? kOperator : kAdmin).status;
    });
  }
  for (std::thread& one : operators) one.join();
  std::sort(statuses.begin(), statuses.end());
  EXPECT_EQ(statuses, (std::vector<int>{200, 409}));
  EXPECT_EQ(Standing().size(), 1U);
}

TEST_F(OrdersTest, ALaterOrderOfTheKindTakesThePlaceOfTheEarlierOne) {
  EXPECT_EQ(Order("mode", With(R"("mode":"auto")")).status, 200);
  EXPECT_EQ(Order("mode", With(R"("mode":"round-robin")"), kAdmin).status, 200);
  EXPECT_EQ(Standing(), Lines{"mode - by anna"});
  EXPECT_EQ(Audit(), (Lines{"mode round-robin by anna: accepted", "mode auto by otto: accepted, replaced by anna"}));
  EXPECT_EQ(Order("override", "").status, 200);
  EXPECT_EQ(Audit()[1], "mode round-robin by anna: accepted, ended by otto");
}

// A crash after each step of an acceptance, seen by the process that comes after it.
TEST_F(OrdersTest, AnAbsentBodyAWrongTypeAndWhatIsNotJsonHaveTheirOwnAnswers) {
  auto send = [&](const std::string& type, const std::string& body) {
    HttpRequest request{"POST", "/api/v1/apps/shop/pause", {}, body};
    if (!type.empty()) request.headers.Set("Content-Type", type);
    request.headers.Set("Authorization", std::string("Bearer ") + kOperator);
    return Send(request).status;
  };
  EXPECT_EQ(send("", With("")), 415);
  EXPECT_EQ(send("application/x-www-form-urlencoded", "reason=x"), 415);
  EXPECT_EQ(send("text/plain", With("")), 415);
  EXPECT_EQ(send("application/json", ""), 400);
  EXPECT_EQ(send("application/json", "{"), 400);
  EXPECT_EQ(send("application/json", "[]"), 400);
  EXPECT_EQ(send("application/json", R"({"reason":"a","reason":"b"})"), 400) << "which of the two?";
  EXPECT_EQ(send("Application/JSON; charset=utf-8", With("")), 200);
  EXPECT_EQ(Get("/api/v1/apps/shop/pause", kOperator).status, 405);
  EXPECT_EQ(Get("/api/v1/apps/shop/pause", kOperator).headers.Find("Allow"), "POST");
  EXPECT_EQ(Get("/api/v1/apps/shop/explode", kOperator).status, 404);
}

}  // namespace
}  // namespace spillway::daemon
