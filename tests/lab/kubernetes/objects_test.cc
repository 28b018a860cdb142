// Rows 13 to 16, 19 to 24 and 41 of the fidelity checklist: objects and their storage.
#include "tests/lab/kubernetes/bench_cluster.h"

namespace spillway::lab {
namespace {

std::string Shopping() { return std::string(kDeployments) + "/shopping"; }
std::string Frontend() { return std::string(kDefinitions) + "/frontend-asd"; }
std::string Lease() { return std::string(kLeases) + "/spillway"; }

Tree LeaseBody(const std::string& holder) {
  return Tree::Object{{"apiVersion", "coordination.k8s.io/v1"},
                      {"kind", "Lease"},
                      {"metadata", Tree::Object{{"name", "spillway"}, {"namespace", "acme"}}},
                      {"spec", Tree::Object{{"holderIdentity", holder}, {"leaseDurationSeconds", 15}}}};
}

TEST(Objects, Row13ADryRunDoesEverythingButStore) {
  BenchCluster bench;
  const std::string version = bench.Version(kConfigMaps);
  EXPECT_EQ(bench.Post(std::string(kConfigMaps) + "?dryRun=All", BenchCluster::ConfigMap("a")).code, 201);
  EXPECT_EQ(bench.Get(std::string(kConfigMaps) + "/a").code, 404);
  EXPECT_EQ(bench.Version(kConfigMaps), version);
  EXPECT_EQ(bench.Post(std::string(kConfigMaps) + "?dryRun=All", BenchCluster::ConfigMap("Bad_Name")).code, 422);
  bench.Post(kConfigMaps, BenchCluster::ConfigMap("a"));
  EXPECT_EQ(bench.Send("DELETE", std::string(kConfigMaps) + "/a?dryRun=All").code, 200);
  EXPECT_EQ(bench.Get(std::string(kConfigMaps) + "/a").code, 200);
}

TEST(Objects, Row14CreateSetsIdentityAndClearsStatus) {
  BenchCluster bench;
  Tree body = Tree::Of(BenchCluster::Definition());
  body.Make("status.autoscalingReady") = true;
  body.Make("metadata.uid") = "mine";
  body.Make("metadata.generation") = 7;
  const Got got = bench.Post(kDefinitions, body.Text());
  EXPECT_EQ(got.code, 201);
  EXPECT_EQ(got.Int("metadata.generation"), 1);
  EXPECT_EQ(got.Str("metadata.uid").size(), 36U);
  EXPECT_EQ(got.Str("metadata.creationTimestamp").size(), std::string("2026-01-01T10:00:00Z").size());
  EXPECT_FALSE(got.Str("metadata.resourceVersion").empty());
  EXPECT_EQ(got.body.Find("status"), nullptr);
  const Got again = bench.Post(kDefinitions, body.Text());
  EXPECT_EQ(again.code, 409);
  EXPECT_EQ(again.Str("reason"), "AlreadyExists");
  EXPECT_EQ(again.Str("message"), "definitions.autoscaling.tsm.tanzu.vmware.com \"frontend-asd\" already exists");
}

TEST(Objects, Row14GenerateNameMakesDifferentNames) {
  BenchCluster bench;
  const std::string body = R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{"generateName":"state-"}})";
  const std::string first = bench.Post(kConfigMaps, body).Str("metadata.name");
  EXPECT_EQ(first.size(), std::string("state-").size() + 5);
  EXPECT_NE(bench.Post(kConfigMaps, body).Str("metadata.name"), first);
}

TEST(Objects, Row15OneCounterForAllKindsAndNoOpsKeepTheVersion) {
  BenchCluster bench;
  bench.Post(kConfigMaps, BenchCluster::ConfigMap("a"));
  const int before = std::stoi(bench.Version(std::string(kConfigMaps) + "/a"));
  bench.Put(Lease(), LeaseBody("me"));
  EXPECT_EQ(std::stoi(bench.Version(Lease())), before + 1);
  const Got same = bench.Put(std::string(kConfigMaps) + "/a", bench.Get(std::string(kConfigMaps) + "/a").body);
  EXPECT_EQ(same.code, 200);
  EXPECT_EQ(same.Str("metadata.resourceVersion"), std::to_string(before));
  EXPECT_EQ(bench.Merge(std::string(kConfigMaps) + "/a", R"({"data":{"k":"v"}})").Str("metadata.resourceVersion"),
            std::to_string(before));
  EXPECT_EQ(bench.Version(kConfigMaps), std::to_string(before + 1));
}

