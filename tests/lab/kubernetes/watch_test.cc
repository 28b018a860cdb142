// Rows 6, 10 and 26 to 34 of the fidelity checklist: watches.
#include <algorithm>

#include "tests/lab/kubernetes/bench_cluster.h"

namespace spillway::lab {
namespace {

using Names = std::vector<std::string>;

std::string Watch(const std::string& query) { return std::string(kConfigMaps) + "?watch=true&" + query; }

TEST(Watch, Row29AnUnsetOrZeroVersionBeginsWithEverythingThereIs) {
  BenchCluster bench;
  bench.Post(kConfigMaps, BenchCluster::ConfigMap("a"));
  bench.Post(kConfigMaps, BenchCluster::ConfigMap("b"));
  for (const char* query : {"", "resourceVersion=0"}) {
    Watching watching(bench, Watch(query));
    EXPECT_EQ(watching.Names(), (Names{"ADDED a", "ADDED b"}));
  }
}

TEST(Watch, Row29AVersionBeginsAfterIt) {
  BenchCluster bench;
  bench.Post(kConfigMaps, BenchCluster::ConfigMap("a"));
  const std::string version = bench.Version(kConfigMaps);
  bench.Post(kConfigMaps, BenchCluster::ConfigMap("b"));
  Watching watching(bench, Watch("resourceVersion=" + version));
  EXPECT_EQ(watching.Names(), (Names{"ADDED b"}));
  bench.Merge(std::string(kConfigMaps) + "/a", R"({"data":{"k":"w"}})");
  bench.Merge(std::string(kConfigMaps) + "/a", R"({"data":{"k":"w"}})");  // row 15: no event
  bench.Send("DELETE", std::string(kConfigMaps) + "/b");
  EXPECT_EQ(watching.Names(), (Names{"MODIFIED a", "DELETED b"}));
}

TEST(Watch, Row26TheHeadComesBeforeAnyEvent) {
  BenchCluster bench;
  Watching watching(bench, Watch("resourceVersion=" + bench.Version(kConfigMaps)));
  EXPECT_EQ(watching.code, 200);
  ASSERT_NE(watching.tail, nullptr);
  EXPECT_TRUE(watching.Events().empty());
  EXPECT_FALSE(watching.ended);
}

TEST(Watch, Row26ARaggedStreamIsCutAnywhereAndLosesNothing) {
  ClusterOptions options;
  options.api.ragged = 7;
  BenchCluster bench(options);
  for (const char* name : {"a", "b", "c"}) bench.Post(kConfigMaps, BenchCluster::ConfigMap(name));
  const std::unique_ptr<Tail> tail = bench.Raw("GET", Watch("timeoutSeconds=5")).tail;
  bench.Pass(5s);
  std::string all;
  int pieces = 0;
  int inside_a_line = 0;
  for (bool ended = false; !ended; ++pieces) {
    const Tail::Part part = tail->Take();
    ASSERT_FALSE(part.bytes.empty()) << "it would never end";
    all += part.bytes;
    inside_a_line += all.back() != '\n' ? 1 : 0;
    ended = part.ended;
  }
  EXPECT_GT(pieces, 3);
  EXPECT_GT(inside_a_line, 0);
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 3);
  EXPECT_TRUE(all.ends_with("}}\n"));
}

TEST(Watch, Row27TooOldAVersionIsAnErrorInsideAnOtherwiseGoodStream) {
  ClusterOptions options;
  options.api.history_length = 1;
  BenchCluster bench(options);
  const std::string version = bench.Version(kConfigMaps);
  for (const char* name : {"a", "b", "c"}) bench.Post(kConfigMaps, BenchCluster::ConfigMap(name));
  Watching watching(bench, Watch("resourceVersion=" + version));
  EXPECT_EQ(watching.code, 200);
  const std::vector<Tree> events = watching.Events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].At("type").String(), "ERROR");
  EXPECT_EQ(events[0].At("object.code").Int(), 410);
  EXPECT_EQ(events[0].At("object.reason").String(), "Expired");
  EXPECT_EQ(events[0].At("object.message").String().find("too old resource version: " + version + " ("), 0U);
  EXPECT_TRUE(watching.ended);
  Watching fresh(bench, Watch("resourceVersion=" + std::to_string(std::stoi(bench.Version(kConfigMaps)) - 1)));
  EXPECT_EQ(fresh.Names(), (Names{"ADDED c"}));
}

