// Rows 1 to 5 and 8 of the fidelity checklist: what tells clients what there is, and Tables.
#include "tests/lab/kubernetes/bench_cluster.h"
#include "tools/lab/kubernetes/table.h"

namespace spillway::lab {
namespace {

constexpr char kAsTable[] = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

TEST(Discovery, Row1ApiAndApisAnswerPlainJsonToAnAggregatedQuestion) {
  BenchCluster bench;
  const HttpHeaders accept = {
      {"Accept", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"}};
  const Got api = bench.Send("GET", "/api", "", accept);
  EXPECT_EQ(api.Str("kind"), "APIVersions");
  EXPECT_EQ(api.headers.Find("Content-Type"), "application/json");
  const Got apis = bench.Send("GET", "/apis", "", accept);
  EXPECT_EQ(apis.Str("kind"), "APIGroupList");
  EXPECT_GE(apis.body.At("groups").Items().size(), 6U);
  EXPECT_EQ(bench.Get("/version").Str("gitVersion"), "v1.32.4");
  EXPECT_EQ(bench.Get("/version").Str("minor"), "32");
}

TEST(Discovery, Row2ResourceListsNameShortNamesAndSubresources) {
  BenchCluster bench;
  const Got apps = bench.Get("/apis/apps/v1");
  EXPECT_EQ(apps.Str("kind"), "APIResourceList");
  std::map<std::string, Tree> resources;
  for (const Tree& resource : apps.body.At("resources").Items()) resources[resource.At("name").String()] = resource;
  EXPECT_EQ(resources["deployments"].At("singularName").String(), "deployment");
  EXPECT_EQ(resources["deployments/scale"].At("group").String(), "autoscaling");
  EXPECT_EQ(resources["deployments/scale"].At("version").String(), "v1");
  EXPECT_EQ(resources["deployments/scale"].At("kind").String(), "Scale");
  const Got tsm = bench.Get("/apis/autoscaling.tsm.tanzu.vmware.com/v1alpha1");
  EXPECT_NE(tsm.text.find(R"("shortNames":["asd"])"), std::string::npos);
  EXPECT_NE(tsm.text.find("definitions/status"), std::string::npos);
  EXPECT_EQ(tsm.text.find("definitions/scale"), std::string::npos);
}

TEST(Discovery, Row3ADefinitionsTableHasTheNineColumnsAndAbsentStatusIsNull) {
  BenchCluster bench;
  bench.cluster.Create(BenchCluster::Definition());
  const Got table = bench.Send("GET", std::string(kDefinitions) + "/frontend-asd", "", {{"Accept", kAsTable}});
  EXPECT_EQ(table.Str("kind"), "Table");
  EXPECT_EQ(table.Str("apiVersion"), "meta.k8s.io/v1");
  std::vector<std::string> names;
  for (const Tree& column : table.body.At("columnDefinitions").Items()) names.push_back(column.At("name").String());
  EXPECT_EQ(names, (std::vector<std::string>{"Name", "Enabled", "Mode", "Trigger", "Min", "Max", "Current", "Desired",
                                             "Ready"}));
  const Tree& row = table.body.At("rows").Items().at(0);
  EXPECT_EQ(row.At("cells").Text(), R"(["frontend-asd",true,"EFFICIENCY","CPUUsageMillicores",1,4,null,null,null])");
  EXPECT_EQ(row.At("object.kind").String(), "PartialObjectMetadata");
  EXPECT_EQ(row.At("object").Find("spec"), nullptr);
}

TEST(Discovery, Row4WithoutTableInAcceptTheObjectItselfComes) {
  BenchCluster bench;
  bench.cluster.Create(BenchCluster::Definition());
  const Got got = bench.Send("GET", std::string(kDefinitions) + "/frontend-asd", "", {{"Accept", "application/json"}});
  EXPECT_EQ(got.Str("kind"), "Definition");
  EXPECT_EQ(got.Int("spec.scaleRule.instances.max"), 4);
}

TEST(Discovery, Row5BuiltInTablesShowCountsAndAges) {
  BenchCluster bench;
  bench.cluster.Create(BenchCluster::Deployment("shopping", 2));
  bench.Settle(90s);
  const Got table = bench.Send("GET", kDeployments, "", {{"Accept", kAsTable}});
  EXPECT_EQ(table.body.At("rows").Items().at(0).At("cells").Text(),
            R"(["shopping","2/2",2,2,"90s","web","shop:1","app=shopping"])");
  const Tree& wide = table.body.At("columnDefinitions").Items().at(5);
  EXPECT_EQ(wide.At("priority").Int(), 1);
  const Got pods = bench.Send("GET", "/api/v1/namespaces/acme/pods", "", {{"Accept", kAsTable}});
  EXPECT_EQ(pods.body.At("rows").Items().at(0).At("cells").Items().at(1).String(), "1/1");
  EXPECT_EQ(pods.body.At("rows").Items().at(0).At("cells").Items().at(2).String(), "Running");
}

// The columns that kubectl shows without -o wide, and the first row's cells of all.
std::pair<std::string, std::string> TableAt(BenchCluster& bench, const std::string& path) {
  const Got table = bench.Send("GET", path, "", {{"Accept", kAsTable}});
  std::string names;
  for (const Tree& column : table.body.At("columnDefinitions").Items()) {
    if (column.At("priority").Int() == 0) names += (names.empty() ? "" : " ") + column.At("name").String();
  }
  return {names, table.body.At("rows").Items().at(0).At("cells").Text()};
}

TEST(Discovery, Row5EveryKindHasItsOwnColumns) {
  BenchCluster bench;
  bench.cluster.Create(R"({"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"shop",
    "namespace":"acme"},"spec":{"maxReplicas":4,"scaleTargetRef":{"kind":"Deployment","name":"shopping"}}})");
  bench.Put(std::string(kLeases) + "/spillway",
            Tree::Of(R"({"spec":{"holderIdentity":"me","leaseDurationSeconds":15}})"));
  bench.Post("/api/v1/namespaces/acme/services", R"({"metadata":{"name":"web"},"spec":{"clusterIP":"10.96.0.9",
    "ports":[{"port":80},{"port":443}]}})");
  bench.Pass(5s);
  const auto hpa = TableAt(bench, "/apis/autoscaling/v2/namespaces/acme/horizontalpodautoscalers");
  EXPECT_EQ(hpa.first, "Name Reference Targets MinPods MaxPods Replicas Age");
  EXPECT_EQ(hpa.second, R"(["shop","Deployment/shopping","<none>",1,4,0,"5s"])");
  const auto lease = TableAt(bench, kLeases);
  EXPECT_EQ(lease.first, "Name Holder Age");
  EXPECT_EQ(lease.second, R"(["spillway","me","5s"])");
  const auto service = TableAt(bench, "/api/v1/namespaces/acme/services");
  EXPECT_EQ(service.first, "Name Type Cluster-IP External-IP Port(s) Age");
  EXPECT_EQ(service.second, R"(["web","ClusterIP","10.96.0.9","<none>","80/TCP,443/TCP","5s"])");
}

