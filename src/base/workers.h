// Threads on demand.
#ifndef SPILLWAY_SRC_BASE_WORKERS_H_
#define SPILLWAY_SRC_BASE_WORKERS_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace spillway {

// Runs every job at once: on a thread that is idle, else on a new one. The caller bounds how many run together.
class Workers {
 public:
  Workers() = default;
  ~Workers() { Join(); }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // False: no thread is to be had now, or Join() was called; the job was not taken.
  bool Run(std::function<void()> job);

  // Waits for what runs, then ends the threads. Idempotent; not to be called from a job.
  void Join();

 private:
  void Work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool ending_ = false;
};

}  // namespace spillway

#endif  // SPILLWAY_SRC_BASE_WORKERS_H_
