// The client as the daemon runs it: real TLS on loopback, one thread for each feed, real clocks.
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "k8s/cluster.h"
#include "src/base/http_client.h"
#include "src/base/pki.h"
#include "tools/lab/kubernetes/cluster.h"
#include "tools/lab/serve.h"

namespace spillway::k8s {
namespace {

constexpr const char* kShopping =
    R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"shopping","namespace":"acme"},)"
    R"("spec":{"replicas":1,"selector":{"matchLabels":{"app":"shopping"}},"template":{"metadata":)"
    R"({"labels":{"app":"shopping"}},"spec":{"containers":[{"name":"web","image":"shop:1"}]}}}})";

// Identities for a run; made once, because keys take time.
struct Pki {
  Pki() {
    const WallTime now = SystemClock().WallNow();
    const Validity valid{now - 1h, now + 24h};
    const Validity over{now - 48h, now - 24h};
    ca = *MakeCa("test CA", valid);
    stranger = *MakeCa("another CA", valid);
    server = *IssueServer(ca, {{}, {"127.0.0.1"}}, valid);
    elsewhere = *IssueServer(ca, {{"elsewhere.test"}, {}}, valid);
    expired = *IssueServer(ca, {{}, {"127.0.0.1"}}, over);
    client = *IssueClient(ca, "spillway", "", valid);
  }
  Identity ca, stranger, server, elsewhere, expired, client;
};
const Pki& Keys() {
  static const Pki pki;
  return pki;
}

class OverTlsTest : public ::testing::Test {
 protected:
  OverTlsTest() : fake_(clock_, Swift()) {
    EXPECT_EQ(fake_.Create(kShopping), "");
    lab::User user;
    user.name = "spillway";
    user.admin = true;
    fake_.AddUser(user);
  }
  ~OverTlsTest() override {
    if (cluster_) {
      for (const auto& feed : cluster_->feeds()) feed->Cancel();
    }
    stopping_ = true;
    if (http_) http_->Cancel();
    if (thread_.joinable()) thread_.join();
  }

  static lab::ClusterOptions Swift() {
    lab::ClusterOptions options;
    options.pods.to_running = options.pods.to_ready = 10ms;
    return options;
  }
  void Serve(const Identity& identity) {
    ServerOptions options;
    options.cert_pem = identity.cert_pem;
    options.key_pem = identity.key_pem;
    options.client_ca_pem = Keys().ca.cert_pem;
    auto served = lab::ServedFake::Start(fake_, options);
    ASSERT_TRUE(served) << served.error().what;
    served_ = *std::move(served);
    pace_ = std::make_unique<lab::Pacemaker>(fake_, clock_);
    port_ = served_->port();
  }
  void Connect(const std::string& ca_pem) {
    ClusterAccess access;
    access.endpoint.host = "127.0.0.1";
    access.endpoint.port = port_;
    access.endpoint.ca_pem = ca_pem;
    access.endpoint.client_cert_pem = Keys().client.cert_pem;
    access.endpoint.client_key_pem = Keys().client.key_pem;
    http_ = std::make_shared<HttpClient>(access.endpoint);
    cluster_ = std::make_unique<Cluster>("eu", access, clock_, http_, http_, 1);
    workload_ = cluster_->WatchDeployment("acme", "shopping");
    feed_ = cluster_->feeds().at(0);
    feed_->OnChange([this] {
      const std::scoped_lock lock(mutex_);
      changed_.notify_all();
    });
    thread_ = std::thread([this] {
      while (!stopping_) {
        const Instant due = feed_->Step();
        std::unique_lock lock(mutex_);
        const Duration wait = std::min<Duration>(due - clock_.Now(), 20ms);
        if (wait > Duration::zero()) changed_.wait_for(lock, wait);
      }
    });
  }
  // False: not within 20 s.
  template <class F>
  bool Until(F done) {
    const Instant end = clock_.Now() + 20s;
    std::unique_lock lock(mutex_);
    while (!done()) {
      if (clock_.Now() > end) return false;
      changed_.wait_for(lock, 5ms);
    }
    return true;
  }
  std::string FailureText() {
    EXPECT_TRUE(Until([&] { return workload_->Read().failure.has_value(); }));
    const auto reading = workload_->Read();
    return reading.failure ? reading.failure->what : "";
  }

