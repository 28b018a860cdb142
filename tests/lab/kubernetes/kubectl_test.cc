// Real kubectl against the served cluster. Skipped, with the reason, where kubectl is not installed.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>

#include "src/base/clock.h"
#include "src/base/pki.h"
#include "tests/lab/kubernetes/bench_cluster.h"
#include "tools/lab/kubernetes/cluster.h"
#include "tools/lab/serve.h"

namespace spillway::lab {
namespace {

struct Output {
  int status = -1;
  std::string text;  // stdout and stderr
};

Output Shell(const std::string& command) {
  Output output;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");  // NOLINT(cert-env33-c): a test's own command
  if (pipe == nullptr) return output;
  std::array<char, 4096> buffer{};
  for (std::size_t n = 0; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) output.text.append(buffer.data(), n);
  output.status = WEXITSTATUS(pclose(pipe));
  return output;
}

class Kubectl : public testing::Test {
 protected:
  static void SetUpTestSuite() { installed_ = Shell("command -v kubectl").status == 0; }

  void SetUp() override {
    if (!installed_) GTEST_SKIP() << "kubectl is not installed";
    Validity validity{clock_.WallNow() - 1h, clock_.WallNow() + 24h};
    const Result<Identity> ca = MakeCa("lab CA", validity);
    ASSERT_TRUE(ca);
    const Result<Identity> server = IssueServer(*ca, {{"localhost"}, {"127.0.0.1"}}, validity);
    ASSERT_TRUE(server);
    ServerOptions options;
    options.cert_pem = server->cert_pem;
    options.key_pem = server->key_pem;
    Result<std::unique_ptr<ServedFake>> served = ServedFake::Start(cluster_, options);
    ASSERT_TRUE(served);
    served_ = *std::move(served);
    pacemaker_ = std::make_unique<Pacemaker>(cluster_, clock_);

    cluster_.AddUser({.name = "ada", .token = "secret", .token_expires = {}, .admin = true, .rules = {}});
    cluster_.Create(R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"acme"}})");
    cluster_.Create(BenchCluster::Deployment("shopping", 1));
    cluster_.Create(BenchCluster::Definition());
    cluster_.SetLoad([](const std::string&, const std::string&) { return 20.0; });
    WriteKubeconfig(ca->cert_pem);
  }

  static std::string Folder() { return testing::TempDir(); }

  static void Write(const std::string& name, const std::string& content) {
    std::ofstream(Folder() + "/" + name) << content;
  }

  void WriteKubeconfig(const std::string& ca_pem) {
    Write("ca.pem", ca_pem);
    Write("kubeconfig", R"({"apiVersion":"v1","kind":"Config","current-context":"lab",
      "clusters":[{"name":"lab","cluster":{"server":"https://127.0.0.1:)" +
                            std::to_string(served_->port()) + R"(","certificate-authority":")" + Folder() +
                            R"(/ca.pem"}}],
      "users":[{"name":"ada","user":{"token":"secret"}}],
      "contexts":[{"name":"lab","context":{"cluster":"lab","user":"ada","namespace":"acme"}}]})");
  }

  // Runs kubectl; a status other than 0 fails the test.
  static std::string Do(const std::string& arguments) {
    const Output output = Try(arguments);
    EXPECT_EQ(output.status, 0) << "kubectl " << arguments << "\n" << output.text;
    return output.text;
  }
  static Output Try(const std::string& arguments) { return Shell(Environment() + "kubectl " + arguments); }
  static std::string Environment() { return "HOME=" + Folder() + " KUBECONFIG=" + Folder() + "/kubeconfig "; }
  void AwaitReady(int pods) {
    const Instant give_up = clock_.Now() + 30s;
    while (cluster_.ReadyPods("acme", "shopping") != pods && clock_.Now() < give_up)
      clock_.SleepUntil(clock_.Now() + 10ms);
    ASSERT_EQ(cluster_.ReadyPods("acme", "shopping"), pods);
  }

  static bool installed_;
  SystemClock clock_;
  Cluster cluster_{clock_};
  std::unique_ptr<ServedFake> served_;
  std::unique_ptr<Pacemaker> pacemaker_;
};

bool Kubectl::installed_ = false;

bool Has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_F(Kubectl, Rows1To5GetShowsTheColumnsOfEachKindAndTheShortNameWorks) {
  AwaitReady(1);
  const std::string deployments = Do("get deploy");
  EXPECT_TRUE(Has(deployments, "READY   UP-TO-DATE   AVAILABLE   AGE")) << deployments;
  EXPECT_TRUE(Has(deployments, "1/1")) << deployments;
  const std::string definitions = Do("get asd frontend-asd");
  EXPECT_TRUE(
      Has(definitions, "NAME           ENABLED   MODE         TRIGGER              MIN   MAX   CURRENT   DESIRED"))
      << definitions;
  EXPECT_TRUE(Has(Do("get pods"), "1/1     Running   0"));
  EXPECT_TRUE(Has(Do("get deployment shopping -o jsonpath={.spec.replicas}"), "1"));
  EXPECT_TRUE(Has(Do("get definitions -A -o yaml"), "kind: Definition"));
  EXPECT_TRUE(Has(Do("api-resources"), "definitions"));
  EXPECT_TRUE(
      Has(Try("get deployment nothere").text, "Error from server (NotFound): deployments.apps \"nothere\" not found"));
}

