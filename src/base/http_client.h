// The production transport: cpp-httplib under one deadline, with verification left to OpenSSL.
#ifndef SPILLWAY_SRC_BASE_HTTP_CLIENT_H_
#define SPILLWAY_SRC_BASE_HTTP_CLIENT_H_

#include <cstddef>
#include <memory>
#include <string>

#include "src/base/http.h"
#include "src/base/result.h"

namespace spillway {

// Where to, and how to know that it is the right one. TLS is verified always; there is no switch against it.
struct HttpEndpoint {
  std::string scheme = "https";  // "https", or "http" (the lab's front ends and control API)
  std::string host;              // a name or an IP address, without brackets
  int port = 443;
  std::string ca_pem;           // one or more certificates; empty: the system's store
  std::string client_cert_pem;  // leaf first, then its chain; empty: none
  std::string client_key_pem;
  std::string server_name;            // what the certificate must carry, if not `host` (kubeconfig's tls-server-name)
  std::size_t body_cap = 64U << 20U;  // bytes; a longer answer is an error
};

// "https://host:port" -> endpoint with that scheme, host and port. kRejected: not a URL of http or https, or with a
// path beyond "/".
Result<HttpEndpoint> ParseEndpoint(const std::string& url);

// Calls for whole answers go through a small pool of kept-alive connections; each stream has its own. Safe from any
// thread. Destruction cancels what is under way.
class HttpClient final : public HttpTransport, public StreamTransport {
 public:
  // Throws nothing; a certificate or key that does not parse is reported by every Send as kRejected.
  explicit HttpClient(HttpEndpoint endpoint);
  ~HttpClient() override;

  Result<HttpResponse> Send(const HttpRequest& request, Duration deadline) override;
  Result<OpenedStream> Open(const HttpRequest& request, Duration deadline) override;

  // Ends every call and stream under way and refuses new ones: for shutdown. Sticky.
  void Cancel();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace spillway

#endif  // SPILLWAY_SRC_BASE_HTTP_CLIENT_H_
