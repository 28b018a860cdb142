// A flag that other threads can wait for in poll(): how calls, streams and servers are told to end.
#ifndef SPILLWAY_SRC_BASE_WAKE_H_
#define SPILLWAY_SRC_BASE_WAKE_H_

#include <atomic>

namespace spillway {

// Once set it stays set, so a cancel that comes before the wait is not lost. Safe from any thread.
class WakeEvent {
 public:
  WakeEvent();
  ~WakeEvent();
  WakeEvent(const WakeEvent&) = delete;
  WakeEvent& operator=(const WakeEvent&) = delete;

  void Set();
  bool IsSet() const { return set_.load(std::memory_order_acquire); }

  // Readable for ever once set. -1 if the process had no descriptor left; poll() ignores that, IsSet() still works.
  int fd() const { return fd_; }

 private:
  std::atomic<bool> set_{false};
  int fd_;
};

}  // namespace spillway

#endif  // SPILLWAY_SRC_BASE_WAKE_H_