TEST(Watch, Row28AnUnparsableVersionIsRefusedBeforeAnyStream) {
  BenchCluster bench;
  Watching watching(bench, Watch("resourceVersion=abc"));
  EXPECT_EQ(watching.code, 422);
  EXPECT_EQ(watching.tail, nullptr);
  EXPECT_EQ(Tree::Of(watching.text).At("reason").String(), "Invalid");
}

TEST(Watch, Row30BookmarksComeOnlyWhenAskedForAtTheirPeriodAndBeforeTheTimeout) {
  ClusterOptions options;
  options.api.bookmark_period = 10s;
  BenchCluster bench(options);
  const std::string version = bench.Version(kConfigMaps);
  Watching asked(bench, Watch("allowWatchBookmarks=true&timeoutSeconds=25&resourceVersion=" + version));
  Watching silent(bench, Watch("timeoutSeconds=25&resourceVersion=" + version));
  bench.cluster.Create(BenchCluster::Definition());  // another kind moves the counter
  bench.Settle(10s);
  const std::vector<Tree> events = asked.Events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].At("type").String(), "BOOKMARK");
  EXPECT_EQ(events[0].At("object.kind").String(), "ConfigMap");
  EXPECT_EQ(events[0].At("object.metadata").Members().size(), 1U);
  EXPECT_GT(std::stoi(events[0].At("object.metadata.resourceVersion").String()), std::stoi(version));
  bench.Settle(12s);
  EXPECT_EQ(asked.Events().size(), 1U);
  bench.Settle(1s);
  EXPECT_EQ(asked.Events().size(), 1U);  // 2 s before its end
  EXPECT_FALSE(asked.ended);
  bench.Settle(2s);
  EXPECT_TRUE(asked.Events().empty());
  EXPECT_TRUE(asked.ended);
  EXPECT_TRUE(silent.Events().empty());
  EXPECT_TRUE(silent.ended);
}

TEST(Watch, Row31TheTimeoutEndsTheStreamCleanlyAndCuttingBreaksIt) {
  BenchCluster bench;
  Watching timed(bench, Watch("timeoutSeconds=5"));
  bench.Settle(4999ms);
  timed.Events();
  EXPECT_FALSE(timed.ended);
  bench.Settle(1ms);
  timed.Events();
  EXPECT_TRUE(timed.ended);
  EXPECT_FALSE(timed.broken);
  Watching cut(bench, Watch(""));
  bench.cluster.CutWatches();
  cut.Events();
  EXPECT_TRUE(cut.broken);
}

TEST(Watch, Row31AHalfOpenStreamStaysSilentWithoutAnEnd) {
  BenchCluster bench;
  Watching watching(bench, Watch("timeoutSeconds=5&resourceVersion=" + bench.Version(kConfigMaps)));
  bench.cluster.SilenceWatches();
  bench.Post(kConfigMaps, BenchCluster::ConfigMap("a"));
  bench.Settle(1h);
  EXPECT_TRUE(watching.Events().empty());
  EXPECT_FALSE(watching.ended);
  EXPECT_FALSE(watching.broken);
  Watching fresh(bench, Watch(""));
  EXPECT_EQ(fresh.Names(), Names{"ADDED a"});
}

TEST(Watch, Row32LeavingTheSelectionIsADeletionAndEnteringAnAddition) {
  BenchCluster bench;
  bench.Post(kConfigMaps, BenchCluster::ConfigMap("a", R"({"app":"shop"})"));
  bench.Post(kConfigMaps, BenchCluster::ConfigMap("b"));
  Watching labels(bench, Watch("labelSelector=app%3Dshop&resourceVersion=" + bench.Version(kConfigMaps)));
  Watching name(bench, Watch("fieldSelector=metadata.name%3Db&resourceVersion=" + bench.Version(kConfigMaps)));
  const std::string path = std::string(kConfigMaps) + "/a";
  bench.Merge(path, R"({"metadata":{"labels":{"app":"mail"}}})");
  std::vector<Tree> events = labels.Events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].At("type").String(), "DELETED");
  EXPECT_EQ(events[0].At("object.metadata.labels.app").String(), "shop");
  EXPECT_EQ(events[0].At("object.metadata.resourceVersion").String(), bench.Version(path));
  bench.Merge(path, R"({"metadata":{"labels":{"app":"shop"}}})");
  EXPECT_EQ(labels.Names(), (Names{"ADDED a"}));
  EXPECT_TRUE(name.Names().empty());
}

