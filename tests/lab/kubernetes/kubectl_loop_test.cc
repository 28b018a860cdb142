// Row 45 of the fidelity checklist: a loop around `kubectl scale` runs against two served clusters, unchanged, and does
// what such loops do, wrong things included. The script is old_loop.sh, or what --test_env=SPILLWAY_OLD_LOOP=FILE
// names.
//
// It finds two programs of ours in its PATH: a kubectl that puts the lab's address, CA and token in the place of those
// that a pod would have and is the real one otherwise, and a sleep that ends when the test says so.
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "tests/lab/kubernetes/kubectl.h"

namespace spillway::lab {
namespace {

namespace fs = std::filesystem;

class KubectlLoop : public Kubectl {
 protected:
  void SetUp() override {
    Kubectl::SetUp();
    if (IsSkipped()) return;
    cluster_.SetAutoscaler({.running = false});  // what it says is for the tests to write
    ASSERT_EQ(cloud_.Create(R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"burst"}})"), "");
    Tree deployment = Tree::Of(BenchCluster::Deployment("shopping", 0));
    deployment.Make("metadata.namespace") = "burst";
    ASSERT_EQ(cloud_.Create(deployment.Text()), "");
    cloud_.AddUser({.name = "burster", .token = "", .token_expires = {}, .admin = true, .rules = {}});
    cloud_served_ = std::make_unique<ServedOverTls>(cloud_);
    WritePrograms();
  }
  void TearDown() override {
    if (loop_) Release("stop");
  }

  static std::string Path(const std::string& name) { return Folder() + "/" + name; }
  static void WriteProgram(const std::string& name, const std::string& text) {
    Write("loop/" + name, "#!/bin/sh\n" + text);
    fs::permissions(Path("loop/" + name), fs::perms::owner_all);
  }
  void WritePrograms() const {
    fs::remove_all(Path("loop"));
    fs::create_directories(Path("loop"));
    const std::string real = Shell("command -v kubectl").text;
    WriteProgram("kubectl",
                 "for word; do\n  shift\n  case $word in\n    --server=https://kubernetes.default) word=--server=" +
                     served_->url() + " ;;\n    --certificate-authority=/var/run/*) word=" +
                     "--certificate-authority=" + Path("ca.pem") +
                     " ;;\n    --token=*) word=--token=secret ;;\n  esac\n  set -- \"$@\" \"$word\"\ndone\nexec " +
                     real.substr(0, real.find('\n')) + " \"$@\"\n");
    WriteProgram("sleep", "echo '-- a round is over'\nread -r order < " + Path("loop/go") +
                              "\nif [ \"$order\" = stop ]; then kill $PPID; fi\n");
    ASSERT_EQ(Shell("mkfifo " + Quoted(Path("loop/go"))).status, 0);
  }

  static std::string Base64(const std::string& name, const std::string& text) {
    Write("loop/" + name, text);
    return Shell("base64 -w 0 < " + Quoted(Path("loop/" + name))).text;
  }
  // Runs one round, the first or another. False: the script has ended before its end.
  bool Round() {
    if (loop_) {
      Release("go");
    } else {
      const Identity burster = ServedOverTls::ClientCertificate("burster");
      const char* given = std::getenv("SPILLWAY_OLD_LOOP");
      loop_.emplace("env PATH=" + Path("loop") + ":$PATH HOME=" + Folder() + " TMPDIR=" + Folder() +
                    " KUBECONFIG=/dev/null CLOUD_TYPE=k8s NAMESPACE=acme ASD_NAME=frontend-asd REMOTE_NAMESPACE=burst" +
                    " REMOTE_DEPLOYMENT=shopping K8S_ENDPOINT=" + cloud_served_->url() + " K8S_CA_DATA=" +
                    Base64("ca", ServedOverTls::CaPem()) + " K8S_CLIENT_CERT_DATA=" + Base64("cert", burster.cert_pem) +
                    " K8S_CLIENT_KEY_DATA=" + Base64("key", burster.key_pem) + " timeout 120 sh " +
                    (given != nullptr ? given : "tests/lab/kubernetes/old_loop.sh") + " 2>&1");
    }
    while (const auto line = loop_->Line()) {
      if (*line == "-- a round is over") return true;
      said_ += *line + "\n";
    }
    loop_.reset();
    return false;
  }
  static void Release(const std::string& order) { std::ofstream(Path("loop/go")) << order << std::endl; }

