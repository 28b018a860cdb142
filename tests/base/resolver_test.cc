// What a name server can answer, over real sockets on loopback.
#include "src/base/resolver.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/lab/dns/server.h"
#include "tools/lab/dns/wire.h"

namespace spillway {
namespace {

using lab::Question;
using lab::Rcode;
using lab::RecordType;

lab::Reply Zone(const Question& question) {
  const std::string& name = question.name;
  const bool v6 = question.type == static_cast<std::uint16_t>(RecordType::kAaaa);
  lab::Reply reply;
  if (name == "silent.test") {
    reply.silent = true;
  } else if (name == "foreign.test") {
    reply.rcode = Rcode::kRefused;
  } else if (name == "nobody.test") {
    reply.rcode = Rcode::kNxDomain;
  } else if (name == "shop.test" && !v6) {
    reply.answer = {{name, RecordType::kA, 5, "10.0.0.1"}, {name, RecordType::kA, 5, "10.0.0.2"}};
  } else if (name == "alias.test" && !v6) {
    reply.answer = {{name, RecordType::kCname, 5, "shop.test."}, {"shop.test", RecordType::kA, 5, "10.0.0.1"}};
  } else if (name == "six.test" && v6) {
    reply.answer = {{name, RecordType::kAaaa, 5, "fd00::1"}};
  }
  return reply;  // else it is there and has nothing of that type
}

class ResolverTest : public testing::Test {
 protected:
  ResolverTest() {
    auto started = lab::DnsServer::Start(
        "127.0.0.1", 0, [](std::string_view packet, bool tcp) { return lab::Respond(packet, tcp, Zone); });
    EXPECT_TRUE(started) << started.error().what;
    server_ = std::move(*started);
  }
  std::unique_ptr<lab::DnsServer> server_;
};

TEST_F(ResolverTest, AnswersAddressesAndWhyThereAreNone) {
  struct Row {
    const char* name;
    std::vector<std::string> addresses;
    Code code = Code::kRetry;  // where there are none
    const char* says = "";
    Duration deadline = 5s;
  };
  const Row rows[] = {
      {"shop.test", {"10.0.0.1", "10.0.0.2"}},
      {"alias.test", {"10.0.0.1"}},
      {"six.test", {"fd00::1"}},
      {"empty.test", {}, Code::kMissing, "empty.test has no address"},
      {"nobody.test", {}, Code::kMissing, "nobody.test does not exist"},
      {"foreign.test", {}, Code::kRetry, "the resolver answered foreign.test with REFUSED"},
      {"silent.test", {}, Code::kRetry, "no resolver answered for silent.test", 50ms},
      {"a..test", {}, Code::kRejected, "\"a..test\" is no domain name"},
  };
  for (const Row& row : rows) {
    const auto found = ResolveName(row.name, {"127.0.0.1", server_->port()}, row.deadline);
    EXPECT_EQ(bool(found), !row.addresses.empty()) << row.name;
    if (found) {
      EXPECT_EQ(*found, row.addresses) << row.name;
    } else {
      EXPECT_EQ(found.error().code, row.code) << row.name;
      EXPECT_EQ(found.error().what, row.says);
    }
  }
}

TEST_F(ResolverTest, AServerThatIsNotThereOrIsNoneIsSaid) {
  const NameServer gone{"127.0.0.1", server_->port()};
  server_.reset();
  const auto silence = ResolveName("shop.test", gone, 50ms);
  ASSERT_FALSE(silence);
  EXPECT_EQ(silence.error().code, Code::kRetry);
  const auto none = ResolveName("shop.test", {"10.0.0.300", 53}, 5s);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::kRejected);
  EXPECT_EQ(none.error().what, "\"10.0.0.300\" is no IP address");
}

}  // namespace
}  // namespace spillway
