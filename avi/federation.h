// Several controllers of one GSLB federation: which one leads, and what may be asked of whom.
#ifndef SPILLWAY_AVI_FEDERATION_H_
#define SPILLWAY_AVI_FEDERATION_H_

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "avi/avi.h"
#include "avi/gslb.h"
#include "avi/rhythm.h"
#include "avi/session.h"
#include "avi/write_queue.h"
#include "src/base/clock.h"
#include "src/base/rng.h"
#include "src/ports/feed.h"

namespace spillway::avi {

// Safe from several threads. The clock must outlive it.
class Federation {
 public:
  Federation(Options options, Clock& clock, const TransportFactory& transports);

  std::size_t size() const { return sessions_.size(); }
  Session& session(std::size_t controller) { return *sessions_[controller]; }
  Clock& clock() { return clock_; }
  const Options& options() const { return options_; }

  // Asks one controller who it is and who leads. The error is also kept, for the verdict. One thread a controller.
  Status Look(std::size_t controller, Instant until);

  // Every controller was looked at, or one is known to lead.
  bool Looked() const;

  Verdict Present() const;
  std::vector<ControllerReport> Reports() const;

  // Whom to ask for the services: the leader, then those that answered last time, as far as they have a GSLB.
  std::vector<std::size_t> Readers() const;
  // Why nobody can be asked, when Readers() is empty: each controller's problem.
  Error NobodyToAsk() const;

  // Has every controller looked at and the services read at the feeds' next step.
  void PollSoon();
  Rhythm& looking(std::size_t controller) { return *looking_[controller]; }
  Rhythm& polling() { return polling_; }

  WriteQueue& writes() { return writes_; }

 private:
  Status LookInto(ControllerView& view, std::size_t controller, Instant until);

  const Options options_;
  Clock& clock_;
  std::vector<std::unique_ptr<Session>> sessions_;
  std::vector<std::unique_ptr<Rhythm>> looking_;
  Rhythm polling_;
  WriteQueue writes_;
  std::vector<LastAnswer> last_answers_;  // by controller: about its GSLB; of the thread that looks at it

  mutable std::mutex mutex_;
  std::vector<ControllerView> views_;
};

// Looks at one controller again and again.
class LeadershipFeed final : public Feed {
 public:
  LeadershipFeed(std::shared_ptr<Federation> federation, std::size_t controller);

  Instant Step() override;
  void Cancel() override { cancelled_ = true; }
  const std::string& name() const override { return name_; }

 private:
  const std::shared_ptr<Federation> federation_;
  const std::size_t controller_;
  const std::string name_;
  std::atomic<bool> cancelled_ = false;
  Verdict told_;  // of the last NotifyChange
};

}  // namespace spillway::avi

#endif  // SPILLWAY_AVI_FEDERATION_H_
