#include "src/base/line_queue.h"

#include <utility>

namespace spillway {

bool LineQueue::Push(std::string line, std::unique_lock<std::mutex>& lock) {
  changed_.wait(lock, [&] { return cancelled_ || lines_.empty() || waiting_ + line.size() <= waiting_cap_; });
  if (cancelled_) return false;
  if (!line.empty() && line.back() == '\r') line.pop_back();
  waiting_ += line.size();
  lines_.push_back(std::move(line));
  changed_.notify_all();
  return true;
}

bool LineQueue::Feed(std::string_view bytes) {
  std::unique_lock<std::mutex> lock(mutex_);
  if (cancelled_ || over_) return false;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end);
    if (unfinished_.size() + part.size() > line_cap_) {
      over_ = true;
      last_ = {LineStream::State::kFailed, "a line is longer than " + std::to_string(line_cap_) + " bytes"};
      changed_.notify_all();
      return false;
    }
    unfinished_ += part;
    if (end == std::string_view::npos) return true;
    bytes.remove_prefix(end + 1);
    if (!Push(std::exchange(unfinished_, {}), lock)) return false;
  }
  return true;
}

void LineQueue::End() {
  std::unique_lock<std::mutex> lock(mutex_);
  if (over_) return;
  if (!unfinished_.empty()) Push(std::exchange(unfinished_, {}), lock);
  over_ = true;
  changed_.notify_all();
}

void LineQueue::Fail(std::string why) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (over_) return;
  over_ = true;
  last_ = {LineStream::State::kFailed, std::move(why)};
  changed_.notify_all();
}

LineStream::Item LineQueue::Next(Duration wait) {
  std::unique_lock<std::mutex> lock(mutex_);
  // The wait is handed on as a duration of the steady clock: a step of the wall clock must not stretch it.
  changed_.wait_until(lock, std::chrono::steady_clock::now() + wait,
                      [this] { return cancelled_ || over_ || !lines_.empty(); });
  if (cancelled_) return {LineStream::State::kFailed, "cancelled"};
  if (!lines_.empty()) {
    LineStream::Item item{LineStream::State::kLine, std::move(lines_.front())};
    lines_.pop_front();
    waiting_ -= item.text.size();
    changed_.notify_all();
    return item;
  }
  if (over_) return last_;
  return {LineStream::State::kNothingYet, {}};
}

void LineQueue::Cancel() {
  const std::lock_guard<std::mutex> lock(mutex_);
  cancelled_ = true;
  lines_.clear();
  waiting_ = 0;
  changed_.notify_all();
}

}  // namespace spillway
