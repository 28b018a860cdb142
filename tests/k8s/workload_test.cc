#include "src/ports/workload.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "k8s/cluster.h"
#include "tests/k8s/script.h"

namespace spillway::k8s {
namespace {

std::string Scale(const std::string& revision, const std::string& spec) {
  return R"({"kind":"Scale","apiVersion":"autoscaling/v1","metadata":{"name":"shopping","namespace":"acme",)"
         R"("resourceVersion":")" +
         revision + R"("},"spec":)" + spec + R"(,"status":{"replicas":99,"selector":"app=shopping"}})";
}

class WorkloadTest : public ::testing::Test {
 protected:
  WorkloadTest() : cluster_("eu", TestAccess(), clock_, server_, server_, 1) {
    workload_ = cluster_.WatchDeployment("acme", "shopping");
    feed_ = cluster_.feeds().at(0);
    feed_->OnChange([this] { ++changes_; });
  }
  void Step() { clock_.SleepUntil(feed_->Step()); }
  // The picture shows revision 10: 3 wanted, 3 ready.
  std::shared_ptr<ScriptedWatch> Open() {
    server_->Answer(200, List("1000", Deployment("10", 3, 3)));
    auto watch = server_->Watch();
    Step();
    Step();
    return watch;
  }
  void ExpectState(int wanted, int ready, const std::string& revision) const {
    const auto reading = workload_->Read();
    ASSERT_TRUE(reading.seen);
    EXPECT_EQ(reading.seen->value.replicas_wanted, wanted);
    EXPECT_EQ(reading.seen->value.replicas_ready, ready);
    EXPECT_EQ(reading.seen->value.revision, revision);
  }

  ManualClock clock_;
  std::shared_ptr<ScriptedServer> server_ = std::make_shared<ScriptedServer>(clock_);
  Cluster cluster_;
  std::shared_ptr<Workload> workload_;
  std::shared_ptr<Feed> feed_;
  int changes_ = 0;
};

TEST_F(WorkloadTest, IsNeitherSeenNorFailedBeforeTheFirstList) {
  const auto reading = workload_->Read();
  EXPECT_FALSE(reading.seen);
  EXPECT_FALSE(reading.failure);
}

TEST_F(WorkloadTest, ReadsThePicture) {
  Open();
  ExpectState(3, 3, "10");
  EXPECT_FALSE(workload_->Read().failure);
}

TEST_F(WorkloadTest, IsMissingWhenTheListDoesNotHoldIt) {
  server_->Answer(200, List("1000", ""));
  Step();
  const auto reading = workload_->Read();
  EXPECT_FALSE(reading.seen) << "missing is never zero";
  ASSERT_TRUE(reading.failure);
  EXPECT_EQ(reading.failure->code, Code::kMissing);
  EXPECT_EQ(reading.failure->what, "cluster \"eu\": deployments \"shopping\" not found in namespace acme");
}

TEST_F(WorkloadTest, KeepsWhatWasSeenOfADeletedOneWithItsTime) {
  auto stream = Open();
  const Instant seen = workload_->Read().seen->as_of;
  clock_.Advance(5s);
  stream->Line(Event("DELETED", Deployment("11", 3, 3)));
  Step();
  const auto gone = workload_->Read();
  ASSERT_TRUE(gone.seen);
  EXPECT_EQ(gone.seen->as_of, seen);
  EXPECT_EQ(gone.failure->code, Code::kMissing);
  clock_.Advance(5s);
  stream->Line(Bookmark("1100"));
  Step();
  EXPECT_EQ(workload_->Read().seen->as_of, seen) << "a bookmark confirms that it is gone";
  stream->Line(Event("ADDED", Deployment("12", 1, 0)));
  Step();
  ExpectState(1, 0, "12");
  EXPECT_FALSE(workload_->Read().failure);
}

TEST_F(WorkloadTest, KeepsWhatWasSeenThroughAnOutage) {
  auto stream = Open();
  const Instant seen = workload_->Read().seen->as_of;
  stream->Line(Bookmark("1001"));
  stream->Break("reset");
  clock_.Advance(5s);
  for (int i = 0; i < 6; ++i) Step();
  const auto reading = workload_->Read();
  ExpectState(3, 3, "10");
  EXPECT_EQ(reading.seen->as_of, seen + 5s) << "the bookmark's time; the outage confirms nothing";
  ASSERT_TRUE(reading.failure);
  EXPECT_EQ(reading.failure->code, Code::kRetry);
}

