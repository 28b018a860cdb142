// Where a command that goes on writes to, and who ends it.
#ifndef SPILLWAY_TOOLS_CTL_SCREEN_H_
#define SPILLWAY_TOOLS_CTL_SCREEN_H_

#include <functional>
#include <optional>
#include <string>

#include "src/base/time.h"

namespace spillway::ctl {

struct Screen {
  std::function<void(const std::string&)> out;  // standard output, at once
  std::function<void(const std::string&)> err;  // standard error, at once
  std::function<bool()> stopped;                // interrupted: come to an end
  std::function<Instant()> now;
  std::function<WallTime()> wall;
  // A person's line, without its end; nothing: there is nobody to ask, or they did not answer.
  std::function<std::optional<std::string>(const std::string& question)> ask;
  std::function<void(Duration)> pause;  // waits, less when interrupted
  bool redraws = false;                 // `out` is a terminal: a new picture takes the old one's place
};

}  // namespace spillway::ctl

#endif  // SPILLWAY_TOOLS_CTL_SCREEN_H_
