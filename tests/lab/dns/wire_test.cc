#include "tools/lab/dns/wire.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "src/base/rng.h"

namespace spillway::lab {
namespace {

Reply OneAddress(const Question& question) {
  Reply reply;
  reply.answer.push_back({question.name, RecordType::kA, 3, "127.10.0.10"});
  return reply;
}

int RcodeOf(const std::string& packet) { return static_cast<unsigned char>(packet.at(3)) & 0xf; }
bool Truncated(const std::string& packet) { return (static_cast<unsigned char>(packet.at(2)) & 0x2) != 0; }
int Count(const std::string& packet, std::size_t at) {
  return static_cast<unsigned char>(packet.at(at)) << 8 | static_cast<unsigned char>(packet.at(at + 1));
}

TEST(DnsWire, WhatAStubAsksIsAnsweredAndRead) {
  const std::string query = EncodeQuery("shop.gslb.lab.test", 4711);
  const std::string packet = Respond(query, false, OneAddress);
  const Result<Addresses> answer = DecodeAnswer(packet, 4711);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->addresses, std::vector<std::string>{"127.10.0.10"});
  EXPECT_EQ(answer->ttl, 3s);
  EXPECT_EQ(answer->rcode, 0);
}

TEST(DnsWire, AnAnswerToAnotherQueryIsNotTaken) {
  const std::string packet = Respond(EncodeQuery("shop.gslb.lab.test", 1), false, OneAddress);
  EXPECT_FALSE(DecodeAnswer(packet, 2));
  EXPECT_FALSE(DecodeAnswer(EncodeQuery("shop.gslb.lab.test", 1), 1)) << "a query is no answer";
}

TEST(DnsWire, EchoesEdnsOnlyToThoseWhoUseIt) {
  const std::string with = EncodeQuery("shop.gslb.lab.test", 1);
  EXPECT_EQ(Count(Respond(with, false, OneAddress), 10), 1) << "one OPT record";
  std::string without = with.substr(0, with.size() - 11);  // an OPT record without options is 11 bytes
  without[11] = 0;
  const std::string reply = Respond(without, false, OneAddress);
  EXPECT_EQ(RcodeOf(reply), 0);
  EXPECT_EQ(Count(reply, 10), 0);
}

TEST(DnsWire, RefusesWhatItDoesNotDo) {
  const std::string good = EncodeQuery("a.test", 1);  // header, 1a4test0, type, class, OPT
  const std::size_t question_class = 12 + 8 + 2;
  struct Row {
    std::string claim;
    std::size_t at;
    char byte;
    int rcode;
  };
  const std::vector<Row> rows = {
      {"an opcode other than QUERY is not implemented", 2, 0x28, 4},
      {"no question is a format error", 5, 0, 1},
      {"two questions announced but one sent is a format error", 5, 2, 1},
      {"a class other than IN is refused", question_class + 1, 3, 5},
      {"EDNS version 1 is BADVERS, whose low bits are 0", good.size() - 5, 1, 0},
  };
  for (const Row& row : rows) {
    std::string packet = good;
    packet[row.at] = row.byte;
    const std::string reply = Respond(packet, false, [](const Question&) -> Reply {
      ADD_FAILURE() << "must not be asked";
      return {};
    });
    ASSERT_GE(reply.size(), 12U) << row.claim;
    EXPECT_EQ(RcodeOf(reply), row.rcode) << row.claim;
    EXPECT_EQ(Count(reply, 0), 1) << row.claim;
  }
}

TEST(DnsWire, SaysNothingToWhatIsNoQuery) {
  EXPECT_EQ(Respond("", false, OneAddress), "");
  EXPECT_EQ(Respond("short", false, OneAddress), "");
  const std::string answer = Respond(EncodeQuery("a.test", 1), false, OneAddress);
  EXPECT_EQ(Respond(answer, false, OneAddress), "") << "two servers would answer each other for ever";
}

TEST(DnsWire, CutsLongAnswersOverUdpOnly) {
  const auto many = [](const Question& question) {
    Reply reply;
    for (int i = 0; i < 200; ++i) {
      reply.answer.push_back({question.name, RecordType::kA, 3, "10.0.0." + std::to_string(i)});
    }
    return reply;
  };
  const std::string query = EncodeQuery("shop.gslb.lab.test", 1);
  const std::string cut = Respond(query, false, many);
  EXPECT_TRUE(Truncated(cut));
  EXPECT_LE(cut.size(), 1232U);
  const std::string whole = Respond(query, true, many);
  EXPECT_FALSE(Truncated(whole));
  EXPECT_EQ(Count(whole, 6), 200);
}

TEST(DnsWire, AMalformedQueryIsAFormatErrorWithItsId) {
  std::string packet = EncodeQuery("shop.gslb.lab.test", 0x1234);
  packet.resize(20);
  const std::string reply = Respond(packet, false, OneAddress);
  ASSERT_EQ(reply.size(), 12U);
  EXPECT_EQ(Count(reply, 0), 0x1234);
  EXPECT_EQ(RcodeOf(reply), 1);
}

TEST(DnsWire, SurvivesAnything) {
  // Every answer is either nothing or a whole header with the QR bit; the sanitizer builds see the rest.
  Rng rng(20);
  const std::string good = EncodeQuery("shop.gslb.lab.test", 1);
  for (int i = 0; i < 50'000; ++i) {
    std::string packet = good;
    for (std::uint64_t changes = rng.Below(6); changes > 0; --changes) {
      packet[rng.Below(packet.size())] = static_cast<char>(rng.Below(256));
    }
    if (rng.Chance(0.3)) packet.resize(rng.Below(packet.size() + 1));
    if (rng.Chance(0.1)) packet.append(rng.Below(100), static_cast<char>(0xc0));
    const std::string reply = Respond(packet, rng.Chance(0.5), OneAddress);
    if (!reply.empty()) {
      ASSERT_GE(reply.size(), 12U);
      ASSERT_NE(static_cast<unsigned char>(reply[2]) & 0x80, 0);
    }
    (void)DecodeAnswer(packet, 1);
  }
}

}  // namespace
}  // namespace spillway::lab
