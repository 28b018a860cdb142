#include "k8s/quantity.h"

#include <gtest/gtest.h>

#include "k8s/pod_metrics.h"
#include "k8s/scaled_pods.h"

namespace spillway::k8s {
namespace {

struct Row {
  const char* text;
  std::optional<double> value;
};

TEST(ParseQuantity, Table) {
  const Row rows[] = {
      {"0", 0},
      {"1", 1},
      {"250m", 0.25},
      {"12345678n", 0.012345678},
      {"7u", 7e-6},
      {"1.5", 1.5},
      {".5", 0.5},
      {"2k", 2000},
      {"2e3", 2000},
      {"2E3", 2000},
      {"2E", 2e18},
      {"64Ki", 65536},
      {"64Mi", 67108864},
      {"1Gi", 1073741824.},
      {"1Ei", 1152921504606846976.},
      {"+3", 3},
      {"-1", -1},
      {"", std::nullopt},
      {"m", std::nullopt},
      {"1 m", std::nullopt},
      {"1mm", {}},
      {"1K", {}},
      {"inf", {}},
      {"nan", {}},
      {"0x10", {}},
      {"ten", {}},
      {"1e999", {}},
  };
  for (const Row& row : rows) {
    const auto got = ParseQuantity(row.text);
    ASSERT_EQ(got.has_value(), row.value.has_value()) << row.text;
    if (got) {
      EXPECT_DOUBLE_EQ(*got, *row.value) << row.text;
    }
  }
}

TEST(ReadPodMetrics, AddsUpTheContainersOfEachPod) {
  const auto samples = ReadPodMetrics(R"({"kind":"PodMetricsList","metadata":{},"items":[
    {"metadata":{"name":"a"},"timestamp":"t1","window":"15s","containers":[
      {"name":"web","usage":{"cpu":"250m","memory":"1Mi"}},{"name":"proxy","usage":{"cpu":"5000000n"}}]},
    {"metadata":{"name":"half"},"timestamp":"t1","containers":[
      {"name":"web","usage":{"cpu":"250m"}},{"name":"proxy","usage":{"memory":"1Mi"}}]},
    {"metadata":{"name":"none"},"timestamp":"t1","containers":[]},
    {"metadata":{"name":"timeless"},"containers":[{"name":"web","usage":{"cpu":"1"}}]}]})");
  ASSERT_TRUE(samples) << samples.error().what;
  ASSERT_EQ(samples->size(), 1) << "a pod of which a part is unknown is unknown";
  EXPECT_EQ(samples->front().pod, "a");
  EXPECT_EQ(samples->front().timestamp, "t1");
  EXPECT_DOUBLE_EQ(samples->front().cpu, 0.255);
}

TEST(ReadPodMetrics, TellsNoPodsFromNoAnswer) {
  const auto none = ReadPodMetrics(R"({"kind":"PodMetricsList","items":null})");
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
  EXPECT_FALSE(ReadPodMetrics("{}"));
  EXPECT_FALSE(ReadPodMetrics(R"({"kind":"PodMetricsList","items":7})"));
  EXPECT_FALSE(ReadPodMetrics("busy"));
}

Result<ScaledPods> Pods(const std::string& spec) {
  const auto json = ParseJson(R"({"spec":)" + spec + R"(,"status":{"replicas":5,"readyReplicas":3}})");
  EXPECT_TRUE(json) << spec;
  return ReadScaledPods(*json);
}

TEST(ReadScaledPods, WritesTheSelectorAsAQuery) {
  const auto pods = Pods(R"({"selector":{"matchLabels":{"app":"shop","tier":"web"},"matchExpressions":[
    {"key":"zone","operator":"In","values":["a","b"]},{"key":"old","operator":"DoesNotExist"},
    {"key":"v","operator":"NotIn","values":["1"]},{"key":"new","operator":"Exists"}]}})");
  ASSERT_TRUE(pods);
  EXPECT_EQ(pods->selector, "app=shop,tier=web,zone in (a,b),!old,v notin (1),new");
  EXPECT_EQ(pods->ready, 3);
  EXPECT_EQ(pods->total, 5);
  EXPECT_FALSE(Pods(R"({"selector":{"matchExpressions":[{"key":"zone","operator":"Near","values":["a"]}]}})"))
      << "left out, it would select other pods as well";
}

TEST(ReadScaledPods, KnowsWhatAPodRequestsOnlyIfEveryContainerSays) {
  const std::string one = R"({"resources":{"requests":{"cpu":"200m"}}})";
  const auto spec = [](const std::string& list) { return R"({"template":{"spec":{"containers":[)" + list + "]}}}"; };
  EXPECT_DOUBLE_EQ(*Pods(spec(one + "," + one))->cpu_request, 0.4);
  EXPECT_FALSE(Pods(spec(one + R"(,{"name":"proxy"})"))->cpu_request);
  EXPECT_FALSE(Pods("{}")->cpu_request);
}

}  // namespace
}  // namespace spillway::k8s
