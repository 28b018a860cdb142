// What the API server remembers of each write.
#ifndef SPILLWAY_TOOLS_LAB_KUBERNETES_WRITE_RECORD_H_
#define SPILLWAY_TOOLS_LAB_KUBERNETES_WRITE_RECORD_H_

#include <cstddef>
#include <string>

#include "src/base/time.h"

namespace spillway::lab {

// One write that reached the API, whatever became of it.
struct WriteRecord {
  WallTime at;
  std::string user;
  std::string user_agent;
  std::string verb;          // create update patch delete
  std::string path;          // without the query
  std::string precondition;  // the resourceVersion that the body carried; empty: none
  int status = 0;
};

// How many are kept, the newest. Chosen: a day of what a lab does, in about 1 MB.
inline constexpr std::size_t kWritesKept = 2'000;

}  // namespace spillway::lab

#endif  // SPILLWAY_TOOLS_LAB_KUBERNETES_WRITE_RECORD_H_