TEST_F(WorkloadTest, SaysWhatIsWrongWithAnIllegibleObject) {
  auto stream = Open();
  stream->Line(
      Event("MODIFIED",
            R"({"metadata":{"name":"shopping","namespace":"acme","resourceVersion":"11"},"spec":{"replicas":"x"}})"));
  Step();
  const auto reading = workload_->Read();
  ASSERT_TRUE(reading.failure);
  EXPECT_EQ(reading.failure->what,
            "cluster \"eu\": deployments \"shopping\" in acme: spec.replicas is not a count: \"x\"");
}

TEST_F(WorkloadTest, ScalesWithAPreconditionThroughTheSubresource) {
  Open();
  server_->Answer(200, Scale("11", R"({"replicas":5})"));
  const auto stored = workload_->Scale(5, "10", 4s);
  ASSERT_TRUE(stored) << stored.error().what;
  EXPECT_EQ(stored->replicas_wanted, 5);
  EXPECT_EQ(stored->replicas_ready, 3) << "status.replicas of a Scale says nothing of readiness";
  EXPECT_EQ(stored->revision, "11");
  const HttpRequest& request = server_->sent.back();
  EXPECT_EQ(request.method, "PATCH");
  EXPECT_EQ(request.target, "/apis/apps/v1/namespaces/acme/deployments/shopping/scale");
  EXPECT_EQ(request.headers.Find("Content-Type"), "application/merge-patch+json");
  EXPECT_EQ(request.body, R"({"metadata":{"resourceVersion":"10"},"spec":{"replicas":5}})");
  EXPECT_LE(server_->deadlines.back(), 4s);
}

TEST_F(WorkloadTest, ReadsAScaleToZero) {
  Open();
  server_->Answer(200, Scale("11", "{}"));
  const auto stored = workload_->Scale(0, "10", 4s);
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->replicas_wanted, 0);
  EXPECT_EQ(stored->replicas_ready, 0);
  ExpectState(0, 0, "11");
}

TEST_F(WorkloadTest, SeesItsOwnWriteBeforeTheWatchTells) {
  auto stream = Open();
  server_->Answer(200, Scale("11", R"({"replicas":5})"));
  ASSERT_TRUE(workload_->Scale(5, "10", 4s));
  ExpectState(5, 3, "11");
  stream->Line(Event("MODIFIED", Deployment("11", 5, 3)));
  Step();
  ExpectState(5, 3, "11");
  stream->Line(Event("MODIFIED", Deployment("12", 5, 4)));
  Step();
  ExpectState(5, 4, "12");
}

TEST_F(WorkloadTest, DoesNotGoBackWhenTheEventWasFasterThanTheAnswer) {
  auto stream = Open();
  stream->Line(Event("MODIFIED", Deployment("11", 5, 3)));
  stream->Line(Event("MODIFIED", Deployment("12", 5, 4)));
  Step();
  Step();
  server_->Answer(200, Scale("11", R"({"replicas":5})"));
  ASSERT_TRUE(workload_->Scale(5, "10", 4s));
  ExpectState(5, 4, "12");
}

TEST_F(WorkloadTest, DoesNotGoBackWhenAnEarlierWritesEventComesAfterALaterAnswer) {
  auto stream = Open();
  server_->Answer(200, Scale("11", R"({"replicas":5})"));
  server_->Answer(200, Scale("12", R"({"replicas":7})"));
  ASSERT_TRUE(workload_->Scale(5, "10", 4s));
  ASSERT_TRUE(workload_->Scale(7, "11", 4s));
  ExpectState(7, 3, "12");
  stream->Line(Event("MODIFIED", Deployment("11", 5, 3)));
  Step();
  ExpectState(7, 3, "12");
  stream->Line(Event("MODIFIED", Deployment("12", 7, 3)));
  stream->Line(Event("MODIFIED", Deployment("13", 2, 2)));  // somebody else
  Step();
  ExpectState(7, 3, "12");
  Step();
  ExpectState(2, 2, "13");
}

TEST_F(WorkloadTest, AForeignWriteAfterOursWins) {
  auto stream = Open();
  server_->Answer(200, Scale("11", R"({"replicas":5})"));
  ASSERT_TRUE(workload_->Scale(5, "10", 4s));
  stream->Line(Event("MODIFIED", Deployment("14", 1, 1)));
  Step();
  ExpectState(1, 1, "14");
}

TEST_F(WorkloadTest, AListUnderWayDoesNotUndoTheWrite) {
  auto stream = Open();
  server_->Answer(200, Scale("11", R"({"replicas":5})"));
  ASSERT_TRUE(workload_->Scale(5, "10", 4s));
  stream->Line(Bookmark("1001"));
  stream->Line(Event("ERROR", StatusBody(410, "Expired", "too old")));
  server_->Answer(200, List("1002", Deployment("10", 3, 3)));
  for (int i = 0; i < 3; ++i) Step();
  ExpectState(5, 3, "11");
}

