#include "src/base/workers.h"

#include <system_error>
#include <utility>

namespace spillway {

bool Workers::Run(std::function<void()> job) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (ending_) return false;
  for (std::thread& thread : ended_) thread.join();
  ended_.clear();
  if (waiting_.size() >= idle_) {
    const auto self = threads_.emplace(threads_.end());
    try {
      *self = std::thread([this, self] { Work(self); });
    } catch (const std::system_error&) {
      threads_.erase(self);
      return false;
    }
  }
  waiting_.push_back(std::move(job));
  changed_.notify_one();
  return true;
}

void Workers::Work(std::list<std::thread>::iterator self) {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    if (waiting_.empty() && idle_ >= kIdleMost && !ending_) {
      ended_.splice(ended_.end(), threads_, self);
      return;
    }
    ++idle_;
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    --idle_;
    if (waiting_.empty()) return;
    {
      const std::function<void()> job = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      job();
    }
    lock.lock();
  }
}

void Workers::Join() {
  std::list<std::thread> threads;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ending_ = true;
    threads.swap(threads_);
    threads.splice(threads.end(), ended_);
  }
  changed_.notify_all();
  for (std::thread& thread : threads) thread.join();
}

std::size_t Workers::threads() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return threads_.size();
}

}  // namespace spillway
