// One site's DNS service on a port of its own, asked by dig: itself, or dnsmasq in front of it.
#ifndef SPILLWAY_TESTS_LAB_DNS_ASKED_BY_DIG_H_
#define SPILLWAY_TESTS_LAB_DNS_ASKED_BY_DIG_H_

#include <memory>
#include <optional>
#include <string>

#include "src/base/clock.h"
#include "tests/lab/program.h"
#include "tools/lab/avi/federation.h"
#include "tools/lab/dns/server.h"
#include "tools/lab/dns/service.h"

namespace spillway::lab {

class AskedByDig {
 public:
  // Listens on 127.0.0.1; a failure is gtest's. The federation must outlive it. `domain` is what it is asked about.
  AskedByDig(const avi::Federation& federation, const std::string& site, const std::string& domain);

  // What `count` questions for the A records of `name` get, record by record in their order of value: "10.0.0.1=2
  // 10.0.0.2=4"; "silence" when one of them is not answered, "nothing" when none has a record.
  std::string Dig(const std::string& name, int count) const;
  // "TTL ADDRESS" of the first record; empty: there is none.
  std::string FirstRecord(const std::string& name) const;

  // What a client of dnsmasq hears that asks once: "10.0.0.1=1". It forwards to the service, and keeps answers as long
  // as they may be kept.
  std::string DigResolver(const std::string& name);
  // Asks it until it says `wanted`; false: it did not within half a minute.
  bool AwaitResolver(const std::string& name, const std::string& wanted);

  // Why dig, or dnsmasq too, can't be run here; empty: they can.
  static std::string Missing(bool resolver);

 private:
  void StartResolver();

  SystemClock clock_;
  const std::string domain_;
  DnsService service_;
  std::unique_ptr<DnsServer> server_;
  std::optional<Program> resolver_;
  int resolver_port_ = 0;
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TESTS_LAB_DNS_ASKED_BY_DIG_H_
