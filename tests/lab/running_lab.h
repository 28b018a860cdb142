// A whole lab in the test's process, seen as its users see it: over DNS, HTTP and TLS.
#ifndef SPILLWAY_TESTS_LAB_RUNNING_LAB_H_
#define SPILLWAY_TESTS_LAB_RUNNING_LAB_H_

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "src/base/clock.h"
#include "src/base/file.h"
#include "src/base/http_client.h"
#include "src/base/json.h"
#include "tools/lab/lab.h"

namespace spillway::lab {

inline constexpr const char* kScale = "/apis/apps/v1/namespaces/acme/deployments/shopping/scale";

class RunningLab : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string dir = ::testing::TempDir() + "labXXXXXX";
    ASSERT_NE(::mkdtemp(dir.data()), nullptr);
    dir_ = dir;
    options_.dir = dir;
    Result<std::unique_ptr<Lab>> started = Lab::Start(options_, clock_);
    ASSERT_TRUE(started) << started.error().what;
    lab_ = std::move(*started);
  }
  void TearDown() override {
    lab_.reset();
    std::filesystem::remove_all(dir_);
  }

  std::string File(const std::string& name) const {
    const Result<std::string> content = ReadFile(dir_ + '/' + name);
    return content ? *content : "";
  }

  // Who asks: nobody in particular, a bearer, a holder of a certificate.
  std::unique_ptr<HttpClient> Client(const std::string& url) const {
    HttpEndpoint endpoint = *ParseEndpoint(url);
    endpoint.ca_pem = File("avi-ca.pem");
    return std::make_unique<HttpClient>(endpoint);
  }

  static HttpResponse Send(HttpClient& client, const std::string& method, const std::string& target,
                           const std::string& body = "", const HttpHeaders& headers = {}) {
    HttpRequest request;
    request.method = method;
    request.target = target;
    request.headers = headers;
    request.body = body;
    const Result<HttpResponse> response = client.Send(request, 5s);
    if (response) return *response;
    HttpResponse none;
    none.body = response.error().what;
    return none;
  }

  HttpResponse Control(const std::string& method, const std::string& target, const std::string& body = "") const {
    const std::unique_ptr<HttpClient> client = Client("http://127.0.0.1:" + std::to_string(lab_->facts().control_port));
    return Send(*client, method, target, body);
  }

  JsonDocument Truth() const {
    const HttpResponse response = Control("GET", "/truth");
    Result<JsonDocument> truth = ParseJson(response.body);
    EXPECT_TRUE(truth) << response.body;
    return truth ? std::move(*truth) : JsonDocument();
  }

  bool Eventually(const std::function<bool()>& holds) const {
    const Instant deadline = clock_.Now() + 40s;
    while (!holds()) {
      if (clock_.Now() > deadline) return false;
      clock_.SleepUntil(clock_.Now() + 50ms);
    }
    return true;
  }

  // Scales the overflow Deployment as spillway does it.
  HttpResponse ScaleOverflow(int replicas) const {
    const std::string config = File("eu.kubeconfig");
    const std::size_t at = config.find("token: ") + 7;
    const std::unique_ptr<HttpClient> client =
        Client("https://127.0.0.1:" + std::to_string(lab_->facts().ports.kubernetes[kOverflow]));
    return Send(*client, "PATCH", kScale, R"({"spec":{"replicas":)" + std::to_string(replicas) + "}}",
                {{"Authorization", "Bearer " + config.substr(at, config.find('\n', at) - at)},
                 {"Content-Type", "application/merge-patch+json"}});
  }

  mutable SystemClock clock_;
  std::string dir_;
  LabOptions options_;
  std::unique_ptr<Lab> lab_;
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TESTS_LAB_RUNNING_LAB_H_
