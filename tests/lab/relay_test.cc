#include "tools/lab/relay.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "src/base/clock.h"
#include "src/base/http_client.h"
#include "src/base/http_server.h"
#include "tools/lab/socket.h"

namespace spillway::lab {
namespace {

// A web server that answers with its request's body, behind a relay.
class RelayTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = HttpServer::Start({}, [](const ServerRequest& request) { return JsonReply(200, request.body); });
    ASSERT_TRUE(server) << server.error().what;
    server_ = std::move(*server);
    auto relay = Relay::Start(
        "127.0.0.1", 0, "127.0.0.1", server_->port(), [this] { return Path(); }, 7);
    ASSERT_TRUE(relay) << relay.error().what;
    relay_ = std::move(*relay);
    HttpEndpoint endpoint;
    endpoint.scheme = "http";
    endpoint.host = "127.0.0.1";
    endpoint.port = relay_->port();
    client_ = std::make_unique<HttpClient>(endpoint);
  }

  PathState Path() const {
    const std::scoped_lock lock(mutex_);
    return path_;
  }
  void Set(PathState path) {
    const std::scoped_lock lock(mutex_);
    path_ = path;
  }
  Result<HttpResponse> Post(const std::string& body, Duration deadline = 20s) {
    HttpRequest request;
    request.method = "POST";
    request.body = body;
    return client_->Send(request, deadline);
  }

  mutable std::mutex mutex_;
  PathState path_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<Relay> relay_;
  std::unique_ptr<HttpClient> client_;
  SystemClock clock_;
};

TEST_F(RelayTest, CarriesWholeMessagesBothWays) {
  const std::string large(700'000, 'x');
  for (const std::string& body : {std::string("small"), large, std::string("after")}) {
    const Result<HttpResponse> response = Post(body);
    ASSERT_TRUE(response) << response.error().what;
    EXPECT_EQ(response->body, body);
  }
}

TEST_F(RelayTest, ALossyPathLosesTimeAndNothingElse) {
  Set({.loss = 0.3});
  const std::string body(20'000, 'y');
  const Result<HttpResponse> response = Post(body, 60s);
  ASSERT_TRUE(response) << response.error().what;
  EXPECT_EQ(response->body, body);
}

TEST_F(RelayTest, LatencyCountsEachWay) {
  ASSERT_TRUE(Post("warm"));
  Set({.latency = 150ms});
  const Instant before = clock_.Now();
  ASSERT_TRUE(Post("x"));
  EXPECT_GE(clock_.Now() - before, 300ms);
}

TEST_F(RelayTest, ACutPassesNothingAndTellsNobody) {
  ASSERT_TRUE(Post("before"));
  Set({.cut = true});
  const Result<HttpResponse> cut = Post("during", 500ms);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, Code::kRetry) << cut.error().what;
  Set({});
  const Result<HttpResponse> after = Post("after");
  ASSERT_TRUE(after) << after.error().what;
  EXPECT_EQ(after->body, "after");
}

TEST_F(RelayTest, AnOpenConnectionOutlivesACut) {
  const Result<Socket> socket = Connect(Protocol::kTcp, "127.0.0.1", relay_->port(), 5s);
  ASSERT_TRUE(socket);
  const std::string first = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab";
  ::send(socket->fd(), first.data(), first.size(), MSG_NOSIGNAL);
  Set({.cut = true});
  ::send(socket->fd(), "cd", 2, MSG_NOSIGNAL);
  EXPECT_FALSE(WaitReadable(*socket, 300ms));
  Set({});
  std::string answer;
  std::array<char, 1024> buffer{};
  while (!answer.ends_with("abcd") && WaitReadable(*socket, 10s)) {
    const ssize_t got = ::recv(socket->fd(), buffer.data(), buffer.size(), 0);
    ASSERT_GT(got, 0) << answer;
    answer.append(buffer.data(), static_cast<std::size_t>(got));
  }
  EXPECT_TRUE(answer.ends_with("abcd")) << answer;
}

TEST_F(RelayTest, AFarEndThatRefusesIsAClosedConnection) {
  server_.reset();
  const Result<HttpResponse> response = Post("x", 5s);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Code::kRetry) << response.error().what;
}

}  // namespace
}  // namespace spillway::lab
