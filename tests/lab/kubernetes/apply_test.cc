// Rows 9 and 25 of the fidelity checklist: server-side apply, and who manages which field.
#include "tests/lab/kubernetes/bench_cluster.h"

namespace spillway::lab {
namespace {

std::string Shopping() { return std::string(kDeployments) + "/shopping"; }

Got ApplyTo(BenchCluster& bench, const std::string& path, const std::string& manager, const std::string& body,
            bool force = false) {
  return bench.Send("PATCH", path + "?fieldManager=" + manager + "&force=" + (force ? "true" : "false"), body,
                    {{"Content-Type", "application/apply-patch+yaml"}});
}

std::string Replicas(int replicas) {
  return R"({"apiVersion":"apps/v1","kind":"Deployment","spec":{"replicas":)" + std::to_string(replicas) + "}}";
}

// The fields of one manager, as text; empty: it manages none.
std::string FieldsOf(const Got& got, const std::string& manager, const std::string& operation) {
  for (const Tree& entry : got.body.At("metadata.managedFields").Items()) {
    if (entry.At("manager").String() != manager || entry.At("operation").String() != operation) continue;
    EXPECT_EQ(entry.At("fieldsType").String(), "FieldsV1");
    return entry.At("fieldsV1").Text();
  }
  return "";
}

TEST(Apply, Row9CreatesThenMergesAndTakesBackWhatItLeavesOut) {
  BenchCluster bench;
  const std::string path = std::string(kConfigMaps) + "/a";
  const Got made = ApplyTo(bench, path, "kubectl", BenchCluster::ConfigMap("a"));
  EXPECT_EQ(made.code, 201);
  EXPECT_EQ(FieldsOf(made, "kubectl", "Apply"), R"({"f:data":{"f:k":{}},"f:metadata":{"f:labels":{}}})");
  bench.Merge(path, R"({"data":{"other":"x"}})");
  const Got again = ApplyTo(bench, path, "kubectl", R"({"apiVersion":"v1","kind":"ConfigMap","data":{"l":"w"}})");
  EXPECT_EQ(again.code, 200);
  EXPECT_EQ(again.body.At("data").Text(), R"({"l":"w","other":"x"})");  // k was its own, other is somebody else's
}

TEST(Apply, Row9TheSameConfigurationAgainChangesNothing) {
  BenchCluster bench;
  const std::string path = std::string(kConfigMaps) + "/a";
  const std::string version =
      ApplyTo(bench, path, "kubectl", BenchCluster::ConfigMap("a")).Str("metadata.resourceVersion");
  bench.Pass(1min);
  EXPECT_EQ(ApplyTo(bench, path, "kubectl", BenchCluster::ConfigMap("a")).Str("metadata.resourceVersion"), version);
}

TEST(Apply, Row25AnotherManagersReplicasConflictInTheKnownWords) {
  BenchCluster bench;
  bench.cluster.Create(BenchCluster::Deployment("shopping", 1));
  bench.Send("PATCH", Shopping() + "/scale", R"({"spec":{"replicas":3}})",
             {{"Content-Type", "application/merge-patch+json"}, {"User-Agent", "spillway/1.0 (linux)"}});
  const Got refused = ApplyTo(bench, Shopping(), "gitops", Replicas(5));
  EXPECT_EQ(refused.code, 409);
  EXPECT_EQ(refused.Str("reason"), "Conflict");
  EXPECT_EQ(refused.Str("message"),
            "Apply failed with 1 conflict: conflict with \"spillway\" with subresource \"scale\" using apps/v1: "
            ".spec.replicas");
  const Tree& cause = refused.body.At("details.causes").Items().at(0);
  EXPECT_EQ(cause.At("reason").String(), "FieldManagerConflict");
  EXPECT_EQ(cause.At("field").String(), ".spec.replicas");
  EXPECT_EQ(bench.Get(Shopping()).Int("spec.replicas"), 3);
}

TEST(Apply, Row25ForceTakesTheFieldAndTheOtherLosesIt) {
  BenchCluster bench;
  bench.cluster.Create(BenchCluster::Deployment("shopping", 1));
  bench.Merge(Shopping() + "/scale?fieldManager=spillway", R"({"spec":{"replicas":3}})");
  const Got taken = ApplyTo(bench, Shopping(), "gitops", Replicas(5), true);
  EXPECT_EQ(taken.code, 200);
  EXPECT_EQ(taken.Int("spec.replicas"), 5);
  EXPECT_EQ(FieldsOf(taken, "gitops", "Apply"), R"({"f:spec":{"f:replicas":{}}})");
  EXPECT_EQ(FieldsOf(taken, "spillway", "Update"), "");
  const Got back = bench.Merge(Shopping() + "/scale?fieldManager=spillway", R"({"spec":{"replicas":2}})");
  EXPECT_EQ(back.code, 200);  // an update never conflicts: it takes what it writes
  EXPECT_EQ(FieldsOf(bench.Get(Shopping()), "gitops", "Apply"), "");
}

TEST(Apply, Row25TheSameValueIsSharedAndGoesOnlyWithItsLastManager) {
  BenchCluster bench;
  const std::string path = std::string(kConfigMaps) + "/a";
  const std::string body = R"({"apiVersion":"v1","kind":"ConfigMap","data":{"k":"v"}})";
  const std::string empty = R"({"apiVersion":"v1","kind":"ConfigMap"})";
  ApplyTo(bench, path, "one", body);
  EXPECT_EQ(ApplyTo(bench, path, "two", body).code, 200);
  EXPECT_EQ(ApplyTo(bench, path, "one", empty).body.At("data.k").String(), "v");
  EXPECT_TRUE(ApplyTo(bench, path, "two", empty).body.At("data.k").IsNull());
}

TEST(Apply, Row25ListEntriesAreManagedByTheirKey) {
  BenchCluster bench;
  const auto containers = [](const std::string& list) {
    return R"({"apiVersion":"apps/v1","kind":"Deployment","spec":{"template":{"spec":{"containers":[)" + list + "]}}}}";
  };
  bench.cluster.Create(BenchCluster::Deployment("shopping", 1));
  const Got side = ApplyTo(bench, Shopping(), "mesh", containers(R"({"name":"side","image":"proxy:1"})"));
  EXPECT_EQ(side.body.At("spec.template.spec.containers").Items().size(), 2U);
  EXPECT_EQ(FieldsOf(side, "mesh", "Apply"),
            R"({"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"side\"}":)"
            R"({".":{},"f:image":{},"f:name":{}}}}}}})");
  const Got clash = ApplyTo(bench, Shopping(), "other", containers(R"({"name":"side","image":"proxy:2"})"));
  EXPECT_EQ(clash.body.At("details.causes").Items().at(0).At("field").String(),
            R"(.spec.template.spec.containers[name="side"].image)");
  const Got gone = ApplyTo(bench, Shopping(), "mesh", R"({"apiVersion":"apps/v1","kind":"Deployment"})");
  ASSERT_EQ(gone.body.At("spec.template.spec.containers").Items().size(), 1U);
  EXPECT_EQ(gone.body.At("spec.template.spec.containers").Items()[0].At("name").String(), "web");
}

TEST(Apply, Row25EveryWayOfWritingIsBookedToItsManager) {
  BenchCluster bench;
  const Got made = bench.Send("POST", std::string(kDefinitions) + "?fieldManager=admin", BenchCluster::Definition());
  EXPECT_NE(FieldsOf(made, "admin", "Update").find("f:scaleRule"), std::string::npos);
  Tree status = made.body;
  status["status"] = Tree::Of(R"({"autoscalingReady":true,"observedGeneration":1,"conditions":[]})");
  const Got put =
      bench.Send("PUT", std::string(kDefinitions) + "/frontend-asd/status", status.Text(), {{"User-Agent", "tsm/2"}});
  EXPECT_NE(FieldsOf(put, "tsm", "Update").find("f:autoscalingReady"), std::string::npos);
  const Got patched =
      bench.Send("PATCH", std::string(kDefinitions) + "/frontend-asd", R"({"spec":{"scaleRule":{"enabled":false}}})",
                 {{"Content-Type", "application/merge-patch+json"}, {"User-Agent", "kubectl/v1"}});
  EXPECT_EQ(FieldsOf(patched, "kubectl", "Update"), R"({"f:spec":{"f:scaleRule":{"f:enabled":{}}}})");
  EXPECT_EQ(FieldsOf(patched, "admin", "Update").find("f:enabled"), std::string::npos);
}

TEST(Apply, Row25AWriterThatLeavesManagedFieldsOutDoesNotEraseThemAndOneThatRepairsThemIsBelieved) {
  BenchCluster bench;
  const std::string path = std::string(kConfigMaps) + "/a";
  ApplyTo(bench, path, "one", BenchCluster::ConfigMap("a"));
  Tree plain = bench.Get(path).body;
  plain["metadata"].Erase("managedFields");
  EXPECT_NE(FieldsOf(bench.Put(path, plain), "one", "Apply"), "");
  const Got repaired = bench.Merge(path, R"({"metadata":{"managedFields":[{}]}})");
  EXPECT_TRUE(repaired.body.At("metadata.managedFields").IsNull());
  EXPECT_EQ(ApplyTo(bench, path, "one", R"({"metadata":{"managedFields":[]},"kind":"ConfigMap"})").code, 400);
}

}  // namespace
}  // namespace spillway::lab