TEST(Objects, Row16APutWithAStaleVersionConflictsInTheKnownWords) {
  BenchCluster bench;
  bench.cluster.Create(BenchCluster::Deployment("shopping", 1));
  Tree stale = bench.Get(Shopping()).body;
  bench.Merge(Shopping(), R"({"spec":{"replicas":2}})");
  stale.Make("spec.replicas") = 3;
  const Got got = bench.Put(Shopping(), stale);
  EXPECT_EQ(got.code, 409);
  EXPECT_EQ(got.Str("reason"), "Conflict");
  EXPECT_EQ(
      got.Str("message"),
      "Operation cannot be fulfilled on deployments.apps \"shopping\": the object has been modified; please apply "
      "your changes to the latest version and try again");
  EXPECT_EQ(got.Str("details.group"), "apps");
  EXPECT_EQ(got.Str("details.kind"), "deployments");
}

TEST(Objects, Row16APutWithoutAVersionIsFineForDeploymentsOnly) {
  BenchCluster bench;
  bench.cluster.Create(BenchCluster::Deployment("shopping", 1));
  bench.cluster.Create(BenchCluster::Definition());
  bench.Put(Lease(), LeaseBody("me"));
  EXPECT_EQ(bench.Put(Shopping(), Tree::Of(BenchCluster::Deployment("shopping", 3))).code, 200);
  for (const Got& got : {bench.Put(Frontend(), Tree::Of(BenchCluster::Definition(R"({"enabled":false})"))),
                         bench.Put(Lease(), LeaseBody("you"))}) {
    EXPECT_EQ(got.code, 422);
    EXPECT_NE(got.Str("message").find("metadata.resourceVersion: Invalid value: 0x0: must be specified for an update"),
              std::string::npos)
        << got.text;
  }
}

TEST(Objects, Row19StatusAndTheRestAreSeparateBothWays) {
  BenchCluster bench;
  bench.cluster.Create(BenchCluster::Definition());
  const std::string status = R"({"autoscalingReady":true,"observedGeneration":1,"conditions":[]})";
  bench.Merge(Frontend(), R"({"status":)" + status + "}");
  EXPECT_EQ(bench.Get(Frontend()).body.Find("status"), nullptr);
  const Got got =
      bench.Merge(Frontend() + "/status", R"({"status":)" + status +
                                              R"(,"spec":{"scaleRule":{"enabled":false}},"metadata":{"labels":{"a":"b"},
                              "annotations":{"c":"d"}}})");
  EXPECT_EQ(got.code, 200);
  EXPECT_TRUE(got.body.At("status.autoscalingReady").Bool());
  EXPECT_TRUE(got.body.At("spec.scaleRule.enabled").Bool());
  EXPECT_TRUE(got.body.At("metadata.labels").IsNull());
  EXPECT_EQ(got.Int("metadata.generation"), 1);
}

TEST(Objects, Row20GenerationFollowsEachKindsRule) {
  BenchCluster bench;
  bench.cluster.Create(BenchCluster::Deployment("shopping", 1));
  bench.cluster.Create(BenchCluster::Definition());
  EXPECT_EQ(bench.Merge(Shopping(), R"({"metadata":{"labels":{"a":"b"}}})").Int("metadata.generation"), 1);
  EXPECT_EQ(bench.Merge(Shopping(), R"({"metadata":{"annotations":{"a":"b"}}})").Int("metadata.generation"), 2);
  EXPECT_EQ(bench.Merge(Shopping(), R"({"spec":{"replicas":5}})").Int("metadata.generation"), 3);
  EXPECT_EQ(bench.Merge(Frontend(), R"({"metadata":{"annotations":{"a":"b"}}})").Int("metadata.generation"), 1);
  EXPECT_EQ(bench.Merge(Frontend(), R"({"spec":{"scaleRule":{"enabled":false}}})").Int("metadata.generation"), 2);
}

