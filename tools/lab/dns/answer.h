// What the GSLB's DNS says: from a question and the services as they stand to the records of the answer. No sockets
// and no wire format, so that a simulator can ask too.
#ifndef SPILLWAY_TOOLS_LAB_DNS_ANSWER_H_
#define SPILLWAY_TOOLS_LAB_DNS_ANSWER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tools/lab/avi/federation.h"
#include "tools/lab/dns/rotation.h"

namespace spillway::lab {

// Source of the numbers: RFC 1035, RFC 3596, RFC 2136 (REFUSED).
enum class RecordType : std::uint16_t { kA = 1, kNs = 2, kCname = 5, kSoa = 6, kAaaa = 28, kAny = 255 };
enum class Rcode : std::uint8_t { kNoError = 0, kNxDomain = 3, kNotImplemented = 4, kRefused = 5 };

struct Question {
  std::string name;        // as asked, without the last dot
  std::uint16_t type = 1;  // RecordType, or any other number
};

struct Record {
  std::string owner;  // without the last dot
  RecordType type;
  std::uint32_t ttl = 0;
  std::string data;  // as in a zone file
};

struct Reply {
  Rcode rcode = Rcode::kNoError;
  bool silent = false;  // nothing is sent at all
  std::vector<Record> answer, authority;
};

// The domain that was delegated to the GSLB.
struct Zone {
  std::string apex;                   // "gslb.lab.test"
  std::string address = "127.0.0.1";  // of its name server, ns1.APEX
  std::uint32_t ttl = 300;            // of NS and SOA records
  std::uint32_t negative_ttl = 5;     // how long resolvers may remember that a name isn't there
};

// Answers from the highest-priority enabled pool that has an enabled member which is up (under GEO from each of these
// in turn); pools of priority 0 never. Within the pool by ratio, where its algorithm has any use for it. None left: the
// service's down response. Names compare without case; the owner of each
// record is the name as asked. Outside the zone: refused.
Reply AnswerQuestion(const Zone& zone, const std::vector<avi::ServiceView>& services, const Question& question,
                     Rotation& rotation);

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_DNS_ANSWER_H_