  SystemClock clock_;
  lab::Cluster fake_;
  std::unique_ptr<lab::ServedFake> served_;
  std::unique_ptr<lab::Pacemaker> pace_;
  int port_ = 0;
  std::shared_ptr<HttpClient> http_;
  std::unique_ptr<Cluster> cluster_;
  std::shared_ptr<Workload> workload_;
  std::shared_ptr<Feed> feed_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

TEST_F(OverTlsTest, WatchesAndScalesWithAClientCertificate) {
  Serve(Keys().server);
  Connect(Keys().ca.cert_pem);
  ASSERT_TRUE(Until([&] { return workload_->Read().seen && workload_->Read().seen->value.replicas_ready == 1; }))
      << FailureText();
  bool scaled = false;
  ASSERT_TRUE(Until([&] {
    const auto reading = workload_->Read();
    scaled = scaled || workload_->Scale(3, reading.seen->value.revision, 5s);
    return scaled;
  }));
  EXPECT_EQ(workload_->Read().seen->value.replicas_wanted, 3);
  EXPECT_TRUE(Until([&] { return workload_->Read().seen->value.replicas_ready == 3; }));
}

TEST_F(OverTlsTest, SurvivesCutWatches) {
  Serve(Keys().server);
  Connect(Keys().ca.cert_pem);
  ASSERT_TRUE(Until([&] { return workload_->Read().seen && workload_->Read().seen->value.replicas_ready == 1; }));
  fake_.CutWatches();
  fake_.Handle({{"PATCH",
                 "/apis/apps/v1/namespaces/acme/deployments/shopping/scale",
                 {{"Content-Type", "application/merge-patch+json"}},
                 R"({"spec":{"replicas":2}})"},
                "127.0.0.1",
                "CN=spillway"});
  EXPECT_TRUE(Until([&] { return workload_->Read().seen->value.replicas_wanted == 2; }));
}

TEST_F(OverTlsTest, NamesAServerThatIsNotThere) {
  Serve(Keys().server);
  pace_.reset();
  served_.reset();
  Connect(Keys().ca.cert_pem);
  EXPECT_EQ(FailureText(),
            "cluster \"eu\": cannot reach https://127.0.0.1:" + std::to_string(port_) + ": Connection refused");
}

TEST_F(OverTlsTest, NamesACertificateOfAnotherCa) {
  Serve(Keys().server);
  Connect(Keys().stranger.cert_pem);
  EXPECT_EQ(FailureText().rfind("cluster \"eu\": certificate verify failed: ", 0), 0U) << FailureText();
  EXPECT_EQ(workload_->Read().failure->code, Code::kDenied);
}

TEST_F(OverTlsTest, NamesACertificateForAnotherHost) {
  Serve(Keys().elsewhere);
  Connect(Keys().ca.cert_pem);
  EXPECT_EQ(FailureText().rfind("cluster \"eu\": certificate verify failed: ", 0), 0U) << FailureText();
}

TEST_F(OverTlsTest, NamesACertificateThatHasExpired) {
  Serve(Keys().expired);
  Connect(Keys().ca.cert_pem);
  EXPECT_NE(FailureText().find("expired"), std::string::npos) << FailureText();
}

TEST_F(OverTlsTest, AnUnknownUserIsDenied) {
  fake_.RemoveUser("spillway");
  lab::User other;
  other.name = "other";
  fake_.AddUser(other);
  Serve(Keys().server);
  Connect(Keys().ca.cert_pem);
  EXPECT_EQ(FailureText(), "cluster \"eu\": unauthorized: the credentials were not accepted (401)");
}

TEST_F(OverTlsTest, CancelEndsAStepThatWaits) {
  Serve(Keys().server);
  Connect(Keys().ca.cert_pem);
  ASSERT_TRUE(Until([&] { return fake_.RequestCounts()["watch"] == 1; }));
  const Instant before = clock_.Now();
  feed_->Cancel();
  stopping_ = true;
  thread_.join();
  EXPECT_LT(clock_.Now() - before, 800ms) << "a step without news lasts a second";
}

}  // namespace
}  // namespace spillway::k8s
