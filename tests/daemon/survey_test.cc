// Each thing that can be wrong with a set-up, and what the doctor says of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>

#include "src/daemon/survey/advice.h"
#include "src/daemon/survey/judge.h"
#include "src/daemon/survey/look.h"
#include "src/daemon/survey/rounds.h"
#include "tests/daemon/config_sample.h"

namespace spillway::daemon {
namespace {

// Two clusters, a federation and an application, all as they should be.
Facts Sound() {
  Facts facts;
  for (const char* name : {"us", "eu"}) {
    ClusterFacts cluster;
    cluster.name = name;
    cluster.clock_by = Duration{};
    cluster.rights = {{{"get", "apps", "deployments", "", "acme", "shop"}, false, std::nullopt, true},
                      {{"create", "", "configmaps", "", "spillway", "state"}, true, std::nullopt, true}};
    facts.clusters.push_back(cluster);
  }
  facts.avi_username = "robot";
  facts.avi.controllers = {{"https://avi", std::nullopt, "30.2.1", true, Duration{}}};
  facts.avi.leader = "https://avi";
  avi::AccountSeen account;
  account.access = {{"PERMISSION_GSLBSERVICE", "WRITE_ACCESS"},
                    {"PERMISSION_GSLB", "READ_ACCESS"},
                    {"PERMISSION_CONTROLLER", "READ_ACCESS"}};
  account.password_days = 0;
  facts.avi.account = account;
  AppFacts app;
  app.app = "shop";
  app.autoscaler = "Definition shop-asd";
  SiteFacts home;
  home.site = "us";
  home.deployment = "shop";
  SiteFacts cloud = home;
  cloud.site = "eu";
  cloud.overflow = true;
  app.sites = {home, cloud};
  app.member_ips = {"10.0.0.1", "10.0.1.1"};
  avi::ServiceSeen service;
  service.app = "shop";
  service.name = "shop";
  service.ttl = 30s;
  app.service = service;
  app.names = {{"shop.example", std::nullopt, {"10.0.0.1"}}};
  facts.apps = {app};
  facts.before_start = true;
  return facts;
}

struct Row {
  std::string check;
  std::function<void(Facts&)> wrong;
  Grade verdict;
  std::string evidence, fix;  // parts of them
};

const Error kDown{Code::kRetry, "cannot reach it: no route to host"};
const Error kRefused{Code::kDenied, "certificate verify failed"};
const Error kGone{Code::kMissing, "not found"};

const std::vector<Row>& Rows() {
  static const std::vector<Row> rows = {
      {"cluster us", [](Facts& f) { f.clusters[0].failure = kDown; }, Grade::kFailed, "no route", "firewalls"},
      {"cluster us", [](Facts& f) { f.clusters[0].failure = kRefused; }, Grade::kFailed, "certificate",
       "the kubeconfig of clusters.us"},
      {"rights in cluster eu", [](Facts& f) { f.clusters[1].rights[0].allowed = false; }, Grade::kFailed,
       "get deployments.apps \"shop\" in \"acme\"", "Role"},
      {"rights in cluster eu", [](Facts& f) { f.clusters[1].rights[1].allowed = false; }, Grade::kWarning,
       "create configmaps \"state\"", "by hand"},
      {"rights in cluster eu", [](Facts& f) { f.clusters[1].rights[0].failure = kRefused; }, Grade::kUnknown,
       "certificate", "selfsubjectaccessreviews"},
      {"clock of cluster us", [](Facts& f) { f.clusters[0].clock_by = 20s; }, Grade::kWarning, "20 s ahead", "NTP"},
      {"clock of cluster us", [](Facts& f) { f.clusters[0].clock_by = -10min; }, Grade::kFailed, "599 s behind", "NTP"},
      {"clock of https://avi", [](Facts& f) { f.avi.controllers[0].clock_by = std::nullopt; }, Grade::kUnknown,
       "no Date", "by hand"},
      {"Avi controller https://avi", [](Facts& f) { f.avi.controllers[0].failure = kRefused; }, Grade::kFailed,
       "certificate", "avi.caFile"},
      {"leader of the federation", [](Facts& f) { f.avi.unwritable_why = "maintenance mode"; }, Grade::kFailed,
       "maintenance", "avi.controllers"},
      {"rights of robot in Avi", [](Facts& f) { f.avi.account->access["PERMISSION_GSLBSERVICE"] = "READ_ACCESS"; },
       Grade::kFailed, "PERMISSION_GSLBSERVICE WRITE_ACCESS", "role in Avi"},
      {"rights of robot in Avi", [](Facts& f) { f.avi.account->access.clear(); }, Grade::kUnknown, "no role",
       "PERMISSION_USER"},
      {"password of robot in Avi", [](Facts& f) { f.avi.account->password_days = 90; }, Grade::kWarning, "90 days",
       "without expiry"},
      {"password of robot in Avi", [](Facts& f) { f.avi.account->password_days.reset(); }, Grade::kUnknown,
       "can't be read", "by hand"},
      {"autoscaler: Definition shop-asd", [](Facts& f) { f.apps[0].autoscaler_failure = kGone; }, Grade::kFailed,
       "not found", "home.demand"},
      {"Deployment of us", [](Facts& f) { f.apps[0].sites[0].deployment_failure = kGone; }, Grade::kFailed, "not found",
       "Make the Deployment"},
      {"Deployment of us", [](Facts& f) { f.apps[0].sites[0].deployment_failure = kDown; }, Grade::kUnknown, "no route",
       "its server"},
      {"other autoscalers of eu", [](Facts& f) { f.apps[0].sites[1].scalers = {"rival"}; }, Grade::kFailed, "rival",
       "selectPolicy: Disabled"},
      {"other autoscalers of eu", [](Facts& f) { f.apps[0].sites[1].scalers_failure = kRefused; }, Grade::kUnknown,
       "certificate", "kubectl get hpa"},
      {"GSLB service shop", [](Facts& f) { f.apps[0].service->failure = kGone; }, Grade::kFailed, "not found",
       "gslbService"},
      {"GSLB service", [](Facts& f) { f.apps[0].service.reset(); }, Grade::kUnknown, "no Avi controller", "Avi"},
      {"owner of shop", [](Facts& f) { f.apps[0].service->owner_why = "belongs to AMKO"; }, Grade::kFailed, "AMKO",
       "owner"},
      {"owner of shop", [](Facts& f) { f.apps[0].service->mark_why = "has terraform in it"; }, Grade::kWarning,
       "terraform", "ignore_changes"},
      {"monitor of shop", [](Facts& f) { f.apps[0].service->monitored = false; }, Grade::kFailed, "no health monitor",
       "health_monitor_refs"},
      {"TTL", [](Facts& f) { f.apps[0].service->ttl = 301s; }, Grade::kWarning, "5m1s", "ttl"},
      {"ratios mean something", [](Facts& f) { f.apps[0].service->ratios_void = {"num_dns_ip is 3"}; }, Grade::kFailed,
       "num_dns_ip", "round robin"},
      {"name shop.example",
       [](Facts& f) {
         f.apps[0].names[0].failure = Error{Code::kMissing, "does not exist"};
       },
       Grade::kFailed, "does not exist", "Delegate"},
      {"name shop.example", [](Facts& f) { f.apps[0].names[0].failure = kDown; }, Grade::kUnknown, "no route",
       "controller.resolver"},
      {"name shop.example", [](Facts& f) { f.apps[0].names[0].addresses = {"192.0.2.1"}; }, Grade::kWarning,
       "192.0.2.1", "whether Avi is asked"},
  };
  return rows;
}

TEST(Survey, FindsNothingWrongWithASoundSetUp) {
  const auto findings = JudgeSetup(Sound());
  EXPECT_EQ(findings.size(), 21U);
  for (const Finding& finding : findings) {
    EXPECT_EQ(finding.verdict, Grade::kOk) << finding.check << ": " << finding.evidence;
    EXPECT_EQ(finding.fix, "") << finding.check;
  }
}

TEST(Survey, NamesEachThingThatIsWrongWithWhatWasSeenAndWhatToDo) {
  for (const Row& row : Rows()) {
    SCOPED_TRACE(row.check + " " + std::string(Word(row.verdict)));
    Facts facts = Sound();
    row.wrong(facts);
    const auto findings = JudgeSetup(facts);
    const auto found =
        std::find_if(findings.begin(), findings.end(), [&](const Finding& f) { return f.check == row.check; });
    ASSERT_NE(found, findings.end());
    EXPECT_EQ(found->verdict, row.verdict);
    EXPECT_NE(found->evidence.find(row.evidence), std::string::npos) << found->evidence;
    EXPECT_NE(found->fix.find(row.fix), std::string::npos) << found->fix;
    const auto wrong =
        std::count_if(findings.begin(), findings.end(), [](const Finding& f) { return f.verdict != Grade::kOk; });
    EXPECT_EQ(wrong, 1) << "one mistake, one finding";
  }
}

TEST(Survey, ASuperuserMayDoEverything) {
  Facts facts = Sound();
  facts.avi.account->access.clear();
  facts.avi.account->superuser = true;
  for (const Finding& finding : JudgeSetup(facts)) EXPECT_EQ(finding.verdict, Grade::kOk) << finding.check;
}

TEST(Survey, WhatTheDaemonSeesForItselfIsLeftToIt) {
  Facts facts = Sound();
  facts.before_start = false;
  for (const Finding& finding : JudgeSetup(facts)) EXPECT_NE(finding.check, "TTL");
}

TEST(Survey, AsksForTheRightsThatAreUsedAndForNoOther) {
  const auto config = std::get<Config>(ParseConfig(std::string(kWhole)));
  std::vector<std::string> texts;
  for (const auto& [name, cluster] : config.clusters) {
    for (const RightFact& fact : RightsIn(name, config)) texts.push_back(name + ": " + k8s::RightText(fact.right));
  }
  const auto asked = [&](const std::string& part) {
    return std::any_of(texts.begin(), texts.end(),
                       [&](const auto& text) { return text.find(part) != std::string::npos; });
  };
  EXPECT_TRUE(asked("azure-eu: patch deployments/scale.apps"));
  EXPECT_TRUE(asked("azure-eu: update leases.coordination.k8s.io \"the-lease\" in \"spillway-lease\""));
  EXPECT_TRUE(asked("us: patch configmaps \"memory-map\" in \"spillway-memory\""));
  EXPECT_FALSE(asked("us: patch deployments/scale")) << "home is never scaled";
  EXPECT_FALSE(asked("delete"));
}

TEST(Advice, IsOfTheApplicationAndOfTheWholeAndKeepsItsTime) {
  const std::vector<Finding> findings = {{"", "cluster us", Grade::kFailed, "gone", "x"},
                                         {"shop", "TTL", Grade::kWarning, "long", "x"},
                                         {"other", "TTL", Grade::kWarning, "long", "x"},
                                         {"shop", "name", Grade::kUnknown, "?", "x"},
                                         {"shop", "owner", Grade::kOk, "", ""}};
  const auto advice = AdviceFor("shop", findings, Instant{});
  ASSERT_EQ(advice.size(), 2U);
  EXPECT_EQ(advice[0].name + " " + advice[0].detail, "SetupFault cluster us: gone");
  EXPECT_EQ(advice[1].name + " " + advice[1].detail, "SetupDoubt TTL: long");
}

TEST(Rounds, AskingSurveysAtOnceAndNotAgainWhileItIsFresh) {
  SystemClock clock;
  std::atomic<int> surveys = 0, told = 0;
  Rounds rounds(
      clock,
      [&] {
        return ++surveys, std::vector<Finding>{{"", "x", Grade::kOk, "", ""}};
      },
      [&](const auto&, Instant) { ++told; }, nullptr);
  const auto first = rounds.Ask(10s);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->findings.size(), 1U);
  EXPECT_TRUE(rounds.Ask(10s));
  rounds.Stop();
  EXPECT_TRUE(rounds.Ask(10s)) << "the last word stands";
  EXPECT_EQ(surveys, 1);
  EXPECT_EQ(told, 1);
}

// The machine's clock, but late: what is due after that time is due at once.
class LateClock final : public Clock {
 public:
  explicit LateClock(Duration late) : late_(late) {}
  Instant Now() const override { return clock_.Now() - late_; }
  WallTime WallNow() const override { return clock_.WallNow(); }
  void SleepUntil(Instant until) override { clock_.SleepUntil(until + late_); }

