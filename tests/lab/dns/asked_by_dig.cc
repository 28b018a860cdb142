#include "tests/lab/dns/asked_by_dig.h"

#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string_view>

#include "tests/lab/shell.h"

namespace spillway::lab {
namespace {

std::string At(int port) { return "dig @127.0.0.1 -p " + std::to_string(port) + " +time=2 +tries=1 "; }

std::string Count(const std::string& text) {
  if (text.find("timed out") != std::string::npos) return "silence";
  std::map<std::string, int> seen;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) ++seen[line];
  }
  std::string counted;
  for (const auto& [record, times] : seen) {
    counted += (counted.empty() ? "" : " ") + record + "=" + std::to_string(times);
  }
  return counted.empty() ? "nothing" : counted;
}

}  // namespace

AskedByDig::AskedByDig(const avi::Federation& federation, const std::string& site, const std::string& domain)
    : domain_(domain), service_(federation, site, Zone{.apex = domain}, 1) {
  auto started = DnsServer::Start("127.0.0.1", 0,
                                  [this](std::string_view packet, bool tcp) { return service_.Handle(packet, tcp); });
  if (started) {
    server_ = std::move(*started);
  } else {
    ADD_FAILURE() << started.error().what;
  }
}

std::string AskedByDig::Dig(const std::string& name, int count) const {
  if (!server_) return "no server";
  // One dig asks them all, one after the other.
  const std::string questions = "seq " + std::to_string(count) + " | sed " + Quoted("s/.*/" + name + " A/");
  return Count(Shell(questions + " | " + At(server_->port()) + "+short -f -").text);
}

std::string AskedByDig::FirstRecord(const std::string& name) const {
  if (!server_) return "";
  std::istringstream record(Shell(At(server_->port()) + "+noall +answer " + Quoted(name) + " A").text);
  std::string owner, ttl, in, type, data;
  record >> owner >> ttl >> in >> type >> data;
  return data.empty() ? "" : ttl + " " + data;
}

void AskedByDig::StartResolver() {
  if (resolver_ || !server_) return;
  resolver_port_ = FreePort();
  const std::string server = "--server=/" + domain_ + "/127.0.0.1#" + std::to_string(server_->port());
  resolver_.emplace(std::vector<std::string>{"dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts",
                                             "--conf-file=/dev/null", "--pid-file=", "--listen-address=127.0.0.1",
                                             "--bind-interfaces", "--no-daemon",
                                             "--port=" + std::to_string(resolver_port_), server});
  const Instant give_up = clock_.Now() + 30s;
  const std::string question = At(resolver_port_) + "+short " + Quoted(domain_) + " SOA";
  while (Shell(question).text.find("hostmaster") == std::string::npos) {
    ASSERT_LT(clock_.Now(), give_up) << "dnsmasq does not answer";
    clock_.SleepUntil(clock_.Now() + 50ms);
  }
}

std::string AskedByDig::DigResolver(const std::string& name) {
  StartResolver();
  return Count(Shell(At(resolver_port_) + "+short " + Quoted(name) + " A").text);
}

bool AskedByDig::AwaitResolver(const std::string& name, const std::string& wanted) {
  const Instant give_up = clock_.Now() + 30s;
  while (DigResolver(name) != wanted) {
    if (clock_.Now() > give_up) return false;
    clock_.SleepUntil(clock_.Now() + 50ms);
  }
  return true;
}

std::string AskedByDig::Missing(bool resolver) {
  if (!Installed("dig")) return "dig is not installed (package bind9-dnsutils)";
  const bool dnsmasq = Shell("PATH=$PATH:/usr/sbin command -v dnsmasq").status == 0;
  return resolver && !dnsmasq ? "dnsmasq is not installed (package dnsmasq-base)" : "";
}

}  // namespace spillway::lab
