// Rows 17 and 18 of the fidelity checklist: the patch formats.
#include "tools/lab/kubernetes/patch.h"

#include "tests/lab/kubernetes/bench_cluster.h"

namespace spillway::lab {
namespace {

std::string Shopping() { return std::string(kDeployments) + "/shopping"; }
std::string Frontend() { return std::string(kDefinitions) + "/frontend-asd"; }

HttpHeaders As(const char* type) { return {{"Content-Type", type}}; }
constexpr char kMerge[] = "application/merge-patch+json";
constexpr char kStrategic[] = "application/strategic-merge-patch+json";
constexpr char kJson[] = "application/json-patch+json";
constexpr char kApply[] = "application/apply-patch+yaml";

struct MergeRow {
  const char *target, *patch, *result;
};

TEST(Patch, Row17MergePatchFollowsTheExamplesOfRfc7386) {
  const MergeRow rows[] = {
      {R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
      {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
      {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
      {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
      {R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
      {R"({"a":"b"})", R"(["c"])", R"(["c"])"},
      {R"({"e":null})", R"({"a":1})", R"({"a":1,"e":null})"},
      {R"([1,2])", R"({"a":"b","c":null})", R"({"a":"b"})"},
      {R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"},
  };
  for (const MergeRow& row : rows) {
    EXPECT_EQ(kube::MergePatch(Tree::Of(row.target), Tree::Of(row.patch)).Text(), row.result)
        << row.target << " + " << row.patch;
  }
}

struct JsonRow {
  const char *name, *target, *patch, *result;  // result empty: refused
};

TEST(Patch, Row17JsonPatchFollowsRfc6902) {
  const JsonRow rows[] = {
      {"adds a member", R"({"a":1})", R"([{"op":"add","path":"/b","value":2}])", R"({"a":1,"b":2})"},
      {"inserts into an array", R"({"a":[1,3]})", R"([{"op":"add","path":"/a/1","value":2}])", R"({"a":[1,2,3]})"},
      {"appends", R"({"a":[1]})", R"([{"op":"add","path":"/a/-","value":2}])", R"({"a":[1,2]})"},
      {"removes", R"({"a":[1,2]})", R"([{"op":"remove","path":"/a/0"}])", R"({"a":[2]})"},
      {"replaces only what is there", R"({"a":1})", R"([{"op":"replace","path":"/b","value":2}])", ""},
      {"moves", R"({"a":{"b":1},"c":{}})", R"([{"op":"move","from":"/a/b","path":"/c/d"}])", R"({"a":{},"c":{"d":1}})"},
      {"copies", R"({"a":1})", R"([{"op":"copy","from":"/a","path":"/b"}])", R"({"a":1,"b":1})"},
      {"a test that holds", R"({"a":1})", R"([{"op":"test","path":"/a","value":1}])", R"({"a":1})"},
      {"a test that fails ends it all", R"({"a":1})",
       R"([{"op":"add","path":"/b","value":2},{"op":"test","path":"/a","value":3}])", ""},
      {"escaped slashes", R"({"a/b":1})", R"([{"op":"replace","path":"/a~1b","value":2}])", R"({"a/b":2})"},
      {"an index beyond the end", R"({"a":[1]})", R"([{"op":"add","path":"/a/5","value":2}])", ""},
      {"an unknown operation", R"({"a":1})", R"([{"op":"invent","path":"/a","value":2}])", ""},
  };
  for (const JsonRow& row : rows) {
    SCOPED_TRACE(row.name);
    const Result<Tree> result = kube::JsonPatch(Tree::Of(row.target), Tree::Of(row.patch));
    EXPECT_EQ(result ? result->Text() : "", row.result);
  }
}

TEST(Patch, Row17StrategicPatchMergesContainersByName) {
  BenchCluster bench;
  bench.cluster.Create(BenchCluster::Deployment("shopping", 1));
  const Got got = bench.Send("PATCH", Shopping(), R"({"spec":{"template":{"spec":{
      "$setElementOrder/containers":[{"name":"web"},{"name":"side"}],
      "containers":[{"name":"web","image":"shop:2"},{"name":"side","image":"log:1"}]}}}})",
                             As(kStrategic));
  EXPECT_EQ(got.code, 200);
  EXPECT_EQ(got.body.At("spec.template.spec.containers").Text(),
            R"([{"image":"shop:2","name":"web"},{"image":"log:1","name":"side"}])");
  EXPECT_EQ(got.text.find("setElementOrder"), std::string::npos);
  const Got less = bench.Send("PATCH", Shopping(),
                              R"({"spec":{"template":{"spec":{"containers":[{"$patch":"delete","name":"side"}]}}}})",
                              As(kStrategic));
  EXPECT_EQ(less.body.At("spec.template.spec.containers").Items().size(), 1U);
}

struct TypeRow {
  const char* name;
  const char* type;
  const char* body;
  int code;
};

TEST(Patch, Row17TheContentTypeDecides) {
  BenchCluster bench;
  bench.cluster.Create(BenchCluster::Definition());
  const TypeRow rows[] = {
      {"a strategic patch on a custom resource", kStrategic, "{}", 415},
      {"plain JSON is no patch", "application/json", "{}", 415},
      {"no content type", "", "{}", 415},
      {"a charset does not matter", "application/merge-patch+json; charset=utf-8", "{}", 200},
      {"not JSON", kMerge, "{", 400},
      {"a JSON patch that is no array", kJson, "{}", 422},
      {"a test that fails", kJson, R"([{"op":"test","path":"/kind","value":"X"}])", 422},
      {"apply without a field manager", kApply, R"({"apiVersion":"v1","kind":"ConfigMap"})", 422},
  };
  for (const TypeRow& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(bench.Send("PATCH", Frontend(), row.body, As(row.type)).code, row.code);
  }
}

TEST(Patch, Row18AVersionInThePatchIsAPreconditionAndWithoutOneItNeverConflicts) {
  BenchCluster bench;
  bench.cluster.Create(BenchCluster::Deployment("shopping", 1));
  const std::string version = bench.Version(Shopping());
  EXPECT_EQ(bench.Merge(Shopping(), R"({"spec":{"replicas":2}})").code, 200);
  const std::string stale = R"({"metadata":{"resourceVersion":")" + version + R"("},"spec":{"replicas":3}})";
  EXPECT_EQ(bench.Merge(Shopping(), stale).code, 409);
  EXPECT_EQ(bench.Get(Shopping()).Int("spec.replicas"), 2);
  EXPECT_EQ(bench.Merge(Shopping(), R"({"spec":{"replicas":3}})").code, 200);
}

TEST(Patch, OnlyAnApplyCreatesWhatIsNotThere) {
  BenchCluster bench;
  EXPECT_EQ(bench.Merge(std::string(kConfigMaps) + "/b", "{}").code, 404);
}

}  // namespace
}  // namespace spillway::lab