 private:
  SystemClock clock_;
  const Duration late_;
};

TEST(Rounds, WhatIsWrongAtTheStartAndEachHourBecomesAConditionWithoutAnybodyAsking) {
  struct Row {
    Duration passed;
    std::size_t rounds;
  };
  for (const Row& row : {Row{Rounds::kFirstAfter, 1}, Row{Rounds::kEvery, 2}}) {
    LateClock clock(row.passed);
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> told;
    Rounds rounds(
        clock,
        [] {
          return std::vector<Finding>{{"", "cluster us", Grade::kFailed, "gone", "x"}};
        },
        [&](const std::vector<Finding>& findings, Instant now) {
          const std::lock_guard lock(mutex);
          for (const Advice& advice : AdviceFor("shop", findings, now)) {
            told.push_back(advice.name + " " + advice.detail);
          }
          changed.notify_all();
        },
        nullptr);
    std::unique_lock lock(mutex);
    EXPECT_TRUE(changed.wait_for(lock, 20s, [&] { return told.size() >= row.rounds; })) << row.rounds;
    for (const std::string& condition : told) EXPECT_EQ(condition, "SetupFault cluster us: gone");
  }
}

TEST(Rounds, StoppingCutsASurveyShortWhichThenTellsNothing) {
  SystemClock clock;
  std::mutex mutex;
  std::condition_variable changed;
  bool begun = false, cut = false;
  int told = 0;
  Rounds rounds(
      clock,
      [&] {
        std::unique_lock lock(mutex);
        begun = true;
        changed.notify_all();
        changed.wait(lock, [&] { return cut; });
        return std::vector<Finding>{};
      },
      [&](const auto&, Instant) { ++told; },
      [&] {
        const std::lock_guard lock(mutex);
        cut = true;
        changed.notify_all();
      });
  EXPECT_FALSE(rounds.Ask(Duration{})) << "nothing is known yet";
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return begun; });
  }
  rounds.Stop();
  EXPECT_FALSE(rounds.Ask(10s));
  EXPECT_EQ(told, 0);
}

}  // namespace
}  // namespace spillway::daemon
