#include "tools/lab/front_end_server.h"

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

Result<std::unique_ptr<FrontEndServer>> FrontEndServer::Start(FrontEnd& shop, const std::string& ip, int port) {
  std::unique_ptr<FrontEndServer> server(new FrontEndServer(shop, ip, port));
  const Status listening = server->Listen();
  if (!listening) return listening.error();
  return server;
}

Status FrontEndServer::Listen() {
  ServerOptions options;
  options.host = ip_;
  options.port = port_;
  Result<std::unique_ptr<HttpServer>> started =
      HttpServer::Start(options, [this](const ServerRequest& request) { return AnswerShopper(shop_, request); });
  if (!started) return started.error();
  server_ = std::move(*started);
  port_ = server_->port();
  return Ok();
}

Status FrontEndServer::SetListening(bool on) {
  const std::scoped_lock lock(mutex_);
  if (on == (server_ != nullptr)) return Ok();
  if (on) return Listen();
  server_.reset();
  return Ok();
}

bool FrontEndServer::listening() const {
  const std::scoped_lock lock(mutex_);
  return server_ != nullptr;
}

}  // namespace spillway::lab