struct SchemaRow {
  const char* name;
  const char* patch;
  const char* field;
  const char* reason;
};

TEST(Objects, Row21ADefinitionIsCheckedAgainstItsSchema) {
  BenchCluster bench;
  bench.cluster.Create(BenchCluster::Definition());
  const SchemaRow rows[] = {
      {"a mode is one of two", R"({"spec":{"scaleRule":{"mode":"FAST"}}})", "spec.scaleRule.mode",
       "FieldValueNotSupported"},
      {"min is at least 1", R"({"spec":{"scaleRule":{"instances":{"min":0}}}})", "spec.scaleRule.instances.min",
       "FieldValueInvalid"},
      {"max is at most 1000", R"({"spec":{"scaleRule":{"instances":{"max":1001}}}})", "spec.scaleRule.instances.max",
       "FieldValueInvalid"},
      {"a window is at least a minute", R"({"spec":{"scaleRule":{"trigger":{"metric":{"windowSeconds":59}}}}})",
       "spec.scaleRule.trigger.metric.windowSeconds", "FieldValueInvalid"},
      {"enabled is required", R"({"spec":{"scaleRule":{"enabled":null}}})", "spec.scaleRule.enabled",
       "FieldValueRequired"},
      {"a number is no string", R"({"spec":{"scaleRule":{"instances":{"max":"4"}}}})", "spec.scaleRule.instances.max",
       "FieldValueTypeInvalid"},
      {"a metric is one of nine", R"({"spec":{"scaleRule":{"trigger":{"metric":{"name":"Luck"}}}}})",
       "spec.scaleRule.trigger.metric.name", "FieldValueNotSupported"},
      {"steps come in pairs", R"({"spec":{"scaleRule":{"instances":{"stepsUp":1}}}})",
       "spec.scaleRule.instances.stepsDown", "FieldValueRequired"},
  };
  for (const SchemaRow& row : rows) {
    SCOPED_TRACE(row.name);
    const Got got = bench.Merge(Frontend(), row.patch);
    EXPECT_EQ(got.code, 422);
    ASSERT_EQ(got.body.At("details.causes").Items().size(), 1U) << got.text;
    EXPECT_EQ(got.body.At("details.causes").Items()[0].At("field").String(), row.field);
    EXPECT_EQ(got.body.At("details.causes").Items()[0].At("reason").String(), row.reason);
  }
}

TEST(Objects, WhatAnOldObjectHasWrongMayStayAsItIsButNotChange) {
  BenchCluster bench;
  Tree old = Tree::Of(BenchCluster::Definition());
  old.Make("spec.scaleRule.trigger.metric.windowSeconds") = 3;
  EXPECT_NE(bench.cluster.Create(old.Text()), "") << "a new one is refused";
  EXPECT_EQ(bench.cluster.Create(old.Text(), /*checked=*/false), "");
  EXPECT_EQ(bench.Merge(Frontend(), R"({"spec":{"scaleRule":{"instances":{"max":6}}}})").code, 200);
  EXPECT_EQ(bench.Merge(Frontend(), R"({"spec":{"scaleRule":{"trigger":{"metric":{"windowSeconds":4}}}}})").code, 422);
}

TEST(Objects, Row21DefaultsAreFilledInAndUnknownFieldsPrunedUnlessStrict) {
  BenchCluster bench;
  Tree body = Tree::Of(BenchCluster::Definition());
  body.Make("spec.scaleRule.trigger").Erase("gracePeriodSeconds");
  body.Make("spec.colour") = "red";
  const Got strict = bench.Post(std::string(kDefinitions) + "?fieldValidation=Strict", body.Text());
  EXPECT_EQ(strict.code, 400);
  EXPECT_NE(strict.Str("message").find("unknown field \"spec.colour\""), std::string::npos);
  const Got got = bench.Post(kDefinitions, body.Text());
  EXPECT_EQ(got.code, 201);
  EXPECT_EQ(got.Int("spec.scaleRule.trigger.gracePeriodSeconds"), 300);
  EXPECT_EQ(got.body.At("spec").Find("colour"), nullptr);
  EXPECT_EQ(got.headers.Find("Warning"), "299 - \"unknown field \\\"spec.colour\\\"\"");
}

