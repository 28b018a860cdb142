// Rows 42, 43 and 45 of the fidelity checklist: credentials and certificates, and the loops that people build on
// kubectl.
#include "tests/lab/kubernetes/kubectl.h"

namespace spillway::lab {
namespace {

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
  if (Minor() >= 27) EXPECT_TRUE(Has(Do("auth whoami"), "bob"));
  const std::string may = Do("auth can-i --list");
  EXPECT_TRUE(Has(may, "deployments.apps") && Has(may, "[shopping]") && Has(may, "[get]")) << may;
}

TEST_F(Kubectl, Row42AClientCertificateIsTheUserOfItsCommonName) {
  const Identity bob = ServedOverTls::ClientCertificate("bob");
  Write("bob.pem", bob.cert_pem);
  Write("bob.key", bob.key_pem);
  WriteKubeconfig(R"({"client-certificate":")" + Folder() + R"(/bob.pem","client-key":")" + Folder() + "/bob.key\"}");
  EXPECT_TRUE(Has(Try("get deploy").text, "You must be logged in to the server")) << "nobody knows bob yet";
  cluster_.AddUser({.name = "bob", .token = "", .token_expires = {}, .admin = true, .rules = {}});
  EXPECT_TRUE(Has(Do("get deploy"), "shopping"));
  if (Minor() >= 27) EXPECT_TRUE(Has(Do("auth whoami"), "bob"));
}

TEST_F(Kubectl, Row42AnExpiredTokenIsUnauthorizedAndARotatedFileHeals) {
  Write("token", "secret");
  WriteKubeconfig(R"({"tokenFile":")" + Folder() + "/token\"}");
  EXPECT_TRUE(Has(Do("get deploy"), "shopping"));
  cluster_.AddUser({.name = "ada", .token = "secret", .token_expires = clock_.WallNow(), .admin = true, .rules = {}});
  EXPECT_TRUE(Has(Try("get deploy").text, "You must be logged in to the server"));
  cluster_.AddUser({.name = "ada", .token = "fresh", .token_expires = {}, .admin = true, .rules = {}});
  Write("token", "fresh");
  EXPECT_TRUE(Has(Do("get deploy"), "shopping"));
}

TEST_F(Kubectl, Row43ACertificateForAnotherHostIsRefusedByTheClient) {
  served_.reset();
  served_ = std::make_unique<ServedOverTls>(cluster_, std::vector<std::string>{"127.0.0.2"});
  WriteKubeconfig(R"({"token":"secret"})");
  const Output refused = Try("get deploy");
  EXPECT_NE(refused.status, 0);
  EXPECT_TRUE(Has(refused.text, "certificate is valid for 127.0.0.2, not 127.0.0.1")) << refused.text;
}

TEST_F(Kubectl, Row43ACertificateOfAnUnknownAuthorityIsRefusedByTheClient) {
  Write("ca.pem", ServedOverTls::ClientCertificate("bob").cert_pem);
  const Output refused = Try("get deploy");
  EXPECT_NE(refused.status, 0);
  EXPECT_TRUE(Has(refused.text, "certificate signed by unknown authority")) << refused.text;
}

TEST_F(Kubectl, Row43ABusyServerIsRetriedAndAnErrorIsShown) {
  cluster_.AddFault({.path_part = "/deployments", .status = 429, .times = 1});
  EXPECT_TRUE(Has(Do("get deploy"), "shopping"));  // client-go waits as long as Retry-After says
  cluster_.AddFault({.path_part = "/deployments", .status = 503});
  EXPECT_TRUE(Has(Try("get deploy").text, "the server is currently unable to handle the request"));
}

// What a loop around kubectl reads: the sixth and the eighth column, and the second word of one condition's message.
TEST_F(Kubectl, Row45AShellLoopFindsTheWishAndScalesElsewhere) {
  cluster_.SetLoad([](const std::string&, const std::string&) { return 180.0; });  // six times 30 millicores
  AwaitReady(4);
  const auto word = [](const std::string& arguments, int number) {
    return Shell(Environment() + "kubectl " + arguments + " | awk '{print $" + std::to_string(number) + "}'").text;
  };
  const std::string row = "get asd frontend-asd -n acme --no-headers";
  Await([&] { return word(row, 8) == "4\n"; });
  EXPECT_EQ(word(row, 6), "4\n");
  EXPECT_EQ(word(row, 8), "4\n");
  EXPECT_EQ(word("get asd frontend-asd -o jsonpath='{.status.conditions[?(@.reason==\"EnforcingLimit\")].message}'", 2),
            "6\n");

  Cluster remote{clock_};
  const ServedOverTls served(remote);
  remote.Create(R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"burst"}})");
  Tree deployment = Tree::Of(BenchCluster::Deployment("shopping", 0));
  deployment.Make("metadata.namespace") = "burst";
  remote.Create(deployment.Text());
  remote.AddUser({.name = "burster", .token = "", .token_expires = {}, .admin = true, .rules = {}});
  const Identity burster = ServedOverTls::ClientCertificate("burster");
  Write("burster.pem", burster.cert_pem);
  Write("burster.key", burster.key_pem);
  const std::string there = " -n burst --server=" + served.url() + " --certificate-authority=" + Folder() +
                            "/ca.pem --client-certificate=" + Folder() + "/burster.pem --client-key=" + Folder() +
                            "/burster.key";
  EXPECT_TRUE(Has(Do("scale deploy shopping --replicas=2" + there), "deployment.apps/shopping scaled"));
  EXPECT_EQ(Tree::Of(remote.Get("apps/v1", "deployments", "burst", "shopping")).At("spec.replicas").Int(), 2);
}

}  // namespace
}  // namespace spillway::lab
