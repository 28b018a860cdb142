// TLS identities and trust for both ends. Verification is OpenSSL's own, and there is no switch against it.
#ifndef SPILLWAY_SRC_BASE_TLS_H_
#define SPILLWAY_SRC_BASE_TLS_H_

#include <memory>
#include <string>

#include "src/base/result.h"

struct ssl_ctx_st;
struct ssl_st;

namespace spillway {

using TlsContext = std::shared_ptr<ssl_ctx_st>;
using TlsSession = std::unique_ptr<ssl_st, void (*)(ssl_st*)>;

// TLS 1.2 and up. Trusts exactly `ca_pem` (one or more certificates), or the system's store if that is empty, never
// both. `cert_pem`: leaf first, then its chain; empty: no certificate is shown. kRejected: something does not parse,
// or the key is not the certificate's.
Result<TlsContext> ClientTls(const std::string& ca_pem, const std::string& cert_pem, const std::string& key_pem);

// As above, for a server. `client_ca_pem` not empty: a client certificate is asked for and, if shown, verified.
Result<TlsContext> ServerTls(const std::string& cert_pem, const std::string& key_pem, const std::string& client_ca_pem);

// A client's session on the connected socket `fd`: the certificate must carry `name` (a DNS name or an IP address) as
// a subject alternative name; the common name is never looked at, "f*" wildcards are refused. nullptr: no memory.
TlsSession ClientSession(const TlsContext& context, int fd, const std::string& name);
TlsSession ServerSession(const TlsContext& context, int fd);

// Why the last operation of this thread failed, for people: OpenSSL's verification text with the certificate's
// subject, or its reason. Empties the thread's error queue.
std::string TlsFault(const ssl_st* session);

// Whether the last failure of this thread was about trust: our verification failed, or the peer's alert says that
// ours was not accepted. To be asked before TlsFault().
bool TlsFaultIsTrust(const ssl_st* session);

// RFC 2253 subject of the peer's verified certificate; empty: none.
std::string PeerSubject(const ssl_st* session);

}  // namespace spillway

#endif  // SPILLWAY_SRC_BASE_TLS_H_