TEST(Objects, Row22ScaleSharesTheDeploymentsIdentityAndLeavesZeroOut) {
  BenchCluster bench;
  bench.cluster.Create(BenchCluster::Deployment("shopping", 2));
  const Got deployment = bench.Get(Shopping());
  const Got scale = bench.Get(Shopping() + "/scale");
  EXPECT_EQ(scale.Str("kind"), "Scale");
  EXPECT_EQ(scale.Str("metadata.uid"), deployment.Str("metadata.uid"));
  EXPECT_EQ(scale.Str("metadata.resourceVersion"), deployment.Str("metadata.resourceVersion"));
  EXPECT_EQ(scale.Str("status.selector"), "app=shopping");
  const Got zero = bench.Merge(Shopping() + "/scale", R"({"spec":{"replicas":0}})");
  EXPECT_EQ(zero.code, 200);
  EXPECT_EQ(zero.body.At("spec").Text(), "{}");
  EXPECT_NE(zero.body.At("status").Find("replicas"), nullptr);
  EXPECT_EQ(bench.Get(Shopping()).Int("metadata.generation"), 2);
  EXPECT_EQ(bench.Merge(Shopping() + "/scale", R"({"spec":{"replicas":-1}})").code, 422);
}

TEST(Objects, Row22AStalePreconditionOnScaleConflictsAndAnEmptySpecMeansZero) {
  BenchCluster bench;
  bench.cluster.Create(BenchCluster::Deployment("shopping", 2));
  const std::string version = bench.Version(Shopping());
  EXPECT_EQ(bench
                .Merge(Shopping() + "/scale",
                       R"({"metadata":{"resourceVersion":")" + version + R"("},"spec":{"replicas":3}})")
                .code,
            200);
  EXPECT_EQ(bench
                .Merge(Shopping() + "/scale",
                       R"({"metadata":{"resourceVersion":")" + version + R"("},"spec":{"replicas":4}})")
                .code,
            409);
  EXPECT_EQ(bench.Merge(Shopping() + "/scale", R"({"metadata":{"uid":"other"},"spec":{"replicas":4}})").code, 409);
  EXPECT_EQ(bench.Get(Shopping()).Int("spec.replicas"), 3);
  Tree body = bench.Get(Shopping() + "/scale").body;
  body["spec"] = Tree::Object{};
  EXPECT_EQ(bench.Put(Shopping() + "/scale", body).code, 200);
  EXPECT_EQ(bench.Get(Shopping()).Int("spec.replicas"), 0);
}

TEST(Objects, Row23ADefinitionHasNoScale) {
  BenchCluster bench;
  bench.cluster.Create(BenchCluster::Definition());
  EXPECT_EQ(bench.Get(Frontend() + "/scale").code, 404);
}

TEST(Objects, Row24NotFoundNamesWhatIsMissing) {
  BenchCluster bench;
  const Got name = bench.Get(Shopping());
  EXPECT_EQ(name.code, 404);
  EXPECT_EQ(name.Str("message"), "deployments.apps \"shopping\" not found");
  EXPECT_EQ(name.Str("details.name"), "shopping");
  EXPECT_EQ(name.Str("details.kind"), "deployments");
  const Got in_namespace = bench.Post("/api/v1/namespaces/nowhere/configmaps", BenchCluster::ConfigMap("a"));
  EXPECT_EQ(in_namespace.code, 404);
  EXPECT_EQ(in_namespace.Str("message"), "namespaces \"nowhere\" not found");
}

TEST(Objects, Row24FinalizersDelayRemovalAndPreconditionsGuardIt) {
  BenchCluster bench;
  const std::string path = std::string(kConfigMaps) + "/a";
  bench.Post(kConfigMaps, R"({"metadata":{"name":"a","finalizers":["x.test/keep"]}})");
  EXPECT_EQ(bench.Send("DELETE", path, R"({"preconditions":{"uid":"other"}})").code, 409);
  const Got deleted = bench.Send("DELETE", path, R"({"propagationPolicy":"Background"})");
  EXPECT_EQ(deleted.Str("kind"), "ConfigMap");
  EXPECT_FALSE(bench.Get(path).Str("metadata.deletionTimestamp").empty());
  bench.Merge(path, R"({"metadata":{"finalizers":null}})");
  EXPECT_EQ(bench.Get(path).code, 404);
  bench.Post(kConfigMaps, BenchCluster::ConfigMap("a"));
  const Got gone = bench.Send("DELETE", path);
  EXPECT_EQ(gone.Str("kind"), "Status");
  EXPECT_EQ(gone.Str("status"), "Success");
  EXPECT_EQ(gone.Str("details.name"), "a");
}

