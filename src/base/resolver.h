// Asks the user's own resolver for the addresses of a name, without the caches and files of this machine.
#ifndef SPILLWAY_SRC_BASE_RESOLVER_H_
#define SPILLWAY_SRC_BASE_RESOLVER_H_

#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/base/time.h"

namespace spillway {

// A name server; an empty `ip`: those of /etc/resolv.conf.
struct NameServer {
  std::string ip;
  int port = 53;
  bool operator==(const NameServer&) const = default;
};

// The A records of `name`, its AAAA records if it has none, through CNAMEs. Blocks at most about `deadline` for each of
// the two and each server. kMissing: it has no address (the error says whether the name exists); kRetry: nobody
// answered, or with a failure of their own; kRejected: `name` or the server's address is none.
Result<std::vector<std::string>> ResolveName(const std::string& name, const NameServer& server, Duration deadline);

}  // namespace spillway

#endif  // SPILLWAY_SRC_BASE_RESOLVER_H_
