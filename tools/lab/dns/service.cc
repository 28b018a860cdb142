#include "tools/lab/dns/service.h"

#include <utility>

#include "tools/lab/dns/wire.h"

namespace spillway::lab {

DnsService::DnsService(const avi::Federation& federation, std::string site, Zone zone, std::uint64_t seed)
    : federation_(federation), site_(std::move(site)), zone_(std::move(zone)), rotation_(seed) {}

Reply DnsService::Ask(const Question& question) {
  const std::scoped_lock lock(mutex_);
  // The version is read first: a change in between is then seen at the next question.
  const std::uint64_t version = federation_.DnsVersion(site_);
  if (!viewed_ || (version != version_ && !frozen_)) {
    view_ = federation_.DnsView(site_);
    version_ = version;
    viewed_ = true;
  }
  Reply reply = AnswerQuestion(zone_, view_, question, rotation_);
  if (question.type == static_cast<std::uint16_t>(RecordType::kA)) {
    const bool has_address = !reply.answer.empty() && reply.answer.front().type == RecordType::kA;
    ++answers_[has_address ? reply.answer.front().data : ""];
  }
  return reply;
}

std::string DnsService::Handle(std::string_view packet, bool tcp) {
  return Respond(packet, tcp, [this](const Question& question) { return Ask(question); });
}

void DnsService::Freeze(bool frozen) {
  const std::scoped_lock lock(mutex_);
  frozen_ = frozen;
}

std::map<std::string, std::uint64_t> DnsService::Answers() const {
  const std::scoped_lock lock(mutex_);
  return answers_;
}

}  // namespace spillway::lab
