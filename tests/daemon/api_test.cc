// The calls that read, over real HTTP.
#include "src/daemon/api.h"

#include <gtest/gtest.h>

#include "src/base/json.h"
#include "src/base/time_text.h"
#include "tests/daemon/api_world.h"

namespace spillway::daemon {
namespace {

TEST_F(ApiTest, TheDoctorTellsWhatASurveyFoundBesideWhatIsSeen) {
  Look();
  surveyed_ = Surveyed{{{"", "cluster us", Grade::kFailed, "gone", "mend it"},
                        {"other", "TTL", Grade::kWarning, "long", "mend it"},
                        {"shop", "name shop.example", Grade::kOk, "resolves", ""}},
                       world_.clock.WallNow()};
  const JsonDocument answer = Json("/api/v1/doctor?app=shop");
  EXPECT_EQ(IntAt(answer, "failed"), 1);
  const auto checks = Find(answer, "checks")->GetArray();
  EXPECT_EQ(StringAt(checks[0], "check"), "cluster us") << "the whole comes first";
  EXPECT_EQ(StringAt(checks[checks.Size() - 1], "check"), "name shop.example");
  EXPECT_TRUE(StringAt(answer, "surveyed"));
}

TEST_F(ApiTest, AdviceStandsAmongTheConditionsAndKeepsItsTime) {
  Look();
  App& shop = *loop_->Find("shop");
  const Instant first = world_.clock.Now();
  shop.Advise({{"SetupFault", "cluster us: gone", first}});
  shop.Advise({{"SetupFault", "cluster us: gone", first + 1h}, {"SetupDoubt", "TTL: long", first + 1h}});
  ASSERT_EQ(shop.View().advice.size(), 2U);
  EXPECT_EQ(shop.View().advice[0].since, first);
  const JsonDocument state = Json("/api/v1/apps/shop");
  const auto conditions = Find(state, "conditions")->GetArray();
  ASSERT_GE(conditions.Size(), 2U);
  EXPECT_EQ(StringAt(conditions[conditions.Size() - 1], "name"), "SetupDoubt");
}

TEST_F(ApiTest, IsAliveAndReady) {
  EXPECT_EQ(Get("/healthz").status, 200);
  EXPECT_EQ(Get("/readyz").status, 200);
  EXPECT_EQ(Get("/readyz").body,
            R"({"ready":true,"degraded":false,"waiting":[],"problems":[],"leader":{"elected":false,"leads":true}})");
}

TEST_F(ApiTest, IsNotReadyBeforeEveryInputIsKnownAndSaysWhichIsNot) {
  world_.director.reading = {};
  const auto answer = Get("/readyz");
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(answer.body.find("shop: the GSLB service has not been read yet."), std::string::npos) << answer.body;
}

TEST_F(ApiTest, IsReadyThoughDegradedWithOneSentenceForEachInputThatFails) {
  world_.director.reading = {std::nullopt, Failure{Code::kDenied, "avi https://a: wrong password", Instant{}}};
  world_.demand.reading = {std::nullopt, Failure{Code::kMissing, "us: no Definition acme/shop-asd", Instant{}}};
  world_.workload("eu").reading = {std::nullopt, Failure{Code::kRetry, "eu: no route", Instant{}}};
  api_.Notice({"The configuration file has mistakes."});
  const auto answer = Get("/readyz");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body,
            R"({"ready":true,"degraded":true,"waiting":[],"problems":["The configuration file has mistakes.",)"
            R"("shop: home's autoscaler can't be read: us: no Definition acme/shop-asd.",)"
            R"("shop: the Deployment of site eu can't be read: eu: no route.",)"
            R"("shop: the GSLB service can't be read: avi https://a: wrong password."],)"
            R"("leader":{"elected":false,"leads":true}})");
}

TEST_F(ApiTest, IsNotReadyWhileTheApplicationsAreSetUp) {
  api_.Serve(nullptr);
  EXPECT_EQ(Get("/readyz").status, 503);
  EXPECT_EQ(Get("/api/v1/apps").status, 503);
  EXPECT_EQ(Get("/healthz").status, 200);
  EXPECT_EQ(Get("/metrics").status, 200);
}

TEST_F(ApiTest, ShowsTheStateWithNumbersReasonsAndLastDecisions) {
  world_.SetDemand(4, 6.0);
  loop_->RunDue(world_.clock.Now());
  world_.clock.Advance(2s);
  const JsonDocument state = Json("/api/v1/apps/shop");
  EXPECT_EQ(StringAt(state, "app"), "shop");
  EXPECT_EQ(StringAt(state, "mode"), "weighted");
  EXPECT_EQ(NumberAt(state, "demand.replicas"), 6.0);
  EXPECT_EQ(IntAt(state, "demand.excess"), 3);
  EXPECT_EQ(IntAt(state, "demand.homeMax"), 4);
  const JsonValue& eu = (*Find(state, "sites"))[1];
  EXPECT_EQ(StringAt(eu, "site"), "eu");
  EXPECT_EQ(StringAt(eu, "role"), "overflow");
  EXPECT_EQ(StringAt(eu, "phase"), "provisioning");
  EXPECT_EQ(IntAt(eu, "replicas.target"), 3);
  EXPECT_EQ(IntAt(eu, "replicas.wanted"), 3);
  EXPECT_EQ(IntAt(eu, "replicas.max"), 10);
  EXPECT_EQ(NumberAt(eu, "share.written"), 0.0);
  EXPECT_EQ(StringAt(eu, "member.placement"), "parked");
  EXPECT_EQ((*Find(eu, "gate")).Size(), kGateTokens.size());
  EXPECT_EQ(NumberAt((*Find(state, "inputs"))[0], "ageSeconds"), 2.0);
  EXPECT_GT((*Find(state, "reasons")).Size(), 0U);
  const JsonValue& last = (*Find(state, "decisions"))[0];
  EXPECT_EQ(StringAt((*Find(last, "writes"))[0], "change"), "replicas 0 -> 3");
  EXPECT_EQ(StringAt((*Find(last, "writes"))[0], "outcome"), "done");
  EXPECT_EQ((*Find(Json("/api/v1/apps"), "apps")).Size(), 1U);
}

TEST_F(ApiTest, ListsDecisionsNewestFirstWithinLimitAndTime) {
  App& app = *loop_->Find("shop");
  for (int i = 0; i < 5; ++i) {
    app.Remember("{\"n\":" + std::to_string(i) + "}", JsonDocument(), WallTime{std::chrono::hours{i + 1}});
  }
  auto numbers = [&](const std::string& query) {
    const JsonDocument answer = Json("/api/v1/apps/shop/decisions" + query);
    std::string text;
    for (const JsonValue& record : Find(answer, "decisions")->GetArray()) text += std::to_string(*IntAt(record, "n"));
    return text;
  };
  EXPECT_EQ(numbers(""), "43210");
  EXPECT_EQ(numbers("?limit=2"), "43");
  EXPECT_EQ(numbers("?since=1970-01-01T03:00:00Z"), "43");
  for (const char* bad : {"?limit=0", "?limit=101", "?limit=2x", "?since=yesterday", "?brief=1"}) {
    EXPECT_EQ(Get(std::string("/api/v1/apps/shop/decisions") + bad).status, 422) << bad;
  }
}

TEST_F(ApiTest, ADecisionIsFoundByItsTimeAndAWholeSecondIsTheLastWithinIt) {
  App& app = *loop_->Find("shop");
  const WallTime ten{std::chrono::hours{10}};
  for (const Duration at : {Duration{999'999us}, Duration{1s}, Duration{1s + 5us}, Duration{1s + 6us}, Duration{2s}}) {
    app.Remember("{\"at\":" + std::to_string(at.count()) + "}", JsonDocument(), ten + at);
  }
  const std::pair<const char*, int> found[] = {
      {"1970-01-01T10:00:01.000005Z", 1'000'005},
      {"1970-01-01T10:00:01.000000Z", 1'000'000},
      {"1970-01-01T10:00:01Z", 1'000'006},
      {"1970-01-01T10:00:00Z", 999'999},
      {"1970-01-01T12%3A00%3A02%2B02:00", 2'000'000},
  };
  for (const auto& [time, at] : found) {
    EXPECT_EQ(IntAt(Json(std::string("/api/v1/apps/shop/decisions/") + time), "at"), at) << time;
  }
  const std::pair<const char*, int> refused[] = {
      {"shop/decisions/1970-01-01T10:00:01.000004Z", 404},
      {"shop/decisions/1970-01-01T10:00:03Z", 404},
      {"shop/decisions/1", 422},
      {"shop/decisions/1970-01-01T12:00:02+02", 422},
      {"shop/decisions/", 404},
      {"nobody/decisions/1970-01-01T10:00:01Z", 404},
  };
  for (const auto& [path, status] : refused) {
    const auto answer = Get(std::string("/api/v1/apps/") + path);
    EXPECT_EQ(answer.status, status) << path;
    EXPECT_EQ(answer.headers.Find("Content-Type"), "application/problem+json") << path;
  }
}

TEST_F(ApiTest, ADecisionIsAnsweredWithItsWholeRecordUntilAHundredLaterOnesCame) {
  world_.SetDemand(4, 6.0);
  Look();
  App& app = *loop_->Find("shop");
  const std::string record = app.Records(1, std::nullopt).front();
  const std::string target = "/api/v1/apps/shop/decisions/" + *StringAt(*ParseJson(record), "time");
  EXPECT_EQ(Get(target).body, record);
  for (int i = 1; i <= 99; ++i) app.Remember("{}", JsonDocument(), world_.clock.WallNow() + i * 1s);
  EXPECT_EQ(Get(target).status, 200);
  app.Remember("{}", JsonDocument(), world_.clock.WallNow() + 100s);
  EXPECT_EQ(Get(target).status, 404);
  EXPECT_NE(Get(target).body.find("is not kept any more"), std::string::npos);
}

TEST_F(ApiTest, ABriefRecordSaysWhatChangedAndWhyAndNoMore) {
  world_.SetDemand(4, 6.0);
  Look();
  const JsonDocument answer = Json("/api/v1/apps/shop/decisions?brief=true");
  const JsonValue& record = (*Find(answer, "decisions"))[0];
  EXPECT_EQ(StringAt((*Find(record, "writes"))[0], "change"), "replicas 0 -> 3");
  EXPECT_GT(Find(record, "reasons")->Size(), 0U);
  for (const char* whole : {"state", "question", "answer"}) EXPECT_EQ(Find(record, whole), nullptr) << whole;
}

TEST_F(ApiTest, TellsSinceWhenASiteIsInItsPhaseIfThatIsKnown) {
  loop_->Find("shop")->Remember("{}", *ParseJson(R"({"sites":[{"site":"eu","phase":"serving"}]})"), WallTime{1h});
  loop_->Find("shop")->Remember("{}", *ParseJson(R"({"sites":[{"site":"eu","phase":"rest"}]})"), WallTime{2h});
  world_.SetDemand(2, std::nullopt);
  Look();
  auto since = [&](int site) { return StringAt((*Find(Json("/api/v1/apps/shop"), "sites"))[site], "since"); };
  EXPECT_EQ(since(0), std::nullopt) << "home was never seen coming to its phase";
  EXPECT_EQ(since(1), "1970-01-01T02:00:00Z") << "an earlier process saw it";
  world_.SetDemand(4, 6.0);
  Look();
  EXPECT_EQ(since(1), Rfc3339(world_.clock.WallNow()));
  world_.clock.Advance(5s);
  world_.Confirm();
  Look();
  EXPECT_EQ(since(1), Rfc3339(world_.clock.WallNow() - 5s));
}

TEST_F(ApiTest, TellsSinceWhenAConditionOfAGateIsMissing) {
  auto missing = [&] {
    return StringAt(Find((*Find(Json("/api/v1/apps/shop"), "sites"))[1], "gate")->GetArray()[3], "since");
  };
  loop_->Find("shop")->Remember(
      "{}",
      *ParseJson(R"({"sites":[{"site":"eu","phase":"rest","gate":[{"name":"GslbWritable","holds":true,)"
                 R"("value":"yes","since":"1970-01-01T01:00:00Z"}]}]})"),
      WallTime{2h});
  Look();
  EXPECT_EQ(missing(), "1970-01-01T01:00:00Z") << "an earlier process saw it turn";
  TrafficState traffic = world_.director.reading.seen->value;
  traffic.writable = false;
  world_.director.Show(traffic);
  Look();
  const std::string turned = Rfc3339(world_.clock.WallNow());
  EXPECT_EQ(missing(), turned);
  world_.clock.Advance(5s);
  world_.Confirm();
  Look();
  EXPECT_EQ(missing(), turned);
}

TEST_F(ApiTest, AnswersWhatIsNotThereAsAProblem) {
  for (const char* path :
       {"/x", "/api/v1/appsx", "/api/v1/apps/nobody", "/api/v1/apps/shop/x", "/api/v1/apps/", "/healthz/"}) {
    const auto answer = Get(path);
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_EQ(answer.headers.Find("Content-Type"), "application/problem+json") << path;
  }
  HttpRequest post{"POST", "/api/v1/apps", {}, "{}"};
  const auto answer = client_->Send(post, 10s);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 405);
  EXPECT_EQ(answer->headers.Find("Allow"), "GET, HEAD");
}

TEST_F(ApiTest, TheAuditOfAnApplicationIsThereWhileAnEntryNamesIt) {
  AuditEntry entry;
  entry.id = "1";
  entry.at = world_.clock.WallNow();
  entry.app = "gone";
  ASSERT_TRUE(audit_.Append(entry));
  EXPECT_EQ(Get("/api/v1/audit?app=nobody").status, 404);
  EXPECT_EQ(Find(Json("/api/v1/audit?app=gone"), "audit")->Size(), 1U) << "it is configured no more";
  EXPECT_EQ(Find(Json("/api/v1/audit?app=shop"), "audit")->Size(), 0U) << "nobody asked for anything";
  api_.Serve(nullptr);
  EXPECT_EQ(Get("/api/v1/audit?app=nobody").status, 200) << "which applications there are is not known yet";
}

TEST_F(ApiTest, AsksForATokenWhereOneIsConfiguredButNotForHealth) {
  AskForTokens();
  EXPECT_EQ(Get("/api/v1/apps").status, 401);
  EXPECT_EQ(Get("/api/v1/apps").headers.Find("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(Get("/api/v1/apps", "wrong").status, 401);
  EXPECT_EQ(Get("/api/v1/apps", kViewer).status, 200);
  for (const char* open : {"/healthz", "/readyz", "/metrics"}) EXPECT_EQ(Get(open).status, 200) << open;
}

TEST_F(ApiTest, MetricsNeedATokenIfSoConfigured) {
  auto tokens = Tokens::Parse(kTokens);
  ASSERT_TRUE(tokens);
  api_.Admit(std::move(*tokens), false);
  EXPECT_EQ(Get("/metrics").status, 401);
  EXPECT_EQ(Get("/metrics", kViewer).status, 200);
  EXPECT_EQ(Get("/healthz").status, 200);
}

TEST_F(ApiTest, MetricsHaveEveryPromisedNameAndEndWithoutDoubles) {
  world_.SetDemand(4, 6.0);
  loop_->RunDue(world_.clock.Now());
  const std::string text = Get("/metrics").body;
  for (const char* line : {
           "spillway_build_info{version=",
           "spillway_leader 1",
           "spillway_demand_replicas{app=\"shop\"} 6\n",
           "spillway_excess_replicas{app=\"shop\"} 3\n",
           "spillway_site_replicas{app=\"shop\",site=\"eu\",state=\"target\"} 3\n",
           "spillway_site_replicas{app=\"shop\",site=\"eu\",state=\"ready\"} 0\n",
           "spillway_site_replicas{app=\"shop\",site=\"us\",state=\"max\"} 4\n",
           "spillway_site_share{app=\"shop\",kind=\"written\",site=\"us\"} 1\n",
           "spillway_site_share{app=\"shop\",kind=\"intended\",site=\"eu\"}",
           "spillway_site_phase{app=\"shop\",phase=\"provisioning\",site=\"eu\"} 1\n",
           "spillway_gate_condition{app=\"shop\",condition=\"ReplicasReady\",site=\"eu\"} 0\n",
           "spillway_app_condition{app=\"shop\",condition=\"GslbUnseen\"} 0\n",
           "spillway_mode_info{app=\"shop\",mode=\"weighted\"} 1\n",
           "spillway_decisions_total{app=\"shop\",reason=\"DemandRose\"} 1\n",
           "spillway_writes_total{enforced=\"true\",outcome=\"done\",target=\"kubernetes\"} 1\n",
           "spillway_write_seconds_count{target=\"kubernetes\"} 1\n",
           "spillway_reaction_seconds_count 0\n",
           "spillway_invariant_violations_total{rule=\"SomebodyServed\"} 0\n",
           "spillway_input_age_seconds{input=\"shop gslb\"} 0\n",
           "spillway_burst_replica_seconds_total{app=\"shop\",site=\"eu\"} 0\n",
       }) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  }
  for (std::size_t at = text.find("# TYPE "); at != std::string::npos; at = text.find("# TYPE ", at + 1)) {
    const std::string line = text.substr(at, text.find('\n', at) - at + 1);
    EXPECT_EQ(text.find(line, at + 1), std::string::npos) << "twice: " << line;
  }
}

}  // namespace
}  // namespace spillway::daemon