TEST_F(Kubectl, Row6WatchingPrintsEachChangeUnderOneHeader) {
  cluster_.SetAutoscaler({.running = false});
  AwaitReady(1);
  const std::string command = Environment() + "timeout 3 kubectl get deploy shopping -w 2>&1";
  FILE* pipe = popen(command.c_str(), "r");  // NOLINT(cert-env33-c): a test's own command
  ASSERT_NE(pipe, nullptr);
  std::string text;
  std::array<char, 512> line{};
  for (int lines = 0; fgets(line.data(), line.size(), pipe) != nullptr; ++lines) {
    text += line.data();
    if (lines == 1) {
      Call call;
      call.request = {"PATCH",
                      std::string(kDeployments) + "/shopping/scale",
                      {{"Content-Type", "application/merge-patch+json"}, {"Authorization", "Bearer secret"}},
                      R"({"spec":{"replicas":2}})"};
      EXPECT_EQ(cluster_.Handle(call).response.status, 200);
    }
  }
  pclose(pipe);
  EXPECT_TRUE(Has(text, "1/1") && Has(text, "1/2")) << text;
  EXPECT_EQ(text.find("NAME"), text.rfind("NAME")) << text;
}

TEST_F(Kubectl, Row7ScaleReachesThePodsAndADefinitionHasNoScale) {
  cluster_.SetAutoscaler({.running = false});
  AwaitReady(1);
  EXPECT_TRUE(Has(Do("scale deployment shopping --replicas=2"), "deployment.apps/shopping scaled"));
  AwaitReady(2);
  EXPECT_TRUE(Has(Do("scale deployment shopping --current-replicas=2 --replicas=1"), "scaled"));
  EXPECT_TRUE(
      Has(Try("scale deployment shopping --current-replicas=7 --replicas=3").text, "Expected replicas to be 7"));
  const Output refused = Try("scale asd frontend-asd --replicas=2");
  EXPECT_NE(refused.status, 0);
  EXPECT_TRUE(Has(refused.text, "could not find the requested resource")) << refused.text;
}

TEST_F(Kubectl, Rows8And9ApplyCreatesAndChangesBothWays) {
  Write("definition.json", BenchCluster::Definition(R"({"enabled":false})"));
  Write("deployment.json", BenchCluster::Deployment("second", 2));
  EXPECT_TRUE(Has(Do("apply -f " + Folder() + "/deployment.json"), "deployment.apps/second created"));
  EXPECT_TRUE(Has(Do("apply -f " + Folder() + "/deployment.json"), "deployment.apps/second unchanged"));
  Write("deployment.json", BenchCluster::Deployment("second", 3));
  EXPECT_TRUE(Has(Do("apply -f " + Folder() + "/deployment.json"), "deployment.apps/second configured"));
  EXPECT_EQ(Do("get deployment second -o jsonpath={.spec.replicas}"), "3");
  EXPECT_TRUE(Has(Do("apply -f " + Folder() + "/definition.json"), "configured"));
  EXPECT_EQ(Do("get asd frontend-asd -o jsonpath={.spec.scaleRule.enabled}"), "false");
  Write("map.json", BenchCluster::ConfigMap("settings"));
  EXPECT_TRUE(Has(Do("apply --server-side -f " + Folder() + "/map.json"), "configmap/settings serverside-applied"));
  EXPECT_EQ(Do("get configmap settings -o jsonpath={.data.k}"), "v");
}

TEST_F(Kubectl, Row10RolloutStatusAndWaitEnd) {
  cluster_.SetAutoscaler({.running = false});
  EXPECT_TRUE(Has(Do("rollout status deployment shopping --timeout=20s"), "successfully rolled out"));
  EXPECT_TRUE(Has(Do("wait deployment shopping --for=condition=Available --timeout=20s"), "condition met"));
}