TEST(Discovery, Row5AnAutoscalersTargetsReadAsKubectlWritesThem) {
  BenchCluster bench;
  bench.cluster.SetHpa({.running = true, .period = 15s, .external = {{"queue", 17}}});
  bench.cluster.Create(BenchCluster::Deployment("shopping", 4));
  const auto hpa = [](const std::string& name, const std::string& metrics) {
    return R"({"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":")" + name +
           R"(","namespace":"acme"},"spec":{"maxReplicas":4,"scaleTargetRef":{"kind":"Deployment","name":"shopping"},
           "metrics":[)" +
           metrics + "]}}";
  };
  const auto external = [](const std::string& target) {
    return R"({"type":"External","external":{"metric":{"name":"queue"},"target":)" + target + "}}";
  };
  const auto shown = [&](const std::string& name) {
    bench.Settle(20s);
    const std::string cells = TableAt(bench, "/apis/autoscaling/v2/namespaces/acme/horizontalpodautoscalers").second;
    bench.Send("DELETE", "/apis/autoscaling/v2/namespaces/acme/horizontalpodautoscalers/" + name);
    return Tree::Of(cells).Items().at(2).String();
  };
  bench.cluster.Create(hpa("a", external(R"({"type":"AverageValue","averageValue":"5"})")));
  EXPECT_EQ(shown("a"), "4250m/5 (avg)");
  bench.cluster.Create(hpa("b", external(R"({"type":"Value","value":"30"})")));
  EXPECT_EQ(shown("b"), "17/30");
  bench.cluster.Create(hpa("c", R"({"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization",
      "averageUtilization":50}}},{"type":"Resource","resource":{"name":"cpu","target":{"type":"AverageValue",
      "averageValue":"200m"}}})"));
  EXPECT_EQ(shown("c"), "cpu: <unknown>/50%, cpu: <unknown>/200m");
}

