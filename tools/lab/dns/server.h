// The sockets of a DNS service: UDP and TCP on one port, one thread.
#ifndef SPILLWAY_TOOLS_LAB_DNS_SERVER_H_
#define SPILLWAY_TOOLS_LAB_DNS_SERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace spillway::lab {

class DnsServer {
 public:
  // From the bytes of a query to those of the answer; empty: say nothing. Called from the server's one thread.
  using Handler = std::function<std::string(std::string_view packet, bool tcp)>;

  // Listens before it returns. `port` 0: any that is free for both. kRejected: the address is taken.
  static Result<std::unique_ptr<DnsServer>> Start(const std::string& ip, int port, Handler handler);

  // Stops.
  ~DnsServer();

  int port() const;

 private:
  struct Impl;
  explicit DnsServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_DNS_SERVER_H_
