// The server among hostile, slow and vanishing clients.
#include "src/base/http_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <stdexcept>
#include <vector>

#include "src/base/json.h"
#include "tests/base/web.h"

namespace spillway {
namespace {

using std::chrono::steady_clock;

HttpReply Echo(const ServerRequest& request) { return JsonReply(200, request.method + " " + request.body); }

std::string Get(const std::string& fields = "") { return "GET / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n"; }

// A promise for each end of a streaming handler.
struct Streaming {
  std::promise<void> started;
  std::promise<void> ended;

  HttpServer::Handler Handler() {
    return [this](const ServerRequest&) {
      HttpReply reply;
      reply.response.status = 200;
      reply.stream = [this](ReplyStream& out) {
        out.Write("first\n");
        started.set_value();
        while (out.WaitAlive(10s)) continue;
        ended.set_value();
      };
      return reply;
    };
  }
};

// The answer to one who asks for as long as there is no place, and no longer than patience lasts.
int StatusOnceServed(const HttpServer& server) {
  HttpClient client(PlainTo(server));
  const auto begin = steady_clock::now();
  int status = 503;
  while (status == 503 && steady_clock::now() - begin < kPatience) {
    const auto answer = client.Send({}, kPatience);
    if (!answer) ADD_FAILURE() << answer.error().what;
    status = answer ? answer->status : 0;
  }
  return status;
}

bool Soon(std::future<void> event) { return event.wait_for(kPatience) == std::future_status::ready; }

TEST(HttpServer, RefusesHostileRequestsAndCloses) {
  struct Row {
    const char* claim;
    std::string raw;
    int status;
  };
  ServerOptions options;
  options.body_cap = 1000;
  std::atomic<int> handled{0};
  const auto server = Serve(
      [&](const ServerRequest& request) {
        ++handled;
        return Echo(request);
      },
      options);
  const std::string post = "POST / HTTP/1.1\r\nHost: h\r\n";
  const std::vector<Row> rows = {
      {"a flood of chunks", post + "Transfer-Encoding: chunked\r\n\r\n" + std::string(200'000, '1'), 400},
      {"chunks and a length", post + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc", 400},
      {"two lengths", post + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"GET with a body that is a request", Get("Content-Length: 40\r\n") + Get(), 400},
      {"no length", post + "\r\n", 411},
      {"a body above the cap", post + "Content-Length: 100000\r\n\r\n" + std::string(100'000, 'x'), 413},
      {"a long path", "GET /" + std::string(8192, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", 414},
      {"an endless request line", "GET /" + std::string(100'000, 'a'), 414},
      {"endless fields", Get(std::string("X: ") + std::string(100'000, 'a')), 431},
      {"an evil range", Get("Range: bytes=" + std::string(8000, ',') + "\r\n"), 200},
      {"bad bytes", "\x16\x03\x01\r\n\r\n", 400},
  };
  for (const Row& row : rows) {
    RawClient client(server->port());
    client.Say(row.raw);
    const std::string heard = client.Hear("\r\n\r\n");
    EXPECT_EQ(heard.substr(0, 13), "HTTP/1.1 " + std::to_string(row.status) + " ") << row.claim << ": " << heard;
    if (row.status == 200) continue;
    EXPECT_NE(heard.find("Connection: close"), std::string::npos) << row.claim;
    EXPECT_NE(heard.find("application/problem+json"), std::string::npos) << row.claim;
    EXPECT_TRUE(client.Closed()) << row.claim;
  }
  EXPECT_EQ(handled, 1) << "only the evil range, which is no business of ours, reached the handler";
}

TEST(HttpServer, ByteByByteDoesNotOutliveTheDeadline) {
  ServerOptions options;
  options.header_deadline = 200ms;
  options.body_deadline = 200ms;
  const auto server = Serve(Echo, options);
  for (const std::string start : {"", "GET / HT", "GET / HTTP/1.1\r\nHost: h\r\nX-Slow: ",
                                  "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n"}) {
    RawClient client(server->port());
    client.Say(start);
    const auto begin = steady_clock::now();
    // Every byte comes long before any single read could time out.
    while (client.Say("a") && steady_clock::now() - begin < kPatience && !client.ClosedWithin(5ms)) continue;
    EXPECT_LT(steady_clock::now() - begin, kPatience) << "\"" << start << "\"";
  }
}

TEST(HttpServer, ASilentConnectionIsClosed) {
  ServerOptions options;
  options.header_deadline = 50ms;
  const auto server = Serve(Echo, options);
  RawClient client(server->port());
  EXPECT_TRUE(client.Closed());
}

TEST(HttpServer, AnIdleConnectionIsClosedAtItsLimit) {
  ServerOptions options;
  options.idle_limit = 50ms;
  const auto server = Serve(Echo, options);
  RawClient client(server->port());
  client.Say(Get());
  EXPECT_NE(client.Hear("GET ").find("200"), std::string::npos);
  EXPECT_TRUE(client.Closed());
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
  const auto server = Serve(Echo);
  RawClient client(server->port());
  client.Say(Get() + "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc\r\n" + Get("Connection: close\r\n"));
  const std::string heard = client.Hear();
  const std::size_t post = heard.find("POST abc");
  ASSERT_NE(post, std::string::npos) << heard;
  EXPECT_LT(heard.find("GET "), post);
  EXPECT_NE(heard.find("GET ", post), std::string::npos);
}

TEST(HttpServer, SaysContinueToWhoAsksAndNotToWhoIsRefused) {
  ServerOptions options;
  options.body_cap = 10;
  const auto server = Serve(Echo, options);
  RawClient client(server->port());
  client.Say("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client.Hear("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Say("abc");
  EXPECT_NE(client.Hear("POST abc").find("200 OK"), std::string::npos);
  RawClient refused(server->port());
  refused.Say("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n");
  EXPECT_EQ(refused.Hear().substr(0, 12), "HTTP/1.1 413");
}

TEST(HttpServer, HeadHasTheLengthAndNoBody) {
  const auto server = Serve(Echo);
  RawClient client(server->port());
  client.Say("HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const std::string heard = client.Hear();
  EXPECT_NE(heard.find("Content-Length: 5\r\n"), std::string::npos) << heard;
  EXPECT_EQ(heard.substr(heard.size() - 4), "\r\n\r\n");
}

TEST(HttpServer, Http10GetsAnAnswerAndNoStream) {
  const auto server = Serve([](const ServerRequest& request) {
    HttpReply reply = Echo(request);
    if (request.target == "/stream") reply.stream = [](ReplyStream& out) { out.Write("x"); };
    return reply;
  });
  RawClient health_monitor(server->port());
  health_monitor.Say("GET / HTTP/1.0\r\n\r\n");
  EXPECT_NE(health_monitor.Hear().find("200 OK"), std::string::npos);
  RawClient stream(server->port());
  stream.Say("GET /stream HTTP/1.0\r\n\r\n");
  EXPECT_EQ(stream.Hear().substr(0, 12), "HTTP/1.1 505");
}

TEST(HttpServer, AHandlersExceptionIs500WithoutItsText) {
  const auto server = Serve([](const ServerRequest& request) -> HttpReply {
    if (request.target == "/odd") throw 7;  // NOLINT(hicpp-exception-baseclass): anything may come out of a handler
    throw std::runtime_error("the secret");
  });
  HttpClient client(PlainTo(*server));
  for (const char* target : {"/", "/odd"}) {
    const auto answer = client.Send({"GET", target, {}, ""}, kPatience);
    ASSERT_TRUE(answer) << answer.error().what;
    EXPECT_EQ(answer->status, 500);
    EXPECT_EQ(answer->body.find("secret"), std::string::npos);
    for (const auto& [name, value] : answer->headers.fields())
      EXPECT_EQ(value.find("secret"), std::string::npos) << name;
  }
}

TEST(HttpServer, NoTextOfAHandlerBecomesAHeader) {
  const auto server = Serve([](const ServerRequest&) {
    HttpReply reply = JsonReply(302, "");
    reply.response.headers.Add("Location", "/x\r\nSet-Cookie: forged=1");
    return reply;
  });
  RawClient client(server->port());
  client.Say(Get("Connection: close\r\n"));
  const std::string heard = client.Hear();
  EXPECT_EQ(heard.substr(0, 12), "HTTP/1.1 500");
  EXPECT_EQ(heard.find("forged"), std::string::npos);
}

TEST(HttpServer, ADroppedRequestIsNotAnswered) {
  const auto server = Serve([](const ServerRequest&) {
    HttpReply reply;
    reply.drop = true;
    return reply;
  });
  RawClient client(server->port());
  client.Say(Get());
  EXPECT_EQ(client.Hear(), "");
}

TEST(HttpServer, AnAbortedStreamLacksItsEnd) {
  const auto server = Serve([](const ServerRequest&) {
    HttpReply reply;
    reply.response.status = 200;
    reply.stream = [](ReplyStream& out) {
      out.Write("line\n");
      out.Write("");
      out.Abort();
      EXPECT_FALSE(out.Write("more"));
    };
    return reply;
  });
  HttpClient client(PlainTo(*server));
  auto opened = client.Open({}, kPatience);
  ASSERT_TRUE(opened) << opened.error().what;
  EXPECT_EQ(opened->lines->Next(kPatience).text, "line");
  EXPECT_EQ(opened->lines->Next(kPatience).state, LineStream::State::kFailed);
}

TEST(HttpServer, AStreamNoticesThatItsClientHasGone) {
  for (const bool tls : {false, true}) {
    Streaming streaming;
    const auto server = tls ? ServeTls(streaming.Handler()) : Serve(streaming.Handler());
    HttpClient client(tls ? TlsTo(*server) : PlainTo(*server));
    auto opened = client.Open({}, kPatience);
    ASSERT_TRUE(opened) << opened.error().what;
    EXPECT_TRUE(Soon(streaming.started.get_future()));
    opened->lines.reset();
    EXPECT_TRUE(Soon(streaming.ended.get_future())) << (tls ? "TLS" : "plain");
  }
}

TEST(HttpServer, AboveTheCapIs503AndBelowItServesAgain) {
  ServerOptions options;
  options.connections_cap = 2;
  const auto server = Serve(Echo, options);
  RawClient first(server->port());
  RawClient second(server->port());
  for (RawClient* client : {&first, &second}) {
    client->Say(Get());
    EXPECT_NE(client->Hear("GET ").find("200"), std::string::npos);
  }
  RawClient third(server->port());
  third.Say(Get());
  EXPECT_EQ(third.Hear().substr(0, 12), "HTTP/1.1 503");
  first.Close();
  EXPECT_EQ(StatusOnceServed(*server), 200);
}

TEST(HttpServer, WhoTakesNoAnswerLosesTheConnectionAtTheLimit) {
  constexpr std::size_t kLength = 64U << 20U;  // more than two sockets buffer
  ServerOptions options;
  options.connections_cap = 1;
  options.write_limit = 200ms;
  const auto server = Serve(
      [&](const ServerRequest& request) {
        return JsonReply(200, request.target == "/long" ? std::string(kLength, 'x') : "{}");
      },
      options);
  RawClient slow(server->port());
  slow.Say("GET /long HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(slow.Hear("\r\n").substr(0, 12), "HTTP/1.1 200");
  EXPECT_EQ(StatusOnceServed(*server), 200) << "its place is not free";
}

TEST(HttpServer, StopEndsIdleSilentAndStreamingConnectionsAtOnce) {
  for (const bool tls : {false, true}) {
    Streaming streaming;
    auto server = tls ? ServeTls(streaming.Handler()) : Serve(streaming.Handler());
    HttpClient client(tls ? TlsTo(*server) : PlainTo(*server));
    const int port = server->port();
    auto opened = client.Open({}, kPatience);
    ASSERT_TRUE(opened) << opened.error().what;
    EXPECT_TRUE(Soon(streaming.started.get_future()));
    std::vector<std::unique_ptr<RawClient>> others;
    for (int i = 0; i < 20; ++i) {
      others.push_back(std::make_unique<RawClient>(port));
      others.back()->Say(i % 2 == 0 ? "" : "GET / HT");
    }
    const auto begin = steady_clock::now();
    server->Stop();
    server->Stop();
    EXPECT_LT(steady_clock::now() - begin, 2s);
    EXPECT_TRUE(Soon(streaming.ended.get_future()));
    EXPECT_EQ(opened->lines->Next(kPatience).text, "first");
    EXPECT_EQ(opened->lines->Next(kPatience).state, LineStream::State::kFailed) << "a stopped stream is no whole one";
    server.reset();
  }
}

TEST(HttpServer, StopWaitsForAHandlerAndSendsItsAnswer) {
  std::promise<void> entered;
  std::promise<void> go_on;
  auto server = Serve([&](const ServerRequest& request) {
    entered.set_value();
    go_on.get_future().wait();
    return Echo(request);
  });
  HttpClient client(PlainTo(*server));
  auto answer = std::async(std::launch::async, [&] { return client.Send({}, kPatience); });
  EXPECT_TRUE(Soon(entered.get_future()));
  auto stopped = std::async(std::launch::async, [&] { server->Stop(); });
  EXPECT_EQ(stopped.wait_for(20ms), std::future_status::timeout);
  go_on.set_value();
  stopped.get();
  const auto got = answer.get();
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->status, 200);
}

TEST(HttpServer, APortInUseIsRefusedAndFreedByTheEnd) {
  auto first = Serve(Echo);
  ServerOptions options;
  options.port = first->port();
  const auto second = HttpServer::Start(options, Echo);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kRejected);
  EXPECT_EQ(second.error().what, "127.0.0.1 port " + std::to_string(options.port) + ": Address already in use");
  first.reset();
  EXPECT_TRUE(HttpServer::Start(options, Echo));
}

TEST(HttpServer, KnowsItsPeerWhateverTheClientClaims) {
  const auto server = Serve([](const ServerRequest& request) { return JsonReply(200, request.peer_ip); });
  HttpClient client(PlainTo(*server));
  const auto answer = client.Send({"GET", "/", {{"X-Forwarded-For", "9.9.9.9"}}, ""}, kPatience);
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->body, "127.0.0.1");
}

TEST(HttpServer, ProblemsAreRfc9457) {
  const HttpReply reply = ProblemReply(409, "Con\"flict", "line\nbreak");
  const auto problem = ParseJson(reply.response.body);
  ASSERT_TRUE(problem) << problem.error().what;
  EXPECT_EQ(StringAt(*problem, "type"), "about:blank");
  EXPECT_EQ(StringAt(*problem, "title"), "Con\"flict");
  EXPECT_EQ(IntAt(*problem, "status"), 409);
  EXPECT_EQ(StringAt(*problem, "detail"), "line\nbreak");
}

}  // namespace
}  // namespace spillway
