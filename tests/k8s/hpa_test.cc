#include "k8s/hpa.h"

#include <gtest/gtest.h>

#include <string>

namespace spillway::k8s {
namespace {

// One that is fine and at its maximum of 4; each row changes what it is about.
struct Parts {
  std::string target = R"({"kind":"Deployment","name":"shopping","apiVersion":"apps/v1"})";
  std::string bounds = R"("minReplicas":1,"maxReplicas":4)";
  std::string metrics =
      R"([{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50}}}])";
  std::string behavior = "{}";
  std::string counts = R"("currentReplicas":4,"desiredReplicas":4)";
  std::string current =
      R"([{"type":"Resource","resource":{"name":"cpu","current":{"averageUtilization":75,"averageValue":"300m"}}}])";
  std::string able = "True", active = "True", limited = "True", why = "TooManyReplicas";
  ScaledPods pods{4, 4, 0.4, ""};
};

std::string Condition(const std::string& type, const std::string& status, const std::string& reason) {
  return R"({"type":")" + type + R"(","status":")" + status + R"(","reason":")" + reason + R"(","message":"m"})";
}

std::string Json(const Parts& parts) {
  return R"({"metadata":{"name":"shopping","namespace":"acme","resourceVersion":"1"},"spec":{"scaleTargetRef":)" +
         parts.target + "," + parts.bounds + R"(,"metrics":)" + parts.metrics + R"(,"behavior":)" + parts.behavior +
         R"(},"status":{)" + parts.counts + R"(,"currentMetrics":)" + parts.current + R"(,"conditions":[)" +
         Condition("AbleToScale", parts.able, "ReadyForNewScale") + "," +
         Condition("ScalingActive", parts.active, "ValidMetricFound") + "," +
         Condition("ScalingLimited", parts.limited, parts.why) + "]}}";
}

Result<HpaReport> Read(const std::string& json) {
  const auto document = ParseJson(json);
  EXPECT_TRUE(document) << json;
  return ReadHpa(*document, "shopping");
}

std::string External(const std::string& type, const std::string& field, const std::string& value) {
  return R"([{"type":"External","external":{"metric":{"name":"s0-queue"},"target":{"type":")" + type + R"(",")" +
         field + R"(":")" + value + R"("}}}])";
}
std::string ExternalNow(const std::string& field, const std::string& value) {
  return R"([{"type":"External","external":{"metric":{"name":"s0-queue"},"current":{")" + field + R"(":")" + value +
         R"("}}}])";
}

// A ContainerResource of cpu; `what`: "target" in a spec, "current" in a status.
std::string OfContainer(const std::string& container, const std::string& what, const std::string& value) {
  return R"({"type":"ContainerResource","containerResource":{"name":"cpu","container":")" + container + R"(",")" +
         what + R"(":)" + value + "}}";
}

struct Row {
  const char* name;
  void (*given)(Parts& parts);
  bool limited;
  std::optional<double> wish, load;
  Sureness sure = Sureness::kComputed;
};

