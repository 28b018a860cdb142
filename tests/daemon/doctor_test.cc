#include "src/daemon/doctor.h"

#include <gtest/gtest.h>

#include <functional>

#include "src/base/json.h"
#include "tests/core/model.h"

namespace spillway::daemon {
namespace {

constexpr Instant kNow{std::chrono::hours{2}};

struct Patient {
  AppConfig config;
  AppView view;
  LeaderView leader;

  Patient() {
    config.name = "shop";
    config.policy = SmallPolicy();
    view.observation = QuietObservation(kNow);
    view.observation.home_demand.seen->value.load = 2.0;
    for (auto& [site, member] : view.observation.traffic.seen->value.members) {
      member.requests_per_second = 10;
      member.health = Health::kUp;
    }
    leader.leads = true;
  }
  TrafficState& traffic() { return view.observation.traffic.seen->value; }
  std::vector<Finding> Findings() {
    view.config = std::make_shared<const AppConfig>(config);
    return Examine(view, leader, kNow);
  }
};

TEST(Doctor, FindsNothingWrongWithASoundSetUp) {
  for (const Finding& finding : Patient().Findings()) {
    EXPECT_EQ(finding.verdict, Grade::kOk) << finding.check << ": " << finding.evidence;
    EXPECT_EQ(finding.fix, "") << finding.check;
    EXPECT_EQ(finding.app, "shop");
  }
}

struct Row {
  const char* name;
  std::function<void(Patient&)> change;
  const char* check;
  Grade verdict;
  const char* evidence;
};

void Look(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Patient patient;
    row.change(patient);
    const auto findings = patient.Findings();
    const auto found =
        std::find_if(findings.begin(), findings.end(), [&](const Finding& f) { return f.check == row.check; });
    ASSERT_NE(found, findings.end());
    EXPECT_EQ(found->verdict, row.verdict);
    EXPECT_NE(found->evidence.find(row.evidence), std::string::npos) << found->evidence;
    EXPECT_EQ(found->fix.empty(), row.verdict == Grade::kOk) << "what is not in order has a fix";
  }
}

TEST(Doctor, SaysWhatCantBeReached) {
  Look({
      {"a cluster that can't be reached",
       [](Patient& p) {
         p.view.observation.sites["eu"].workload.failure = Failure{Code::kRetry, "cluster eu: no route to host", kNow};
       },
       "workload eu", Grade::kFailed, "cluster eu: no route to host"},
      {"an autoscaler that does not exist",
       [](Patient& p) {
         p.view.observation.home_demand = {std::nullopt,
                                           Failure{Code::kMissing, "Definition frontend-asd: not found", kNow}};
       },
       "home's autoscaler", Grade::kFailed, "not found"},
      {"an input that was not read yet", [](Patient& p) { p.view.observation.home_demand = {}; }, "home's autoscaler",
       Grade::kUnknown, "not read yet"},
      {"an input of which nothing was heard for long",
       [](Patient& p) { p.view.observation.home_demand.seen->as_of = kNow - 5min; }, "home's autoscaler",
       Grade::kWarning, "read 5m ago"},
      {"a password that is wrong",
       [](Patient& p) {
         p.view.observation.traffic = {std::nullopt, Failure{Code::kDenied, "avi: the password was refused", kNow}};
       },
       "Avi and the GSLB service", Grade::kFailed, "the password was refused"},
      {"a leader that takes no writes",
       [](Patient& p) {
         p.traffic().writable = false;
         p.traffic().unwritable_why = "the federation is in maintenance mode";
       },
       "GSLB leader", Grade::kFailed, "maintenance mode"},
  });
}

TEST(Doctor, SaysWhatWouldSurpriseSomebody) {
  Look({
      {"a TTL that keeps clients away for a quarter of an hour", [](Patient& p) { p.traffic().ttl = 301s; }, "TTL",
       Grade::kWarning, "5m1s"},
      {"the longest that is fine", [](Patient& p) { p.traffic().ttl = 300s; }, "TTL", Grade::kOk, "5m"},
      {"a setting that overrules ratios", [](Patient& p) { p.traffic().ratios_void = {"num_dns_ip is 0"}; },
       "ratios mean something", Grade::kFailed, "num_dns_ip is 0"},
      {"a follower that lags", [](Patient& p) { p.traffic().in_force = false; }, "every DNS site", Grade::kWarning,
       "an older layout"},
      {"a member that nobody monitors", [](Patient& p) { p.traffic().members["eu"].health = Health::kUnknown; },
       "health of eu", Grade::kFailed, "does not know"},
      {"a member at rest is down, and that is fine",
       [](Patient& p) { p.traffic().members["eu"].health = Health::kDown; }, "health of eu", Grade::kOk, "down"},
      {"traffic that is not measured", [](Patient& p) { p.traffic().members["eu"].requests_per_second.reset(); },
       "traffic of eu", Grade::kWarning, "not measured"},
      {"an autoscaler without a metric", [](Patient& p) { p.view.observation.home_demand.seen->value.load.reset(); },
       "home's metric", Grade::kWarning, "only a count"},
      {"another autoscaler of the overflow Deployment",
       [](Patient& p) {
         HomeDemand observer;
         observer.enforced = true;
         p.view.observation.sites["eu"].observer.seen = Seen<HomeDemand>{observer, kNow};
       },
       "autoscaler of eu", Grade::kFailed, "by itself"},
      {"nobody leads", [](Patient& p) { p.leader.leads = false; }, "leader", Grade::kWarning, "nobody is known"},
      {"a site that may have nothing", [](Patient& p) { p.config.policy.overflow[0].replicas_max = 0; },
       "maximum of eu", Grade::kFailed, "0 replicas"},
      {"another owner",
       [](Patient& p) {
         p.view.decision.emplace();
         p.view.decision->conditions = {
             {ConditionName::kForeignPlacement, "eu stands in a pool of somebody else", kNow}};
       },
       "one owner", Grade::kFailed, "somebody else"},
      {"a right that is missing",
       [](Patient& p) {
         p.view.problems = {{"workload eu", "cluster eu: forbidden: deployments/scale", kNow}};
       },
       "writes to workload eu", Grade::kFailed, "forbidden"},
  });
}

TEST(Doctor, CountsWhatItFound) {
  const auto text = FindingsJson({{"a", "x", Grade::kFailed, "e", "f"}, {"a", "y", Grade::kWarning, "e", "f"}});
  const auto json = ParseJson(text);
  EXPECT_EQ(IntAt(*json, "failed"), 1);
  EXPECT_EQ(IntAt(*json, "warnings"), 1);
}

}  // namespace
}  // namespace spillway::daemon
