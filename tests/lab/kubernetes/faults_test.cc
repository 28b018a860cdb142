// Rows 43 and 44 of the fidelity checklist: faults at the front door, and the log.
#include "tests/lab/kubernetes/bench_cluster.h"

namespace spillway::lab {
namespace {

std::string Shopping() { return std::string(kDeployments) + "/shopping"; }

class FaultyBench : public BenchCluster {
 public:
  FaultyBench() { cluster.Create(Deployment("shopping", 1)); }
};

TEST(Faults, Row43ABusyServerAnswersPlainText) {
  FaultyBench bench;
  bench.cluster.AddFault({.status = 429, .times = 1});
  const Got got = bench.Get(Shopping());
  EXPECT_EQ(got.code, 429);
  EXPECT_EQ(got.headers.Find("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(got.headers.Find("Retry-After"), "1");
  EXPECT_EQ(got.text, "Too many requests, please try again later.\n");
  EXPECT_EQ(bench.Get(Shopping()).code, 200);  // its one time is over
}

TEST(Faults, Row43ABusyAdmissionAnswersAStatus) {
  FaultyBench bench;
  bench.cluster.AddFault({.status = 429, .as_status = true, .times = 1});
  const Got got = bench.Get(Shopping());
  EXPECT_EQ(got.code, 429);
  EXPECT_EQ(got.Str("kind"), "Status");
  EXPECT_EQ(got.Str("reason"), "TooManyRequests");
  EXPECT_EQ(got.headers.Find("Retry-After"), "1");
}

TEST(Faults, Row44OnlyTheNewestWritesAreKept) {
  FaultyBench bench;
  for (std::size_t i = 0; i < kWritesKept + 1; ++i) bench.Send("DELETE", std::string(kConfigMaps) + "/none");
  bench.Merge(Shopping(), "{}");
  const std::vector<WriteRecord> writes = bench.cluster.Writes();
  EXPECT_EQ(writes.size(), kWritesKept);
  EXPECT_EQ(writes.back().path, Shopping());
}

TEST(Faults, Row43AnAnswerLostAfterACommittedWriteLeavesTheWriteDone) {
  FaultyBench bench;
  bench.cluster.AddFault({.kind = Fault::Kind::kLoseAnswer, .verb = "patch", .status = 500, .times = 1});
  EXPECT_EQ(bench.Merge(Shopping() + "/scale", R"({"spec":{"replicas":3}})").code, 500);
  EXPECT_EQ(bench.Get(Shopping()).Int("spec.replicas"), 3);
  bench.cluster.AddFault({.kind = Fault::Kind::kLoseAnswer, .verb = "patch", .status = 0});
  const Answer cut = bench.Raw("PATCH", Shopping() + "/scale", R"({"spec":{"replicas":4}})",
                               {{"Content-Type", "application/merge-patch+json"}});
  EXPECT_EQ(cut.fate, Answer::Fate::kDropped);
  EXPECT_EQ(bench.Get(Shopping()).Int("spec.replicas"), 4);
}

struct FaultRow {
  const char* name;
  Fault fault;
  Answer::Fate fate;
  int status;
};

TEST(Faults, Row43EachKindDoesWhatItSays) {
  const FaultRow rows[] = {
      {"an answer instead", {.status = 503}, Answer::Fate::kSent, 503},
      {"a conflict", {.status = 409}, Answer::Fate::kSent, 409},
      {"gone", {.status = 410}, Answer::Fate::kSent, 410},
      {"a cut connection", {.kind = Fault::Kind::kDrop}, Answer::Fate::kDropped, 0},
      {"silence", {.kind = Fault::Kind::kHang}, Answer::Fate::kHung, 0},
      {"another verb is let through", {.verb = "watch"}, Answer::Fate::kSent, 200},
      {"another path is let through", {.path_part = "/leases"}, Answer::Fate::kSent, 200},
  };
  for (const FaultRow& row : rows) {
    SCOPED_TRACE(row.name);
    FaultyBench bench;
    const int id = bench.cluster.AddFault(row.fault);
    const Answer answer = bench.Raw("GET", Shopping());
    EXPECT_EQ(answer.fate, row.fate);
    EXPECT_EQ(answer.response.status, row.status);
    bench.cluster.RemoveFault(id);
    EXPECT_EQ(bench.Get(Shopping()).code, 200);
  }
}

TEST(Faults, Row43ADelayedAnswerIsAGoodOne) {
  FaultyBench bench;
  bench.cluster.AddFault({.kind = Fault::Kind::kDelay, .delay = 700ms});
  const Answer answer = bench.Raw("GET", Shopping());
  EXPECT_EQ(answer.response.status, 200);
  EXPECT_EQ(answer.delay, 700ms);
}

TEST(Faults, Row44TheLogHasUserAgentVerbPathPreconditionAndOutcome) {
  FaultyBench bench;
  bench.Merge(Shopping() + "/scale?fieldManager=x", R"({"spec":{"replicas":2}})");
  bench.Send("PATCH", Shopping(), R"({"metadata":{"resourceVersion":"7"}})",
             {{"Content-Type", "application/merge-patch+json"}, {"User-Agent", "spillway/1"}});
  bench.Get(Shopping());
  const std::vector<WriteRecord> writes = bench.cluster.Writes();
  ASSERT_EQ(writes.size(), 2U);
  EXPECT_EQ(writes[0].verb, "patch");
  EXPECT_EQ(writes[0].path, Shopping() + "/scale");
  EXPECT_EQ(writes[0].status, 200);
  EXPECT_EQ(writes[0].user, "system:anonymous");
  EXPECT_EQ(writes[0].at, bench.clock.WallNow());
  EXPECT_EQ(writes[1].precondition, "7");
  EXPECT_EQ(writes[1].user_agent, "spillway/1");
  EXPECT_EQ(writes[1].status, 409);
  EXPECT_EQ(bench.cluster.RequestCounts().at("patch"), 2);
  EXPECT_EQ(bench.cluster.RequestCounts().at("get"), 1);
}

}  // namespace
}  // namespace spillway::lab
