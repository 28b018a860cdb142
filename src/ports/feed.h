#ifndef SPILLWAY_SRC_PORTS_FEED_H_
#define SPILLWAY_SRC_PORTS_FEED_H_

#include <functional>
#include <string>
#include <utility>

#include "src/base/time.h"

namespace spillway {

// Keeps one part of the picture fresh: a watch, or a poll. Written straight down; driven from outside, so that the
// same code runs on a thread of its own in production and inside the simulator's single one.
class Feed {
 public:
  virtual ~Feed() = default;

  // Does one bounded piece of work (open a watch, take one line, poll once) and answers when to call again. May block
  // for as long as one call's deadline. Called from one thread at a time.
  virtual Instant Step() = 0;

  // Ends a Step() that blocks and makes every later one return at once. Safe from any thread; sticky.
  virtual void Cancel() = 0;

  // For people and for metrics: "us definitions acme", "avi".
  virtual const std::string& name() const = 0;

  // Called from Step() after the picture has changed in any way that could change a decision (a failure that begins
  // or ends counts; a mere confirmation does not). To be set before the first Step().
  void OnChange(std::function<void()> notify) { notify_ = std::move(notify); }

 protected:
  void NotifyChange() const {
    if (notify_) notify_();
  }

 private:
  std::function<void()> notify_;
};

}  // namespace spillway

#endif  // SPILLWAY_SRC_PORTS_FEED_H_
