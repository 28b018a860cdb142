// DNS messages as bytes, both ways. Whatever arrives, nothing here crashes.
#ifndef SPILLWAY_TOOLS_LAB_DNS_WIRE_H_
#define SPILLWAY_TOOLS_LAB_DNS_WIRE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/base/time.h"
#include "tools/lab/dns/answer.h"

namespace spillway::lab {

// The bytes to send back for `packet`; empty: nothing (shorter than a header, an answer itself, or `answer` is
// silent). A query that does not parse is answered FORMERR, an opcode other than QUERY NOTIMP, a class other than IN
// REFUSED, an EDNS version other than 0 BADVERS. EDNS is echoed. An answer with a record that can't be written (an
// address that isn't one) is SERVFAIL, and logged. Over UDP an answer longer than the asker takes (512 bytes, or what
// EDNS says up to 1232) is cut and marked truncated.
std::string Respond(std::string_view packet, bool tcp, const std::function<Reply(const Question&)>& answer);

// What a stub resolver sends and gets.
std::string EncodeQuery(const std::string& name, std::uint16_t id, RecordType type = RecordType::kA);

struct Addresses {
  std::vector<std::string> addresses;  // A records in the order of the answer
  Duration ttl{};                      // the shortest of them; of the SOA where there are none
  int rcode = 0;
};
// kRejected: malformed, or no answer to query `id`.
Result<Addresses> DecodeAnswer(std::string_view packet, std::uint16_t id);

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_DNS_WIRE_H_
