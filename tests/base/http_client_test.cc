// The client among slow, broken and lying servers.
#include "src/base/http_client.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <future>
#include <thread>
#include <vector>

#include "tests/base/scripted.h"

namespace spillway {
namespace {

using std::chrono::steady_clock;

TEST(HttpClient, TheDeadlineCoversTheWholeCallAgainstAServerThatTrickles) {
  for (const std::string start : {"", "HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
                                  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n"}) {
    Scripted server({[&](int fd) {
      RawServer::ReadHead(fd);
      RawServer::Say(fd, start);
      pollfd gone = {fd, POLLIN, 0};
      while (::poll(&gone, 1, 5) == 0) RawServer::Say(fd, "a");
    }});
    HttpClient client(server.endpoint());
    const auto begin = steady_clock::now();
    const auto answer = client.Send({}, 200ms);
    const auto took = steady_clock::now() - begin;
    ASSERT_FALSE(answer) << start;
    EXPECT_EQ(answer.error().code, Code::kRetry);
    EXPECT_NE(answer.error().what.find("timed out"), std::string::npos) << answer.error().what;
    EXPECT_GE(took, 200ms);
    EXPECT_LT(took, 5s);
  }
}

TEST(HttpClient, ASilentServerIsGivenUpInTime) {
  Scripted server({AwaitEnd});
  HttpClient client(server.endpoint());
  const auto answer = client.Send({}, 50ms);
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().what.find("no answer in time"), std::string::npos) << answer.error().what;
}

TEST(HttpClient, AServerThatDoesNotReadIsGivenUpInTime) {
  std::promise<void> given_up;
  Scripted server({[&](int) { given_up.get_future().wait(); }});
  HttpClient client(server.endpoint());
  const auto begin = steady_clock::now();
  EXPECT_FALSE(client.Send({"POST", "/", {}, std::string(64U << 20U, 'x')}, 200ms));
  EXPECT_LT(steady_clock::now() - begin, 5s);
  given_up.set_value();
}

TEST(HttpClient, AnswersThatCannotBeTrustedAreErrors) {
  struct Row {
    const char* claim;
    std::string answer;
    std::string reason;
  };
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const std::string chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
  const std::vector<Row> rows = {
      {"nothing at all", "", "closed without an answer"},
      {"half a head", ok + "Content-Le", "closed in the middle of the answer"},
      {"no HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n", "malformed"},
      {"a body cut short", ok + "Content-Length: 5\r\n\r\nab", "closed in the middle of the answer"},
      {"a chunk cut short", chunked + "5\r\nab", "closed in the middle of the answer"},
      {"chunks without their end", chunked + "2\r\nab\r\n", "closed in the middle of the answer"},
      {"a chunk not followed by its line end", chunked + "2\r\nabXX\r\n0\r\n\r\n", "malformed"},
      {"a chunk size that is none", chunked + "zz\r\nab\r\n0\r\n\r\n", "malformed"},
      {"two lengths", ok + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc", "head is malformed"},
      {"a length and chunks", ok + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       "head is malformed"},
      {"an interim answer", "HTTP/1.1 103 Early Hints\r\n\r\n" + kOk, "interim answer 103"},
      {"a compressed body", ok + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\nab", "compressed"},
      {"an endless status line", "HTTP/1.1 200 " + std::string(20'000, 'a'), "status line is too long"},
      {"an endless head", ok + "X: " + std::string(200'000, 'a'), ""},
      {"a thousand fields",
       ok +
           [] {
             std::string fields;
             for (int i = 0; i < 20'000; ++i) fields += "X: y\r\n";
             return fields;
           }(),
       "head is too long"},
      {"an endless chunk size", chunked + std::string(100'000, '0'), "framing is too long"},
  };
  for (const Row& row : rows) {
    Scripted server({Says(row.answer)});
    HttpClient client(server.endpoint());
    const auto answer = client.Send({}, kPatience);
    ASSERT_FALSE(answer) << row.claim;
    EXPECT_EQ(answer.error().code, Code::kRetry) << row.claim;
    EXPECT_NE(answer.error().what.find(row.reason), std::string::npos) << row.claim << ": " << answer.error().what;
    EXPECT_EQ(answer.error().what.find("GET http://127.0.0.1:"), 0U) << answer.error().what;
  }
}

TEST(HttpClient, ABodyBeyondTheCapIsRejectedHoweverItComes) {
  for (const char* head : {"Content-Length: 101\r\n\r\n", "\r\n", "Transfer-Encoding: chunked\r\n\r\n65\r\n"}) {
    Scripted server({Says(std::string("HTTP/1.1 200 OK\r\n") + head + std::string(101, 'x'))});
    HttpEndpoint endpoint = server.endpoint();
    endpoint.body_cap = 100;
    const auto answer = HttpClient(endpoint).Send({}, kPatience);
    ASSERT_FALSE(answer) << head;
    EXPECT_EQ(answer.error().code, Code::kRejected);
    EXPECT_NE(answer.error().what.find("longer than 100 bytes"), std::string::npos) << answer.error().what;
  }
  Scripted server({Says("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + std::string(100, 'x'))});
  HttpEndpoint endpoint = server.endpoint();
  endpoint.body_cap = 100;
  const auto answer = HttpClient(endpoint).Send({}, kPatience);
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->body.size(), 100U);
}

TEST(HttpClient, ReadsABodyThatEndsWithTheConnection) {
  Scripted server({Says("HTTP/1.0 200 OK\r\n\r\nall of it")});
  const auto answer = HttpClient(server.endpoint()).Send({}, kPatience);
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->body, "all of it");
}

TEST(HttpClient, UsesAConnectionAgain) {
  std::vector<std::string> heads;
  {
    Scripted server({[&](int fd) {
      for (int i = 0; i < 3; ++i) {
        heads.push_back(RawServer::ReadHead(fd));
        RawServer::Say(fd, kOk);
      }
    }});
    HttpClient client(server.endpoint());
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(client.Send({}, kPatience));
    EXPECT_EQ(heads.front().substr(0, 16), "GET / HTTP/1.1\r\n");
  }
  EXPECT_EQ(heads.size(), 3U);
}

TEST(HttpClient, AServersIdleCloseIsNoFailure) {
  Scripted server({Says(kOk), Says(kOk)});
  HttpClient client(server.endpoint());
  ASSERT_TRUE(client.Send({"PUT", "/", {}, ""}, kPatience));
  while (server.played() < 1) std::this_thread::yield();
  const auto again = client.Send({"PUT", "/", {}, ""}, kPatience);
  EXPECT_TRUE(again) << again.error().what;
}

TEST(HttpClient, AServersIdleCloseIsNoFailureOverTls) {
  ServerOptions options;
  options.idle_limit = 1ms;
  const auto server = ServeTls([](const ServerRequest&) { return JsonReply(200, "{}"); }, options);
  HttpClient client(TlsTo(*server));
  for (int i = 0; i < 60; ++i) {
    const auto answer = client.Send({}, kPatience);
    ASSERT_TRUE(answer) << answer.error().what;
    // Sometimes before, sometimes after, sometimes in the middle of the server's farewell.
    const auto until = steady_clock::now() + i * 50us;
    while (steady_clock::now() < until) std::this_thread::yield();
  }
}

TEST(HttpClient, OnlyWhatChangesNothingIsSentTwice) {
  const auto answer_then_cut = [](int fd) {
    Says(kOk)(fd);
    RawServer::ReadHead(fd);
  };
  {
    Scripted server({answer_then_cut, Says(kOk)});
    HttpClient client(server.endpoint());
    ASSERT_TRUE(client.Send({}, kPatience));
    const auto again = client.Send({}, kPatience);
    EXPECT_TRUE(again) << "a GET finds the connection cut and goes over a new one: " << again.error().what;
  }
  Scripted server({answer_then_cut});
  HttpClient client(server.endpoint());
  ASSERT_TRUE(client.Send({}, kPatience));
  const auto write = client.Send({"POST", "/", {}, ""}, kPatience);
  ASSERT_FALSE(write) << "a write may have been applied";
  EXPECT_EQ(write.error().code, Code::kRetry);
}

TEST(HttpClient, ACallerCannotForgeAMessage) {
  HttpClient client(PlainTo(*Serve([](const ServerRequest&) { return JsonReply(200, "{}"); })));
  const std::vector<HttpRequest> bad = {
      {"GET", "/", {{"X", "a\r\nY: b"}}, ""},
      {"GET", "/", {{"X", "a\nb"}}, ""},
      {"GET", "/", {{"X", std::string("\0", 1)}}, ""},
      {"GET", "/", {{"X: y\r\nZ", "a"}}, ""},
      {"GET", "/", {{"", "a"}}, ""},
      {"GET", "/a b", {}, ""},
      {"GET", "/\r\nX: y", {}, ""},
      {"GET", "", {}, ""},
      {"GET", "http://other/", {}, ""},
      {"G ET", "/", {}, ""},
      {"POST", "/", {{"Content-Length", "1"}}, "abc"},
      {"POST", "/", {{"transfer-encoding", "chunked"}}, "abc"},
  };
  for (const HttpRequest& request : bad) {
    const auto answer = client.Send(request, kPatience);
    ASSERT_FALSE(answer) << request.target;
    EXPECT_EQ(answer.error().code, Code::kRejected) << answer.error().what;
    EXPECT_FALSE(client.Open(request, kPatience));
  }
}

TEST(HttpClient, ErrorsDoNotRepeatTheQuery) {
  HttpEndpoint endpoint;
  endpoint.scheme = "http";
  endpoint.host = "127.0.0.1";
  endpoint.port = 1;
  const auto answer = HttpClient(endpoint).Send({"GET", "/p?token=secret", {}, ""}, kPatience);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().what, "GET http://127.0.0.1:1/p: cannot connect: Connection refused");
  EXPECT_EQ(answer.error().code, Code::kRetry);
}

TEST(HttpClient, ANameThatIsNotFoundIsNamedAndInTime) {
  HttpEndpoint endpoint;
  endpoint.scheme = "http";
  endpoint.host = "does-not-exist.invalid";
  endpoint.port = 80;
  const auto begin = steady_clock::now();
  const auto answer = HttpClient(endpoint).Send({}, 200ms);
  EXPECT_LT(steady_clock::now() - begin, 5s);
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().what.find("does-not-exist.invalid: not resolved"), std::string::npos) << answer.error().what;
}

TEST(HttpClient, ANameIsResolved) {
  const auto server =
      ServeTls([](const ServerRequest& request) { return JsonReply(200, *request.headers.Find("Host")); });
  HttpEndpoint endpoint = TlsTo(*server);
  endpoint.host = "localhost";
  const auto answer = HttpClient(endpoint).Send({}, kPatience);
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->body, "localhost:" + std::to_string(server->port()));
}

TEST(HttpClient, CancelEndsABlockedCallAtOnceAndForGood) {
  std::promise<void> asked;
  Scripted server({[&](int fd) {
    RawServer::ReadHead(fd);
    asked.set_value();
    AwaitEnd(fd);
  }});
  HttpClient client(server.endpoint());
  auto call = std::async(std::launch::async, [&] { return client.Send({}, 1h); });
  asked.get_future().wait();
  const auto begin = steady_clock::now();
  client.Cancel();
  const auto answer = call.get();
  EXPECT_LT(steady_clock::now() - begin, 2s);
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().what.find("cancelled"), std::string::npos);
  const auto later = client.Send({}, 1h);
  ASSERT_FALSE(later) << "a cancel is not forgotten";
  EXPECT_NE(later.error().what.find("cancelled"), std::string::npos);
}

TEST(HttpClient, ServesManyThreadsAtOnce) {
  const auto server = ServeTls([](const ServerRequest& request) { return JsonReply(200, request.body); });
  HttpClient client(TlsTo(*server));
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&client, t] {
      for (int i = 0; i < 25; ++i) {
        const std::string body = std::to_string(t) + std::string(static_cast<std::size_t>(i) * 1000, 'x');
        const auto answer = client.Send({"POST", "/", {}, body}, kPatience);
        EXPECT_TRUE(answer && answer->body == body);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(ParseEndpoint, ReadsUrls) {
  struct Row {
    const char* url;
    const char* scheme;
    const char* host;
    int port;
  };
  for (const Row& row : std::vector<Row>{{"https://avi.test", "https", "avi.test", 443},
                                         {"https://avi.test:8443/", "https", "avi.test", 8443},
                                         {"http://127.0.0.1", "http", "127.0.0.1", 80},
                                         {"https://[::1]:6443", "https", "::1", 6443},
                                         {"https://[2001:db8::1]", "https", "2001:db8::1", 443}}) {
    const auto endpoint = ParseEndpoint(row.url);
    ASSERT_TRUE(endpoint) << endpoint.error().what;
    EXPECT_EQ(endpoint->scheme, row.scheme);
    EXPECT_EQ(endpoint->host, row.host);
    EXPECT_EQ(endpoint->port, row.port);
  }
  for (const char* bad :
       {"", "avi.test", "ftp://a", "https://", "https://:443", "https://a:", "https://a:0", "https://a:65536",
        "https://a:4x", "https://a/path", "https://a?x", "https://user@a", "https://a b", "https://[::1",
        "https://[::1]x", "https://::1", "https://a:1:2", "HTTPS://a", "https://[a.test]:1"}) {
    const auto endpoint = ParseEndpoint(bad);
    EXPECT_FALSE(endpoint) << bad;
  }
}

}  // namespace
}  // namespace spillway
