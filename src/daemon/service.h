// The daemon put together: what one configuration makes run, and how it is replaced by the next.
#ifndef SPILLWAY_SRC_DAEMON_SERVICE_H_
#define SPILLWAY_SRC_DAEMON_SERVICE_H_

#include <memory>
#include <string>

#include "src/base/clock.h"
#include "src/base/http_server.h"
#include "src/base/result.h"
#include "src/daemon/api.h"
#include "src/daemon/config.h"
#include "src/daemon/journal.h"
#include "src/daemon/metrics.h"
#include "src/daemon/state_file.h"

namespace spillway::daemon {

// One thread starts, reloads and stops it.
class Service {
 public:
  // With `dry_run` nothing is written to the world, and nothing to the state folder.
  Service(Config config, bool dry_run, Clock& clock);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // Opens the state folder, reads the tokens, listens, and begins to work. An error names what stands in the way;
  // nothing runs then.
  Status Start();

  // Runs on with another configuration; every application keeps its memory. What can't change while running
  // (controller.listen, controller.tls, controller.state) is refused, and then nothing changes.
  Status Reload(Config config);

  // A reload that did not come about: said in /readyz until one does.
  void ReportBadReload(const std::string& sentence);

  // Saves and ends; traffic and replicas stay as they are. Idempotent.
  void Stop();

  int port() const { return server_->port(); }

 private:
  class Generation;

  Status Admit(const Config& config);
  Result<ServerOptions> Options() const;
  void Run();
  void LoadRecords();
  void Looked(const AppView& view, const std::string& record);

  Config config_;
  const bool dry_run_;
  Clock& clock_;
  Metrics metrics_;
  EventHub events_;
  AuditLog audit_;
  Api api_;
  std::unique_ptr<StateStore> store_;
  std::unique_ptr<Journal> journal_;
  std::vector<std::string> kept_;  // the journal's last lines, as they were at the start
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<Generation> generation_;
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_SERVICE_H_
