// Surveys the set-up at the start, each hour, and when somebody asks; never more often than is good for those asked.
#ifndef SPILLWAY_SRC_DAEMON_SURVEY_ROUNDS_H_
#define SPILLWAY_SRC_DAEMON_SURVEY_ROUNDS_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "src/base/clock.h"
#include "src/base/time.h"
#include "src/daemon/doctor.h"

namespace spillway::daemon {

class Rounds {
 public:
  // Chosen: a survey asks some forty small questions; whoever mended something wants to see it at once.
  static constexpr Duration kFreshFor = 10s;
  static constexpr Duration kEvery = 1h;
  // Chosen: the loop has its first look before anybody asks around.
  static constexpr Duration kFirstAfter = 3s;

  using Examine = std::function<std::vector<Finding>()>;
  using Tell = std::function<void(const std::vector<Finding>&, Instant)>;

  // `examine` runs on a thread of its own, `tell` after it on the same. `cut`: ends a survey under way. The clock
  // outlives it, the rest Stop().
  Rounds(Clock& clock, Examine examine, Tell tell, std::function<void()> cut);
  ~Rounds() { Stop(); }
  Rounds(const Rounds&) = delete;
  Rounds& operator=(const Rounds&) = delete;

  // The last report, made anew if it is older than kFreshFor; waits for that at most `patience`. nullopt: there is none
  // yet. Safe from any thread.
  std::optional<Surveyed> Ask(Duration patience);

  // Idempotent. Ask() then answers the last report at once.
  void Stop();

 private:
  void Run();

  Clock& clock_;
  const Examine examine_;
  const Tell tell_;
  const std::function<void()> cut_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool asked_ = false, stopping_ = false;
  std::optional<Surveyed> last_;
  Instant done_{};  // of last_
  std::thread thread_;
};

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_SURVEY_ROUNDS_H_
