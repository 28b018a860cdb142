#include "src/base/http_head.h"

#include <gtest/gtest.h>

#include "src/base/answer_watch.h"

namespace spillway {
namespace {

constexpr std::size_t kCap = 1000;

TEST(RequestHead, ReadsAnOrdinaryOne) {
  const RequestHead head = ReadRequestHead(
      "PUT /a%2Fb?x=?y HTTP/1.1\r\nHost: h\r\nContent-Length: 12\r\nX-Empty:\r\nX-Space: \t a b \t\r\n"
      "Expect: 100-Continue\r\nConnection: keep-alive, Close\r\n\r\n",
      kCap);
  EXPECT_EQ(head.refused, 0);
  EXPECT_EQ(head.method, "PUT");
  EXPECT_EQ(head.target, "/a%2Fb?x=?y");
  EXPECT_EQ(head.body_size, 12U);
  EXPECT_EQ(head.headers.Find("x-space"), "a b");
  EXPECT_EQ(head.headers.Find("x-empty"), "");
  EXPECT_TRUE(head.expects_continue);
  EXPECT_TRUE(head.close);
}

struct Row {
  const char* claim;
  std::string raw;
  int refused;
};

std::string Get(const std::string& fields) { return "GET / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n"; }
std::string Post(const std::string& fields) { return "POST / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n"; }

TEST(RequestHead, RefusesWhatOthersMightReadDifferently) {
  std::string many;
  for (int i = 0; i < 101; ++i) many += "X: y\r\n";
  const std::vector<Row> rows = {
      {"fine", Get(""), 0},
      {"HTTP/1.0 needs no Host", "GET / HTTP/1.0\r\n\r\n", 0},
      {"no body said is fine for DELETE", "DELETE / HTTP/1.1\r\nHost: h\r\n\r\n", 0},
      {"DELETE may have a body", "DELETE / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n", 0},
      {"GET with an empty body", Get("Content-Length: 0\r\n"), 0},
      {"chunks", Post("Transfer-Encoding: chunked\r\n"), 400},
      {"chunks and a length", Post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400},
      {"chunks on GET", Get("transfer-encoding: Chunked\r\n"), 400},
      {"a compressed body", Post("Content-Encoding: gzip\r\nContent-Length: 5\r\n"), 400},
      {"two lengths", Post("Content-Length: 5\r\nContent-Length: 6\r\n"), 400},
      {"the same length twice", Post("Content-Length: 5\r\nContent-Length: 5\r\n"), 400},
      {"a list of lengths", Post("Content-Length: 5, 5\r\n"), 400},
      {"a signed length", Post("Content-Length: +5\r\n"), 400},
      {"a hexadecimal length", Post("Content-Length: 0x5\r\n"), 400},
      {"a length beyond 64 bits", Post("Content-Length: 18446744073709551616\r\n"), 400},
      {"an empty length", Post("Content-Length:\r\n"), 400},
      {"no length", Post(""), 411},
      {"a length at the cap", Post("Content-Length: 1000\r\n"), 0},
      {"a length above the cap", Post("Content-Length: 1001\r\n"), 413},
      {"GET with a body", Get("Content-Length: 5\r\n"), 400},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", Get("Host: h\r\n"), 400},
      {"a forged address", Get("REMOTE_ADDR: 1.2.3.4\r\n"), 400},
      {"another forged address", Get("Local_Port: 1\r\n"), 400},
      {"a space before the colon", Get("X : y\r\n"), 400},
      {"a folded line", Get("X: y\r\n z\r\n"), 400},
      {"a field without a colon", Get("X\r\n"), 400},
      {"a field without a name", Get(": x\r\n"), 400},
      {"a bare LF", Get("X: y\nZ: w\r\n"), 400},
      {"a bare CR", Get("X: y\rZ: w\r\n"), 400},
      {"a NUL", Get(std::string("X: \0\r\n", 6)), 400},
      {"101 fields and Host", Get(many), 431},
      {"lower-case method", "get / HTTP/1.1\r\nHost: h\r\n\r\n", 501},
      {"TRACE", "TRACE / HTTP/1.1\r\nHost: h\r\n\r\n", 501},
      {"CONNECT", "CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", 501},
      {"an absolute target", "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"two spaces", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a space in the target", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a raw byte in the target", "GET /\xc3\xbc HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a fragment", "GET /#x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"no version", "GET /\r\nHost: h\r\n\r\n", 400},
      {"HTTP/2", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
      {"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\n", 505},
      {"a path at the cap", "GET /" + std::string(1023, 'a') + "?q HTTP/1.1\r\nHost: h\r\n\r\n", 0},
      {"a path above the cap", "GET /" + std::string(1024, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", 414},
      {"a TLS greeting", std::string("\x16\x03\x01\x02\x00\x01\r\n\r\n", 10), 400},
      {"nothing", "\r\n", 400},
  };
  for (const Row& row : rows) {
    const RequestHead head = ReadRequestHead(row.raw, kCap);
    EXPECT_EQ(head.refused, row.refused) << row.claim << ": " << head.reason;
    if (row.refused != 0) {
      EXPECT_FALSE(head.reason.empty()) << row.claim;
      EXPECT_TRUE(head.close) << row.claim;
    }
  }
}

TEST(RequestHead, KnowsWhenTheConnectionEnds) {
  EXPECT_FALSE(ReadRequestHead(Get(""), kCap).close);
  EXPECT_TRUE(ReadRequestHead(Get("Connection: close\r\n"), kCap).close);
  EXPECT_FALSE(ReadRequestHead(Get("Connection: disclose\r\n"), kCap).close);
  EXPECT_TRUE(ReadRequestHead("GET / HTTP/1.0\r\n\r\n", kCap).close);
  EXPECT_FALSE(ReadRequestHead("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", kCap).close);
}

TEST(ResponseHead, ReadsFramingOrRefusesIt) {
  const auto plain = ReadResponseHead("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->status, 200);
  EXPECT_EQ(plain->body_size, 5U);
  EXPECT_FALSE(plain->close);
  const auto chunked = ReadResponseHead("HTTP/1.1 404\r\nTransfer-Encoding: Chunked\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(chunked);
  EXPECT_TRUE(chunked->chunked);
  EXPECT_TRUE(chunked->close);
  for (const char* bad : {
           "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
           "HTTP/1.1 2x0 OK\r\n\r\n",
           "HTTP/2.0 200 OK\r\n\r\n",
           "HTTP/1.1 200 OK\r\nX y\r\n\r\n",
           "HTTP/1.1 200 OK\nX: y\r\n\r\n",
           "<html>",
       }) {
    EXPECT_FALSE(ReadResponseHead(bad)) << bad;
  }
}

TEST(AnswerWatch, SeesAChunkThatIsNotFollowedByItsLineEnd) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const auto& [body, proper] : std::vector<std::pair<std::string, bool>>{
           {"5\r\nhello\r\n0\r\n\r\n", true}, {"5\r\nhelloX\r\n", false}, {"5\r\nhello\n", false}}) {
    AnswerWatch watch(false);
    for (const char c : head + body) ASSERT_TRUE(watch.Saw({&c, 1}));
    EXPECT_EQ(watch.EndedProperly(), proper) << body;
  }
}

TEST(AnswerWatch, CapsWhatHttplibWouldGatherWithoutEnd) {
  AnswerWatch status_line(false);
  int taken = 0;
  while (taken < 100'000 && status_line.Saw("x")) ++taken;
  EXPECT_LT(taken, 1100);
  AnswerWatch fields(false);
  EXPECT_TRUE(fields.Saw("HTTP/1.1 200 OK\r\n"));
  for (taken = 0; taken < 100'000 && fields.Saw("X: y\r\n"); ++taken) continue;
  EXPECT_LT(taken, 11'000);
  AnswerWatch chunk(false);
  ASSERT_TRUE(chunk.Saw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
  for (taken = 0; taken < 100'000 && chunk.Saw("0"); ++taken) continue;
  EXPECT_LT(taken, 17'000);
}

}  // namespace
}  // namespace spillway
