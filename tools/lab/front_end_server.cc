#include "tools/lab/front_end_server.h"

#include <chrono>
#include <thread>
#include <utility>

namespace spillway::lab {

HttpReply AnswerShopper(FrontEnd& shop, const HttpRequest& request) {
  if (SplitTarget(request.target).first == "/healthz") {
    return shop.Healthy() ? JsonReply(200, R"({"status":"ok"})") : JsonReply(503, R"({"status":"no ready replica"})");
  }
  const std::string site = R"({"site":")" + shop.site() + '"';
  switch (shop.Arrive()) {
    case Service::kServed:
      return JsonReply(kServedStatus, site + "}\n");
    case Service::kOverloaded:
      return JsonReply(kOverloadedStatus, site + R"(,"error":"overloaded"})" + '\n');
    case Service::kFailed:
      break;
  }
  return JsonReply(kFailedStatus, site + R"(,"error":"no replica"})" + '\n');
}

bool FrontEndServer::Hold(Duration latency) {
  constexpr Duration kLook = 20ms;
  constexpr Duration kMost = 10s;  // Chosen: no client of the lab waits longer
  for (Duration held{}; held < kMost; held += kLook) {
    if (stopping_) return false;
    if (held >= latency && !trouble_().hangs) return true;
    std::this_thread::sleep_for(kLook);
  }
  return false;
}

HttpReply FrontEndServer::Reply(const HttpRequest& request) {
  const VipTrouble trouble = trouble_ ? trouble_() : VipTrouble{};
  if ((trouble.hangs || trouble.latency > Duration{}) && !Hold(trouble.latency)) {
    HttpReply cut;
    cut.drop = true;
    return cut;
  }
  if (trouble.status != 0) return JsonReply(trouble.status, R"({"error":"the lab was told to answer this"})");
  if (trouble.looks_ill && SplitTarget(request.target).first == "/healthz") {
    return JsonReply(503, R"({"status":"ill"})");
  }
  return AnswerShopper(shop_, request);
}

Result<std::unique_ptr<FrontEndServer>> FrontEndServer::Start(FrontEnd& shop, const std::string& ip, int port,
                                                              Trouble trouble) {
  std::unique_ptr<FrontEndServer> server(new FrontEndServer(shop, ip, port, std::move(trouble)));
  const Status listening = server->Listen();
  if (!listening) return listening.error();
  return server;
}

Status FrontEndServer::Listen() {
  ServerOptions options;
  options.host = ip_;
  options.port = port_;
  Result<std::unique_ptr<HttpServer>> started =
      HttpServer::Start(options, [this](const ServerRequest& request) { return Reply(request); });
  if (!started) return started.error();
  server_ = std::move(*started);
  port_ = server_->port();
  return Ok();
}

FrontEndServer::~FrontEndServer() { stopping_ = true; }

Status FrontEndServer::SetListening(bool on) {
  const std::scoped_lock lock(mutex_);
  if (on == (server_ != nullptr)) return Ok();
  if (on) return Listen();
  stopping_ = true;
  server_.reset();
  stopping_ = false;
  return Ok();
}

bool FrontEndServer::listening() const {
  const std::scoped_lock lock(mutex_);
  return server_ != nullptr;
}

}  // namespace spillway::lab
