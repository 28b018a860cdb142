// Makes the writes of a plan, in order, and knows which must wait.
#ifndef SPILLWAY_SRC_DAEMON_APPLY_H_
#define SPILLWAY_SRC_DAEMON_APPLY_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/base/clock.h"
#include "src/base/rng.h"
#include "src/daemon/picture.h"
#include "src/daemon/plan.h"
#include "src/daemon/write_guard.h"
#include "src/ports/leadership.h"

namespace spillway::daemon {

// What became of one write.
struct WriteOutcome {
  std::string target;   // "kubernetes" or "avi": the label of spillway_writes_total
  SiteName site;        // of a Deployment; empty for the GSLB service
  std::string change;   // "replicas 0 -> 3"
  std::string outcome;  // "done", the word of an error's code, or "held" (dry run, pause)
  std::string detail;   // of an error
  Duration took{};
};

// Something that keeps the daemon from doing what was decided.
struct Problem {
  std::string about;   // "workload azure-eu", "gslb", "memory"
  std::string detail;  // one sentence
  Instant since;
};

// One application's writes. One thread at a time.
class Applier {
 public:
  // Chosen: long enough for a slow API server, short enough that failover of the next write is not waited out.
  static constexpr Duration kDeadline = 10s;

  // Chosen: a write with less time left would most likely be cut between the server's deed and its answer.
  static constexpr Duration kShortest = 1s;

  Applier(AppPorts ports, const Clock& clock, const Leadership& leadership, Rng rng);

  // The part of `plan` that may be written now.
  Plan Ready(const Plan& plan, Instant now) const;

  // When a part of `plan` that is not Ready should be looked at again although nothing new was seen.
  std::optional<Instant> NextTry(const Plan& plan, Instant now) const;

  // Writes `ready`: raises, then the layout, then, if `whole` had no layout to write or it was written, what is
  // lowered. `only_raise`: nothing else (the memory could not be saved). Ends as soon as the `term` in which this was
  // decided is over, and no write lasts beyond it. Keeps the problems up to date with `whole`.
  std::vector<WriteOutcome> Apply(const Plan& whole, const Plan& ready, bool only_raise, std::int64_t term);

  // The last Apply ended before all was tried, because the term was over or nearly so.
  bool cut_short() const { return cut_short_; }

  // What a plan would write, as outcomes that were held.
  static std::vector<WriteOutcome> Held(const Plan& plan);

  // Without a write: forgets problems of targets that `plan` no longer writes, and notes what is impossible.
  void Review(const Plan& plan, Instant now);

  const std::map<std::string, Problem>& problems() const { return problems_; }

 private:
  WriteGuard& GuardOf(const std::string& target);
  const WriteGuard* FindGuard(const std::string& target) const;
  std::optional<Duration> TimeToWrite(std::int64_t term);
  WriteOutcome Scale(const ReplicaWrite& write, Duration deadline);
  WriteOutcome WriteLayout(const LayoutWrite& write, Duration deadline);
  void Ended(const std::string& target, const std::string& revision, const std::optional<Error>& error,
             WriteOutcome& outcome, Instant began);
  void Note(const std::string& about, const std::string& detail, Instant now);

  AppPorts ports_;
  const Clock& clock_;
  const Leadership& leadership_;
  Rng rng_;
  bool cut_short_ = false;
  std::map<std::string, WriteGuard> guards_;
  std::map<std::string, Problem> problems_;
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_APPLY_H_
