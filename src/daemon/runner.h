// The threads around the loop: one for each feed, a few that look at applications.
#ifndef SPILLWAY_SRC_DAEMON_RUNNER_H_
#define SPILLWAY_SRC_DAEMON_RUNNER_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "src/base/clock.h"
#include "src/daemon/loop.h"
#include "src/ports/feed.h"

namespace spillway::daemon {

// Runs from construction to Stop or destruction. Feeds and loop outlive it. For real clocks only.
class Runner {
 public:
  // Chosen: a look blocks only while it writes; four applications may do so at once.
  static constexpr int kWorkers = 4;
  // Chosen: a write that a server answers at all is answered within this; a slower one is cut, which is safe because
  // every write has a precondition and the next start looks first.
  static constexpr Duration kGrace = 2s;

  Runner(Loop& loop, Clock& clock, int workers = kWorkers);
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  // One more feed, on a thread of its own. Safe from any thread; nothing happens once Stop was called.
  void Start(Feed& feed);

  // Cancels the feeds, lets looks under way end for kGrace, calls `cut` (which ends what still blocks), joins every
  // thread. Idempotent; one thread.
  void Stop(const std::function<void()>& cut = nullptr);

 private:
  void Drive(Feed& feed);

  Loop& loop_;
  Clock& clock_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::vector<Feed*> feeds_;
  std::vector<std::thread> threads_;
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_RUNNER_H_
