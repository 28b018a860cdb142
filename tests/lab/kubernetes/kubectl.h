// Real kubectl against the served cluster. Skipped, with the reason, where kubectl is not installed.
#ifndef SPILLWAY_TESTS_LAB_KUBERNETES_KUBECTL_H_
#define SPILLWAY_TESTS_LAB_KUBERNETES_KUBECTL_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <string>

#include "src/base/clock.h"
#include "tests/lab/kubernetes/bench_cluster.h"
#include "tests/lab/served_over_tls.h"
#include "tests/lab/shell.h"
#include "tools/lab/kubernetes/cluster.h"
#include "tools/lab/serve.h"

namespace spillway::lab {

class Kubectl : public testing::Test {
 protected:
  static void SetUpTestSuite() { installed_ = Installed("kubectl"); }

  void SetUp() override {
    if (!installed_) GTEST_SKIP() << "kubectl is not installed";
    served_ = std::make_unique<ServedOverTls>(cluster_);
    pacemaker_ = std::make_unique<Pacemaker>(cluster_, clock_);

    cluster_.AddUser({.name = "ada", .token = "secret", .token_expires = {}, .admin = true, .rules = {}});
    cluster_.Create(R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"acme"}})");
    cluster_.Create(BenchCluster::Deployment("shopping", 1));
    cluster_.Create(BenchCluster::Definition());
    cluster_.SetLoad([](const std::string&, const std::string&) { return 20.0; });
    WriteKubeconfig(R"({"token":"secret"})");
  }

  static std::string Folder() { return testing::TempDir(); }

  static void Write(const std::string& name, const std::string& content) {
    std::ofstream(Folder() + "/" + name) << content;
  }

  // `user`: the credentials, as a kubeconfig has them.
  void WriteKubeconfig(const std::string& user) {
    Write("ca.pem", ServedOverTls::CaPem());
    Write("kubeconfig", R"({"apiVersion":"v1","kind":"Config","current-context":"lab",
      "clusters":[{"name":"lab","cluster":{"server":"https://127.0.0.1:)" +
                            std::to_string(served_->port()) + R"(","certificate-authority":")" + Folder() +
                            R"(/ca.pem"}}],
      "users":[{"name":"ada","user":)" +
                            user +
                            R"(}],
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
  // The minor version: Debian 12 has 1.20, which does not know everything that is asked here.
  static int Minor() {
    static const int kMinor = [] {
      const std::string text = Shell(Environment() + "kubectl version --client -o json").text;
      const std::size_t at = text.find("\"minor\": \"");
      return at == std::string::npos ? 0 : std::atoi(text.c_str() + at + 10);
    }();
    return kMinor;
  }
  // Since 1.21 these are shown to who asks for them only.
  static std::string ManagedFields() { return Minor() < 21 ? "" : " --show-managed-fields"; }
  // Until `holds`, at most half a minute; what is expected then is for the test to say.
  void Await(const std::function<bool()>& holds) {
    const Instant give_up = clock_.Now() + 30s;
    while (!holds() && clock_.Now() < give_up) clock_.SleepUntil(clock_.Now() + 10ms);
  }
  void AwaitReady(int pods) {
    Await([&] { return cluster_.ReadyPods("acme", "shopping") == pods; });
    ASSERT_EQ(cluster_.ReadyPods("acme", "shopping"), pods);
  }

  static inline bool installed_ = false;
  SystemClock clock_;
  Cluster cluster_{clock_};
  std::unique_ptr<ServedOverTls> served_;
  std::unique_ptr<Pacemaker> pacemaker_;
};

inline bool Has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace spillway::lab

#endif  // SPILLWAY_TESTS_LAB_KUBERNETES_KUBECTL_H_
