// Writes of one federation go one after the other.
#ifndef SPILLWAY_AVI_WRITE_QUEUE_H_
#define SPILLWAY_AVI_WRITE_QUEUE_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "src/base/time.h"

namespace spillway::avi {

// Urgent ones before the others, otherwise in order of arrival. Safe from several threads.
class WriteQueue {
 public:
  // The right to write, until it is destroyed. The queue must outlive it.
  class Turn {
   public:
    explicit Turn(WriteQueue* queue) : queue_(queue) {}
    Turn(Turn&& other) noexcept : queue_(std::exchange(other.queue_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn();

   private:
    WriteQueue* queue_;
  };

  // Waits for at most `patience` of real time; nullopt: others were in the way for that long. In a single thread there
  // are no others, so that it never waits.
  std::optional<Turn> Enter(bool urgent, Duration patience);

  // How many wait now.
  std::size_t waiting() const;

 private:
  using Ticket = std::pair<int, std::uint64_t>;  // 0 urgent, 1 not; then by arrival

  mutable std::mutex mutex_;
  std::condition_variable moved_;
  std::set<Ticket> waiting_;
  std::uint64_t arrivals_ = 0;
  bool busy_ = false;
};

}  // namespace spillway::avi

#endif  // SPILLWAY_AVI_WRITE_QUEUE_H_
