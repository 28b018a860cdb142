#include "avi/write_queue.h"

#include <algorithm>

namespace spillway::avi {

WriteQueue::Turn::~Turn() {
  if (queue_ == nullptr) return;
  {
    const std::lock_guard lock(queue_->mutex_);
    queue_->busy_ = false;
  }
  queue_->moved_.notify_all();
}

std::optional<WriteQueue::Turn> WriteQueue::Enter(bool urgent, Duration patience) {
  std::unique_lock lock(mutex_);
  const Ticket ticket{urgent ? 0 : 1, ++arrivals_};
  waiting_.insert(ticket);
  const auto first = [&] { return !busy_ && *waiting_.begin() == ticket; };
  const bool ours = moved_.wait_for(lock, std::max(patience, Duration::zero()), first);
  waiting_.erase(ticket);
  if (ours) {
    busy_ = true;
    return std::optional<Turn>(std::in_place, this);
  }
  lock.unlock();
  moved_.notify_all();  // whoever stood behind may be first now
  return std::nullopt;
}

std::size_t WriteQueue::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

}  // namespace spillway::avi