TEST(Discovery, Row5AgesReadAsKubectlWritesThem) {
  const std::pair<Duration, const char*> rows[] = {{0s, "0s"},     {119s, "119s"}, {120s, "2m"},      {130s, "2m10s"},
                                                   {10min, "10m"}, {3h, "3h"},     {200min, "3h20m"}, {47h, "47h"},
                                                   {48h, "2d"},    {49h, "2d1h"},  {-5s, "<invalid>"}};
  for (const auto& [age, text] : rows) EXPECT_EQ(kube::AgeText(age), text);
}

TEST(Discovery, Row8OpenApiOffersAPatchWithFieldValidationForEachKind) {
  BenchCluster bench;
  const Got index = bench.Get("/openapi/v3");
  const std::string url = index.body.At("paths").Find("apis/apps/v1")->At("serverRelativeURL").String();
  const Got document = bench.Get(url);
  ASSERT_EQ(document.code, 200);
  const Tree* path = document.body.At("paths").Find("/apis/apps/v1/namespaces/{namespace}/deployments/{name}");
  ASSERT_NE(path, nullptr);
  EXPECT_EQ(path->At("patch.x-kubernetes-group-version-kind.kind").String(), "Deployment");
  EXPECT_EQ(path->At("patch.parameters").Items().at(0).At("name").String(), "fieldValidation");
}

TEST(Discovery, Row8OlderKubectlLearnsFromOpenApi2WhatCanBeTriedDry) {
  BenchCluster bench;
  const Got json = bench.Get("/openapi/v2");
  const Tree* path = json.body.At("paths").Find("/apis/apps/v1/namespaces/{namespace}/deployments/{name}");
  ASSERT_NE(path, nullptr) << json.text;
  EXPECT_EQ(json.Str("swagger"), "2.0");
  EXPECT_EQ(path->At("patch.parameters").Items().at(0).At("name").String(), "dryRun");
  const HttpHeaders old = {{"Accept", "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"}};
  const Got wire = bench.Send("GET", "/openapi/v2", "", old);
  EXPECT_EQ(wire.headers.Find("Content-Type"), "application/com.github.proto-openapi.spec.v2.v1.0+protobuf");
  // A Document: field 1 is the version.
  EXPECT_EQ(wire.text.substr(0, 5),
            "\x0a\x03"
            "2.0");
  EXPECT_NE(wire.text.find("dryRun"), std::string::npos);
}

TEST(Discovery, AnAutoscalerIsSeenThroughItsOlderVersionToo) {
  BenchCluster bench;
  bench.cluster.Create(BenchCluster::Deployment("shopping", 2));
  bench.cluster.Create(R"({"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"shopping",
      "namespace":"acme"},"spec":{"maxReplicas":4,"scaleTargetRef":{"kind":"Deployment","name":"shopping"},"metrics":[
      {"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50}}}]}})");
  EXPECT_EQ(bench.Get("/apis/autoscaling").Str("preferredVersion.version"), "v2");
  EXPECT_EQ(bench.Get("/apis/autoscaling").body.At("versions").Items().size(), 2U);
  const std::string all = "/apis/autoscaling/v1/namespaces/acme/horizontalpodautoscalers";
  const Got one = bench.Get(all + "/shopping");
  EXPECT_EQ(one.Str("apiVersion"), "autoscaling/v1");
  EXPECT_EQ(one.Int("spec.targetCPUUtilizationPercentage"), 50);
  EXPECT_EQ(one.Int("spec.maxReplicas"), 4);
  const Got list = bench.Get(all);
  EXPECT_EQ(list.Str("apiVersion"), "autoscaling/v1");
  ASSERT_EQ(list.body.At("items").Items().size(), 1U);
  EXPECT_EQ(list.body.At("items").Items().at(0).At("spec.targetCPUUtilizationPercentage").Int(), 50);
  EXPECT_EQ(bench.Send("DELETE", all + "/shopping").code, 405) << "it is for reading";
  EXPECT_EQ(bench.Get(all + "/nobody").code, 404);
}

TEST(Discovery, HealthIsOpenAndUnknownPathsAreNotFound) {
  BenchCluster bench;
  bench.cluster.AddUser({.name = "ada", .token = "t", .token_expires = {}, .admin = true, .rules = {}});
  EXPECT_EQ(bench.Get("/readyz").text, "ok");
  EXPECT_EQ(bench.Get("/version").code, 401);
  const HttpHeaders ada = {{"Authorization", "Bearer t"}};
  EXPECT_EQ(bench.Send("GET", "/apis/keda.sh/v1alpha1/namespaces/acme/scaledobjects", "", ada).code, 404);
  EXPECT_EQ(bench.Send("GET", "/nowhere", "", ada).code, 404);
}

}  // namespace
}  // namespace spillway::lab
