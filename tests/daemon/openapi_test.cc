// openapi.json and the real answers say the same.
#include "src/daemon/openapi.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/daemon/api_world.h"
#include "tests/daemon/openapi_check.h"

namespace spillway::daemon {
namespace {

class OpenApiTest : public ApiTest {
 protected:
  OpenApiTest() : check_(std::move(*ParseJson(kOpenApiJson))) {}

  // Asks, and holds the answer against the document.
  HttpResponse Ask(HttpRequest request, int status, const std::string& token = kViewer) {
    if (!token.empty()) request.headers.Set("Authorization", "Bearer " + token);
    // Not through one client: a stream would hold its connection.
    HttpResponse response;
    if (request.target.find("stream") == std::string::npos) {
      response = Send(request);
    } else {
      auto opened = client_->Open(request, 10s);
      EXPECT_TRUE(opened);
      if (opened) response = std::move(opened->head);
    }
    EXPECT_EQ(response.status, status) << request.method << " " << request.target << ": " << response.body;
    for (const std::string& wrong : check_.Exchange(request, response)) ADD_FAILURE() << wrong;
    return response;
  }
  HttpResponse Ask(const std::string& target, int status, const std::string& token = kViewer) {
    return Ask(HttpRequest{"GET", target, {}, ""}, status, token);
  }
  // Ends after which less is carried than before: of a drain that leaves all to the other, and of a pause while
  // somebody scales by hand.
  void RefuseEnds() {
    TrafficState by_hand = world_.director.reading.seen->value;
    by_hand.members.at("us").placement = {Place::kServed, 1, 0};
    by_hand.members.at("eu") = {{Place::kServed, 20, 0}, Health::kUp, Health::kUp, Health::kUp, {}, {}};
    world_.director.Show(by_hand);
    world_.workload("eu").Show({60, 60, 60, "eu9"});
    Give("drain", R"({"site":"us","reason":"test","force":true})", 200);
    Give("mode", R"({"mode":"active-passive","reason":"test"})", 200);
    Give("undrain", R"({"site":"us","reason":"test"})", 409);
    Give("override?reason=next", "", 200);
    Give("pause", R"({"reason":"test"})", 200);
    Give("resume", R"({"reason":"test"})", 409);
    Give("override?reason=next", "", 409);
    Give("override?reason=next&force=true", "", 200);
  }
  // A world in which every field has something to say.
  void MakeEventful() {
    surveyed_ = Surveyed{{{"", "cluster us", Grade::kFailed, "gone", "mend it"}}, world_.clock.WallNow()};
    leader_ = {true, true, "a", "a", "http://a:9440", 3, world_.clock.Now(), std::nullopt};
    decide_ = [this](const auto&... given) {
      const Instant now = world_.clock.Now();
      Outcome outcome = Decide(given...);
      outcome.decision.sites.at("eu").drain = DrainProgress{now, 5min, 0.5, 2, 0.25};
      outcome.decision.resolvers = 12;
      outcome.decision.budget = BudgetState{1.5, 24, 0.3, 5, now + 6h};
      outcome.decision.overflow_used = {{"eu", UsageSource::kMetrics, 2, Sureness::kAtLeast}};
      outcome.decision.reasons.push_back({ReasonCode::kUsageSourceSkipped, "pod metrics of eu", {}, "forbidden"});
      outcome.decision.conditions.push_back({ConditionName::kCapacityExhausted, "2 replicas fit nowhere", now});
      return outcome;
    };
    world_.meter.reading = {Seen<PodUsage>{{1.5, 3, 3}, world_.clock.Now()}, std::nullopt};
    HomeDemand observed;
    observed.detail = "an autoscaler that observes";
    world_.observer.reading = {Seen<HomeDemand>{observed, world_.clock.Now()}, std::nullopt};
    world_.SetDemand(2, std::nullopt);
    Look();
    world_.SetDemand(4, 6.0);
    world_.workload("eu").error = Error{Code::kDenied, "eu: no right to scale"};
    Look();
    TrafficState traffic = world_.director.reading.seen->value;
    traffic.writable = false;
    traffic.unwritable_why = "maintenance";
    traffic.ratios_void = {"site persistence"};
    for (auto& [site, member] : traffic.members) member.requests_per_second = 10;
    world_.director.Show(traffic);
    world_.demand.reading.failure = Failure{Code::kRetry, "us: no route", world_.clock.Now()};
    loop_->Wake("shop");
    loop_->RunDue(world_.clock.Now());
    spillway::Order order{OrderKind::kMode,
                          Mode::kAuto,
                          "eu",
                          {{"us", 1}},
                          {{"eu", 2}},
                          "otto",
                          "repair",
                          "CHG-1",
                          world_.clock.Now(),
                          world_.clock.Now() + 1h,
                          true};
    loop_->Find("shop")->SetOverride({{order}});
  }
  void EmptyBucket(const std::string& target, const std::string& token) {
    HttpRequest request{"GET", target, {}, ""};
    if (!token.empty()) request.headers.Set("Authorization", "Bearer " + token);
    for (int i = 0; i < 2 * Admission::kAnyAtOnce && Send(request).status == 200; ++i) {
    }
  }