TEST_F(WorkloadTest, AListFromBeforeTwoWritesUndoesNeither) {
  auto stream = Open();
  server_->Answer(200, Scale("11", R"({"replicas":5})"));
  server_->Answer(200, Scale("12", R"({"replicas":7})"));
  ASSERT_TRUE(workload_->Scale(5, "10", 4s));
  ASSERT_TRUE(workload_->Scale(7, "11", 4s));
  stream->Break("reset");
  for (int i = 0; i < 5; ++i) Step();  // refused, so that the next list ends a failure
  ASSERT_TRUE(workload_->Read().failure);
  server_->Watch()->Line(Event("ERROR", StatusBody(410, "Expired", "too old")));
  server_->Answer(200, List("1002", Deployment("10", 3, 3)));
  for (int i = 0; i < 10 && workload_->Read().failure; ++i) Step();
  ASSERT_FALSE(workload_->Read().failure);
  ExpectState(7, 3, "12");
}

TEST_F(WorkloadTest, ADeletionEndsWhatTheWriteSaid) {
  auto stream = Open();
  server_->Answer(200, Scale("11", R"({"replicas":5})"));
  ASSERT_TRUE(workload_->Scale(5, "10", 4s));
  stream->Line(Event("MODIFIED", Deployment("11", 5, 3)));
  stream->Line(Event("DELETED", Deployment("12", 5, 3)));
  stream->Line(Event("ADDED", Deployment("13", 1, 0)));
  for (int i = 0; i < 3; ++i) Step();
  ExpectState(1, 0, "13");
}

TEST_F(WorkloadTest, AWriteThatChangesNothingKeepsTheRevision) {
  Open();
  server_->Answer(200, Scale("10", R"({"replicas":3})"));
  const auto stored = workload_->Scale(3, "10", 4s);
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->revision, "10");
  ExpectState(3, 3, "10");
}

TEST_F(WorkloadTest, ReportsWhatTheServerStoredNotWhatWasAsked) {
  Open();
  server_->Answer(200, Scale("11", R"({"replicas":4})"));
  EXPECT_EQ(workload_->Scale(9, "10", 4s)->replicas_wanted, 4);
  ExpectState(4, 3, "11");
}

struct ErrorRow {
  const char* name;
  int status;
  const char* body;
  Code code;
  const char* says;
};

const ErrorRow kErrors[] = {
    {"somebody was faster", 409, R"({"kind":"Status","code":409,"reason":"Conflict","message":"has been modified"})",
     Code::kReread, "cluster \"eu\": cannot scale deployments \"shopping\" in acme to 5 (409): has been modified"},
    {"no right", 403, "", Code::kDenied,
     "cluster \"eu\": forbidden: cannot scale deployments \"shopping\" in acme to 5 (403)"},
    {"it is gone", 404, "", Code::kMissing, "cluster \"eu\": cannot scale deployments \"shopping\" in acme to 5 (404)"},
    {"refused by a policy", 422, "", Code::kRejected,
     "cluster \"eu\": cannot scale deployments \"shopping\" in acme to 5 (422)"},
    {"it may have happened", 500, "", Code::kRetry,
     "cluster \"eu\": cannot scale deployments \"shopping\" in acme to 5 (500)"},
    {"an answer that can't be read may hide a success", 200, "<html>", Code::kRetry,
     "cluster \"eu\": scale deployments \"shopping\" in acme to 5 may have happened: the answer is not JSON"},
};

TEST_F(WorkloadTest, TellsWhyAWriteFailedInEveryRowAndKeepsThePicture) {
  Open();
  for (const ErrorRow& row : kErrors) {
    SCOPED_TRACE(row.name);
    server_->Answer(row.status, row.body);
    const auto stored = workload_->Scale(5, "10", 4s);
    ASSERT_FALSE(stored);
    EXPECT_EQ(stored.error().code, row.code);
    EXPECT_EQ(stored.error().what.rfind(row.says, 0), 0U) << stored.error().what;
    ExpectState(3, 3, "10");
  }
}

TEST_F(WorkloadTest, NeverWritesWithoutAPrecondition) {
  Open();
  const std::size_t sent = server_->sent.size();
  const auto stored = workload_->Scale(5, "", 4s);
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().code, Code::kReread);
  EXPECT_EQ(workload_->Scale(-1, "10", 4s).error().code, Code::kRejected);
  EXPECT_EQ(server_->sent.size(), sent);
}

TEST_F(WorkloadTest, AnUnreachableServerMayHaveScaled) {
  Open();
  const auto stored = workload_->Scale(5, "10", 4s);
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().code, Code::kRetry);
  EXPECT_EQ(stored.error().what, "cluster \"eu\": cannot reach https://127.0.0.1:6443: connection refused");
  ExpectState(3, 3, "10");
}

}  // namespace
}  // namespace spillway::k8s
