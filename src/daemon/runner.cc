#include "src/daemon/runner.h"

#include <algorithm>
#include <utility>

namespace spillway::daemon {

Runner::Runner(Loop& loop, Clock& clock, int workers) : loop_(loop), clock_(clock) {
  for (int i = 0; i < workers; ++i) threads_.emplace_back([this] { loop_.Work(); });
}

Runner::~Runner() { Stop(); }

void Runner::Start(Feed& feed) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return;
  feeds_.push_back(&feed);
  threads_.emplace_back([this, &feed] { Drive(feed); });
}

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

void Runner::Stop(const std::function<void()>& cut) {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    threads.swap(threads_);  // nothing is started any more
  }
  stop_.notify_all();
  loop_.Stop();
  loop_.WaitIdle(kGrace);
  for (Feed* feed : feeds_) feed->Cancel();
  if (cut) cut();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace spillway::daemon
