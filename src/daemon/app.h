// One application at work: look, decide, remember, write, tell.
#ifndef SPILLWAY_SRC_DAEMON_APP_H_
#define SPILLWAY_SRC_DAEMON_APP_H_

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "src/base/clock.h"
#include "src/core/decide.h"
#include "src/core/safety.h"
#include "src/daemon/apply.h"
#include "src/daemon/config.h"
#include "src/daemon/memory_text.h"
#include "src/daemon/metrics.h"
#include "src/daemon/phase_since.h"
#include "src/daemon/picture.h"
#include "src/daemon/question_text.h"
#include "src/ports/journal.h"
#include "src/ports/leadership.h"
#include "src/ports/state_store.h"

namespace spillway::daemon {

struct AppView;

// What an application works with; all outlive it.
struct AppRoom {
  Clock& clock;
  StateStore& store;
  Journal& journal;
  Metrics& metrics;
  bool dry_run = false;  // write nothing to the world; the store and the journal are then to keep nothing either
  // Decide, unless a test wants to say itself what is decided.
  std::function<decltype(Decide)> decide = Decide;
  const Leadership& leadership = OnlyOne();
  // Told when the memory of a new term was loaded, before anything is decided in it: the time to call SetOverride.
  std::function<void(const std::string& app)> recalled = nullptr;
  // Told after each look, on the thread that looked: what is so now, and the record if there was one (else empty).
  std::function<void(const AppView& view, const std::string& record)> looked = nullptr;
  // Told of each Deployment that was scaled, on the thread that did. Must not block.
  std::function<void(const AppView& view, const WriteOutcome& write)> scaled = nullptr;

  static const Leadership& OnlyOne();
};

// What a check of the set-up found wrong, shown beside the decision's conditions. It changes no decision.
struct Advice {
  std::string name;    // as of a condition: "SetupFault" or "SetupDoubt"
  std::string detail;  // one sentence naming the thing
  Instant since;
};

// Everything that can be shown of one application, at one instant.
struct AppView {
  std::shared_ptr<const AppConfig> config;
  bool dry_run = false;
  LeaderView leader;                 // now, not at the decision
  Override override;                 // the orders that stand now
  Observation observation;           // now, not at the decision
  std::optional<Decision> decision;  // the last one; absent before the first look
  Instant decided_at;
  std::map<SiteName, SiteSince> since;
  std::optional<Instant> next_look;
  std::string pending;  // what differs from the decision and is not written yet; empty: nothing
  std::vector<Problem> problems;
  std::vector<Advice> advice;
};

class App {
 public:
  // Chosen: an input that is silent for longer than this is taken to be failing; until then nothing is decided, so
  // that a start does not report as missing what is merely being read.
  static constexpr Duration kFirstLookBy = 10s;

  App(AppConfig config, AppPorts ports, AppRoom room);

  const std::string& name() const { return config_->name; }
  const AppConfig& config() const { return *config_; }

  // One look. Answers when to look again if nothing wakes it before. `signal`: when a feed saw what woke it; absent:
  // its time had come. Not to be called by two threads at once.
  //
  // The memory is loaded at the first look of each term of leadership, since another process may have led before; a
  // damaged one is set aside, reported, and taken to be absent. Until it could be loaded nothing is lowered, and
  // nothing saved over it. Who does not lead decides and explains all the same, from what it saw itself.
  Instant Tick(std::optional<Instant> signal);

  // Saves the memory if it is newer than what is saved and this process leads: for a clean end.
  void Flush();

  // What operators asked for; counts from the next tick on. Safe from any thread.
  void SetOverride(Override override);

  // What is wrong with the set-up now; what was so before keeps its time. Safe from any thread.
  void Advise(std::vector<Advice> advice);

  // What would become of an order, and of ending all but `wanted` of those that stand, on the present observation.
  // Change nothing. Safe from any thread.
  Verdict Judge(const Order& order, bool force) const;
  Verdict JudgeEnd(const Override& wanted, bool force) const;

  // Safe from any thread.
  AppView View() const;

  // The last records, newest first, at most `limit`, younger than `since` if given. Safe from any thread.
  std::vector<std::string> Records(std::size_t limit, std::optional<WallTime> since) const;

  // The record of the last decision made from `from` on and before `before`; nullopt: none is kept. Safe from any
  // thread.
  std::optional<std::string> RecordWithin(WallTime from, WallTime before) const;

  // A record that an earlier process kept, and the state in it; oldest first. Before the first Tick.
  void Remember(const std::string& record, const JsonValue& state, WallTime at);

 private:
  struct Record {
    WallTime at;
    std::string text;
  };

  Override StandingOrders() const;
  Memory ToldMemory() const;
  void Recall(const std::optional<Term>& term, Instant now);
  void Take(const std::optional<std::string>& text, Instant now);
  bool Save(Instant now);
  void Complain(const std::string& not_done, const std::string& why, Instant now);
  bool StillReading(const Observation& observation, Instant now) const;
  void Check(const Observation& observation, const Memory& before, const Decision& decision);
  std::vector<WriteOutcome> Enforce(const Plan& plan, const Term& term, Instant now);
  void Count(const AppView& after, const std::vector<WriteOutcome>& writes, bool enforced,
             std::optional<Instant> signal);
  void Account(const Observation& observation, bool leads, Instant now);
  // Answers the record.
  std::string Tell(const AppView& after, const Question& question, const std::vector<std::string>& changes,
                   const std::vector<WriteOutcome>& writes, std::optional<Instant> signal);
  Instant Next(const Decision& decision, const Plan& plan, bool reread, Instant now) const;

  const std::shared_ptr<const AppConfig> config_;
  const AppPorts ports_;
  const AppRoom room_;
  const Instant started_;

  // Of the ticking thread.
  Applier applier_;
  Memory memory_, saved_;
  std::optional<Instant> saved_at_;
  std::optional<std::int64_t> term_;  // the one that memory_ is of; absent: it may not be saved
  Instant recall_at_{};               // when loading may be tried again
  std::optional<Problem> memory_problem_;
  std::string held_plan_;
  std::set<Invariant> broken_;  // by the last decision
  PhaseSince phase_since_;
  std::optional<Instant> accounted_;
  std::map<SiteName, int> running_;  // overflow replicas, since accounted_

  mutable std::mutex mutex_;
  Override override_;
  Memory told_memory_;  // as of the last look
  AppView view_;
  std::vector<Advice> advice_;
  std::deque<Record> records_;
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_APP_H_