TEST(Watch, Row33ADeletionCarriesTheLastStateAtItsOwnVersion) {
  BenchCluster bench;
  bench.Post(kConfigMaps, BenchCluster::ConfigMap("a"));
  Watching watching(bench, Watch("resourceVersion=" + bench.Version(kConfigMaps)));
  bench.Send("DELETE", std::string(kConfigMaps) + "/a");
  const std::vector<Tree> events = watching.Events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].At("object.data.k").String(), "v");
  EXPECT_EQ(events[0].At("object.metadata.resourceVersion").String(), bench.Version(kConfigMaps));
}

TEST(Watch, Row34AWatcherThatDoesNotReadIsCutOff) {
  ClusterOptions options;
  options.api.watch_buffer = 2000;
  BenchCluster bench(options);
  Watching watching(bench, Watch(""));
  for (int i = 0; i < 100; ++i) bench.Post(kConfigMaps, BenchCluster::ConfigMap("m" + std::to_string(i)));
  const Tail::Part part = watching.tail->Take();
  EXPECT_LE(part.bytes.size(), 2000U);
  EXPECT_TRUE(part.ended);
}

TEST(Watch, Row10SendInitialEventsEndsTheInitialStateWithAnAnnotatedBookmark) {
  BenchCluster bench;
  bench.Post(kConfigMaps, BenchCluster::ConfigMap("a"));
  Watching watching(
      bench,
      Watch("sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&resourceVersion="));
  const std::vector<Tree> events = watching.Events();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].At("type").String(), "ADDED");
  EXPECT_EQ(events[1].At("type").String(), "BOOKMARK");
  EXPECT_EQ(events[1].At("object.metadata.annotations").Find("k8s.io/initial-events-end")->String(), "true");
  EXPECT_EQ(events[1].At("object.metadata.resourceVersion").String(), bench.Version(kConfigMaps));
  Watching wrong(bench, Watch("sendInitialEvents=true"));
  EXPECT_EQ(wrong.code, 422);
}

TEST(Watch, Row6ATableWatchHasItsHeadersInTheFirstEventOnly) {
  BenchCluster bench;
  bench.Post(kConfigMaps, BenchCluster::ConfigMap("a"));
  bench.Post(kConfigMaps, BenchCluster::ConfigMap("b"));
  Watching watching(bench, Watch(""), {{"Accept", "application/json;as=Table;v=v1;g=meta.k8s.io"}});
  const std::vector<Tree> events = watching.Events();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].At("object.kind").String(), "Table");
  EXPECT_EQ(events[0].At("object.columnDefinitions").Items().size(), 3U);
  EXPECT_TRUE(events[1].At("object.columnDefinitions").Items().empty());
  EXPECT_EQ(events[1].At("object.rows").Items().at(0).At("cells").Items().at(0).String(), "b");
}

TEST(Watch, AVersionAheadOfTheServerTimesOut) {
  BenchCluster bench;
  Watching watching(bench, Watch("resourceVersion=99999999"));
  EXPECT_EQ(watching.code, 504);
}

TEST(Watch, AWatcherOfTheAutoscalerSeesEachWishOnce) {
  BenchCluster bench;
  bench.cluster.SetLoad([](const std::string&, const std::string&) { return 180.0; });
  bench.cluster.Create(BenchCluster::Deployment("shopping", 4));
  bench.cluster.Create(BenchCluster::Definition());
  Watching watching(bench, std::string(kDefinitions) + "?watch=1&resourceVersion=" + bench.Version(kDefinitions));
  bench.Settle(1h);
  const std::vector<Tree> events = watching.Events();
  ASSERT_EQ(events.size(), 2U);  // not ready while pods start; then pinned
  EXPECT_FALSE(events[0].At("object.status.autoscalingReady").Bool());
  EXPECT_EQ(events[1].At("object.status.desiredReplicas").Int(), 4);
}

}  // namespace
}  // namespace spillway::lab
