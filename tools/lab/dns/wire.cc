#include "tools/lab/dns/wire.h"

#include <ldns/ldns.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "src/base/log.h"

namespace spillway::lab {
namespace {

struct FreePacket {
  void operator()(ldns_pkt* packet) const { ldns_pkt_free(packet); }
};
using Packet = std::unique_ptr<ldns_pkt, FreePacket>;
struct FreeText {
  void operator()(void* text) const { std::free(text); }  // NOLINT(cppcoreguidelines-no-malloc): ldns uses malloc
};

constexpr std::size_t kHeader = 12;
constexpr std::size_t kUdpPlain = 512;
// Source: DNS flag day 2020: the largest answer that fits any path without fragments.
constexpr std::uint16_t kUdpEdns = 1232;

const std::uint8_t* Bytes(std::string_view packet) {
  return reinterpret_cast<const std::uint8_t*>(packet.data());  // NOLINT(*-reinterpret-cast): char to byte
}

Packet Parse(std::string_view packet) {
  ldns_pkt* parsed = nullptr;
  if (ldns_wire2pkt(&parsed, Bytes(packet), packet.size()) != LDNS_STATUS_OK) return nullptr;
  return Packet(parsed);
}

std::string Encode(const ldns_pkt* packet) {
  std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  if (ldns_pkt2wire(&bytes, packet, &size) != LDNS_STATUS_OK) return "";
  const std::unique_ptr<std::uint8_t, FreeText> owned(bytes);
  return {reinterpret_cast<const char*>(bytes), size};  // NOLINT(*-reinterpret-cast): byte to char
}

std::string Text(const ldns_rdf* data) {
  if (data == nullptr) return "";
  const std::unique_ptr<char, FreeText> text(ldns_rdf2str(data));
  return text ? text.get() : "";
}

std::string WithoutLastDot(std::string name) {
  if (!name.empty() && name.back() == '.') name.pop_back();
  return name;
}

const char* TypeText(RecordType type) {
  switch (type) {
    case RecordType::kA:
      return "A";
    case RecordType::kNs:
      return "NS";
    case RecordType::kCname:
      return "CNAME";
    case RecordType::kSoa:
      return "SOA";
    case RecordType::kAaaa:
      return "AAAA";
    case RecordType::kAny:
      break;
  }
  return "ANY";
}

// False: one of the records is none, say an address that isn't one.
bool Push(ldns_pkt* packet, ldns_pkt_section section, const std::vector<Record>& records) {
  for (const Record& record : records) {
    const std::string line =
        record.owner + ". " + std::to_string(record.ttl) + " IN " + TypeText(record.type) + ' ' + record.data;
    ldns_rr* rr = nullptr;
    if (const ldns_status status = ldns_rr_new_frm_str(&rr, line.c_str(), 0, nullptr, nullptr);
        status != LDNS_STATUS_OK) {
      Log(LogLevel::kWarn, "DNS can't answer with this record",
          {{"record", line}, {"why", ldns_get_errorstr_by_id(status)}});
      return false;
    }
    ldns_pkt_push_rr(packet, section, rr);
  }
  return true;
}

// An answer to `query` without records: its id, its question, its EDNS.
Packet Begin(const ldns_pkt* query, int rcode) {
  Packet reply(ldns_pkt_new());
  ldns_pkt_set_id(reply.get(), ldns_pkt_id(query));
  ldns_pkt_set_qr(reply.get(), true);
  ldns_pkt_set_opcode(reply.get(), ldns_pkt_get_opcode(query));
  ldns_pkt_set_rd(reply.get(), ldns_pkt_rd(query));
  ldns_pkt_set_rcode(reply.get(), static_cast<std::uint8_t>(rcode & 0xf));
  const ldns_rr_list* asked = ldns_pkt_question(query);
  if (ldns_rr_list_rr_count(asked) == 1) {
    ldns_pkt_push_rr(reply.get(), LDNS_SECTION_QUESTION, ldns_rr_clone(ldns_rr_list_rr(asked, 0)));
  }
  if (ldns_pkt_edns(query)) {
    ldns_pkt_set_edns_udp_size(reply.get(), kUdpEdns);
    ldns_pkt_set_edns_extended_rcode(reply.get(), static_cast<std::uint8_t>(rcode >> 4));
  }
  return reply;
}

std::string FormatError(std::string_view packet) {
  std::string reply(packet.substr(0, kHeader));
  reply[2] = static_cast<char>((static_cast<unsigned char>(packet[2]) & 0x79U) | 0x80U);  // opcode and RD stay; QR
  reply[3] = LDNS_RCODE_FORMERR;
  std::fill(reply.begin() + 4, reply.end(), '\0');
  return reply;
}

// What is wrong with a query that parses, as an rcode; nullopt: nothing.
std::optional<int> Refusal(const ldns_pkt* query) {
  constexpr int kBadVersion = 16;
  if (ldns_pkt_get_opcode(query) != LDNS_PACKET_QUERY) return LDNS_RCODE_NOTIMPL;
  if (ldns_rr_list_rr_count(ldns_pkt_question(query)) != 1) return LDNS_RCODE_FORMERR;
  if (ldns_pkt_edns(query) && ldns_pkt_edns_version(query) != 0) return kBadVersion;
  if (ldns_rr_get_class(ldns_rr_list_rr(ldns_pkt_question(query), 0)) != LDNS_RR_CLASS_IN) return LDNS_RCODE_REFUSED;
  return std::nullopt;
}

std::string EncodeWithin(const ldns_pkt* query, const Reply& reply, bool tcp) {
  const int rcode = static_cast<int>(reply.rcode);
  Packet whole = Begin(query, rcode);
  ldns_pkt_set_aa(whole.get(), reply.rcode != Rcode::kRefused);
  if (!Push(whole.get(), LDNS_SECTION_ANSWER, reply.answer) ||
      !Push(whole.get(), LDNS_SECTION_AUTHORITY, reply.authority)) {
    return Encode(Begin(query, LDNS_RCODE_SERVFAIL).get());
  }
  std::string bytes = Encode(whole.get());
  std::size_t most = 0xffff;
  if (!tcp) {
    most =
        ldns_pkt_edns(query) ? std::clamp<std::size_t>(ldns_pkt_edns_udp_size(query), kUdpPlain, kUdpEdns) : kUdpPlain;
  }
  if (bytes.size() <= most) return bytes;
  const Packet cut = Begin(query, rcode);
  ldns_pkt_set_aa(cut.get(), true);
  ldns_pkt_set_tc(cut.get(), true);
  return Encode(cut.get());
}

}  // namespace

std::string Respond(std::string_view packet, bool tcp, const std::function<Reply(const Question&)>& answer) {
  if (packet.size() < kHeader || (static_cast<unsigned char>(packet[2]) & 0x80U) != 0) return "";
  const Packet query = Parse(packet);
  if (!query) return FormatError(packet);
  if (const std::optional<int> refusal = Refusal(query.get())) return Encode(Begin(query.get(), *refusal).get());
  const ldns_rr* asked = ldns_rr_list_rr(ldns_pkt_question(query.get()), 0);
  Question question;
  question.name = WithoutLastDot(Text(ldns_rr_owner(asked)));
  question.type = static_cast<std::uint16_t>(ldns_rr_get_type(asked));
  const Reply reply = answer(question);
  return reply.silent ? "" : EncodeWithin(query.get(), reply, tcp);
}

std::string EncodeQuery(const std::string& name, std::uint16_t id, RecordType type) {
  ldns_rdf* owner = ldns_dname_new_frm_str(name.c_str());
  if (owner == nullptr) return "";
  const Packet query(ldns_pkt_query_new(owner, static_cast<ldns_rr_type>(type), LDNS_RR_CLASS_IN, LDNS_RD));
  if (!query) return "";
  ldns_pkt_set_id(query.get(), id);
  ldns_pkt_set_edns_udp_size(query.get(), kUdpEdns);
  return Encode(query.get());
}

Result<Addresses> DecodeAnswer(std::string_view packet, std::uint16_t id) {
  const Packet reply = packet.size() < kHeader ? nullptr : Parse(packet);
  if (!reply) return Error{Code::kRejected, "DNS answer: malformed"};
  if (!ldns_pkt_qr(reply.get()) || ldns_pkt_id(reply.get()) != id) {
    return Error{Code::kRejected, "DNS answer: not to this query"};
  }
  Addresses found;
  found.rcode = ldns_pkt_get_rcode(reply.get());
  std::optional<std::uint32_t> ttl;
  const ldns_rr_list* answers = ldns_pkt_answer(reply.get());
  for (std::size_t i = 0; i < ldns_rr_list_rr_count(answers); ++i) {
    const ldns_rr* rr = ldns_rr_list_rr(answers, i);
    ttl = std::min(ttl.value_or(ldns_rr_ttl(rr)), ldns_rr_ttl(rr));
    if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_A) found.addresses.push_back(Text(ldns_rr_rdf(rr, 0)));
  }
  const ldns_rr_list* authority = ldns_pkt_authority(reply.get());
  if (!ttl && ldns_rr_list_rr_count(authority) > 0) ttl = ldns_rr_ttl(ldns_rr_list_rr(authority, 0));
  found.ttl = std::chrono::seconds{ttl.value_or(0)};
  return found;
}

}  // namespace spillway::lab
