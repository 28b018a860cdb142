// Threads on demand.
#ifndef SPILLWAY_SRC_BASE_WORKERS_H_
#define SPILLWAY_SRC_BASE_WORKERS_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <thread>

namespace spillway {

// Runs every job at once: on a thread that is idle, else on a new one. The caller bounds how many run together. A few
// idle threads stay; what a crowd took beyond them is given back when it has gone. Any thread may call.
class Workers {
 public:
  static constexpr std::size_t kIdleMost = 8;

  Workers() = default;
  ~Workers() { Join(); }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // False: no thread is to be had now, or Join() was called; the job was not taken.
  bool Run(std::function<void()> job);

  // Waits for what runs, then ends the threads. Idempotent; not to be called from a job.
  void Join();

  // How many there are, busy and idle.
  std::size_t threads() const;

 private:
  void Work(std::list<std::thread>::iterator self);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  std::list<std::thread> threads_;
  std::list<std::thread> ended_;  // have nothing left to do, and are to be joined
  std::size_t idle_ = 0;
  bool ending_ = false;
};

}  // namespace spillway

#endif  // SPILLWAY_SRC_BASE_WORKERS_H_
