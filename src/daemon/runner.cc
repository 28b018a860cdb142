#include "src/daemon/runner.h"

#include <utility>

namespace spillway::daemon {

Runner::Runner(Loop& loop, Clock& clock, std::vector<Feed*> feeds, int workers)
    : loop_(loop), clock_(clock), feeds_(std::move(feeds)) {
  for (Feed* feed : feeds_) threads_.emplace_back([this, feed] { Drive(*feed); });
  for (int i = 0; i < workers; ++i) threads_.emplace_back([this] { loop_.Work(); });
}

Runner::~Runner() { Stop(); }

void Runner::Drive(Feed& feed) {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    const Instant next = feed.Step();
    lock.lock();
    // Instants far away (or "never") would overflow inside wait_until; looking once an hour costs nothing.
    const Instant until = std::min(next, clock_.Now() + 1h);
    stop_.wait_until(lock, until, [this] { return stopping_; });
  }
}

void Runner::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  for (Feed* feed : feeds_) feed->Cancel();
  loop_.Stop();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace spillway::daemon
