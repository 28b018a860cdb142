// Events about a Deployment, against the lab's API server with its rights and its checks.
#include "k8s/event_recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "k8s/cluster.h"
#include "src/base/json.h"
#include "tests/k8s/script.h"
#include "tests/k8s/virtual_transport.h"
#include "tools/lab/kubernetes/cluster.h"

namespace spillway::k8s {
namespace {

class EventRecorderTest : public testing::Test {
 protected:
  EventRecorderTest() {
    EXPECT_EQ(fake_.Create(R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"acme"}})"), "");
    lab::User user;
    user.name = "spillway";
    user.token = "may";
    user.rules.resize(1);
    user.rules[0].groups = {"events.k8s.io"};
    user.rules[0].resources = {"events"};
    user.rules[0].verbs = {"create"};
    user.rules[0].in_namespace = "acme";
    fake_.AddUser(user);
    lab::User admin;
    admin.name = admin.token = "admin";
    admin.admin = true;
    fake_.AddUser(admin);
    lab::User other;
    other.name = "other";
    other.token = "may-not";
    fake_.AddUser(other);
    cluster_ = std::make_unique<Cluster>("eu", TestAccess([this]() -> Result<std::string> { return token_; }), clock_,
                                         transport_, transport_, 3);
    recorder_ = cluster_->RecordEvents();
  }

  void Run(Duration by) {
    for (const Instant end = clock_.Now() + by; clock_.Now() < end; clock_.Advance(500ms)) {
      for (int i = 0; i < 100 && recorder_->Step() <= clock_.Now(); ++i) continue;
      fake_.Advance();
    }
  }

  // The Events that the server keeps, oldest first.
  std::vector<std::string> Kept(const char* field = "note") {
    HttpRequest request;
    request.method = "GET";
    request.target = "/apis/events.k8s.io/v1/namespaces/acme/events";
    request.headers.Set("Authorization", "Bearer admin");
    const auto answer = transport_->Send(request, 1s);
    std::vector<std::string> kept;
    if (!answer) return kept;
    const auto list = ParseJson(answer->body);
    if (!list || Find(*list, "items") == nullptr) return {answer->body};
    for (const JsonValue& event : (*list)["items"].GetArray())
      kept.push_back(StringAt(event, field).value_or("absent"));
    std::sort(kept.begin(), kept.end());
    return kept;
  }

  std::string token_ = "may";
  ManualClock clock_;
  lab::Cluster fake_{clock_};
  std::shared_ptr<VirtualTransport> transport_ = std::make_shared<VirtualTransport>(fake_, clock_);
  std::unique_ptr<Cluster> cluster_;
  std::shared_ptr<EventRecorder> recorder_;
};

using testing::ElementsAre;

TEST_F(EventRecorderTest, CreatesWhatDescribeShowsOfTheDeployment) {
  recorder_->Record("acme", "shopping", "SpillwayScaled", "replicas 0 -> 3");
  EXPECT_TRUE(Kept().empty()) << "recording alone asks the server nothing";
  Run(2s);
  EXPECT_THAT(Kept(), ElementsAre("replicas 0 -> 3"));
  EXPECT_THAT(Kept("reason"), ElementsAre("SpillwayScaled"));
  EXPECT_THAT(Kept("type"), ElementsAre("Normal"));
  EXPECT_THAT(Kept("regarding.kind"), ElementsAre("Deployment"));
  EXPECT_THAT(Kept("regarding.name"), ElementsAre("shopping"));
}

TEST_F(EventRecorderTest, WithoutTheRightDropsItAndGoesOnOnceItIsThere) {
  token_ = "may-not";
  recorder_->Record("acme", "shopping", "SpillwayScaled", "refused");
  Run(1min);
  token_ = "may";
  Run(2min);
  recorder_->Record("acme", "shopping", "SpillwayScaled", "taken");
  Run(1min);
  EXPECT_THAT(Kept(), ElementsAre("taken"));
}

TEST_F(EventRecorderTest, TriesAgainWhileTheServerIsAwayButNotForEver) {
  transport_->connected = false;
  recorder_->Record("acme", "shopping", "SpillwayScaled", "old");
  Run(EventRecorder::kTryFor + 1min);
  recorder_->Record("acme", "shopping", "SpillwayScaled", "young");
  Run(1min);
  transport_->connected = true;
  Run(2min);
  EXPECT_THAT(Kept(), ElementsAre("young"));
}

TEST_F(EventRecorderTest, KeepsTheYoungestOfMany) {
  transport_->connected = false;
  for (std::size_t i = 0; i < EventRecorder::kQueueCap + 5; ++i) {
    recorder_->Record("acme", "shopping", "SpillwayScaled", std::to_string(100 + i));
  }
  transport_->connected = true;
  Run(10s);
  const auto kept = Kept();
  ASSERT_EQ(kept.size(), EventRecorder::kQueueCap);
  EXPECT_EQ(kept.front(), "105");
}

TEST_F(EventRecorderTest, ALongNoteIsCutBetweenCharacters) {
  std::string note = "ab";
  while (note.size() < 1100) note += "x\u00fc";  // three bytes: 1024 lies within one
  recorder_->Record("acme", "shopping", "SpillwayScaled", note);
  Run(2s);
  const auto kept = Kept();
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0], note.substr(0, 1023));
}

}  // namespace
}  // namespace spillway::k8s
