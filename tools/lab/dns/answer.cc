#include "tools/lab/dns/answer.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <optional>
#include <string_view>

#include "tools/lab/dns/choice.h"

namespace spillway::lab {
namespace {

using avi::MemberView;
using avi::PoolView;
using avi::ServiceView;

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
  return text;
}

// "a.b" lies below "b".
bool Below(std::string_view name, std::string_view parent) {
  return name.size() > parent.size() && name.ends_with(parent) && name[name.size() - parent.size() - 1] == '.';
}

Record Soa(const Zone& zone, std::uint32_t ttl) {
  const std::string data =
      "ns1." + zone.apex + ". hostmaster." + zone.apex + ". 1 3600 600 86400 " + std::to_string(zone.negative_ttl);
  return {zone.apex, RecordType::kSoa, ttl, data};
}

// The name is there, but nothing of that type.
Reply NoData(const Zone& zone) {
  Reply reply;
  reply.authority.push_back(Soa(zone, zone.negative_ttl));
  return reply;
}

Reply NoName(const Zone& zone) {
  Reply reply = NoData(zone);
  reply.rcode = Rcode::kNxDomain;
  return reply;
}

bool Asks(const Question& question, RecordType type) {
  return question.type == static_cast<std::uint16_t>(type) ||
         question.type == static_cast<std::uint16_t>(RecordType::kAny);
}

// A CNAME stands for every type of its name (RFC 1034, 3.6.2); Chosen: it is given to those who ask for an address.
bool Wants(const Question& question, RecordType type) {
  return Asks(question, type) ||
         (type == RecordType::kCname && (Asks(question, RecordType::kA) || Asks(question, RecordType::kAaaa)));
}

RecordType TypeOfAddress(const std::string& ip) {
  return ip.find(':') == std::string::npos ? RecordType::kA : RecordType::kAaaa;
}

RecordType TypeOf(const MemberView& member) {
  return member.ip.empty() ? RecordType::kCname : TypeOfAddress(member.ip);
}

Reply AnswerApex(const Zone& zone, const Question& question) {
  Reply reply;
  if (Asks(question, RecordType::kSoa)) reply.answer.push_back(Soa(zone, zone.ttl));
  if (Asks(question, RecordType::kNs)) {
    reply.answer.push_back({question.name, RecordType::kNs, zone.ttl, "ns1." + zone.apex + '.'});
  }
  return reply.answer.empty() ? NoData(zone) : reply;
}

class ServiceAnswer {
 public:
  ServiceAnswer(const Zone& zone, const ServiceView& service, const Question& question)
      : zone_(zone), service_(service), question_(question) {
    const auto ttl = std::chrono::duration_cast<std::chrono::seconds>(service.ttl).count();
    ttl_ = static_cast<std::uint32_t>(ttl);
  }

  Reply From(Rotation& rotation) {
    if (!EverHasAny()) return NoData(zone_);
    // Source: Avi swagger 30.2.1, GslbService.enabled: its VIPs are no longer in DNS responses, so neither are those of
    // ALL_RECORDS. Chosen: silence; which rcode the real one gives is not documented.
    if (!service_.enabled) return Silence();
    const PoolView* pool = PoolInTurn(service_, rotation);
    if (pool == nullptr) return Down();
    for (const MemberView* member : PickMembers(*pool, rotation)) Push(*member);
    return reply_.answer.empty() ? NoData(zone_) : reply_;
  }

 private:
  static Reply Silence() {
    Reply reply;
    reply.silent = true;
    return reply;
  }

  // Whether the name could have a record of the type that is asked for, whatever is up now.
  bool EverHasAny() const {
    const auto wanted = [this](const MemberView& member) { return Wants(question_, TypeOf(member)); };
    return Asks(question_, RecordType::kA) || (Asks(question_, RecordType::kAaaa) && !service_.fallback_ip6.empty()) ||
           (Wants(question_, RecordType::kCname) && !service_.fallback_cname.empty()) ||
           std::any_of(service_.pools.begin(), service_.pools.end(), [&](const PoolView& pool) {
             return std::any_of(pool.members.begin(), pool.members.end(), wanted);
           });
  }

