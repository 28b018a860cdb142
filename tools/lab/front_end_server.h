// The shop's virtual service at one site: a FrontEnd behind HTTP.
#ifndef SPILLWAY_TOOLS_LAB_FRONT_END_SERVER_H_
#define SPILLWAY_TOOLS_LAB_FRONT_END_SERVER_H_

#include <memory>
#include <mutex>
#include <string>

#include "src/base/http_server.h"
#include "src/base/result.h"
#include "tools/lab/front_end.h"

namespace spillway::lab {

// GET /healthz: 200 if at least one replica is ready, else 503; not counted as work. Everything else is work: 200 and
// {"site":...}, 503 overloaded, 502 nobody there. Safe from several threads.
class FrontEndServer {
 public:
  // Listens on `ip`:`port` (0: any free one) before it returns. `shop` must outlive it.
  static Result<std::unique_ptr<FrontEndServer>> Start(FrontEnd& shop, const std::string& ip, int port);

  // Off: connections are refused, as if nothing was there. On again: the same port; a port taken meanwhile leaves it
  // off and is reported.
  Status SetListening(bool on);
  bool listening() const;
  int port() const { return port_; }

 private:
  FrontEndServer(FrontEnd& shop, std::string ip, int port) : shop_(shop), ip_(std::move(ip)), port_(port) {}
  Status Listen();

  FrontEnd& shop_;
  const std::string ip_;
  int port_;
  mutable std::mutex mutex_;
  std::unique_ptr<HttpServer> server_;
};

// The answer to one request, without a connection.
HttpReply AnswerShopper(FrontEnd& shop, const HttpRequest& request);

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_FRONT_END_SERVER_H_
