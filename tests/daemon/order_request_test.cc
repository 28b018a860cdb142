#include "src/daemon/order_request.h"

#include <gtest/gtest.h>

namespace spillway::daemon {
namespace {

Policy TwoOverflows() {
  Policy policy;
  policy.app = "shop";
  policy.home = "us";
  policy.overflow = {{"eu", 0, 10, 1.0, 0.0}, {"ap", 0, 20, 1.0, 0.0}};
  return policy;
}

ReadOrder Read(Action action, const std::string& json) {
  const auto fields = ParseJson(json);
  EXPECT_TRUE(fields) << json;
  return ReadOrderRequest(action, *fields, TwoOverflows());
}

TEST(OrderRequest, ReadsEveryFieldAndItsStandard) {
  const auto full = Read(Action::kMode, R"({"mode":"round-robin","reason":"r","ticket":"t","ttl":"1h30m","dryRun":true,
                                            "force":true})");
  ASSERT_TRUE(full.wrong.empty()) << full.wrong[0].field << " " << full.wrong[0].detail;
  EXPECT_EQ(full.request.order.kind, OrderKind::kMode);
  EXPECT_EQ(full.request.order.mode, Mode::kRoundRobin);
  EXPECT_EQ(full.request.order.reason, "r");
  EXPECT_EQ(full.request.order.ticket, "t");
  EXPECT_EQ(full.request.ttl, 90min);
  EXPECT_TRUE(full.request.dry_run && full.request.force);
  const auto least = Read(Action::kPause, R"({"reason":"r"})");
  ASSERT_TRUE(least.wrong.empty());
  EXPECT_EQ(least.request.ttl, kTtlStandard);
  EXPECT_FALSE(least.request.dry_run || least.request.force);
  EXPECT_EQ(Read(Action::kFailover, R"({"reason":"r"})").request.order.site, "eu") << "the first overflow site";
  EXPECT_EQ(Read(Action::kFailover, R"({"reason":"r","site":"ap"})").request.order.site, "ap");
  EXPECT_EQ(Read(Action::kPin, R"({"reason":"r","replicas":{"ap":20}})").request.order.kind, OrderKind::kPinReplicas);
  EXPECT_EQ(Read(Action::kPin, R"({"reason":"r","ratios":{"us":1,"eu":0,"ap":20}})").request.order.ratios.size(), 3U);
  EXPECT_TRUE(Read(Action::kClear, "{}").wrong.empty()) << "an end needs no reason where a body is unusual";
}

TEST(OrderRequest, OnlyADryRunMayLeaveOutTheReason) {
  const std::pair<Action, std::string> rows[] = {
      {Action::kMode, R"("mode":"auto")"},    {Action::kPause, R"("ttl":"1h")"},
      {Action::kResume, R"("ticket":"T-1")"}, {Action::kDrain, R"("site":"eu")"},
      {Action::kUndrain, R"("site":"eu")"},   {Action::kPin, R"("replicas":{"eu":1})"},
      {Action::kFailover, R"("site":"eu")"},  {Action::kFailback, R"("ttl":"1h")"},
  };
  for (const auto& [action, fields] : rows) {
    const auto tried = Read(action, "{" + fields + R"(,"dryRun":true})");
    EXPECT_TRUE(tried.wrong.empty()) << fields << ": " << tried.wrong[0].detail;
    EXPECT_EQ(tried.request.order.reason, "");
    for (const char* meant : {"", R"(,"dryRun":false)"}) {
      const auto read = Read(action, "{" + fields + meant + "}");
      ASSERT_EQ(read.wrong.size(), 1U) << fields << meant;
      EXPECT_EQ(read.wrong[0].field, "reason") << fields << meant;
    }
    EXPECT_EQ(Read(action, "{" + fields + R"(,"dryRun":true,"reason":""})").wrong.size(), 1U)
        << "one that is given is read all the same";
  }
}

TEST(OrderRequest, NamesEveryFieldThatIsWrongAndWhatIsAllowed) {
  struct Row {
    Action action;
    const char* json;
    const char* field;
    const char* says;
  };
  const std::string long_reason = R"({"reason":")" + std::string(501, 'x') + "\"}";
  const std::string long_ticket = R"({"reason":"r","ticket":")" + std::string(101, 'x') + "\"}";
  const Row rows[] = {
      {Action::kPause, "{}", "reason", "is missing"},
      {Action::kPause, R"({"reason":""})", "reason", "1 to 500"},
      {Action::kPause, R"({"reason":"  "})", "reason", "1 to 500"},
      {Action::kPause, R"({"reason":7})", "reason", "1 to 500"},
      {Action::kPause, R"({"reason":"a\nb"})", "reason", "control characters"},
      {Action::kPause, long_reason.c_str(), "reason", "1 to 500"},
      {Action::kPause, R"({"reason":"r","ticket":5})", "ticket", "1 to 100"},
      {Action::kPause, long_ticket.c_str(), "ticket", "1 to 100"},
      {Action::kPause, R"({"reason":"r","ttl":60})", "ttl", "from 10s to 168h"},
      {Action::kPause, R"({"reason":"r","ttl":"9s"})", "ttl", "from 10s to 168h"},
      {Action::kPause, R"({"reason":"r","ttl":"169h"})", "ttl", "without it, 4h"},
      {Action::kPause, R"({"reason":"r","ttl":"-1h"})", "ttl", "from 10s to 168h"},
      {Action::kPause, R"({"reason":"r","dryRun":"yes"})", "dryRun", "true or false"},
      {Action::kPause, R"({"dryRun":1,"reason":"r"})", "dryRun", "true or false"},
      {Action::kPause, R"({"reason":"r","force":1})", "force", "true or false"},
      {Action::kPause, R"({"reason":"r","site":"eu"})", "site", "has no meaning here"},
      {Action::kPause, R"({"raeson":"r","reason":"r"})", "raeson", "did you mean reason?"},
      {Action::kResume, R"({"reason":"r","ttl":"1h"})", "ttl", "has no meaning here"},
      {Action::kResume, R"({"reason":"r","force":"yes"})", "force", "true or false"},
      {Action::kMode, R"({"reason":"r"})", "mode", "is missing, allowed is one of round-robin, weighted"},
      {Action::kMode, R"({"reason":"r","mode":"fast"})", "mode", "is none"},
      {Action::kMode, R"({"reason":"r","mode":null})", "mode", "is missing"},
      {Action::kDrain, R"({"reason":"r"})", "site", "is missing, allowed is one of us, eu, ap"},
      {Action::kDrain, R"({"reason":"r","site":"mars"})", "site", "is none, allowed is one of us, eu, ap"},
      {Action::kUndrain, R"({"reason":"r","site":3})", "site", "is none"},
      {Action::kFailover, R"({"reason":"r","site":"us"})", "site", "allowed is one of eu, ap"},
      {Action::kPin, R"({"reason":"r"})", "ratios", "exactly one of them"},
      {Action::kPin, R"({"reason":"r","ratios":{"us":1,"eu":1,"ap":1},"replicas":{"eu":1}})", "ratios", "exactly one"},
      {Action::kPin, R"({"reason":"r","ratios":{}})", "ratios", "must be an object"},
      {Action::kPin, R"({"reason":"r","ratios":{"us":1,"eu":1}})", "ratios.ap", "is missing"},
      {Action::kPin, R"({"reason":"r","ratios":{"us":1,"eu":21,"ap":0}})", "ratios.eu", "0 to 20"},
      {Action::kPin, R"({"reason":"r","ratios":{"us":1,"eu":1.5,"ap":0}})", "ratios.eu", "a whole number"},
      {Action::kPin, R"({"reason":"r","replicas":{"us":3}})", "replicas.us", "one of eu, ap"},
      {Action::kPin, R"({"reason":"r","replicas":{"eu":-1}})", "replicas.eu", "from 0"},
      {Action::kPin, R"({"reason":"r","replicas":[1]})", "replicas", "must be an object"},
      {Action::kClear, R"({"dryRun":"maybe"})", "dryRun", "true or false"},
  };
  for (const Row& row : rows) {
    const auto read = Read(row.action, row.json);
    ASSERT_FALSE(read.wrong.empty()) << row.json;
    EXPECT_EQ(read.wrong[0].field, row.field) << row.json;
    EXPECT_NE(read.wrong[0].detail.find(row.says), std::string::npos) << row.json << ": " << read.wrong[0].detail;
  }
  const auto many = Read(Action::kDrain, R"({"reason":"","site":"x","ttl":"x","colour":"red"})");
  EXPECT_EQ(many.wrong.size(), 4U) << "all at once, not one after the other";
}

}  // namespace
}  // namespace spillway::daemon
