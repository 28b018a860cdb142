#include "src/daemon/survey/rounds.h"

#include <utility>

namespace spillway::daemon {

Rounds::Rounds(Clock& clock, Examine examine, Tell tell, std::function<void()> cut)
    : clock_(clock), examine_(std::move(examine)), tell_(std::move(tell)), cut_(std::move(cut)) {
  thread_ = std::thread([this] { Run(); });
}

void Rounds::Run() {
  std::unique_lock lock(mutex_);
  Instant due = clock_.Now() + kFirstAfter;
  while (true) {
    changed_.wait_until(lock, due, [this] { return stopping_ || asked_; });
    if (stopping_) return;
    lock.unlock();
    std::vector<Finding> findings = examine_();
    const Instant now = clock_.Now();
    lock.lock();
    if (stopping_) return;  // it was cut short, and tells of that
    last_ = Surveyed{findings, clock_.WallNow()};
    done_ = now;
    asked_ = false;
    due = now + kEvery;
    lock.unlock();
    changed_.notify_all();
    tell_(findings, now);
    lock.lock();
  }
}

std::optional<Surveyed> Rounds::Ask(Duration patience) {
  std::unique_lock lock(mutex_);
  const Instant begun = clock_.Now();
  if (stopping_ || (last_ && begun - done_ < kFreshFor)) return last_;
  asked_ = true;
  changed_.notify_all();
  changed_.wait_until(lock, begun + patience, [&] { return stopping_ || (last_ && done_ >= begun); });
  return last_;
}

void Rounds::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (cut_ && thread_.joinable()) cut_();
  if (thread_.joinable()) thread_.join();
}

}  // namespace spillway::daemon