  // The members of a pool that are answered, best first.
  std::vector<const MemberView*> PickMembers(const PoolView& pool, Rotation& rotation) const {
    std::vector<Turn> turns = TurnsOf(pool);
    std::erase_if(turns, [this](const Turn& turn) { return !Wants(question_, TypeOf(*turn.member)); });
    const auto count = static_cast<std::size_t>(std::max(0, service_.num_dns_ip));
    std::vector<const MemberView*> picked;
    if (pool.algorithm == "GSLB_ALGORITHM_PREFERENCE_ORDER") {
      std::stable_sort(turns.begin(), turns.end(), [](const Turn& a, const Turn& b) {
        return a.member->preference_order < b.member->preference_order;
      });
      if (count != 0 && count < turns.size()) turns.resize(count);
      for (const Turn& turn : turns) picked.push_back(turn.member);
      return picked;
    }
    std::vector<Candidate> candidates;
    candidates.reserve(turns.size());
    for (const Turn& turn : turns) candidates.push_back({turn.member->ip + turn.member->fqdn, turn.weight});
    // Each type of record takes turns of its own.
    const std::string state = service_.uuid + '/' + pool.name + (Asks(question_, RecordType::kA) ? "" : "/other");
    for (const std::size_t index : rotation.Pick(state, candidates, count)) picked.push_back(turns[index].member);
    return picked;
  }

  void Push(const MemberView& member) {
    const RecordType type = TypeOf(member);
    Push(type, type == RecordType::kCname ? member.fqdn + '.' : member.ip);
  }

  // A name has one CNAME and nothing else beside it.
  void Push(RecordType type, const std::string& data) {
    if (!Wants(question_, type)) return;
    if (!reply_.answer.empty() && (type == RecordType::kCname || reply_.answer[0].type == RecordType::kCname)) return;
    reply_.answer.push_back({question_.name, type, ttl_, data});
  }

  Reply Down() {
    const std::string& type = service_.down_response;
    if (type == "GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP") {
      for (const std::string& ip : {service_.fallback_ip, service_.fallback_ip6}) {
        if (!ip.empty()) Push(TypeOfAddress(ip), ip);
      }
    } else if (type == "GSLB_SERVICE_DOWN_RESPONSE_CNAME" && !service_.fallback_cname.empty()) {
      Push(RecordType::kCname, service_.fallback_cname + '.');
    } else if (type == "GSLB_SERVICE_DOWN_RESPONSE_ALL_RECORDS") {
      for (const MemberView* member : AllRecords(service_)) Push(*member);
    } else if (type == "GSLB_SERVICE_DOWN_RESPONSE_EMPTY") {
      return reply_;
    } else {
      return Silence();
    }
    return reply_.answer.empty() ? NoData(zone_) : reply_;
  }

  const Zone& zone_;
  const ServiceView& service_;
  const Question& question_;
  std::uint32_t ttl_ = 0;
  Reply reply_;
};

}  // namespace

Reply AnswerQuestion(const Zone& zone, const std::vector<ServiceView>& services, const Question& question,
                     Rotation& rotation) {
  const std::string name = Lower(question.name);
  if (name == zone.apex) return AnswerApex(zone, question);
  if (!Below(name, zone.apex)) {
    Reply refused;
    refused.rcode = Rcode::kRefused;
    return refused;
  }
  if (name == "ns1." + zone.apex) {
    if (!Asks(question, RecordType::kA)) return NoData(zone);
    Reply reply;
    reply.answer.push_back({question.name, RecordType::kA, zone.ttl, zone.address});
    return reply;
  }
  bool has_below = false;
  for (const ServiceView& service : services) {
    for (const std::string& domain : service.domain_names) {
      if (domain == name) return ServiceAnswer(zone, service, question).From(rotation);
      has_below = has_below || Below(domain, name);
    }
  }
  return has_below ? NoData(zone) : NoName(zone);
}

}  // namespace spillway::lab
