// spillwayd's command line.
#ifndef SPILLWAY_SRC_DAEMON_FLAGS_H_
#define SPILLWAY_SRC_DAEMON_FLAGS_H_

#include <string>
#include <vector>

#include "src/base/log.h"
#include "src/base/result.h"

namespace spillway::daemon {

struct Flags {
  std::string config;
  bool check = false, probe = false, dry_run = false, version = false, help = false;
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kText;
};

extern const char kUsage[];

// `arguments` without the program's name; "--name value" and "--name=value". kRejected says what is wrong.
Result<Flags> ParseFlags(const std::vector<std::string>& arguments);

}  // namespace spillway::daemon

#endif  // SPILLWAY_SRC_DAEMON_FLAGS_H_
