// Streams among slow and broken servers.
#include <gtest/gtest.h>
#include <poll.h>

#include <future>
#include <memory>

#include "src/base/http_client.h"
#include "tests/base/scripted.h"

namespace spillway {
namespace {

using std::chrono::steady_clock;

TEST(HttpStream, CancelEndsABlockedStreamAtOnce) {
  for (const bool by_client : {true, false}) {
    Scripted server({[](int fd) {
      RawServer::ReadHead(fd);
      RawServer::Say(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nline\n\r\n");
      AwaitEnd(fd);
    }});
    HttpClient client(server.endpoint());
    auto opened = client.Open({}, kPatience);
    ASSERT_TRUE(opened) << opened.error().what;
    ASSERT_EQ(opened->lines->Next(kPatience).text, "line");
    auto next = std::async(std::launch::async, [&] { return opened->lines->Next(1h); });
    const auto begin = steady_clock::now();
    by_client ? client.Cancel() : opened->lines->Cancel();
    EXPECT_EQ(next.get().state, LineStream::State::kFailed);
    opened->lines.reset();
    EXPECT_LT(steady_clock::now() - begin, 2s);
  }
}

TEST(HttpStream, AStreamOutlivesItsClientOnlyAsAFailure) {
  std::unique_ptr<LineStream> lines;
  std::promise<void> gone;
  Scripted server({[&](int fd) {
    Says("HTTP/1.1 200 OK\r\n\r\n")(fd);
    AwaitEnd(fd);
    gone.set_value();
  }});
  {
    HttpClient client(server.endpoint());
    auto opened = client.Open({}, kPatience);
    ASSERT_TRUE(opened) << opened.error().what;
    lines = std::move(opened->lines);
  }
  EXPECT_EQ(gone.get_future().wait_for(kPatience), std::future_status::ready) << "the server learns of it at once";
  EXPECT_EQ(lines->Next(kPatience).state, LineStream::State::kFailed);
}

TEST(HttpStream, AStreamsDeadlineIsForItsHeadAndNotForItsLife) {
  Scripted server({[](int fd) {
    Says("HTTP/1.1 200 OK\r\n\r\n")(fd);
    pollfd gone = {fd, POLLIN, 0};
    ::poll(&gone, 1, 300);  // longer than the deadline
    RawServer::Say(fd, "late\n");
  }});
  HttpClient client(server.endpoint());
  auto opened = client.Open({}, 200ms);
  ASSERT_TRUE(opened) << opened.error().what;
  EXPECT_EQ(opened->lines->Next(kPatience).text, "late");
  EXPECT_EQ(opened->lines->Next(kPatience).state, LineStream::State::kEnded);
  Scripted silent({AwaitEnd});
  HttpClient patient(silent.endpoint());
  const auto none = patient.Open({}, 50ms);
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().what.find("no answer in time"), std::string::npos) << none.error().what;
}

TEST(HttpStream, ACutStreamIsNotAnEndedOne) {
  Scripted server({Says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\none\ntwo\r\n")});
  HttpClient client(server.endpoint());
  auto opened = client.Open({}, kPatience);
  ASSERT_TRUE(opened) << opened.error().what;
  EXPECT_EQ(opened->lines->Next(kPatience).text, "one");
  const LineStream::Item item = opened->lines->Next(kPatience);
  EXPECT_EQ(item.state, LineStream::State::kFailed) << item.text;
}

TEST(HttpStream, AStreamedLineBeyondTheCapFailsTheStream) {
  const auto server = Serve([](const ServerRequest&) {
    HttpReply reply;
    reply.response.status = 200;
    reply.stream = [](ReplyStream& out) {
      const std::string piece(1U << 20U, 'x');
      while (out.Write(piece)) continue;
    };
    return reply;
  });
  HttpClient client(PlainTo(*server));
  auto opened = client.Open({}, kPatience);
  ASSERT_TRUE(opened) << opened.error().what;
  const LineStream::Item item = opened->lines->Next(kPatience);
  EXPECT_EQ(item.state, LineStream::State::kFailed);
  EXPECT_NE(item.text.find("a line is longer than"), std::string::npos) << item.text;
}

}  // namespace
}  // namespace spillway
