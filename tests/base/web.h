// What the tests of both ends of HTTP share: certificates, a server that answers, raw connections.
#ifndef SPILLWAY_TESTS_BASE_WEB_H_
#define SPILLWAY_TESTS_BASE_WEB_H_

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "src/base/http_client.h"
#include "src/base/http_server.h"
#include "src/base/pki.h"

namespace spillway {

inline constexpr Duration kPatience = 10s;  // for what should come at once; only a failure waits that long

inline Validity Around(Duration before, Duration after) {
  const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  return {now - before, now + after};
}
inline Validity Now() { return Around(1h, 1h); }

// Certificates that several tests need; made once.
struct Pki {
  Identity ca = *MakeCa("test CA", Now());
  Identity foreign_ca = *MakeCa("foreign CA", Now());
  Identity server = *IssueServer(ca, {{"localhost", "named.test"}, {"127.0.0.1"}}, Now());
};
const Pki& TestPki();

// A server of ours that starts or fails the test.
std::unique_ptr<HttpServer> Serve(HttpServer::Handler handler, ServerOptions options = {});
// With the certificate above.
std::unique_ptr<HttpServer> ServeTls(HttpServer::Handler handler, ServerOptions options = {});

HttpEndpoint PlainTo(const HttpServer& server);
HttpEndpoint TlsTo(const HttpServer& server);

// A TCP connection that says exactly what it is told to.
class RawClient {
 public:
  explicit RawClient(int port);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // False: the server has gone.
  bool Say(std::string_view bytes);
  // All that comes until the server closes, or until `until` has come.
  std::string Hear(std::string_view until = {});
  // True: the server closed within the patience.
  bool Closed() { return ClosedWithin(kPatience); }
  bool ClosedWithin(Duration wait);
  void Close();

 private:
  int fd_;
};

// A listener for one connection after the other that a test plays by hand.
class RawServer {
 public:
  RawServer();
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;
  int port() const { return port_; }
  // The next connection's descriptor; the caller closes it.
  int Accept();
  // Reads until an empty line.
  static std::string ReadHead(int fd);
  static bool Say(int fd, std::string_view bytes);

 private:
  int fd_;
  int port_;
};

}  // namespace spillway

#endif  // SPILLWAY_TESTS_BASE_WEB_H_
