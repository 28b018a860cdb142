// spillwayd as a process, with a folder of files of its own.
#ifndef SPILLWAY_TESTS_DAEMON_SPILLWAYD_FILES_H_
#define SPILLWAY_TESTS_DAEMON_SPILLWAYD_FILES_H_

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "src/base/clock.h"
#include "src/base/http_client.h"
#include "tests/daemon/child_process.h"

namespace spillway::daemon {

// spillwayd, as a child.
class Child : public ChildProcess {
 public:
  explicit Child(std::vector<std::string> arguments) : ChildProcess("src/daemon/spillwayd", std::move(arguments)) {}
};

class SpillwaydTest : public testing::Test {
 protected:
  SpillwaydTest() {
    std::string pattern = testing::TempDir() + "/spillwayd.XXXXXX";
    dir_ = ::mkdtemp(pattern.data());
    Write("password", "secret-word\n");
    WriteConfig("127.0.0.1:0", "10%");
  }
  ~SpillwaydTest() override { std::filesystem::remove_all(dir_); }

  std::string Path(const std::string& name) const { return dir_ + "/" + name; }
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name)) << text;
    ::chmod(Path(name).c_str(), 0600);
  }
  void WriteConfig(const std::string& listen, const std::string& headroom) const {
    Write("config.yaml", "apiVersion: spillway/v1\ncontroller:\n  listen: " + listen + "\n  state: { dir: " +
                             Path("state") + " }\navi:\n  controllers: [https://127.0.0.1:1]\n  username: robot\n" +
                             "  passwordFile: " + Path("password") + "\n  caFile: " + Path("avi-ca.pem") +
                             "\n  pollInterval: 1s\nclusters:\n  us: { kubeconfig: " + Path("us.kubeconfig") +
                             " }\n  eu: { kubeconfig: " + Path("eu.kubeconfig") + " }\n" + R"(apps:
- name: shop
  gslbService: shop
  home:
    site: us
    cluster: us
    namespace: acme
    deployment: shop
    demand: { kind: TsmDefinition, name: shop-asd }
    member: { ip: 10.0.0.1 }
  overflow:
  - site: eu
    cluster: eu
    namespace: acme
    deployment: shop
    member: { ip: 10.0.0.2 }
    maxReplicas: 9
  policy: { headroom: )" + headroom +
                             " }\n");
  }
  static std::string KubeconfigWith(const std::string& credentials) {
    return R"(apiVersion: v1
kind: Config
current-context: c
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: u, user: {)" +
           credentials + R"(}}]
contexts: [{name: c, context: {cluster: c, user: u}}]
)";
  }
  std::vector<std::string> Config() const { return {"--config", Path("config.yaml")}; }

  // Starts to listen; the port it tells.
  static int Port(Child& child) {
    if (!child.Prints("spillwayd listens") || !child.Prints("address=127.0.0.1:")) {
      ADD_FAILURE() << child.printed();
      return 0;
    }
    child.Prints("version=");
    const std::string& text = child.printed();
    const std::string mark = "address=127.0.0.1:";
    return std::atoi(text.c_str() + text.rfind(mark) + mark.size());
  }
  static HttpResponse Get(int port, const std::string& target) {
    HttpEndpoint endpoint;
    endpoint.scheme = "http";
    endpoint.host = "127.0.0.1";
    endpoint.port = port;
    const auto response = HttpClient(endpoint).Send({"GET", target, {}, ""}, 5s);
    return response ? *response : HttpResponse{};
  }
  // Asks /readyz until `holds` (or 20 s).
  template <class Holds>
  HttpResponse Readyz(int port, Holds holds) {
    const Instant end = clock_.Now() + 20s;
    HttpResponse answer;
    do {
      answer = Get(port, "/readyz");
    } while (!holds(answer) && clock_.Now() < end);
    EXPECT_TRUE(holds(answer)) << answer.status << " " << answer.body;
    return answer;
  }
  static bool Has(const HttpResponse& answer, const std::string& text) {
    return answer.body.find(text) != std::string::npos;
  }

  std::string dir_;
  SystemClock clock_;
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_TESTS_DAEMON_SPILLWAYD_FILES_H_