TEST(Objects, Row41OfTwoPutsWithOneVersionOneWinsAndAPutCreates) {
  BenchCluster bench;
  EXPECT_EQ(bench.Put(Lease(), LeaseBody("a")).code, 201);
  Tree mine = bench.Get(Lease()).body;
  Tree yours = mine;
  mine.Make("spec.holderIdentity") = "b";
  yours.Make("spec.holderIdentity") = "c";
  EXPECT_EQ(bench.Put(Lease(), mine).code, 200);
  EXPECT_EQ(bench.Put(Lease(), yours).code, 409);
  EXPECT_EQ(bench.Get(Lease()).Str("spec.holderIdentity"), "b");
  Tree bad = bench.Get(Lease()).body;
  bad.Make("spec.leaseDurationSeconds") = 0;
  EXPECT_EQ(bench.Put(Lease(), bad).code, 422);
}

TEST(Objects, ABodyOfMoreThanThreeMebibytesIsRefused) {
  BenchCluster bench;
  std::string body = BenchCluster::ConfigMap("long");
  body.resize(3U << 20U, ' ');
  EXPECT_EQ(bench.Post(kConfigMaps, body).code, 201);
  const Got refused = bench.Post(kConfigMaps, body + ' ');
  EXPECT_EQ(refused.code, 413);
  EXPECT_EQ(refused.Str("reason"), "RequestEntityTooLarge");
  EXPECT_EQ(refused.Str("message"), "Request entity too large: limit is 3145728");
}

TEST(Objects, AnEventGoesAnHourAfterItWasLastWritten) {
  BenchCluster bench;
  const std::string events = "/api/v1/namespaces/acme/events";
  for (const char* name : {"once", "again"}) {
    bench.Post(events, R"({"metadata":{"name":")" + std::string(name) + R"("},"reason":"Test","type":"Normal"})");
  }
  bench.Settle(30min);
  bench.Merge(events + "/again", R"({"count":2})");
  bench.Settle(30min);
  EXPECT_EQ(bench.Get(events + "/once").code, 404);
  EXPECT_EQ(bench.Get(events + "/again").code, 200);
  bench.Settle(30min);
  EXPECT_EQ(bench.Get(events + "/again").code, 404);
}

TEST(Objects, Row11EventsAreOneStoreWithTwoViews) {
  BenchCluster bench;
  const std::string body = R"({"metadata":{"generateName":"burst-"},"eventTime":"2026-01-01T10:00:05.000000Z",
    "reportingController":"spillway.example/c","reportingInstance":"s-0","action":"ScaleOverflow","reason":"BurstStarted",
    "type":"Normal","note":"why","regarding":{"kind":"Definition","namespace":"acme","name":"frontend-asd"}})";
  const Got made = bench.Post("/apis/events.k8s.io/v1/namespaces/acme/events", body);
  ASSERT_EQ(made.code, 201) << made.text;
  const Got core = bench.Get("/api/v1/namespaces/acme/events/" + made.Str("metadata.name"));
  EXPECT_EQ(core.Str("apiVersion"), "v1");
  EXPECT_EQ(core.Str("involvedObject.name"), "frontend-asd");
  EXPECT_EQ(core.Str("message"), "why");
  const std::string list = "/api/v1/namespaces/acme/events?fieldSelector=involvedObject.name%3D";
  EXPECT_EQ(bench.Get(list + "frontend-asd").body.At("items").Items().size(), 1U);
  EXPECT_EQ(bench.Get(list + "other").body.At("items").Items().size(), 0U);
  EXPECT_EQ(bench.Post("/apis/events.k8s.io/v1/namespaces/acme/events", R"({"metadata":{"name":"e"}})").code, 422);
}

}  // namespace
}  // namespace spillway::lab
