// Which application is due when. Woken by feeds and by time; no polling, no order that matters.
#ifndef SPILLWAY_SRC_DAEMON_LOOP_H_
#define SPILLWAY_SRC_DAEMON_LOOP_H_

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "src/base/clock.h"
#include "src/daemon/app.h"

namespace spillway::daemon {

// Safe from any thread once every application was added. Driven in one of two ways: in virtual time by NextDue and
// RunDue, or by threads inside Work.
class Loop {
 public:
  explicit Loop(Clock& clock) : clock_(clock) {}

  // Due at once.
  void Add(std::unique_ptr<App> app);

  // Something that concerns `app` was seen just now. While it is being looked at, it is looked at once more after.
  void Wake(const std::string& app);

  // Something that concerns every application.
  void WakeAll();

  // When the next application that nobody is looking at is due; Instant::max() if there is none.
  Instant NextDue() const;

  // Takes the application that has been due for longest, if one is by `now`, for one look. False: none was.
  bool RunDue(Instant now);

  // Looks at applications as they become due until Stop, blocking in between. For real clocks only.
  void Work();
  void Stop();

  // Waits until no application is being looked at, at most `most` of real time. After Stop.
  void WaitIdle(Duration most);

  // Saves what every application remembers. After Stop, when no thread works any more.
  void Flush();

  App* Find(const std::string& name) const;
  std::vector<AppView> Views() const;

 private:
  struct Slot {
    std::unique_ptr<App> app;
    Instant due;
    bool busy = false;
    std::optional<Instant> signal;  // the first one since the last look
  };

  Slot* EarliestLocked() const;

  Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Slot> slots_;
  bool stopped_ = false;
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_LOOP_H_
