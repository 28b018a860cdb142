// The HTTP API, as docs/api.md and openapi.json describe it.
#ifndef SPILLWAY_SRC_DAEMON_API_H_
#define SPILLWAY_SRC_DAEMON_API_H_

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "src/base/clock.h"
#include "src/base/http_server.h"
#include "src/base/router.h"
#include "src/daemon/admission.h"
#include "src/daemon/audit.h"
#include "src/daemon/auth.h"
#include "src/daemon/events.h"
#include "src/daemon/loop.h"
#include "src/daemon/metrics.h"

namespace spillway::daemon {

// What the API speaks of; all outlive it.
struct ApiRoom {
  Clock& clock;
  const Metrics& metrics;
  AuditLog& audit;
  EventHub& events;
  const Leadership& leadership = AppRoom::OnlyOne();
};

// Safe from any thread.
class Api {
 public:
  explicit Api(ApiRoom room);

  // The applications to speak of from now on; null: none yet, or a reload is under way.
  void Serve(std::shared_ptr<const Loop> loop);
  // nullopt: everybody may read, nobody may write. Streams of callers admitted before are ended.
  void Admit(std::optional<Tokens> tokens);
  // What is wrong with the daemon as a whole, one sentence each.
  void Notice(std::vector<std::string> sentences);

  HttpReply Handle(const ServerRequest& request);

 private:
  HttpReply Answer(const ServerRequest& request);
  HttpReply Read(int call, const std::string& app, const ServerRequest& request, const Caller& caller);
  HttpReply Ready() const;
  HttpReply Scrape() const;
  std::shared_ptr<const Loop> loop() const;
  Moment At() const { return {room_.clock.Now(), room_.clock.WallNow()}; }

  const ApiRoom room_;
  Router router_;
  Admission admission_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Loop> loop_;
  std::vector<std::string> notices_;
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_API_H_
