#include "k8s/definition.h"

#include <gtest/gtest.h>

#include <string>

namespace spillway::k8s {
namespace {

using std::optional;

struct WishRow {
  const char* name;
  const char* message;
  optional<int> wish;
};

const WishRow kWishes[] = {
    {"the second word is the wish", "wanted 6 instances exceeds max 4, enforcing limit", 6},
    {"tabs and several blanks part words too", "wanted \t 12  instances", 12},
    {"a second word with punctuation is still the first integer", "wanted: 7, max 4", 7},
    {"without a number second, the first integer counts", "limit reached: 9 wanted", 9},
    {"a number inside a word is no integer", "v1 pod42 wants 5", 5},
    {"a fraction is no integer", "needs 5.5 or so 6", 6},
    {"a negative number is no count", "wanted -3 now 4", 4},
    {"a date is no integer", "since 2026-01-01 wanted 8", 8},
    {"brackets and quotes are punctuation", "limit (\"11\") enforced", 11},
    {"a number alone is the first integer", "13", 13},
    {"no number, no wish (a wrong reader would say 0)", "enforcing the limit", std::nullopt},
    {"an empty message has no wish", "", std::nullopt},
    {"only blanks have no wish", "   ", std::nullopt},
    {"a number too great to be a count of instances is none", "wanted 99999999999999999999 instances", std::nullopt},
    {"zero is a number", "wanted 0 instances", 0},
};

TEST(WishInMessage, FollowsTheRuleInEveryRow) {
  for (const WishRow& row : kWishes) EXPECT_EQ(WishInMessage(row.message), row.wish) << row.name;
}

// A Definition that is fine; each test changes what it is about.
struct Parts {
  std::string generation = R"("generation":3)";
  std::string enabled = R"("enabled":true,)";
  std::string mode = "EFFICIENCY";
  std::string instances = R"({"min":1,"max":4})";
  std::string metric = R"({"name":"CPUUsageMillicores","scaleUp":30,"scaleDown":15,"windowSeconds":90})";
  std::string ready = R"("autoscalingReady":true)";
  std::string observed = R"(,"observedGeneration":3)";
  std::string counts = R"(,"currentReplicas":4,"desiredReplicas":4)";
  std::string current = R"(,"currentMetric":{"name":"CPUUsageMillicores","value":45})";
  std::string conditions = "[]";
  bool has_status = true;
};

std::string Limit(const std::string& message, const std::string& status = "True",
                  const std::string& at = "2026-01-01T10:00:00Z") {
  return R"({"type":"T","status":")" + status + R"(","reason":"EnforcingLimit","message":")" + message +
         R"(","lastTransitionTime":")" + at + R"("})";
}

Result<HomeDemand> Read(const Parts& p) {
  std::string text = R"({"metadata":{"name":"a","resourceVersion":"1",)" + p.generation +
                     R"(},"spec":{"scaleRule":{"mode":")" + p.mode + R"(",)" + p.enabled + R"("instances":)" +
                     p.instances + R"(,"trigger":{"metric":)" + p.metric + "}}}";
  if (p.has_status) {
    text += R"(,"status":{)" + p.ready + p.observed + p.counts + p.current + R"(,"conditions":)" + p.conditions + "}";
  }
  const Result<JsonDocument> parsed = ParseJson(text + "}");
  EXPECT_TRUE(parsed) << text;
  return ReadDefinition(*parsed);
}

TEST(ReadDefinition, ReadsWhatTheAutoscalerSays) {
  Parts parts;
  parts.conditions = "[" + Limit("wanted 6 instances exceeds max 4, enforcing limit") + "]";
  const Result<HomeDemand> demand = Read(parts);
  ASSERT_TRUE(demand) << demand.error().what;
  EXPECT_EQ(demand->replicas_current, 4);
  EXPECT_EQ(demand->replicas_desired, 4);
  EXPECT_EQ(demand->replicas_min, 1);
  EXPECT_EQ(demand->replicas_max, 4);
  EXPECT_TRUE(demand->enforced);
  EXPECT_TRUE(demand->limited);
  EXPECT_EQ(demand->wish, 6);
  EXPECT_EQ(demand->load, 6.0);  // 4 replicas at 45 against 30
  EXPECT_EQ(demand->averaged_over, 90s);
  EXPECT_NE(demand->detail.find("CPUUsageMillicores 45 against 30"), std::string::npos) << demand->detail;
}

struct LimitRow {
  const char* name;
  std::string conditions;
  const char* counts;
  bool limited;
  optional<double> wish;
};

const char* const kAtMax = R"(,"currentReplicas":4,"desiredReplicas":4)";
const char* const kBelow = R"(,"currentReplicas":3,"desiredReplicas":3)";

