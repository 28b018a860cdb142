// The HTTP API, as docs/api.md describes it.
#ifndef SPILLWAY_SRC_DAEMON_API_H_
#define SPILLWAY_SRC_DAEMON_API_H_

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "src/base/clock.h"
#include "src/base/http_server.h"
#include "src/daemon/auth.h"
#include "src/daemon/loop.h"
#include "src/daemon/metrics.h"

namespace spillway::daemon {

// Safe from any thread.
class Api {
 public:
  Api(Clock& clock, const Metrics& metrics, const Leadership& leadership = AppRoom::OnlyOne())
      : clock_(clock), metrics_(metrics), leadership_(leadership) {}

  // The applications to speak of from now on; null: none yet, or a reload is under way.
  void Serve(std::shared_ptr<const Loop> loop);
  // nullopt: everybody may read.
  void Admit(std::optional<Tokens> tokens);
  // What is wrong with the daemon as a whole, one sentence each.
  void Notice(std::vector<std::string> sentences);

  HttpReply Handle(const ServerRequest& request) const;

 private:
  HttpReply Apps(const ServerRequest& request, const std::string& path) const;
  HttpReply Ready() const;
  std::optional<HttpReply> Refuse(const ServerRequest& request, Role needed) const;
  std::shared_ptr<const Loop> loop() const;
  Moment At() const { return {clock_.Now(), clock_.WallNow()}; }

  Clock& clock_;
  const Metrics& metrics_;
  const Leadership& leadership_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Loop> loop_;
  std::optional<Tokens> tokens_;
  std::vector<std::string> notices_;
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_API_H_
