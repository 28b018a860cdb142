// A small certificate authority in memory, for the lab and for tests.
#ifndef SPILLWAY_SRC_BASE_PKI_H_
#define SPILLWAY_SRC_BASE_PKI_H_

#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/base/time.h"

namespace spillway {

// A certificate and its unencrypted key (EC P-256), both PEM.
struct Identity {
  std::string cert_pem;
  std::string key_pem;
};

struct Validity {
  WallTime from;
  WallTime until;
};

// A self-signed CA. All three answer kRejected if OpenSSL refuses an input (a malformed IP address, a CA that does not
// parse).
Result<Identity> MakeCa(const std::string& common_name, Validity validity);

// For a server under these DNS names and IP addresses. `common_name`: for people only, no verifier of ours looks at it;
// empty: the first of the names.
struct ServerNames {
  std::vector<std::string> dns;
  std::vector<std::string> ips;
};
Result<Identity> IssueServer(const Identity& ca, const ServerNames& names, Validity validity,
                             const std::string& common_name = "");

// For a client: Kubernetes reads the user from CN and the group from O.
Result<Identity> IssueClient(const Identity& ca, const std::string& common_name, const std::string& organization,
                             Validity validity);

}  // namespace spillway

#endif  // SPILLWAY_SRC_BASE_PKI_H_