const Row kRows[] = {
    {"utilisation against its target, times the ready pods", [](Parts&) {}, true, 6, 6},
    {"not of the pods that exist: those that are not ready are not in the average",
     [](Parts& p) {
       p.pods = {3, 4, 0.4, ""};
     },
     true, 5, 4.5},
    {"an average value in any notation",
     [](Parts& p) {
       p.metrics =
           R"([{"type":"Resource","resource":{"name":"cpu","target":{"type":"AverageValue","averageValue":"0.2"}}}])";
     },
     true, 6, 6},
    {"the greatest of several metrics",
     [](Parts& p) {
       p.metrics = p.metrics.substr(0, p.metrics.size() - 1) +
                   R"(,{"type":"Pods","pods":{"metric":{"name":"rps"},"target":{"type":"AverageValue",
                        "averageValue":"10"}}}])";
       p.current = p.current.substr(0, p.current.size() - 1) +
                   R"(,{"type":"Pods","pods":{"metric":{"name":"rps"},"current":{"averageValue":"20500m"}}}])";
     },
     true, 9, 8.2},
    {"metrics are paired by name, whatever their order",
     [](Parts& p) {
       p.metrics = R"([{"type":"Pods","pods":{"metric":{"name":"rps"},"target":{"type":"AverageValue",
                        "averageValue":"10"}}},)" +
                   p.metrics.substr(1);
       p.current = p.current.substr(0, p.current.size() - 1) +
                   R"(,{"type":"Pods","pods":{"metric":{"name":"rps"},"current":{"averageValue":"5"}}}])";
     },
     true, 6, 6},
    {"one container's share, whatever the pod's is",
     [](Parts& p) {
       p.metrics = "[" + OfContainer("web", "target", R"({"type":"Utilization","averageUtilization":50})") + "]";
       p.current = "[" + OfContainer("web", "current", R"({"averageUtilization":80,"averageValue":"320m"})") + "]";
     },
     true, 7, 6.4},
    {"containers are paired by their names",
     [](Parts& p) {
       const std::string half = R"({"type":"Utilization","averageUtilization":50})";
       p.metrics = "[" + OfContainer("web", "target", half) + "," + OfContainer("proxy", "target", half) + "]";
       p.current = "[" + OfContainer("proxy", "current", R"({"averageUtilization":90})") + "," +
                   OfContainer("web", "current", R"({"averageUtilization":20})") + "]";
     },
     true, 8, 7.2},
    {"a container that could not be measured leaves a lower bound, not its neighbour's figure",
     [](Parts& p) {
       const std::string half = R"({"type":"Utilization","averageUtilization":50})";
       p.metrics = "[" + OfContainer("web", "target", half) + "," + OfContainer("proxy", "target", half) + "]";
       p.current = "[" + OfContainer("web", "current", R"({"averageUtilization":75})") + R"(,{"type":""}])";
     },
     true, 6, 6, Sureness::kAtLeast},
    {"the pod's figure is not a container's",
     [](Parts& p) {
       p.metrics = "[" + OfContainer("web", "target", R"({"type":"Utilization","averageUtilization":50})") + "]";
     },
     true, std::nullopt, std::nullopt, Sureness::kAtLeast},
    {"memory: bytes against a binary quantity",
     [](Parts& p) {
       p.metrics = R"([{"type":"Resource","resource":{"name":"memory","target":{"type":"AverageValue",
                        "averageValue":"200Mi"}}}])";
       p.current = R"([{"type":"Resource","resource":{"name":"memory","current":{"averageValue":"314572800"}}}])";
     },
     true, 6, 6},
    {"memory and cpu: the greater",
     [](Parts& p) {
       p.metrics = p.metrics.substr(0, p.metrics.size() - 1) +
                   R"(,{"type":"Resource","resource":{"name":"memory","target":{"type":"Utilization",
                        "averageUtilization":80}}}])";
       p.current = p.current.substr(0, p.current.size() - 1) +
                   R"(,{"type":"Resource","resource":{"name":"memory","current":{"averageUtilization":144,
                        "averageValue":"3M"}}}])";
     },
     true, 8, 7.2},
    {"a metric that failed leaves a lower bound",
     [](Parts& p) {
       p.metrics = p.metrics.substr(0, p.metrics.size() - 1) + R"(,{"type":"Pods","pods":{"metric":{"name":"rps"},
                        "target":{"type":"AverageValue","averageValue":"10"}}}])";
       p.current = p.current.substr(0, p.current.size() - 1) + R"(,{"type":""}])";
     },
     true, 6, 6, Sureness::kAtLeast},
    {"an external average is over the pods that exist, as KEDA's are",
     [](Parts& p) {
       p.metrics = External("AverageValue", "averageValue", "5");
       p.current = ExternalNow("averageValue", "8500m");
       p.pods = {3, 4, 0.4, ""};
     },
     true, 7, 6.8},
    {"an external value is a ratio of the ready pods",
     [](Parts& p) {
       p.metrics = External("Value", "value", "100");
       p.current = ExternalNow("value", "150");
       p.pods = {3, 4, 0.4, ""};
     },
     true, 5, 4.5},
    {"the old TooManyReplicas of a stabilisation window is not a wish of now",
     [](Parts& p) {
       p.current = R"([{"type":"Resource","resource":{"name":"cpu","current":{"averageUtilization":40}}}])";
     },
     false, std::nullopt, 3.2},
    {"within the tolerance it asks for no more",
     [](Parts& p) {
       p.current = R"([{"type":"Resource","resource":{"name":"cpu","current":{"averageUtilization":55}}}])";
     },
     false, std::nullopt, 4.4},
    {"its own tolerance counts",
     [](Parts& p) {
       p.behavior = R"({"scaleUp":{"tolerance":"50m"}})";
       p.current = R"([{"type":"Resource","resource":{"name":"cpu","current":{"averageUtilization":54}}}])";
     },
     true, 5, 4.32},
    {"growing as fast as it may is not full", [](Parts& p) { p.why = "ScaleUpLimit"; }, false, std::nullopt, 6},
    {"within its bounds it is not limited",
     [](Parts& p) {
       p.limited = "False";
       p.why = "DesiredWithinRange";
       p.current = R"([{"type":"Resource","resource":{"name":"cpu","current":{"averageUtilization":45}}}])";
     },
     false, std::nullopt, 3.6},
    {"limited without a metric that can be read: the wish is unknown, not zero", [](Parts& p) { p.current = "null"; },
     true, std::nullopt, std::nullopt, Sureness::kAtLeast},
    {"no pods for the average: unknown, not zero",
     [](Parts& p) {
       p.pods = {0, 0, 0.4, ""};
     },
     true, std::nullopt, std::nullopt},
};

