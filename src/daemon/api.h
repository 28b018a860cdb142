// The HTTP API, as docs/api.md and openapi.json describe it.
#ifndef SPILLWAY_SRC_DAEMON_API_H_
#define SPILLWAY_SRC_DAEMON_API_H_

#include <atomic>
#include <condition_variable>
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
#include "src/daemon/doctor.h"
#include "src/daemon/events.h"
#include "src/daemon/history.h"
#include "src/daemon/loop.h"
#include "src/daemon/metrics.h"
#include "src/daemon/order_desk.h"

namespace spillway::daemon {

// What the API speaks of; all outlive it.
struct ApiRoom {
  Clock& clock;
  const Metrics& metrics;
  AuditLog& audit;
  EventHub& events;
  const History& history;
  const Leadership& leadership = AppRoom::OnlyOne();
  Survey survey = nullptr;  // what the doctor knows beyond what is observed
};

// Safe from any thread.
class Api {
 public:
  explicit Api(ApiRoom room);

  // The applications to speak of from now on, and where orders for them are given. Null: none yet, or a reload is under
  // way; it then returns when no request looks at the earlier ones any more.
  void Serve(std::shared_ptr<const Loop> loop, std::shared_ptr<const OrderDesks> desks = nullptr);
  // nullopt: everybody may read, nobody may write. `metrics_open`: whether GET /metrics needs no token. Streams of
  // callers admitted before are ended.
  void Admit(std::optional<Tokens> tokens, bool metrics_open = true);
  // What is wrong with the daemon as a whole, one sentence each.
  void Notice(std::vector<std::string> sentences);

  HttpReply Handle(const ServerRequest& request);

 private:
  struct Serving {
    std::shared_ptr<const Loop> loop;
    std::shared_ptr<const OrderDesks> desks;
  };

  HttpReply Answer(const ServerRequest& request);
  // `path`: what the route captures, the application first.
  HttpReply Read(int call, const std::vector<std::string>& path, const ServerRequest& request, const Caller& caller);
  HttpReply Write(Action action, const std::string& app, const ServerRequest& request, const Caller& caller);
  HttpReply Ready() const;
  HttpReply Scrape() const;
  std::shared_ptr<const Serving> Current() const;
  Moment At() const { return {room_.clock.Now(), room_.clock.WallNow()}; }

  const ApiRoom room_;
  Router router_;
  std::atomic<bool> metrics_open_ = true;
  Admission admission_;
  mutable std::mutex mutex_;
  mutable std::condition_variable idle_;
  mutable int users_ = 0;  // requests that hold serving_
  std::shared_ptr<const Serving> serving_;
  std::vector<std::string> notices_;
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_API_H_
