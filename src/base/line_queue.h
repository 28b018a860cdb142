// Bytes in, lines out, between the thread that receives a stream and the one that reads it.
#ifndef SPILLWAY_SRC_BASE_LINE_QUEUE_H_
#define SPILLWAY_SRC_BASE_LINE_QUEUE_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>

#include "src/base/http.h"

namespace spillway {

// A stream that is not read fills the queue and then holds its sender back, so memory stays bounded. Safe from any
// thread; one feeds, one takes.
class LineQueue {
 public:
  static constexpr std::size_t kLineCap = 8U << 20U;  // bytes; Chosen: five times etcd's largest object
  // `waiting_cap`: bytes of whole lines that may wait. Chosen: two lines of the largest size.
  explicit LineQueue(std::size_t line_cap = kLineCap, std::size_t waiting_cap = 2 * kLineCap)
      : line_cap_(line_cap), waiting_cap_(waiting_cap) {}

  // Blocks while the queue is full. False: cancelled, or a line is longer than the cap (then the queue has failed).
  bool Feed(std::string_view bytes);
  // The last word; an unfinished line is handed out first if the stream ended properly.
  void End();
  void Fail(std::string why);

  LineStream::Item Next(Duration wait);

  // Drops what waits; every Next() says kFailed from now on.
  void Cancel();

 private:
  bool Push(std::string line, std::unique_lock<std::mutex>& lock);

  const std::size_t line_cap_;
  const std::size_t waiting_cap_;
  std::string unfinished_;  // the feeder's alone
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> lines_;
  std::size_t waiting_ = 0;
  bool over_ = false;
  bool cancelled_ = false;
  LineStream::Item last_{LineStream::State::kEnded, {}};
};

}  // namespace spillway

#endif  // SPILLWAY_SRC_BASE_LINE_QUEUE_H_
