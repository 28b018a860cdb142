// The shop's virtual service at one site: a FrontEnd behind HTTP.
#ifndef SPILLWAY_TOOLS_LAB_FRONT_END_SERVER_H_
#define SPILLWAY_TOOLS_LAB_FRONT_END_SERVER_H_

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "src/base/http_server.h"
#include "src/base/result.h"
#include "src/base/time.h"
#include "tools/lab/front_end.h"

namespace spillway::lab {

// What is wrong with the virtual service, whatever the replicas behind it do.
struct VipTrouble {
  bool hangs = false;      // connections are taken, nothing is answered
  bool looks_ill = false;  // the health check fails; work is served
  int status = 0;          // answered instead of doing the work; 0: none
  Duration latency{};
};

// GET /healthz: 200 if at least one replica is ready, else 503; not counted as work. Everything else is work: 200 and
// {"site":...}, 503 overloaded, 502 nobody there. Safe from several threads.
class FrontEndServer {
 public:
  using Trouble = std::function<VipTrouble()>;

  // Listens on `ip`:`port` (0: any free one) before it returns. `shop` must outlive it. `trouble` is asked at every
  // request, on the connection's thread.
  static Result<std::unique_ptr<FrontEndServer>> Start(FrontEnd& shop, const std::string& ip, int port,
                                                       Trouble trouble = {});
  ~FrontEndServer();

  // Off: connections are refused, as if nothing was there. On again: the same port; a port taken meanwhile leaves it
  // off and is reported.
  Status SetListening(bool on);
  bool listening() const;
  int port() const { return port_; }

 private:
  FrontEndServer(FrontEnd& shop, std::string ip, int port, Trouble trouble)
      : shop_(shop), ip_(std::move(ip)), trouble_(std::move(trouble)), port_(port) {}
  Status Listen();
  HttpReply Reply(const HttpRequest& request);
  // Holds an answer back. False: the server stops, or it has taken too long for anybody.
  bool Hold(Duration latency);

  FrontEnd& shop_;
  const std::string ip_;
  const Trouble trouble_;
  std::atomic<bool> stopping_ = false;
  int port_;
  mutable std::mutex mutex_;
  std::unique_ptr<HttpServer> server_;
};

// The answer to one request, without a connection.
HttpReply AnswerShopper(FrontEnd& shop, const HttpRequest& request);

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_FRONT_END_SERVER_H_