  // Gives an order; the body must be documented too, unless it is meant to be wrong.
  HttpResponse Give(const std::string& action, const std::string& body, int status, const std::string& token = kAdmin,
                    const std::string& type = "application/json") {
    HttpRequest request{"POST", "/api/v1/apps/shop/" + action, {{"Content-Type", type}}, body};
    if (action.rfind("override", 0) == 0) request.method = "DELETE";
    return Ask(std::move(request), status, token);
  }

  // The fields that the server misses in an order with a "colour", which it must answer with those it knows.
  std::set<std::string> Missing(const std::string& action, const std::string& body, const std::string& known) {
    const auto answer = ParseJson(Give(action, body, 422).body);
    std::set<std::string> missing;
    for (const JsonValue& error : ListAt(*answer, "errors")) {
      const std::string field = *StringAt(error, "field");
      const std::string detail = *StringAt(error, "detail");
      if (field != "colour") {
        missing.insert(field);
      } else {
        EXPECT_NE(detail.find("allowed is " + known + "."), std::string::npos) << action << ": " << detail;
      }
    }
    // Or replicas: a schema has no word for "one of the two" that reads well.
    if (action == "pin") missing.erase("ratios");
    return missing;
  }

  OpenApiCheck check_;
};

constexpr char kReasonedOrTried[] =
    R"([{"$ref":"#/components/schemas/Reasoned"},{"$ref":"#/components/schemas/Tried"}])";

TEST_F(OpenApiTest, IsServedToAnybodyAsItStandsInTheSource) {
  AskForTokens();
  const auto answer = Ask("/api/v1/openapi.json", 200, "");
  EXPECT_EQ(answer.body, kOpenApiJson);
  EXPECT_EQ(answer.headers.Find("Content-Type"), "application/json");
}

TEST_F(OpenApiTest, EveryCallStatusAndFieldOfTheCallsThatReadIsAsDocumented) {
  AskForTokens();
  MakeEventful();
  AuditEntry entry{"a",
                   world_.clock.WallNow(),
                   "otto",
                   "operator",
                   "127.0.0.1",
                   "shop",
                   "drain",
                   "site eu",
                   "repair",
                   "CHG-1",
                   true,
                   "capacity",
                   AuditOutcome::kFailed,
                   "no space",
                   world_.clock.WallNow(),
                   world_.clock.WallNow(),
                   "expired"};
  ASSERT_TRUE(audit_.Append(entry));

  const std::string last = loop_->Find("shop")->Records(1, std::nullopt).front();
  const std::string one = "/api/v1/apps/shop/decisions/" + *StringAt(*ParseJson(last), "time");
  const std::string kProtected[] = {"/api/v1/whoami",
                                    "/api/v1/doctor",
                                    "/api/v1/apps",
                                    "/api/v1/apps/shop",
                                    "/api/v1/apps/shop/decisions",
                                    "/api/v1/apps/shop/decisions?brief=true",
                                    one,
                                    "/api/v1/apps/shop/history",
                                    "/api/v1/stream",
                                    "/api/v1/audit"};
  const char* const kOpen[] = {"/healthz", "/readyz", "/metrics", "/api/v1/openapi.json"};
  for (const char* target : kOpen) Ask(target, 200, "");
  for (const std::string& target : kProtected) {
    Ask(target, 200);
    Ask(target, 401, "");
  }
  for (const char* target : {"/api/v1/apps/x", "/api/v1/apps/x/decisions", "/api/v1/apps/x/history",
                             "/api/v1/apps/shop/decisions/1970-01-01T00:00:00Z", "/api/v1/stream?app=x",
                             "/api/v1/doctor?app=x", "/api/v1/audit?app=x"})
    Ask(target, 404);
  for (const char* target : {"/api/v1/apps/shop/decisions?limit=0", "/api/v1/audit?since=x", "/api/v1/audit?limit=0",
                             "/api/v1/audit?limit=1001", "/api/v1/audit?limit=-1", "/api/v1/audit?limit=2x",
                             "/api/v1/audit?limit=", "/api/v1/audit?limit=99999999999999999999",
                             "/api/v1/apps/shop/history?since=x", "/api/v1/apps/shop/decisions/x"})
    Ask(target, 422);

  api_.Admit(std::move(*Tokens::Parse(kTokens)), false);
  Ask("/metrics", 401, "");
  AskForTokens();

  api_.Serve(nullptr);
  Ask("/readyz", 503, "");
  for (const char* target : {"/api/v1/apps", "/api/v1/apps/x", "/api/v1/apps/x/decisions", "/api/v1/apps/x/history",
                             "/api/v1/apps/x/decisions/x", "/api/v1/stream", "/api/v1/doctor"}) {
    Ask(target, 503);
  }
  EmptyBucket("/api/v1/audit", kViewer);
  for (const std::string& target : kProtected) Ask(target, 429);
  EmptyBucket("/healthz", "");
  for (const char* target : kOpen) Ask(target, 429, "");
  for (const std::string& unseen : check_.Unseen("GET ")) ADD_FAILURE() << "documented but never seen: " << unseen;
}

// Every status that a call that writes is documented to answer.
TEST_F(OpenApiTest, EveryCallThatWritesAnswersAsDocumented) {
  AskForTokens();
  world_.SetDemand(3, std::nullopt);
  Look();
  struct Row {
    const char* action;
    const char* fields;
  };
  const Row rows[] = {{"mode", R"("mode":"auto",)"},
                      {"pause", ""},
                      {"resume", ""},
                      {"drain", R"("site":"eu",)"},
                      {"undrain", R"("site":"eu",)"},
                      {"pin", R"("replicas":{"eu":1},)"},
                      {"failover", ""},
                      {"failback", ""},
                      {"override", ""}};
  for (const Row& row : rows) {
    const std::string good = "{" + std::string(row.fields) + R"("reason":"test","ticket":"T-1"})";
    world_.Confirm();
    Look();
    Give(row.action, good, 200);
    Give("override?reason=next", "", 200);
    Give(row.action, good, 401, "");
    Give(row.action, good, 403, kViewer);
    Give(row.action, "{", 400);
    Give(row.action, good, 415, kAdmin, "text/plain");
    Give(row.action, R"({"reason":"test","colour":"red"})", 422);
    HttpRequest elsewhere{
        "POST", "/api/v1/apps/x/" + std::string(row.action), {{"Content-Type", "application/json"}}, good};
    if (row.action == std::string("override")) elsewhere.method = "DELETE";
    Ask(elsewhere, 404, kAdmin);
    leader_ = {true, false, "b", "a", "http://a:9440", 3, std::nullopt, std::nullopt};
    Give(row.action, good, 307);
    leader_.url.clear();
    Give(row.action, good, 503);
    leader_ = {};
    world_.clock.Advance(30s);
  }
  world_.Confirm();
  world_.SetDemand(4, 30.0);
  Look();
  RefuseEnds();
  Give("drain", R"({"site":"eu","reason":"test","force":true})", 200);
  // A pause that would hold a state in which nobody is served; then, with Avi out of sight, everything that moves.
  TrafficState traffic = world_.director.reading.seen->value;
  for (auto& [site, member] : traffic.members) {
    member.placement = {Place::kParked, 1, 0};
    member.health = Health::kUp;
  }
  world_.director.Show(traffic);
  world_.Confirm();
  Give("pause", R"({"reason":"test"})", 409);
  world_.director.reading = {};
  for (const Row& row : rows) {
    const std::string action = row.action;
    if (action == "pause" || action == "resume" || action == "undrain" || action == "override") continue;
    const std::string fields = action == "pin" ? R"("ratios":{"us":1,"eu":1},)" : row.fields;
    Give(action, "{" + fields + R"("reason":"test"})", 409);
  }
  while (Send({"POST", "/api/v1/apps/x/mode", {{"Authorization", std::string("Bearer ") + kAdmin}}, ""}).status !=
         429) {
  }
  for (const Row& row : rows) Give(row.action, "{}", 429);
  for (const char* calls : {"POST ", "DELETE "}) {
    for (const std::string& unseen : check_.Unseen(calls)) ADD_FAILURE() << "documented but never seen: " << unseen;
  }
}

// The server names the fields it knows when it meets one that it does not, and those it misses when it gets none.
TEST_F(OpenApiTest, TheFieldsOfEveryCallThatWritesAreThoseTheServerKnows) {
  AskForTokens();
  const auto document = ParseJson(kOpenApiJson);
  ASSERT_TRUE(document);
  int calls = 0;
  for (const auto& path : Find(*document, "paths")->GetObject()) {
    const JsonValue* ref = FindPath(path.value, "post.requestBody.content.application/json.schema.$ref");
    if (ref == nullptr) continue;
    ++calls;
    const std::string name = path.name.GetString();
    const std::string schema_name = std::string(ref->GetString()).substr(std::string("#/").size());
    std::string dotted = schema_name;
    std::replace(dotted.begin(), dotted.end(), '/', '.');
    const JsonValue& schema = *FindPath(*document, dotted);
    std::set<std::string> documented, required;
    for (const auto& property : Find(schema, "properties")->GetObject()) documented.insert(property.name.GetString());
    for (const JsonValue& field : ListAt(schema, "required")) required.insert(field.GetString());
    const std::set<std::string> required_of_a_try = required;
    ASSERT_EQ(JsonText(*Find(schema, "anyOf")), kReasonedOrTried) << name;
    required.insert("reason");
    std::string allowed;
    for (const std::string& field : documented) allowed += (allowed.empty() ? "" : ", ") + field;

    const std::string action = name.substr(name.rfind('/') + 1);
    EXPECT_EQ(Missing(action, R"({"colour":"red"})", allowed), required) << name;
    EXPECT_EQ(Missing(action, R"({"colour":"red","dryRun":true})", allowed), required_of_a_try) << name;
  }
  EXPECT_EQ(calls, 8);
}

TEST_F(OpenApiTest, EveryEventOfTheStreamIsAsDocumented) {
  MakeEventful();
  for (const std::string& record : loop_->Find("shop")->Records(1, std::nullopt)) {
    for (const std::string& wrong : check_.Value("Record", *ParseJson(record))) ADD_FAILURE() << wrong;
  }
  const auto state = ParseJson(StateJson(loop_->Find("shop")->View(), {world_.clock.Now(), world_.clock.WallNow()}));
  for (const std::string& wrong : check_.Value("State", *state)) ADD_FAILURE() << wrong;
}

TEST(OpenApiCheck, NoticesWhatDoesNotFit) {
  OpenApiCheck check(std::move(*ParseJson(R"({"paths":{"/a":{"get":{"responses":{"200":{"content":{"application/json":
    {"schema":{"type":"object","required":["n"],"additionalProperties":false,
    "properties":{"n":{"type":"integer"},"t":{"type":"string","format":"date-time"},"w":{"enum":["x"]}}}}}}}}}}})")));
  const HttpHeaders json = {{"Content-Type", "application/json"}};
  EXPECT_EQ(check.Unseen("GET ").size(), 4U);
  EXPECT_TRUE(
      check.Exchange({"GET", "/a", {}, ""}, {200, json, R"({"n":1,"t":"2026-01-01T00:00:00Z","w":"x"})"}).empty());
  EXPECT_TRUE(check.Unseen("GET ").empty());
  for (const char* body :
       {"{}", R"({"n":"1"})", R"({"n":1,"m":2})", R"({"n":1,"t":"now"})", R"({"n":1,"w":"y"})", "["}) {
    EXPECT_EQ(check.Exchange({"GET", "/a", {}, ""}, {200, json, body}).size(), 1U) << body;
  }
  EXPECT_EQ(check.Exchange({"GET", "/b", {}, ""}, {200, json, "{}"}).size(), 1U);
  EXPECT_EQ(check.Exchange({"POST", "/a", {}, ""}, {200, json, R"({"n":1})"}).size(), 1U);
  EXPECT_EQ(check.Exchange({"GET", "/a", {}, ""}, {404, json, R"({"n":1})"}).size(), 1U);
  EXPECT_EQ(check.Exchange({"GET", "/a", {}, ""}, {200, {}, R"({"n":1})"}).size(), 1U);
}

}  // namespace
}  // namespace spillway::daemon
