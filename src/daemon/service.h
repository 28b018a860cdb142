// The daemon put together: what one configuration makes run, and how it is replaced by the next.
#ifndef SPILLWAY_SRC_DAEMON_SERVICE_H_
#define SPILLWAY_SRC_DAEMON_SERVICE_H_

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "src/base/clock.h"
#include "src/base/http_server.h"
#include "src/base/result.h"
#include "src/daemon/api.h"
#include "src/daemon/candidate.h"
#include "src/daemon/config.h"
#include "src/daemon/journal.h"
#include "src/daemon/metrics.h"
#include "src/daemon/state_file.h"

namespace spillway::daemon {

class Rounds;

// One thread starts, reloads and stops it.
class Service {
 public:
  // With `dry_run` nothing is written to the world, nothing to the state folder, and it stands for no election.
  Service(Config config, bool dry_run, Clock& clock);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // Opens the state folder, reads the tokens, listens, begins to work, and to stand for the election if there is one.
  // An error names what stands in the way; nothing runs then.
  Status Start();

  // Runs on with another configuration; every application keeps its memory. What can't change while running
  // (controller.listen, .tls, .state, .leaderElection, and the clusters of these) is refused, and then nothing
  // changes. Who leads goes on leading.
  Status Reload(Config config);

  // A reload that did not come about: said in /readyz until one does.
  void ReportBadReload(const std::string& sentence);

  // Saves, lets another process lead, and ends; traffic and replicas stay as they are. Idempotent.
  void Stop();

  int port() const { return server_->port(); }

 private:
  class Generation;

  const Leadership& leadership() const;
  std::string Url() const;
  void LeaderChanged();
  void Tell(std::shared_ptr<Loop> loop, std::shared_ptr<const OrderDesks> desks = nullptr);
  Status OpenState();
  Status Admit(const Config& config);
  Result<ServerOptions> Options() const;
  void Run();
  std::optional<Surveyed> Ask() const;
  void LoadRecords();
  void Looked(const AppView& view, const std::string& record);

  Config config_;
  const bool dry_run_;
  Clock& clock_;
  Metrics metrics_;
  const std::string identity_;
  const std::unique_ptr<Candidate> candidate_;  // null: there is no election
  EventHub events_;
  History history_;
  AuditLog audit_;
  Api api_;
  std::unique_ptr<StateStore> store_;
  std::unique_ptr<Journal> journal_;
  std::vector<std::string> kept_;  // the journal's last lines, as they were at the start
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<Generation> generation_;

  mutable std::mutex mutex_;        // of what follows, which the candidate's and the API's threads use
  std::shared_ptr<Loop> loop_;      // to be woken; null: none, or a reload is under way
  std::shared_ptr<Rounds> rounds_;  // to be asked; null: the same
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_SERVICE_H_
