#include "src/base/workers.h"

#include <system_error>
#include <utility>

namespace spillway {

bool Workers::Run(std::function<void()> job) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (ending_) return false;
  if (waiting_.size() >= idle_) {
    try {
      threads_.emplace_back([this] { Work(); });
    } catch (const std::system_error&) {
      return false;
    }
  }
  waiting_.push_back(std::move(job));
  changed_.notify_one();
  return true;
}

void Workers::Work() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    ++idle_;
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    --idle_;
    if (waiting_.empty()) return;
    const std::function<void()> job = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    job();
    lock.lock();
  }
}

void Workers::Join() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ending_ = true;
    threads.swap(threads_);
  }
  changed_.notify_all();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace spillway
