// Everything secret that the lab makes on the spot: a CA, certificates, passwords, tokens. Fresh at each start.
#ifndef SPILLWAY_TOOLS_LAB_CREDENTIALS_H_
#define SPILLWAY_TOOLS_LAB_CREDENTIALS_H_

#include <string>
#include <vector>

#include "src/base/pki.h"
#include "src/base/result.h"
#include "src/base/time.h"

namespace spillway::lab {

struct Credentials {
  std::string ca_pem;
  Identity server;             // every API shows it
  Identity spillway;           // client certificate of user spillway; the home cluster knows it by that
  Identity admin;              // client certificate of user admin
  std::string spillway_token;  // the overflow cluster knows spillway by this
  std::string admin_token;     // of both clusters' user admin
  std::string avi_password;    // of Avi's user spillway
  std::string avi_admin_password;
  std::string api_token;  // of user admin at spillwayd's own API
};

// Valid from an hour before `now` for thirty days. The server's certificate is for localhost, 127.0.0.1 and
// `addresses`.
Result<Credentials> MakeCredentials(WallTime now, const std::vector<std::string>& addresses = {});

// SHA-256 as 64 lower-case hexadecimal digits.
std::string Sha256Hex(const std::string& text);

// RFC 4648, with padding, without line breaks.
std::string Base64(const std::string& bytes);

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_CREDENTIALS_H_