const LimitRow kLimits[] = {
    {"no condition: not limited, though desired is at max", "[]", kAtMax, false, {}},
    {"conditions that are missing: not limited", "null", kAtMax, false, {}},
    {"another reason says nothing",
     R"([{"type":"T","status":"True","reason":"Other","message":"wanted 9"}])",
     kAtMax,
     false,
     {}},
    {"a wish above max limits", "[" + Limit("wanted 6 instances") + "]", kAtMax, true, 6.0},
    {"a wish of exactly max limits", "[" + Limit("wanted 4 instances") + "]", kAtMax, true, 4.0},
    {"a wish below max is about the minimum, or old", "[" + Limit("wanted 2 instances") + "]", kAtMax, false, {}},
    {"an illegible wish at max: limited, unknown (never 0)",
     "[" + Limit("enforcing the limit") + "]",
     kAtMax,
     true,
     {}},
    {"an illegible wish below max says nothing", "[" + Limit("enforcing the limit") + "]", kBelow, false, {}},
    {"a wish above max counts even before desired follows", "[" + Limit("wanted 6 instances") + "]", kBelow, true, 6.0},
    {"status False is over", "[" + Limit("wanted 6 instances", "False") + "]", kAtMax, false, {}},
    {"status Unknown still counts", "[" + Limit("wanted 6 instances", "Unknown") + "]", kAtMax, true, 6.0},
    {"of several, the latest transition counts",
     "[" + Limit("wanted 9 x", "True", "2026-01-01T10:00:00Z") + "," +
         Limit("wanted 5 x", "True", "2026-01-01T10:00:09Z") + "," +
         Limit("wanted 7 x", "True", "2026-01-01T09:00:00Z") + "]",
     kAtMax, true, 5.0},
    {"of several, one that is over does not hide another",
     "[" + Limit("wanted 9 x", "False", "2026-01-01T11:00:00Z") + "," + Limit("wanted 5 x") + "]", kAtMax, true, 5.0},
};

TEST(ReadDefinition, IsLimitedByTheRuleInEveryRow) {
  for (const LimitRow& row : kLimits) {
    SCOPED_TRACE(row.name);
    Parts parts;
    parts.conditions = row.conditions;
    parts.counts = row.counts;
    const Result<HomeDemand> demand = Read(parts);
    ASSERT_TRUE(demand) << demand.error().what;
    EXPECT_EQ(demand->limited, row.limited);
    EXPECT_EQ(demand->wish, row.wish);
  }
}

struct GateRow {
  const char* name;
  void (*change)(Parts&);
  Code code;
  const char* says;
};

const GateRow kGates[] = {
    {"no status is a failure, never zero", [](Parts& p) { p.has_status = false; }, Code::kRetry,
     "not reported any status"},
    {"not ready", [](Parts& p) { p.ready = R"("autoscalingReady":false)", p.counts = ""; }, Code::kRetry, "not ready"},
    {"not ready even with counts", [](Parts& p) { p.ready = R"("autoscalingReady":false)"; }, Code::kRetry,
     "not ready"},
    {"not ready, with the reason given",
     [](Parts& p) { p.ready = R"("autoscalingReady":false,"failureReason":"NoMetrics","failureMessage":"gone")"; },
     Code::kRetry, "NoMetrics: gone"},
    {"readiness not told", [](Parts& p) { p.ready = R"("failureReason":"x")"; }, Code::kRetry, "no autoscalingReady"},
    {"an older generation was observed", [](Parts& p) { p.observed = R"(,"observedGeneration":2)"; }, Code::kRetry,
     "generation 3, observed 2"},
    {"no generation was observed", [](Parts& p) { p.observed = ""; }, Code::kRetry, "observed none"},
    {"a generation that is not told can't be compared", [](Parts& p) { p.generation = R"("uid":"u")"; }, Code::kRetry,
     "generation unknown"},
    {"desired is missing", [](Parts& p) { p.counts = R"(,"currentReplicas":4)"; }, Code::kRejected,
     "status.desiredReplicas is missing"},
    {"current is missing", [](Parts& p) { p.counts = R"(,"desiredReplicas":4)"; }, Code::kRejected,
     "status.currentReplicas is missing"},
    {"max is missing", [](Parts& p) { p.instances = R"({"min":1})"; }, Code::kRejected, "instances.max is missing"},
    {"max is text", [](Parts& p) { p.instances = R"({"min":1,"max":"4"})"; }, Code::kRejected, "not a count"},
    {"a count below zero", [](Parts& p) { p.counts = R"(,"currentReplicas":-1,"desiredReplicas":4)"; }, Code::kRejected,
     "not a count"},
    {"enabled is missing", [](Parts& p) { p.enabled = ""; }, Code::kRejected, "enabled is missing"},
};

