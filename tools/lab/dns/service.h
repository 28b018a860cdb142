// One site's DNS service: packets in, packets out, answers counted. What it answers from is asked for afresh whenever
// it may have changed.
#ifndef SPILLWAY_TOOLS_LAB_DNS_SERVICE_H_
#define SPILLWAY_TOOLS_LAB_DNS_SERVICE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "tools/lab/avi/federation.h"
#include "tools/lab/dns/answer.h"
#include "tools/lab/dns/rotation.h"

namespace spillway::lab {

// Safe from several threads.
class DnsService {
 public:
  // The federation must outlive it; `site` hosts this service.
  DnsService(const avi::Federation& federation, std::string site, Zone zone, std::uint64_t seed);

  // The bytes to send back; empty: nothing.
  std::string Handle(std::string_view packet, bool tcp);

  // One answer without bytes, for a simulator.
  Reply Ask(const Question& question);

  // Frozen: it goes on answering from the configuration and the health it knew, as a service that hears nothing new.
  void Freeze(bool frozen);

  // How often each address stood first in an answer; under "" the answers without an address.
  std::map<std::string, std::uint64_t> Answers() const;

 private:
  const avi::Federation& federation_;
  const std::string site_;
  const Zone zone_;
  mutable std::mutex mutex_;
  Rotation rotation_;
  std::uint64_t version_ = 0;
  bool viewed_ = false;
  bool frozen_ = false;
  std::vector<avi::ServiceView> view_;
  std::map<std::string, std::uint64_t> answers_;
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_DNS_SERVICE_H_
