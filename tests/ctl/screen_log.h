// A screen that is remembered, with a clock that only waiting moves.
#ifndef SPILLWAY_TESTS_CTL_SCREEN_LOG_H_
#define SPILLWAY_TESTS_CTL_SCREEN_LOG_H_

#include <functional>
#include <optional>
#include <string>

#include "tools/ctl/screen.h"

namespace spillway::ctl {

struct ScreenLog {
  std::string out, err;
  Instant now{std::chrono::hours{1}};
  bool interrupted = false;
  std::optional<std::string> answer;                         // to whatever is asked
  std::function<void(Duration)> on_pause = [](Duration) {};  // what happens meanwhile

  Screen screen() {
    Screen made;
    made.out = [this](const std::string& text) { out += text; };
    made.err = [this](const std::string& text) { err += text; };
    made.stopped = [this] { return interrupted; };
    made.now = [this] { return now; };
    made.wall = [this] { return WallTime(now.time_since_epoch()); };
    made.ask = [this](const std::string& question) {
      err += question;
      return answer;
    };
    made.pause = [this](Duration wait) {
      now += wait;
      on_pause(wait);
    };
    return made;
  }
};

}  // namespace spillway::ctl

#endif  // SPILLWAY_TESTS_CTL_SCREEN_LOG_H_