TEST(HpaDemand, IsWhatItsControllerWouldComputeWithoutAMaximum) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    Parts parts;
    row.given(parts);
    const auto report = Read(Json(parts));
    ASSERT_TRUE(report) << report.error().what;
    const HomeDemand demand = DemandOf(*report, parts.pods);
    EXPECT_EQ(demand.limited, row.limited);
    EXPECT_EQ(demand.wish, row.wish);
    ASSERT_EQ(demand.load.has_value(), row.load.has_value());
    if (row.load) {
      EXPECT_NEAR(*demand.load, *row.load, 1e-9);
    }
    EXPECT_EQ(demand.sure, row.sure);
  }
}

struct BadRow {
  const char* name;
  void (*given)(Parts& parts);
  Code code;
  const char* says;
};

TEST(ReadHpa, WhatCantBeUsedIsAnErrorNeverAZero) {
  const BadRow rows[] = {
      {"no metric can be had: the conditions of before stay beside it", [](Parts& p) { p.active = "False"; },
       Code::kRetry, "ScalingActive is not True: ValidMetricFound, m"},
      {"its target can't be had", [](Parts& p) { p.able = "False"; }, Code::kRetry, "AbleToScale"},
      {"over its maximum it looks at no metric",
       [](Parts& p) { p.counts = R"("currentReplicas":5,"desiredReplicas":4)"; }, Code::kRetry,
       "5 replicas are outside of its 1 to 4"},
      {"below its minimum as well",
       [](Parts& p) {
         p.bounds = R"("minReplicas":2,"maxReplicas":4)";
         p.counts = R"("currentReplicas":1,"desiredReplicas":2)";
       },
       Code::kRetry, "1 replicas are outside of its 2 to 4"},
      {"it scales something else", [](Parts& p) { p.target = R"({"kind":"Deployment","name":"cart"})"; },
       Code::kRejected, "it scales Deployment cart, not Deployment shopping"},
      {"a count that is none", [](Parts& p) { p.counts = R"("currentReplicas":4,"desiredReplicas":"4")"; },
       Code::kRejected, "status.desiredReplicas"},
      {"no maximum", [](Parts& p) { p.bounds = R"("minReplicas":1)"; }, Code::kRejected, "spec.maxReplicas"},
  };
  for (const BadRow& row : rows) {
    SCOPED_TRACE(row.name);
    Parts parts;
    row.given(parts);
    const auto report = Read(Json(parts));
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, row.code);
    EXPECT_NE(report.error().what.find(row.says), std::string::npos) << report.error().what;
  }
  const auto fresh = Read(R"({"spec":{"scaleTargetRef":{"kind":"Deployment","name":"shopping"},"maxReplicas":4,
                              "minReplicas":0}})");
  ASSERT_FALSE(fresh);
  EXPECT_NE(fresh.error().what.find("has not reported yet"), std::string::npos) << fresh.error().what;
}

TEST(HpaDemand, KnowsWhatAReplicaIsMeantToUse) {
  Parts parts;
  EXPECT_DOUBLE_EQ(*DemandOf(*Read(Json(parts)), parts.pods).cpu_per_replica, 0.2) << "half of the 400m it requests";
  EXPECT_FALSE(DemandOf(*Read(Json(parts)), ScaledPods{4, 4, {}, ""}).cpu_per_replica);
  parts.metrics =
      R"([{"type":"Resource","resource":{"name":"cpu","target":{"type":"AverageValue","averageValue":"150m"}}}])";
  EXPECT_DOUBLE_EQ(*DemandOf(*Read(Json(parts)), ScaledPods{4, 4, {}, ""}).cpu_per_replica, 0.15);
  parts.metrics = External("Value", "value", "100");
  EXPECT_FALSE(DemandOf(*Read(Json(parts)), parts.pods).cpu_per_replica);
  parts.metrics = "[" + OfContainer("web", "target", R"({"type":"AverageValue","averageValue":"150m"})") + "]";
  EXPECT_FALSE(DemandOf(*Read(Json(parts)), parts.pods).cpu_per_replica) << "one container is not the pod";
  EXPECT_NE(Read(Json(parts))->demand.detail.find("cpu of container web unknown"), std::string::npos);
}

TEST(HpaDemand, OnlyObservesWhereBothDirectionsAreDisabled) {
  Parts parts;
  EXPECT_TRUE(Read(Json(parts))->demand.enforced);
  parts.behavior = R"({"scaleUp":{"selectPolicy":"Disabled"}})";
  EXPECT_TRUE(Read(Json(parts))->demand.enforced);
  parts.behavior = R"({"scaleUp":{"selectPolicy":"Disabled"},"scaleDown":{"selectPolicy":"Disabled"}})";
  EXPECT_FALSE(Read(Json(parts))->demand.enforced);
}

}  // namespace
}  // namespace spillway::k8s
