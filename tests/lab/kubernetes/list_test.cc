// Rows 32 and 35 of the fidelity checklist: selectors, pages, snapshots.
#include "tests/lab/kubernetes/bench_cluster.h"

namespace spillway::lab {
namespace {

class ListBench : public BenchCluster {
 public:
  explicit ListBench(ClusterOptions options = {}) : BenchCluster(std::move(options)) {
    for (const char* name : {"a", "b", "c", "d", "e"}) Post(kConfigMaps, ConfigMap(name));
  }
  std::string Names(const std::string& query) {
    const Got got = Get(std::string(kConfigMaps) + "?" + query);
    EXPECT_EQ(got.code, 200) << got.text;
    std::string names;
    for (const Tree& item : got.body.At("items").Items()) names += item.At("metadata.name").String();
    return names;
  }
};

TEST(List, Row35PagesShowTheCollectionAsItWasAtTheFirst) {
  ListBench bench;
  const Got first = bench.Get(std::string(kConfigMaps) + "?limit=2");
  EXPECT_EQ(first.body.At("items").Items().size(), 2U);
  bench.Send("DELETE", std::string(kConfigMaps) + "/c");
  bench.Post(kConfigMaps, BenchCluster::ConfigMap("dd"));
  const Got second =
      bench.Get(std::string(kConfigMaps) + "?limit=2&continue=" + PercentEncode(first.Str("metadata.continue")));
  EXPECT_EQ(second.Str("metadata.resourceVersion"), first.Str("metadata.resourceVersion"));
  EXPECT_EQ(second.body.At("items").Items().at(0).At("metadata.name").String(), "c");
  const Got third =
      bench.Get(std::string(kConfigMaps) + "?limit=2&continue=" + PercentEncode(second.Str("metadata.continue")));
  ASSERT_EQ(third.body.At("items").Items().size(), 1U);
  EXPECT_EQ(third.body.At("items").Items()[0].At("metadata.name").String(), "e");
  EXPECT_TRUE(third.Str("metadata.continue").empty());
}

TEST(List, Row35AnExpiredTokenIs410AndOffersAnInconsistentRest) {
  ListBench bench;
  const Got first = bench.Get(std::string(kConfigMaps) + "?limit=2");
  bench.Send("DELETE", std::string(kConfigMaps) + "/c");
  bench.cluster.ForgetHistory();
  const Got expired =
      bench.Get(std::string(kConfigMaps) + "?limit=2&continue=" + PercentEncode(first.Str("metadata.continue")));
  EXPECT_EQ(expired.code, 410);
  EXPECT_EQ(expired.Str("reason"), "Expired");
  ASSERT_FALSE(expired.Str("metadata.continue").empty());
  EXPECT_EQ(bench.Names("continue=" + PercentEncode(expired.Str("metadata.continue"))), "de");
  EXPECT_EQ(bench.Get(std::string(kConfigMaps) + "?continue=nonsense").code, 400);
}

TEST(List, Row35ALimitThatEndsExactlyNeedsNoFurtherPage) {
  ListBench bench;
  EXPECT_TRUE(bench.Get(std::string(kConfigMaps) + "?limit=5").Str("metadata.continue").empty());
}

TEST(List, AnExactVersionShowsThePastAndAFutureOneTimesOut) {
  ListBench bench;
  const std::string past = bench.Version(kConfigMaps);
  bench.Send("DELETE", std::string(kConfigMaps) + "/a");
  EXPECT_EQ(bench.Names("resourceVersionMatch=Exact&resourceVersion=" + past), "abcde");
  EXPECT_EQ(bench.Names("resourceVersion=" + past), "bcde");
  const Got future = bench.Get(std::string(kConfigMaps) + "?resourceVersion=999999");
  EXPECT_EQ(future.code, 504);
  EXPECT_EQ(future.Str("reason"), "Timeout");
  EXPECT_EQ(future.headers.Find("Retry-After"), "1");
  EXPECT_EQ(future.body.At("details.causes").Items().at(0).At("reason").String(), "ResourceVersionTooLarge");
}

struct SelectorRow {
  const char* name;
  const char* query;
  const char* names;
};

TEST(List, Row32SelectorsChoose) {
  BenchCluster bench;
  bench.Post(kConfigMaps, BenchCluster::ConfigMap("a", R"({"app":"shop","tier":"web"})"));
  bench.Post(kConfigMaps, BenchCluster::ConfigMap("b", R"({"app":"shop"})"));
  bench.Post(kConfigMaps, BenchCluster::ConfigMap("c", R"({"app":"mail"})"));
  bench.Post(kConfigMaps, BenchCluster::ConfigMap("d"));
  const SelectorRow rows[] = {
      {"nothing asked, all come", "", "abcd"},
      {"equals", "labelSelector=app%3Dshop", "ab"},
      {"double equals", "labelSelector=app%3D%3Dshop", "ab"},
      {"differs, absent included", "labelSelector=app!%3Dshop", "cd"},
      {"in a set", "labelSelector=app%20in%20(shop,mail)", "abc"},
      {"not in a set, absent included", "labelSelector=app%20notin%20(shop)", "cd"},
      {"exists", "labelSelector=tier", "a"},
      {"does not exist", "labelSelector=!app", "d"},
      {"all terms must hold", "labelSelector=app%3Dshop,tier%3Dweb", "a"},
      {"by name", "fieldSelector=metadata.name%3Dc", "c"},
      {"by other names", "fieldSelector=metadata.name!%3Dc", "abd"},
      {"by namespace", "fieldSelector=metadata.namespace%3Dother", ""},
  };
  for (const SelectorRow& row : rows) {
    SCOPED_TRACE(row.name);
    const Got got = bench.Get(std::string(kConfigMaps) + "?" + row.query);
    std::string names;
    for (const Tree& item : got.body.At("items").Items()) names += item.At("metadata.name").String();
    EXPECT_EQ(names, row.names);
  }
  EXPECT_EQ(bench.Get(std::string(kConfigMaps) + "?fieldSelector=data.k%3Dv").code, 400);
  EXPECT_EQ(bench.Get(std::string(kConfigMaps) + "?labelSelector=app%20on%20(x)").code, 400);
}

TEST(List, ItemsOfBuiltInKindsHaveNoKindAndThoseOfCustomOnesDo) {
  ListBench bench;
  bench.cluster.Create(BenchCluster::Definition());
  const Got maps = bench.Get(kConfigMaps);
  EXPECT_EQ(maps.Str("kind"), "ConfigMapList");
  EXPECT_EQ(maps.body.At("items").Items().at(0).Find("kind"), nullptr);
  EXPECT_EQ(bench.Get(kDefinitions).body.At("items").Items().at(0).At("kind").String(), "Definition");
}

}  // namespace
}  // namespace spillway::lab