TEST(ReadDefinition, RefusesWhatCannotBeUsedInEveryRow) {
  for (const GateRow& row : kGates) {
    SCOPED_TRACE(row.name);
    Parts parts;
    row.change(parts);
    const Result<HomeDemand> demand = Read(parts);
    ASSERT_FALSE(demand);
    EXPECT_EQ(demand.error().code, row.code);
    EXPECT_NE(demand.error().what.find(row.says), std::string::npos) << demand.error().what;
  }
}

struct LoadRow {
  const char* name;
  const char* metric;
  const char* current;
  optional<double> load;
};

const LoadRow kLoads[] = {
    {"a load is replicas times metric over threshold", R"({"name":"CPUUsageMillicores","scaleUp":30})",
     R"(,"currentMetric":{"name":"CPUUsageMillicores","value":15})", 2.0},
    {"no load at all is a load of zero", R"({"name":"CPUUsageMillicores","scaleUp":30})",
     R"(,"currentMetric":{"name":"CPUUsageMillicores","value":0})", 0.0},
    {"no metric, no load", R"({"name":"CPUUsageMillicores","scaleUp":30})", "", std::nullopt},
    {"a threshold of zero gives none", R"({"name":"CPUUsageMillicores","scaleUp":0})",
     R"(,"currentMetric":{"name":"CPUUsageMillicores","value":15})", std::nullopt},
    {"a metric of another name is an old one", R"({"name":"CPUUsagePercent","scaleUp":30})",
     R"(,"currentMetric":{"name":"CPUUsageMillicores","value":15})", std::nullopt},
    {"latency is no measure of work", R"({"name":"p99Latency","scaleUp":30})",
     R"(,"currentMetric":{"name":"p99Latency","value":15})", std::nullopt},
    {"a negative value is none", R"({"name":"CPUUsageMillicores","scaleUp":30})",
     R"(,"currentMetric":{"name":"CPUUsageMillicores","value":-1})", std::nullopt},
};

TEST(ReadDefinition, ComputesTheLoadByTheRuleInEveryRow) {
  for (const LoadRow& row : kLoads) {
    SCOPED_TRACE(row.name);
    Parts parts;
    parts.metric = row.metric;
    parts.current = row.current;
    const Result<HomeDemand> demand = Read(parts);
    ASSERT_TRUE(demand) << demand.error().what;
    EXPECT_EQ(demand->load, row.load);
    EXPECT_EQ(demand->averaged_over, 60s) << "no window is given";
  }
}

struct WholeUnitRow {
  const char* name;
  const char* value;  // against 60, with 4 replicas of at most 4
  const char* wish;
  double load;
};

const WholeUnitRow kWholeUnits[] = {
    {"a hair above four replicas' worth is told as four", "60", "wanted 5 instances", 4.0 * 61 / 60},
    {"a value that agrees with the wish stands as it is", "61", "wanted 5 instances", 4.0 * 61 / 60},
    {"a unit more would not make it agree: another thing is wanted", "58", "wanted 5 instances", 4.0 * 58 / 60},
    {"a value with a fraction was not rounded", "60.0001", "wanted 6 instances", 4.0 * 60.0001 / 60},
    {"a wish of the maximum agrees with less", "59", "wanted 4 instances", 4.0 * 59 / 60},
};

TEST(ReadDefinition, TakesAWholeUnitForWhatItMayHaveBeenRoundedFrom) {
  for (const WholeUnitRow& row : kWholeUnits) {
    SCOPED_TRACE(row.name);
    Parts parts;
    parts.metric = R"({"name":"CPUUsageMillicores","scaleUp":60})";
    parts.current = std::string(R"(,"currentMetric":{"name":"CPUUsageMillicores","value":)") + row.value + "}";
    parts.conditions = "[" + Limit(row.wish) + "]";
    const Result<HomeDemand> demand = Read(parts);
    ASSERT_TRUE(demand) << demand.error().what;
    ASSERT_TRUE(demand->load);
    EXPECT_NEAR(*demand->load, row.load, 1e-9);
  }
}

TEST(ReadDefinition, SaysThatADisabledOneOnlyRecommends) {
  Parts parts;
  parts.enabled = R"("enabled":false,)";
  const Result<HomeDemand> demand = Read(parts);
  ASSERT_TRUE(demand);
  EXPECT_FALSE(demand->enforced);
  EXPECT_NE(demand->detail.find("only recommends"), std::string::npos);
}

TEST(ReadDefinition, SaysThatPerformanceModeNeverScalesDown) {
  Parts parts;
  parts.mode = "PERFORMANCE";
  const Result<HomeDemand> demand = Read(parts);
  ASSERT_TRUE(demand);
  EXPECT_NE(demand->detail.find("never scales down"), std::string::npos);
  EXPECT_FALSE(demand->limited) << "desired at max is no sign of present load";
}

}  // namespace
}  // namespace spillway::k8s