TEST_F(Kubectl, Row11DescribeShowsTheEventsOfAnObject) {
  // describe asks by uid: an event without regarding.uid is not shown.
  const std::string uid = Do("get asd frontend-asd -o jsonpath={.metadata.uid}");
  EXPECT_EQ(cluster_.Create(
                R"({"apiVersion":"events.k8s.io/v1","kind":"Event","metadata":{"generateName":"e-","namespace":"acme"},
    "eventTime":"2026-01-01T10:00:05.000000Z","reportingController":"spillway.example/controller","reportingInstance":"s-0",
    "action":"ScaleOverflow","reason":"BurstStarted","type":"Normal","note":"demand 6.2 > home max 4",
    "regarding":{"apiVersion":"autoscaling.tsm.tanzu.vmware.com/v1alpha1","kind":"Definition","namespace":"acme","name":"frontend-asd","uid":")" +
                uid + R"("}})"),
            "");
  const std::string text = Do("describe asd frontend-asd");
  EXPECT_TRUE(Has(text, "Scale Up:") && Has(text, "BurstStarted") && Has(text, "demand 6.2 > home max 4")) << text;
  EXPECT_TRUE(Has(Do("describe deployment shopping"), "Replicas:"));
  EXPECT_TRUE(Has(Do("get events"), "BurstStarted"));
}

TEST_F(Kubectl, Rows12And13DeleteAndDiffAndCanI) {
  Write("deployment.json", BenchCluster::Deployment("shopping", 9));
  const Output diff = Try("diff -f " + Folder() + "/deployment.json");
  EXPECT_EQ(diff.status, 1) << diff.text;
  EXPECT_TRUE(Has(diff.text, "+  replicas: 9")) << diff.text;
  EXPECT_TRUE(Has(Do("create configmap made --from-literal=a=b"), "configmap/made created"));
  EXPECT_EQ(Do("get configmap made -o jsonpath={.data.a}"), "b");
  EXPECT_EQ(Do("auth can-i patch deployments/scale"), "yes\n");
  EXPECT_TRUE(Has(
      Do("patch deployment shopping --type=json -p '[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":0}]'"),
      "deployment.apps/shopping patched"));
  EXPECT_TRUE(Has(Do("delete deployment shopping"), "deployment.apps \"shopping\" deleted"));
  EXPECT_TRUE(Has(Do("get deploy"), "No resources found in acme namespace"));
}

TEST_F(Kubectl, Row42AWrongTokenIsUnauthorizedAndARoleHasItsLimits) {
  AccessRule rule{.groups = {"apps"},
                  .resources = {"deployments"},
                  .names = {"shopping"},
                  .verbs = {"get"},
                  .in_namespace = "acme"};
  cluster_.AddUser({.name = "bob", .token = "weak", .token_expires = {}, .admin = false, .rules = {rule}});
  // A server without a "secret" any more: the kubeconfig's token is bad now.
  cluster_.AddUser({.name = "ada", .token = "rotated", .token_expires = {}, .admin = true, .rules = {}});
  EXPECT_TRUE(Has(Try("get deploy").text, "You must be logged in to the server"));
  cluster_.AddUser({.name = "ada", .token = "", .token_expires = {}, .admin = true, .rules = {}});
  cluster_.AddUser({.name = "bob", .token = "secret", .token_expires = {}, .admin = false, .rules = {rule}});
  EXPECT_EQ(Do("get deployment shopping -o name"), "deployment.apps/shopping\n");
  EXPECT_TRUE(Has(Try("get deploy").text, "Error from server (Forbidden)"));
  EXPECT_EQ(Try("auth can-i delete deployments").text, "no\n");
}

TEST_F(Kubectl, TopPodsAndGetHpaShowWhatIsMeasured) {
  cluster_.SetMetrics({.available = true, .reading = true, .resolution = 1s});
  cluster_.SetHpa({.running = true, .period = 500ms, .external = {}});
  Tree cart = Tree::Of(BenchCluster::Deployment("cart", 1));
  cart.Make("spec.template.spec")["containers"] =
      Tree::Of(R"([{"name":"web","image":"shop:1","resources":{"requests":{"cpu":"400m"}}}])");
  ASSERT_EQ(cluster_.Create(cart.Text()), "");
  ASSERT_EQ(
      cluster_.Create(R"({"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"cart",
      "namespace":"acme"},"spec":{"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"cart"},
      "minReplicas":1,"maxReplicas":4,"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{
      "type":"Utilization","averageUtilization":50}}}]}})"),
      "");
  const Instant give_up = clock_.Now() + 30s;
  while (!Has(Do("get hpa cart"), "cpu: 5%/50%") && clock_.Now() < give_up) clock_.SleepUntil(clock_.Now() + 100ms);
  const std::string hpa = Do("get hpa");
  EXPECT_TRUE(Has(hpa, "Deployment/cart   cpu: 5%/50%   1         4         1")) << hpa;
  const std::string top = Do("top pods -l app=cart");
  EXPECT_TRUE(Has(top, "CPU(cores)")) << top;
  EXPECT_TRUE(Has(top, "20m")) << top;
  EXPECT_FALSE(Has(top, "shopping")) << top;
  const std::string described = Do("describe hpa cart");
  EXPECT_TRUE(Has(described, "ValidMetricFound")) << described;
  EXPECT_TRUE(Has(described, "DesiredWithinRange")) << described;
  EXPECT_TRUE(Has(Do("api-resources --api-group=metrics.k8s.io"), "PodMetrics"));
}

}  // namespace
}  // namespace spillway::lab
