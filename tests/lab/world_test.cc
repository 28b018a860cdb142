// The whole lab in one process, seen as its users see it: over DNS, HTTP and TLS.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "tests/lab/running_lab.h"
#include "tools/lab/dns/stub.h"
#include "tools/lab/fault_board.h"

namespace spillway::lab {
namespace {

using WorldTest = RunningLab;

class WithoutTheCloudsCluster : public WorldTest {
 protected:
  WithoutTheCloudsCluster() { options_.world.kubernetes[kOverflow] = false; }
};

TEST_F(WithoutTheCloudsCluster, ItsVirtualServiceStandsForAnotherOnesReplicas) {
  EXPECT_EQ(File("eu.kubeconfig"), "") << "that is the other one's";
  EXPECT_NE(File("us.kubeconfig"), "");
  EXPECT_EQ(StringAt(Truth(), "sites.azure-eu.health.answered.us"), "down");
  const HttpResponse refused = Control("PUT", "/replicas", R"({"azure-eu":2,"us":1})");
  EXPECT_EQ(refused.status, 409);
  EXPECT_NE(refused.body.find("us: the lab's own cluster decides that"), std::string::npos) << refused.body;
  EXPECT_EQ(Control("PUT", "/replicas", R"({"azure-eu":-1})").status, 422);
  EXPECT_EQ(Control("PUT", "/replicas", R"({"azure-eu":2})").status, 200);
  ASSERT_TRUE(Eventually([&] { return StringAt(Truth(), "sites.azure-eu.health.answered.us") == "up"; }))
      << Control("GET", "/truth").body;
  EXPECT_EQ(Control("PUT", "/replicas", R"({"azure-eu":0})").status, 200);
  ASSERT_TRUE(Eventually([&] { return StringAt(Truth(), "sites.azure-eu.health.answered.us") == "down"; }));
}

TEST_F(WorldTest, TheQuietWorldServesFromHomeAndItsTruthAddsUp) {
  ASSERT_EQ(Control("PUT", "/demand", R"({"replicas":1})").status, 200);
  ASSERT_TRUE(Eventually([&] {
    const JsonDocument truth = Truth();
    return StringAt(truth, "sites.us.health.probes.us") == "up" &&
           StringAt(truth, "sites.us.health.probes.eu") == "up" &&
           StringAt(truth, "sites.us.health.answered.us") == "up" &&
           StringAt(truth, "sites.azure-eu.health.answered.us") == "down" &&
           IntAt(truth, "clients.served").value_or(0) > 20;
  })) << Control("GET", "/truth").body;
  for (const int port : lab_->facts().ports.dns) {
    const Result<Addresses> answer = AskNameServer("127.0.0.1", port, "shop.gslb.lab.test", 7, 5s);
    ASSERT_TRUE(answer) << answer.error().what;
    EXPECT_EQ(answer->addresses, std::vector<std::string>{"127.10.0.10"});
    EXPECT_EQ(answer->ttl, 3s);
  }
  const std::unique_ptr<HttpClient> shop = Client("http://127.10.0.10:" + std::to_string(lab_->facts().ports.app));
  EXPECT_EQ(Send(*shop, "GET", "/").body, "{\"site\":\"us\"}\n");

  ASSERT_EQ(Control("PUT", "/demand", R"({"replicas":0})").status, 200);
  std::optional<std::int64_t> before = -1;
  ASSERT_TRUE(Eventually([&] {
    const std::optional<std::int64_t> sent = IntAt(Truth(), "clients.sent");
    return std::exchange(before, sent) == sent;
  }));
  const JsonDocument truth = Truth();
  const auto of = [&](const char* path) { return IntAt(truth, path).value_or(-1); };
  EXPECT_EQ(of("clients.sent"), of("clients.served") + of("clients.overloaded") + of("clients.failed"));
  EXPECT_EQ(of("sites.us.clients.sent") + of("sites.azure-eu.clients.sent") + of("unresolved"), of("clients.sent"));
  EXPECT_EQ(of("sites.us.requests.arrived"), of("sites.us.clients.sent") + 1) << "and the one of this test";
  EXPECT_EQ(NumberAt(truth, "sites.us.share.sinceReset"), 1.0);
  EXPECT_EQ(NumberAt(truth, "sites.us.published.share"), 1.0);
  EXPECT_EQ(of("sites.azure-eu.published.priority"), 0);
}

TEST_F(WorldTest, AParkedSiteTurnsGreenWhenItsReplicasAreReady) {
  EXPECT_EQ(ScaleOverflow(2).status, 200);
  ASSERT_TRUE(Eventually([&] {
    const JsonDocument truth = Truth();
    return IntAt(truth, "sites.azure-eu.pods.ready") == 2 &&
           StringAt(truth, "sites.azure-eu.health.answered.us") == "up" &&
           StringAt(truth, "sites.azure-eu.health.answered.eu") == "up";
  })) << Control("GET", "/truth").body;
  EXPECT_EQ(NumberAt(Truth(), "sites.azure-eu.published.share"), 0.0) << "parked is not answered";
  const JsonDocument truth = Truth();
  const JsonValue* writes = Find(truth, "writes");
  ASSERT_NE(writes, nullptr);
  bool seen = false;
  for (const JsonValue& write : writes->GetArray()) {
    seen = seen || (StringAt(write, "api") == "k8s-eu" && StringAt(write, "caller") == "spillway" &&
                    StringAt(write, "verb") == "patch" && StringAt(write, "object") == kScale);
  }
  EXPECT_TRUE(seen) << Control("GET", "/truth").body;
}

TEST_F(WorldTest, AHomeBeyondItsMaximumSaysSo) {
  ASSERT_EQ(Control("PUT", "/demand", R"({"replicas":6})").status, 200);
  ASSERT_TRUE(Eventually([&] {
    const JsonDocument truth = Truth();
    return IntAt(truth, "sites.us.pods.ready") == 4 && IntAt(truth, "sites.us.autoscaler.desired") == 4 &&
           NumberAt(truth, "sites.us.autoscaler.wish").value_or(0) > 5.5;
  })) << Control("GET", "/truth").body;
}

TEST_F(WorldTest, FaultsComeAndGo) {
  const std::unique_ptr<HttpClient> avi = Client("https://127.0.0.1:" + std::to_string(lab_->facts().ports.avi[kHome]));
  const std::unique_ptr<HttpClient> shop = Client("http://127.10.0.10:" + std::to_string(lab_->facts().ports.app));
  EXPECT_EQ(Send(*avi, "GET", "/api/cluster/status").status, 200);
  EXPECT_EQ(Control("POST", "/faults", R"({"target":"avi-us","kind":"http","value":503})").status, 201);
  EXPECT_EQ(Send(*avi, "GET", "/api/cluster/status").status, 503);
  EXPECT_EQ(Control("POST", "/faults", R"({"target":"avi-us","kind":"down","for":"1h"})").status, 201);
  EXPECT_EQ(Control("POST", "/faults", R"({"target":"site-us","kind":"down"})").status, 201);
  EXPECT_EQ(Control("POST", "/faults", R"({"target":"site-us","kind":"melted"})").status, 422);
  ASSERT_TRUE(Eventually([&] { return Send(*shop, "GET", "/healthz").status == 0; })) << "refused";
  const Result<JsonDocument> faults = ParseJson(Control("GET", "/faults").body);
  ASSERT_TRUE(faults);
  EXPECT_EQ(Find(*faults, "faults")->Size(), 3U);
  EXPECT_EQ(Control("DELETE", "/faults").status, 200);
  EXPECT_EQ(Send(*avi, "GET", "/api/cluster/status").status, 200);
  ASSERT_TRUE(Eventually([&] { return Send(*shop, "GET", "/healthz").status == 200; }));
  for (const std::string& target : FaultBoard::Targets()) {
    for (const std::string& kind : FaultBoard::Kinds(target)) {
      const std::string value = kind == "http"                        ? R"(,"value":503)"
                                : kind == "latency" || kind == "loss" ? R"(,"value":1)"
                                                                      : "";
      const std::string fault = R"({"target":")" + target + R"(","kind":")" + kind + "\"" + value + "}";
      EXPECT_EQ(Control("POST", "/faults", fault).status, 201) << fault;
    }
  }
  EXPECT_EQ(Control("DELETE", "/faults").body, "{\"faults\":[]}\n");
  ASSERT_TRUE(Eventually([&] { return Send(*shop, "GET", "/healthz").status == 200; }));
}

TEST_F(WorldTest, RealToolsUnderstandIt) {
  const auto run = [](const std::string& command) {
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen((command + " 2>&1").c_str(), "r"), ::pclose);
    std::string text;
    std::array<char, 512> buffer{};
    while (pipe && ::fgets(buffer.data(), buffer.size(), pipe.get()) != nullptr) text += buffer.data();
    return text;
  };
  if (run("command -v kubectl").empty()) GTEST_SKIP() << "kubectl is not installed (package kubernetes-client)";
  const std::string home = "HOME=" + dir_ + " kubectl --kubeconfig " + dir_;
  EXPECT_EQ(run(home + "/eu.kubeconfig get deployment shopping -o 'jsonpath={.metadata.name}'"), "shopping");
  EXPECT_EQ(run(home + "/eu.kubeconfig scale deployment shopping --replicas 1"), "deployment.apps/shopping scaled\n");
  EXPECT_NE(run(home + "/us.kubeconfig scale deployment shopping --replicas 1").find("Forbidden"), std::string::npos)
      << "spillway never scales home";
  EXPECT_NE(run(home + "/us.kubeconfig get definitions.autoscaling.tsm.tanzu.vmware.com").find("frontend-asd"),
            std::string::npos);
}

}  // namespace
}  // namespace spillway::lab
