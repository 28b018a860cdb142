// What happens, told to everybody who listens: the source of GET /api/v1/stream.
#ifndef SPILLWAY_SRC_DAEMON_EVENTS_H_
#define SPILLWAY_SRC_DAEMON_EVENTS_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/time.h"

namespace spillway::daemon {

// An event as it goes over the wire, shared by all who are sent it.
using EventText = std::shared_ptr<const std::string>;

class EventHub;

// One listener. Used by one thread; dropped by its destruction, which the hub must outlive.
class Subscription {
 public:
  ~Subscription();
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

  // Waits at most `wait` for something to send and takes all of it.
  std::vector<EventText> Take(Duration wait);

  // No more will come: the hub was closed, or this listener was too slow and has missed something.
  bool ended() const;

 private:
  friend class EventHub;
  Subscription(EventHub& hub, std::string app, std::string owner)
      : hub_(hub), app_(std::move(app)), owner_(std::move(owner)) {}
  bool Wants(const std::string& app) const { return !ended_ && (app_.empty() || app_ == app); }

  EventHub& hub_;
  const std::string app_;  // empty: all
  const std::string owner_;
  // Guarded by the hub.
  std::condition_variable changed_;
  std::map<std::string, EventText> states_;  // the latest of each application
  std::deque<EventText> records_;
  bool ended_ = false;
};

// Two kinds of events. A *state* replaces the one before it of the same application, so a slow listener gets fewer of
// them and the newest always. A *record* (a decision, an audit entry) is one of a row: each has an id, a listener that
// lags by more than kLagMost is ended, and one that comes back says the last id it saw. Safe from any thread; a
// publisher never waits for a listener.
class EventHub {
 public:
  // Chosen: a busy installation's last minutes, in records and in bytes: a decision's record takes 4 to 20 kB.
  static constexpr std::size_t kReplay = 400;
  static constexpr std::size_t kReplayBytes = 1 << 20;
  static constexpr std::size_t kLagMost = kReplay;
  // Chosen: a connection and a thread each; far more than there are operators, far fewer than connections.
  static constexpr std::size_t kListenersMost = 256;
  static constexpr std::size_t kListenersOfOne = 32;

  // `epoch` marks the ids of this process: after a restart, earlier ids are known to be foreign.
  explicit EventHub(std::string epoch) : epoch_(std::move(epoch)) {}

  // `json` is called only if somebody listens, at most once.
  void State(const std::string& app, const std::function<std::string()>& json);
  // `kind` names the event: "decision", "audit".
  void Record(std::string_view kind, const std::string& app, const std::string& json);

  struct Opened {
    std::unique_ptr<Subscription> subscription;  // null: there are too many, of all or of this owner
    bool gap = false;                            // records between `last_id` and now are not at hand any more
  };
  // Everything of `app` (empty: of all) from now on; with the id of an earlier record, also those since then.
  Opened Subscribe(const std::string& app, const std::string& owner, const std::string& last_id);

  // Ends every listener there is now; later ones are welcome again.
  void EndAll();

 private:
  friend class Subscription;
  struct Kept {
    std::uint64_t number;
    std::string app;
    EventText text;
  };

  bool Heard(const std::string& app);
  bool Replay(Subscription& to, const std::string& last_id) const;

  const std::string epoch_;
  mutable std::mutex mutex_;
  std::uint64_t last_ = 0;
  std::deque<Kept> kept_;
  std::size_t kept_bytes_ = 0;
  std::set<Subscription*> listeners_;
};

// One event of the text/event-stream format. `json` has no line ends.
// Source: WHATWG HTML, section 9.2.5 "Parsing an event stream".
std::string EventFrame(std::string_view kind, std::string_view id, std::string_view json);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_EVENTS_H_
