#include "tools/lab/dns/server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string>

#include "tools/lab/dns/framing.h"
#include "tools/lab/dns/wire.h"
#include "tools/lab/socket.h"

namespace spillway::lab {
namespace {

const Zone kZone{.apex = "gslb.lab.test"};

// A server of one service that is up at 127.10.0.10.
class DnsServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    avi::MemberView member;
    member.ip = "127.10.0.10";
    member.up = true;
    avi::PoolView pool;
    pool.members = {member};
    shop_.domain_names = {"shop.gslb.lab.test"};
    shop_.ttl = 3s;
    shop_.pools = {pool};
    Result<std::unique_ptr<DnsServer>> started =
        DnsServer::Start("127.0.0.1", 0, [this](std::string_view packet, bool tcp) {
          return Respond(packet, tcp,
                         [this](const Question& q) { return AnswerQuestion(kZone, {shop_}, q, rotation_); });
        });
    ASSERT_TRUE(started) << started.error().what;
    server_ = std::move(*started);
  }

  std::string Exchange(Protocol protocol, const std::string& bytes) const {
    const Result<Socket> socket = Connect(protocol, "127.0.0.1", server_->port(), 5s);
    if (!socket) return "no connection";
    ::send(socket->fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (!WaitReadable(*socket, 5s)) return "no answer";
    std::array<char, 2048> buffer{};
    const ssize_t got = ::recv(socket->fd(), buffer.data(), buffer.size(), 0);
    return got < 0 ? "no bytes" : std::string(buffer.data(), static_cast<std::size_t>(got));
  }

  static std::string Run(const std::string& command) {
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
    std::string text;
    std::array<char, 512> buffer{};
    while (pipe && ::fgets(buffer.data(), buffer.size(), pipe.get()) != nullptr) text += buffer.data();
    return text;
  }

  std::string Dig(const std::string& arguments) const {
    return Run("dig @127.0.0.1 -p " + std::to_string(server_->port()) + " +time=5 +tries=1 " + arguments + " 2>&1");
  }

  avi::ServiceView shop_;
  Rotation rotation_{1};
  std::unique_ptr<DnsServer> server_;
};

TEST_F(DnsServerTest, AnswersOverUdpAndTcpOnOnePort) {
  const std::string query = EncodeQuery("shop.gslb.lab.test", 77);
  const Result<Addresses> udp = DecodeAnswer(Exchange(Protocol::kUdp, query), 77);
  ASSERT_TRUE(udp) << udp.error().what;
  EXPECT_EQ(udp->addresses.at(0), "127.10.0.10");
  const std::string reply = Exchange(Protocol::kTcp, *Framed(query));
  ASSERT_GT(reply.size(), 2U);
  const Result<Addresses> tcp = DecodeAnswer(std::string_view(reply).substr(2), 77);
  ASSERT_TRUE(tcp) << tcp.error().what;
  EXPECT_EQ(tcp->addresses.at(0), "127.10.0.10");
}

TEST_F(DnsServerTest, AQueryThatArrivesInTwoPiecesIsAnsweredLikeOneInOne) {
  const Result<Socket> socket = Connect(Protocol::kTcp, "127.0.0.1", server_->port(), 5s);
  ASSERT_TRUE(socket);
  const auto send = [&](std::string_view bytes) {
    const ssize_t sent = ::send(socket->fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    EXPECT_EQ(sent, static_cast<ssize_t>(bytes.size()));
  };
  // The piece comes behind a whole query, whose answer says that the server has read both.
  const std::string whole = *Framed(EncodeQuery("shop.gslb.lab.test", 1));
  const std::string halved = *Framed(EncodeQuery("shop.gslb.lab.test", 2));
  MessageQueue answers;
  const auto receive = [&]() -> std::string {
    std::array<char, 2048> buffer{};
    while (true) {
      if (const auto answer = answers.Take()) return *answer;
      if (!WaitReadable(*socket, 5s)) return "no answer";
      const ssize_t got = ::recv(socket->fd(), buffer.data(), buffer.size(), 0);
      if (got <= 0) return "closed";
      answers.Feed({buffer.data(), static_cast<std::size_t>(got)});
    }
  };
  send(whole + halved.substr(0, 20));
  EXPECT_TRUE(DecodeAnswer(receive(), 1));
  send(std::string_view(halved).substr(20));
  EXPECT_TRUE(DecodeAnswer(receive(), 2));
}

TEST_F(DnsServerTest, GarbageDoesNotStopIt) {
  EXPECT_EQ(Exchange(Protocol::kTcp, std::string("\0\5hello", 7)), "") << "cut without an answer";
  const Result<Socket> socket = Connect(Protocol::kUdp, "127.0.0.1", server_->port(), 5s);
  ASSERT_TRUE(socket);
  ::send(socket->fd(), "x", 1, MSG_NOSIGNAL);
  EXPECT_TRUE(DecodeAnswer(Exchange(Protocol::kUdp, EncodeQuery("shop.gslb.lab.test", 5)), 5));
}

TEST_F(DnsServerTest, ATakenPortIsAnErrorThatNamesIt) {
  const Result<std::unique_ptr<DnsServer>> second =
      DnsServer::Start("127.0.0.1", server_->port(), [](std::string_view, bool) { return std::string(); });
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().what.find(std::to_string(server_->port())), std::string::npos) << second.error().what;
}

TEST_F(DnsServerTest, DigUnderstandsIt) {
  if (Run("command -v dig").empty()) GTEST_SKIP() << "dig is not installed (package bind9-dnsutils)";
  EXPECT_EQ(Dig("+short shop.gslb.lab.test"), "127.10.0.10\n");
  EXPECT_EQ(Dig("+short +tcp shop.gslb.lab.test"), "127.10.0.10\n");
  EXPECT_NE(Dig("nobody.gslb.lab.test").find("status: NXDOMAIN"), std::string::npos);
  EXPECT_NE(Dig("gslb.lab.test SOA").find("ns1.gslb.lab.test. hostmaster.gslb.lab.test."), std::string::npos);
  const std::string full = Dig("+dnssec +subnet=10.1.0.0/16 shop.gslb.lab.test");
  EXPECT_NE(full.find("EDNS: version: 0"), std::string::npos) << full;
  EXPECT_EQ(full.find("WARNING"), full.find("WARNING: recursion requested but not available")) << full;
}

}  // namespace
}  // namespace spillway::lab