  // What home's autoscaler says: `counts` and `conditions` of its status, in JSON.
  void Say(const std::string& counts, const std::string& conditions) {
    const std::string status = R"({"status":null})";
    for (const std::string& body :
         {status, R"({"status":{"observedGeneration":1,)" + counts + R"(,"conditions":[)" + conditions + "]}}"}) {
      Call call;
      call.request = {"PATCH",
                      std::string(kDefinitions) + "/frontend-asd/status",
                      {{"Content-Type", "application/merge-patch+json"}, {"Authorization", "Bearer secret"}},
                      body};
      const Answer answer = cluster_.Handle(call);
      ASSERT_EQ(answer.response.status, 200) << answer.response.body;
    }
  }
  void SayPinned(int wanted) {
    Say(R"("autoscalingReady":true,"currentReplicas":4,"desiredReplicas":4)",
        R"({"type":"ScalingLimited","status":"True","reason":"EnforcingLimit","lastTransitionTime":"2026-01-01T10:00:00Z",
            "message":"wanted )" +
            std::to_string(wanted) + R"( instances exceeds max 4, enforcing limit"})");
  }
  std::int64_t InTheCloud() const {
    return Tree::Of(cloud_.Get("apps/v1", "deployments", "burst", "shopping")).At("spec.replicas").Int();
  }

  Cluster cloud_{clock_};
  std::unique_ptr<ServedOverTls> cloud_served_;
  std::optional<OpenStream> loop_;
  std::string said_;  // by the script and by kubectl
};

TEST_F(KubectlLoop, Row45GivesTheCloudWhatHomeCantHoldAndTakesItBackAtOnce) {
  SayPinned(6);
  ASSERT_TRUE(Round()) << said_;
  EXPECT_EQ(InTheCloud(), 2) << said_;
  SayPinned(9);
  ASSERT_TRUE(Round()) << said_;
  EXPECT_EQ(InTheCloud(), 5) << said_;
  Say(R"("autoscalingReady":true,"currentReplicas":4,"desiredReplicas":3)", "");
  ASSERT_TRUE(Round()) << said_;
  EXPECT_EQ(InTheCloud(), 0) << said_;
}

TEST_F(KubectlLoop, Row45OneReadThatFailsTakesAllOfItBack) {
  SayPinned(6);
  ASSERT_TRUE(Round()) << said_;
  ASSERT_EQ(InTheCloud(), 2) << said_;
  cluster_.AddFault({.verb = "get", .path_part = "/definitions/frontend-asd", .status = 500, .times = 1});
  ASSERT_TRUE(Round()) << said_;
  EXPECT_EQ(InTheCloud(), 0) << said_;
}

TEST_F(KubectlLoop, Row45AnAutoscalerWithoutMetricsTakesAllOfItBack) {
  SayPinned(6);
  ASSERT_TRUE(Round()) << said_;
  ASSERT_EQ(InTheCloud(), 2) << said_;
  Say(R"("autoscalingReady":false)", "");
  ASSERT_TRUE(Round()) << said_;
  EXPECT_EQ(InTheCloud(), 0) << said_;
}

TEST_F(KubectlLoop, Row45AWishThatIsNotToldTakesAllOfItBack) {
  SayPinned(6);
  ASSERT_TRUE(Round()) << said_;
  ASSERT_EQ(InTheCloud(), 2) << said_;
  Say(R"("autoscalingReady":true,"currentReplicas":4,"desiredReplicas":4)", "");
  ASSERT_TRUE(Round()) << said_;
  EXPECT_EQ(InTheCloud(), 0) << said_;
}

TEST_F(KubectlLoop, Row45AnApiServerThatFailsEachReadEndsIt) {
  SayPinned(6);
  ASSERT_TRUE(Round()) << said_;
  cluster_.AddFault({.verb = "get", .path_part = "/definitions/frontend-asd", .status = 500});
  EXPECT_FALSE(Round()) << said_;
  EXPECT_EQ(InTheCloud(), 2) << said_;
}

TEST_F(KubectlLoop, Row45ItWritesEachRoundThoughNothingChanges) {
  SayPinned(6);
  for (std::size_t rounds = 1; rounds <= 3; ++rounds) {
    ASSERT_TRUE(Round()) << said_;
    EXPECT_EQ(cloud_.Writes().size(), rounds) << said_;
  }
  EXPECT_EQ(cloud_.Writes().back().verb, "patch");
}

}  // namespace
}  // namespace spillway::lab
